//! Garbage in any position gets a 4xx with a reason: never a panic, never a 500.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use axum_jwt_extended::{
    AccessToken, AnyToken, Config, ConfigBuilder, FreshToken, JwtManager, Location, RefreshToken,
};
use common::{Answer, bearer, builder, clock, config, request, send};
use http::HeaderValue;
use serde_json::{Value, json};

fn app(config: ConfigBuilder) -> (Router, JwtManager) {
    let places = [Location::Headers, Location::Cookies, Location::QueryString];
    let jwt = builder(config.token_location(places), &clock()).build();
    let app = Router::new()
        .route("/", any(|_: AccessToken| async {}))
        .route("/fresh", any(|_: FreshToken| async {}))
        .route("/refresh", any(|_: RefreshToken| async {}))
        .route("/any", any(|_: AnyToken| async {}))
        .with_state(jwt.clone());
    (app, jwt)
}

fn presets() -> [ConfigBuilder; 2] {
    [config(), Config::flask().secret_key(common::SECRET)]
}

fn is_refused(answer: &Answer) -> bool {
    answer.status.is_client_error() && answer.json()["msg"].as_str().is_some_and(|m| !m.is_empty())
}

#[tokio::test]
async fn bytes_that_are_no_text() {
    for preset in presets() {
        let (app, jwt) = app(preset);
        let token = jwt.create_access_token("anna").encode().unwrap();
        let good = format!("access_token_cookie={}", token.as_str());
        for (name, value) in [
            ("authorization", b"Bearer \xff\xfe\xfd".as_slice()),
            ("authorization", b"\xff"),
            ("authorization", b"Bearer \xc3\xa9.\xc3\xa9.\xc3\xa9"),
            ("authorization", b", ,"),
            ("authorization", b",,,,,,,"),
            ("authorization", b"Bearer\t"),
            ("cookie", b"\xff=\xff; access_token_cookie=\xff\xfe"),
            ("cookie", b"=;;=;access_token_cookie=%%%"),
            ("x-csrf-token", b"\xff\xfe"),
            ("x-csrf-token", "\u{e9}".as_bytes()),
        ] {
            for path in
                ["/", "/fresh", "/refresh", "/any", "/?jwt=%ff%fe", "/?jwt", "/?jwt=&&=", "/?%"]
            {
                let mut request =
                    request("POST", path).header(name, HeaderValue::from_bytes(value).unwrap());
                if name == "x-csrf-token" {
                    request = request.header("cookie", &good);
                }
                let answer = send(&app, request.body(Body::empty()).unwrap()).await;
                assert!(is_refused(&answer), "{name} {value:?} {path}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn very_long_things() {
    for preset in presets() {
        let (app, _) = app(preset);
        let start = Instant::now();
        for value in
            ["a".repeat(1 << 20), "a.".repeat(1 << 19), ".".repeat(1 << 20), ",".repeat(1 << 20)]
        {
            let long = send(
                &app,
                request("GET", "/")
                    .header("authorization", format!("Bearer {value}"))
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
            assert!(is_refused(&long));
            let long = send(
                &app,
                request("GET", "/")
                    .header("cookie", format!("access_token_cookie={value}"))
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
            assert!(is_refused(&long));
        }
        let many = "a=b; ".repeat(200_000);
        assert!(is_refused(
            &send(&app, request("GET", "/").header("cookie", many).body(Body::empty()).unwrap())
                .await
        ));
        assert!(start.elapsed().as_secs() < 20, "nothing grows faster than its input");
    }
}

/// Claims of every wrong type under a good signature: by the server's own mistake, or another
/// service's.
#[tokio::test]
async fn claims_of_the_wrong_type() {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("x"),
        json!([]),
        json!([1]),
        json!(["a", 1]),
        json!({}),
        json!({"a": [[[]]]}),
        json!("\u{0}"),
        json!(u64::MAX),
    ];
    for preset in presets() {
        let (app, jwt) = app(preset);
        for claim in [
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "type",
            "fresh",
            "csrf",
            "sid",
            "auth_time",
            "mgr",
        ] {
            for value in &values {
                let token = jwt.create_access_token("anna").override_claim(claim, value).encode();
                let Ok(token) = token else {
                    // Not even made here; the conformance cases have such tokens from elsewhere.
                    assert!(matches!(claim, "iss" | "csrf"), "{claim} {value}: {token:?}");
                    continue;
                };
                for path in ["/", "/fresh", "/refresh", "/any"] {
                    let answer = bearer(&app, path, &token).await;
                    assert!(
                        answer.status == 200 || is_refused(&answer),
                        "{claim} {value} {path}: {answer:?}"
                    );
                    let cookie = format!("access_token_cookie={}", token.as_str());
                    let by_cookie =
                        request("POST", path).header("cookie", cookie).header("x-csrf-token", "x");
                    let answer = send(&app, by_cookie.body(Body::empty()).unwrap()).await;
                    let let_in = claim == "csrf" && *value == json!("x");
                    assert!(
                        is_refused(&answer) || let_in,
                        "{claim} {value} {path} by cookie: {answer:?}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_fresh_but_what_says_so() {
    for preset in presets() {
        let (app, jwt) = app(preset);
        for value in [
            json!(null),
            json!("true"),
            json!("9999999999"),
            json!([true]),
            json!({}),
            json!(0),
            json!(1),
        ] {
            let token =
                jwt.create_access_token("anna").override_claim("fresh", value).encode().unwrap();
            let answer = bearer(&app, "/fresh", token).await;
            assert!(is_refused(&answer) && answer.status != 200, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_thousand_brackets_in_a_claim() {
    let (app, jwt) = app(config());
    let deep = (0..120).fold(json!(1), |inner, _| json!([inner]));
    let token = jwt.create_access_token("anna").claim("deep", deep).encode().unwrap();
    assert_eq!(bearer(&app, "/", token).await.status, 200);
    let deeper = (0..1000).fold(Value::from(1), |inner, _| json!([inner]));
    // We make no such token; one of another maker with the same key is refused.
    let error = jwt.create_access_token("anna").claim("deep", deeper).encode().unwrap_err();
    assert_eq!(error.code(), "token_not_created");
    let payload = format!(
        "{{\"sub\":\"anna\",\"type\":\"access\",\"jti\":\"1\",\"deep\":{}{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let base64 = |bytes: &[u8]| base64_url(bytes);
    let signed =
        format!("{}.{}", base64(br#"{"alg":"HS256","typ":"JWT"}"#), base64(payload.as_bytes()));
    let key =
        axum_jwt_extended::SigningKey::hmac(axum_jwt_extended::Algorithm::HS256, common::SECRET)
            .unwrap();
    let token = format!("{signed}.{}", base64(&key.sign(signed.as_bytes()).unwrap()));
    let refused = bearer(&app, "/", token).await;
    assert_eq!(refused.code(), "token_invalid");
}

/// base64url without padding, in the plainest way.
fn base64_url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |chunk: &[u8]| -> String {
        let number =
            chunk.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len())
            .map(|i| ALPHABET[(number >> (18 - 6 * i) & 63) as usize] as char)
            .collect()
    };
    bytes.chunks(3).map(group).collect()
}
