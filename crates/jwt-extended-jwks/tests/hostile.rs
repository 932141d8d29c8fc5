//! Issuers that are slow, huge, confused or false: a request is told 503, in time.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use common::{API, Server, code, new_key, public_jwk, reason, token};
use jwt_extended::{Algorithm, SigningKey};
use jwt_extended_jwks::{Issuer, Issuers};
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_millis(400);

/// What a token of this issuer meets, and that it meets it in time.
async fn meets(issuer: Issuer, url: &str, key: &SigningKey) -> String {
    let issuers = Issuers::new([issuer.timeout(TIMEOUT)]).unwrap();
    let begin = Instant::now();
    let reason = reason(issuers.verify(&token(url, key)).await);
    assert!(begin.elapsed() < TIMEOUT * 20, "{:?}", begin.elapsed());
    reason
}

#[tokio::test]
async fn an_issuer_that_is_not_there() {
    let key = new_key(Algorithm::ES256);
    let port = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let why = meets(Issuer::new(&url, API).insecure_http(), &url, &key).await;
    assert!(why.contains("could not be fetched"), "{why}");
}

#[tokio::test]
async fn an_issuer_that_never_ends() {
    let key = new_key(Algorithm::ES256);
    let silent = Server::start(|_, _| std::future::pending::<Response>()).await;
    let why = meets(silent.keys(), &silent.url, &key).await;
    assert!(why.contains("fetched"), "{why}");

    // A byte now and then, so that no single read waits for long.
    let drip = Server::start(|_, _| async {
        let (mut drop, body) = tokio::io::duplex(1);
        tokio::spawn(async move {
            use tokio::io::AsyncWriteExt as _;
            while drop.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Body::from_stream(stream_of(body))
    })
    .await;
    let why = meets(drip.keys(), &drip.url, &key).await;
    assert!(why.contains("fetched"), "{why}");
}

fn stream_of(
    mut reader: tokio::io::DuplexStream,
) -> impl futures_util::Stream<Item = Result<Vec<u8>, Infallible>> {
    use tokio::io::AsyncRead as _;
    futures_util::stream::poll_fn(move |cx| {
        let mut bytes = [0; 1];
        let mut buffer = tokio::io::ReadBuf::new(&mut bytes);
        let ready = std::pin::Pin::new(&mut reader).poll_read(cx, &mut buffer);
        ready.map(|_| Some(Ok(buffer.filled().to_vec())))
    })
}

#[tokio::test]
async fn an_issuer_that_says_too_much() {
    let key = new_key(Algorithm::ES256);
    let padded = |padding: usize| {
        json!({ "keys": [public_jwk(&key)], "padding": "x".repeat(padding) }).to_string()
    };
    let just = Server::with_text(padded(500 * 1024)).await;
    let issuers = Issuers::new([just.keys()]).unwrap();
    assert!(issuers.verify(&token(&just.url, &key)).await.is_ok());

    let declared = Server::with_text(padded(600 * 1024)).await;
    let why = meets(declared.keys(), &declared.url, &key).await;
    assert!(why.contains("larger than"), "{why}");

    // Without a length, for ever.
    let endless = Server::start(|_, _| async {
        Body::from_stream(futures_util::stream::repeat_with(|| {
            Ok::<_, Infallible>(vec![b' '; 64 * 1024])
        }))
    })
    .await;
    let why = meets(endless.keys(), &endless.url, &key).await;
    assert!(why.contains("larger than") || why.contains("within"), "{why}");

    let many: Vec<Value> = (0..65).map(|n| json!({ "kty": "AKP", "kid": n.to_string() })).collect();
    let keys: Vec<Value> = many.into_iter().chain([public_jwk(&key)]).collect();
    let crowded = Server::with_text(json!({ "keys": keys }).to_string()).await;
    let why = meets(crowded.keys(), &crowded.url, &key).await;
    assert!(why.contains("66") && why.contains("64"), "{why}");
}

#[tokio::test]
async fn an_issuer_that_makes_no_sense() {
    let key = new_key(Algorithm::ES256);
    let twice = json!({ "keys": [public_jwk(&key), public_jwk(&key)] }).to_string();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [
        "",
        "<html>",
        "[]",
        "{}",
        "null",
        r#"{"keys":{}}"#,
        r#"{"keys":[]}"#,
        &*twice,
        &*deep,
        "\u{0}",
    ] {
        let server = Server::with_text(text).await;
        let why = meets(server.keys(), &server.url, &key).await;
        assert!(why.contains("/keys has no keys that can be used"), "{text:.20}: {why}");
        let metadata = Issuer::new(&server.url, API).insecure_http();
        let why = meets(metadata, &server.url, &key).await;
        assert!(why.contains("no metadata"), "{text:.20}: {why}");
    }
    for status in [StatusCode::NOT_FOUND, StatusCode::NO_CONTENT, StatusCode::BAD_GATEWAY] {
        let server = Server::start(move |_, _| std::future::ready(status)).await;
        let why = meets(server.keys(), &server.url, &key).await;
        assert!(why.contains(status.as_str()), "{why}");
    }
    let binary = Server::start(|_, _| std::future::ready(vec![0xff_u8; 10])).await;
    let why = meets(binary.keys(), &binary.url, &key).await;
    assert!(why.contains("no text"), "{why}");
}

/// A server whose metadata are these, and whose keys at `/jwks` are good.
async fn issuer_with(
    key: &SigningKey,
    metadata: impl Fn(&str) -> Value + Clone + Send + Sync + 'static,
) -> Server {
    let set = json!({ "keys": [public_jwk(key)] }).to_string();
    Server::start(move |url, request| {
        let answer = match request.uri().path() {
            "/.well-known/openid-configuration" => metadata(&url).to_string(),
            _ => set.clone(),
        };
        std::future::ready(answer)
    })
    .await
}

#[tokio::test]
async fn metadata_of_another_issuer_are_not_believed() {
    let key = new_key(Algorithm::ES256);
    let good = |url: &str| json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") });
    let server = issuer_with(&key, good).await;
    let issuers = Issuers::new([Issuer::new(&server.url, API).insecure_http()]).unwrap();
    assert!(issuers.verify(&token(&server.url, &key)).await.is_ok());

    for wrong in ["https://another.example", "{url}/", "{URL}"] {
        let metadata = move |url: &str| {
            let name = wrong.replace("{url}", url).replace("{URL}", &url.to_uppercase());
            json!({ "issuer": name, "jwks_uri": format!("{url}/jwks") })
        };
        let server = issuer_with(&key, metadata).await;
        let why = meets(Issuer::new(&server.url, API).insecure_http(), &server.url, &key).await;
        assert!(why.contains("exactly the issuer's own"), "{why}");
    }
}

#[tokio::test]
async fn a_name_with_a_slash_at_its_end_is_found_and_kept() {
    let key = new_key(Algorithm::ES256);
    let metadata =
        |url: &str| json!({ "issuer": format!("{url}/"), "jwks_uri": format!("{url}/jwks") });
    let server = issuer_with(&key, metadata).await;
    let name = format!("{}/", server.url);
    let issuers = Issuers::new([Issuer::new(&name, API).insecure_http()]).unwrap();
    assert!(issuers.verify(&token(&name, &key)).await.is_ok());
    assert_eq!(code(issuers.verify(&token(&server.url, &key)).await), "token_invalid");
}

#[tokio::test]
async fn metadata_may_be_reached_by_another_address() {
    let key = new_key(Algorithm::ES256);
    let name = "https://login.example.com/realms/shop";
    let metadata = move |url: &str| json!({ "issuer": name, "jwks_uri": format!("{url}/jwks") });
    let server = issuer_with(&key, metadata).await;
    let address = format!("{}/.well-known/openid-configuration", server.url);
    let issuer = Issuer::new(name, API).metadata_url(address).insecure_http();
    let issuers = Issuers::new([issuer]).unwrap();
    assert!(issuers.verify(&token(name, &key)).await.is_ok());
}

#[tokio::test]
async fn redirections_have_an_end() {
    let key = new_key(Algorithm::ES256);
    let set = json!({ "keys": [public_jwk(&key)] }).to_string();
    let hops = |most: usize| {
        let set = set.clone();
        Server::start(move |url, request| {
            let hop: usize = request.uri().query().and_then(|q| q.parse().ok()).unwrap_or(0);
            let response = if hop == most {
                set.clone().into_response()
            } else {
                let next = format!("{url}/keys?{}", hop + 1);
                (StatusCode::FOUND, [(LOCATION, next)]).into_response()
            };
            std::future::ready(response)
        })
    };
    let few = hops(3).await;
    let issuers = Issuers::new([few.keys()]).unwrap();
    assert!(issuers.verify(&token(&few.url, &key)).await.is_ok());
    let endless = hops(usize::MAX).await;
    let why = meets(endless.keys(), &endless.url, &key).await;
    assert!(why.contains("redirect"), "{why}");
    assert!(endless.asked() <= 4);
}

/// Whoever can answer for the issuer, were it by an open redirection of its own, cannot have other servers asked.
#[tokio::test]
async fn no_redirection_leads_to_another_place() {
    let key = new_key(Algorithm::ES256);
    let elsewhere = Server::with_text(json!({ "keys": [public_jwk(&key)] }).to_string()).await;
    let (by_name, by_port) =
        (elsewhere.url.replace("127.0.0.1", "localhost"), elsewhere.url.clone());
    for target in [by_name, by_port, "https://127.0.0.1:1".to_owned()] {
        let to = format!("{target}/keys");
        let server = Server::start(move |_, _| {
            std::future::ready((StatusCode::FOUND, [(LOCATION, to.clone())]).into_response())
        })
        .await;
        let why = meets(server.keys(), &server.url, &key).await;
        assert!(why.contains("it redirects to"), "{target}: {why}");
        let metadata = Issuer::new(&server.url, API).insecure_http();
        let why = meets(metadata, &server.url, &key).await;
        assert!(why.contains("it redirects to"), "{target}: {why}");
    }
    assert_eq!(elsewhere.asked(), 0);
}
