//! Tokens in JSON bodies, CSRF values in forms, and bodies that must arrive whole.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::routing::post;
use axum::{Json, Router};
use axum_jwt_extended::{
    AccessToken, ConfigBuilder, EncodedToken, JwtManager, Location, RefreshToken,
};
use common::{Answer, bearer, builder, clock, config, request, send};
use http_body_util::{BodyExt, StreamBody};
use serde_json::{Value, json};

fn app(config: ConfigBuilder, limit: Option<usize>) -> (Router, JwtManager) {
    let jwt = builder(config, &clock()).build();
    let layer = jwt.body_layer();
    let app = Router::new()
        .route(
            "/",
            post(|t: AccessToken, body: String| async move { format!("{} {body}", t.identity()) }),
        )
        .route(
            "/json",
            post(|_: AccessToken, Json(body): Json<Value>| async move { body["more"].to_string() }),
        )
        .route("/refresh", post(|t: RefreshToken| async move { t.identity().to_owned() }))
        .route("/open", post(|body: Bytes| async move { format!("{}", body.len()) }))
        .layer(limit.map_or(layer, |bytes| layer.limit(bytes)))
        .with_state(jwt.clone());
    (app, jwt)
}

fn json_config() -> ConfigBuilder {
    config().token_location([Location::Headers, Location::Json])
}

async fn post_body(app: &Router, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    send(app, request("POST", path).header("content-type", kind).body(body.into()).unwrap()).await
}

fn token(jwt: &JwtManager) -> EncodedToken {
    jwt.create_access_token("anna").encode().unwrap()
}

#[tokio::test]
async fn tokens_in_json_bodies() {
    let (app, jwt) = app(json_config(), None);
    let body = json!({"access_token": token(&jwt), "more": [1, 2]}).to_string();
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "application/x+json",
        "APPLICATION/JSON",
    ] {
        let answer = post_body(&app, "/", kind, body.clone()).await;
        assert_eq!(answer.text, format!("anna {body}"), "{kind}: the handler gets the whole body");
    }
    assert_eq!(post_body(&app, "/json", "application/json", body.clone()).await.text, "[1,2]");
    let refresh = jwt.create_refresh_token("anna").encode().unwrap();
    let body = json!({"refresh_token": refresh, "access_token": "x"}).to_string();
    assert_eq!(post_body(&app, "/refresh", "application/json", body).await.text, "anna");
    assert_eq!(bearer(&app, "/", token(&jwt)).await.status, 405);
}

