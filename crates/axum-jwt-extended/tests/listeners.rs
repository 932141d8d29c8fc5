//! Over real sockets, with HTTP/1.1 and HTTP/2: the second splits `Cookie` into several headers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use axum::Router;
use axum::routing::post;
use axum_jwt_extended::{AccessToken, Location};
use common::{builder, clock, config};
use reqwest::{Client, StatusCode, Version};

#[tokio::test]
async fn both_versions_of_http() {
    let places = [Location::Headers, Location::Cookies, Location::Json];
    let jwt = builder(config().token_location(places), &clock()).build();
    let app = Router::new()
        .route(
            "/",
            post(|token: AccessToken, body: String| async move {
                format!("{} {}", token.identity(), body.len())
            }),
        )
        .layer(jwt.body_layer())
        .with_state(jwt.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let token = jwt.create_access_token("anna").encode().unwrap();
    let (text, csrf) = (token.as_str(), token.csrf().unwrap());
    for (client, version) in [
        (Client::builder().http1_only(), Version::HTTP_11),
        (Client::builder().http2_prior_knowledge(), Version::HTTP_2),
    ] {
        let client = client.build().unwrap();
        let post = || client.post(&url).body("four");
        let check = async |request: reqwest::RequestBuilder, status: StatusCode, body: &str| {
            let response = request.send().await.unwrap();
            assert_eq!((response.version(), response.status()), (version, status));
            let text = response.text().await.unwrap();
            assert!(text.contains(body), "{text}");
        };
        check(post().bearer_auth(text), StatusCode::OK, "anna 4").await;
        check(post().bearer_auth("a.b.c"), StatusCode::UNAUTHORIZED, "token_invalid").await;
        check(post(), StatusCode::UNAUTHORIZED, "token_missing").await;
        let cookies = |request: reqwest::RequestBuilder| {
            // One header a cookie, as HTTP/2 allows it (RFC 9113 section 8.2.3).
            request
                .header("cookie", "theme=dark")
                .header("cookie", format!("access_token_cookie={text}"))
        };
        check(cookies(post()).header("x-csrf-token", csrf), StatusCode::OK, "anna 4").await;
        check(cookies(post()), StatusCode::FORBIDDEN, "csrf_missing").await;
        let body =
            serde_json::json!({"access_token": text, "more": "x".repeat(10_000)}).to_string();
        let length = format!("anna {}", body.len());
        let json = client.post(&url).header("content-type", "application/json").body(body);
        check(json, StatusCode::OK, &length).await;
    }
}