#[tokio::test]
async fn bodies_without_a_token() {
    let (app, _) = app(json_config(), None);
    let not_json = post_body(&app, "/", "text/plain", "{}").await;
    assert_eq!(
        not_json.json()["msg"],
        "Missing JWT in headers or json (Missing Authorization Header; Invalid content-type. Must be application/json.)"
    );
    for body in [
        "",
        "{}",
        "[]",
        "[1]",
        "\"text\"",
        "1",
        "null",
        "{",
        "{\"access_token\":null}",
        "{\"access_token\":\"\"}",
        "{\"access_token\":[]}",
        "\u{feff}{}",
    ] {
        let answer = post_body(&app, "/", "application/json", body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (401, "token_missing"),
            "{body}"
        );
    }
    let nested = format!("{{\"access_token\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(post_body(&app, "/", "application/json", nested).await.code(), "token_missing");
    for body in
        ["{\"access_token\":1}", "{\"access_token\":{\"a\":1}}", "{\"access_token\":\"a.b.c\"}"]
    {
        let answer = post_body(&app, "/", "application/json", body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (401, "token_invalid"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn long_bodies_pass_whole_and_hold_no_token() {
    let (app, jwt) = app(json_config(), Some(1000));
    let long = json!({"access_token": token(&jwt), "more": "x".repeat(100_000)}).to_string();
    assert_eq!(
        post_body(&app, "/", "application/json", long.clone()).await.code(),
        "token_missing"
    );
    assert_eq!(
        post_body(&app, "/open", "application/json", long.clone()).await.text,
        long.len().to_string()
    );
    // In pieces and without a Content-Length, so that the limit is met on the way.
    let pieces: Vec<_> = long
        .as_bytes()
        .chunks(333)
        .map(|piece| Ok::<_, Infallible>(http_body::Frame::data(Bytes::copy_from_slice(piece))))
        .collect();
    let mut stream = pieces.into_iter();
    let body = Body::new(StreamBody::new(futures_stream(move || stream.next())));
    assert_eq!(
        post_body(&app, "/open", "application/json", body).await.text,
        long.len().to_string()
    );
}

/// A stream out of a function, without a dependency for it.
fn futures_stream<T>(
    next: impl FnMut() -> Option<T> + Unpin,
) -> impl futures_core::Stream<Item = T> {
    struct Stream<F>(F);
    impl<T, F: FnMut() -> Option<T> + Unpin> futures_core::Stream for Stream<F> {
        type Item = T;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<T>> {
            std::task::Poll::Ready((self.0)())
        }
    }
    Stream(next)
}

#[tokio::test]
async fn a_body_that_breaks_off_breaks_off_for_the_handler_too() {
    let (app, jwt) = app(json_config(), None);
    let mut frames = vec![
        Ok(http_body::Frame::data(Bytes::from("{\"more\":"))),
        Err(std::io::Error::other("the client went away")),
    ]
    .into_iter();
    let body = Body::new(StreamBody::new(futures_stream(move || frames.next())));
    let value = format!("Bearer {}", token(&jwt).as_str());
    let broken = request("POST", "/").header("content-type", "application/json");
    let answer = send(&app, broken.header("authorization", value).body(body).unwrap()).await;
    assert_eq!(answer.status, 400, "axum's own answer to a body that cannot be read");
}

#[tokio::test]
async fn trailers_pass_too() {
    use tower::{Layer, ServiceExt, service_fn};
    let jwt = builder(json_config(), &clock()).build();
    let echo = service_fn(|request: http::Request<Body>| async move {
        let collected = request.into_body().collect().await.unwrap();
        let trailer = collected.trailers().and_then(|t| t.get("x-end")).cloned();
        Ok::<_, Infallible>((trailer, collected.to_bytes()))
    });
    let mut trailers = http::HeaderMap::new();
    trailers.insert("x-end", http::HeaderValue::from_static("yes"));
    let mut frames = vec![
        Ok::<_, Infallible>(http_body::Frame::data(Bytes::from("{}"))),
        Ok(http_body::Frame::trailers(trailers)),
    ]
    .into_iter();
    let body = StreamBody::new(futures_stream(move || frames.next()));
    let request =
        request("POST", "/").header("content-type", "application/json").body(body).unwrap();
    let (trailer, bytes) = jwt.body_layer().layer(echo).oneshot(request).await.unwrap();
    assert_eq!((trailer.unwrap().as_bytes(), &*bytes), (b"yes".as_slice(), b"{}".as_slice()));
}

#[tokio::test]
async fn csrf_values_in_forms() {
    let (app, jwt) = app(config().token_location([Location::Cookies]).csrf_check_form(true), None);
    let token = token(&jwt);
    let send_form = async |body: String| {
        let cookie = format!("access_token_cookie={}", token.as_str());
        let request = request("POST", "/").header("cookie", cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        send(&app, request.body(Body::from(body)).unwrap()).await
    };
    let form = format!("a=b&csrf_token={}&c=d", token.csrf().unwrap());
    assert_eq!(send_form(form.clone()).await.text, format!("anna {form}"));
    assert_eq!(send_form("csrf_token=wrong".into()).await.code(), "csrf_mismatch");
    assert_eq!(send_form("csrf_token=".into()).await.code(), "csrf_missing");
    assert_eq!(send_form("%ff=%zz".into()).await.code(), "csrf_missing");
}

#[tokio::test]
async fn a_missing_layer_is_named() {
    let jwt = builder(json_config(), &clock()).build();
    let app = Router::new().route("/", post(|_: AccessToken| async {})).with_state(jwt);
    let answer = post_body(&app, "/", "application/json", "{}").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "misconfigured"));
    assert!(answer.text.contains("body layer"), "{}", answer.text);
}

#[tokio::test]
async fn a_body_in_many_pieces_and_two_layers() {
    let (app, jwt) = app(json_config(), None);
    let body = json!({"access_token": token(&jwt), "more": "x".repeat(5000)}).to_string();
    let mut pieces = body.clone().into_bytes().into_iter();
    let mut empty = 0;
    // Byte by byte, with empty pieces between them.
    let stream = futures_stream(move || {
        empty += 1;
        if empty % 3 == 0 {
            return Some(Ok::<_, Infallible>(http_body::Frame::data(Bytes::new())));
        }
        pieces.next().map(|byte| Ok(http_body::Frame::data(Bytes::copy_from_slice(&[byte]))))
    });
    let body_of = || Body::new(StreamBody::new(stream));
    assert_eq!(
        post_body(&app, "/", "application/json", body_of()).await.text,
        format!("anna {body}")
    );
    let twice = app.layer(builder(config(), &clock()).build().body_layer());
    let twice = twice.layer(jwt.body_layer());
    assert_eq!(post_body(&twice, "/", "application/json", body.clone()).await.status, 200);
}
