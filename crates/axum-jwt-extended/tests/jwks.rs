//! The published keys, and whether others can check our tokens with them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use axum::routing::get;
use axum_jwt_extended::{
    Algorithm, Config, Error, GeneratedKey, Jwks, JwtManager, Keyring, SigningKey, VerifyingKey,
};
use http_body_util::BodyExt as _;
use jwt_extended::jws;
use serde_json::Value;
use tower::ServiceExt as _;

const PATH: &str = "/.well-known/jwks.json";
const SECRET: &[u8] = b"a-secret-of-at-least-32-random-bytes";

async fn keys(State(jwt): State<JwtManager>, headers: HeaderMap) -> Result<Jwks, Error> {
    Ok(jwt.jwks()?.if_none_match(&headers))
}

fn app(jwt: &JwtManager) -> Router {
    Router::new().route(PATH, get(keys)).with_state(jwt.clone())
}

fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric())
}

fn new_key(algorithm: Algorithm) -> SigningKey {
    let key = match algorithm.name().as_bytes() {
        // Longer ones take longer to make.
        [b'R' | b'P', ..] => GeneratedKey::rsa(algorithm, 2048),
        _ => GeneratedKey::new(algorithm),
    };
    key.unwrap().signing_key().clone()
}

fn manager(ring: Keyring) -> JwtManager {
    JwtManager::new(Config::builder().keyring(ring).build().unwrap())
}

async fn ask(jwt: &JwtManager, etag: Option<&str>) -> Response<Body> {
    let request = Request::get(PATH);
    let request = etag.iter().fold(request, |request, etag| request.header("If-None-Match", *etag));
    app(jwt).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn body(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_route_publishes_the_public_keys_alone() {
    let old = new_key(Algorithm::ES256).verifying_key().with_kid("old");
    let secret = VerifyingKey::hmac(Algorithm::HS256, SECRET).unwrap();
    let ring = Keyring::new(new_key(Algorithm::RS256)).also_verify(old).unwrap();
    let jwt = manager(ring.also_verify(secret).unwrap());
    let response = ask(&jwt, None).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/jwk-set+json");
    assert_eq!(response.headers()["cache-control"], "public, max-age=300");
    let set: Value = serde_json::from_str(&body(response).await).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.iter().map(|key| &key["kty"]).collect::<Vec<_>>(), ["RSA", "EC"]);
    for key in keys {
        assert_eq!(key["use"], "sig");
        assert!(key["alg"].is_string() && key["kid"].is_string());
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None);
        }
    }
    assert_eq!(keys[1]["kid"], "old");
}

#[tokio::test]
async fn whoever_has_the_keys_is_told_so() {
    let jwt = manager(Keyring::new(new_key(Algorithm::ES256)));
    let etag = ask(&jwt, None).await.headers()["etag"].to_str().unwrap().to_owned();
    for given in [&*etag, "*", &format!("W/{etag}"), &format!("\"other\", {etag}")] {
        let response = ask(&jwt, Some(given)).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{given}");
        assert_eq!(response.headers()["etag"], etag);
        assert_eq!(response.headers()["cache-control"], "public, max-age=300");
        assert_eq!(body(response).await, "");
    }
    assert_eq!(ask(&jwt, Some("\"other\"")).await.status(), StatusCode::OK);
    let other = manager(Keyring::new(new_key(Algorithm::ES256)));
    assert_eq!(ask(&other, Some(&etag)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn clients_keep_them_as_long_as_one_says() {
    let jwt = manager(Keyring::new(new_key(Algorithm::EdDSA)));
    let keys = jwt.jwks().unwrap().max_age(Duration::from_secs(3600));
    // A value is a handler, where nothing of the request is needed.
    let app: Router = Router::new().route(PATH, get(keys));
    let request = Request::get(PATH).body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["cache-control"], "public, max-age=3600");
}

#[tokio::test]
async fn secrets_alone_are_nothing_to_publish() {
    let jwt = common::builder(common::config(), &common::clock()).build();
    let error = jwt.jwks().unwrap_err();
    assert!(error.to_string().contains("there is no public key to publish"), "{error}");
    let response = ask(&jwt, None).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers().get("cache-control"), None);
    let answer = body(response).await;
    assert!(answer.contains("misconfigured") && !answer.contains("keys\":["), "{answer}");
}

#[tokio::test]
async fn our_own_verifier_reads_them() {
    for algorithm in asymmetric() {
        let jwt = manager(Keyring::new(new_key(algorithm)));
        let token = jwt.create_access_token("anna").encode().unwrap();
        let theirs = Keyring::from_jwk_set(algorithm, &body(ask(&jwt, None).await).await).unwrap();
        assert!(jws::verify(token.as_str().as_bytes(), &theirs, algorithm).is_ok(), "{algorithm}");
        let taker = manager(theirs);
        assert_eq!(taker.decode(token.as_str(), &Default::default()).unwrap().identity(), "anna");
    }
}

#[tokio::test]
async fn jsonwebtoken_reads_them() {
    for algorithm in asymmetric() {
        // It knows neither of these.
        let Ok(known) = algorithm.name().parse::<jsonwebtoken::Algorithm>() else { continue };
        let jwt = manager(Keyring::new(new_key(algorithm)));
        let token = jwt.create_access_token("anna").encode().unwrap();
        let set: jsonwebtoken::jwk::JwkSet =
            serde_json::from_str(&body(ask(&jwt, None).await).await).unwrap();
        let header = jsonwebtoken::decode_header(token.as_str()).unwrap();
        let jwk = set.find(&header.kid.unwrap()).unwrap();
        let thumbprint = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256);
        assert_eq!(jwk.common.key_id.as_deref(), thumbprint.ok().as_deref(), "{algorithm}");
        let claims = jsonwebtoken::decode::<Value>(
            token.as_str(),
            &jsonwebtoken::DecodingKey::from_jwk(jwk).unwrap(),
            &jsonwebtoken::Validation::new(known),
        );
        assert_eq!(claims.unwrap().claims["sub"], "anna", "{algorithm}");
    }
}

/// `INTEROP_PYTHON` names a Python that has `conformance/requirements.txt` installed, as for `interop.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn pyjwt_fetches_them() {
    let Some(python) = std::env::var_os("INTEROP_PYTHON") else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "INTEROP_PYTHON is not set");
        let skipped = "\nSKIPPED: INTEROP_PYTHON is not set; PyJWT fetched no keys\n\n";
        let _ = std::io::stderr().write_all(skipped.as_bytes());
        return;
    };
    let all: Vec<_> = asymmetric().map(new_key).collect();
    let ring = all.iter().skip(1).fold(Keyring::new(all[0].clone()), |ring, key| {
        ring.also_verify(key.verifying_key()).unwrap()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{PATH}", listener.local_addr().unwrap());
    let app = app(&manager(ring));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let token = |key: &SigningKey| {
        manager(Keyring::new(key.clone())).create_access_token("anna").encode().unwrap()
    };
    // Neither is published: one under no known name, one under a known one.
    let stranger = new_key(Algorithm::ES256);
    let namesake = new_key(Algorithm::ES256).with_kid(all[6].kid().unwrap());
    let input: String = (all.iter().chain([&stranger, &namesake]))
        .flat_map(|key| [key.algorithm().name(), " ", token(key).as_str(), "\n"].map(str::to_owned))
        .collect();

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jwks.py");
    let mut child = Command::new(python)
        .args([script, &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("INTEROP_PYTHON can be run");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let expected = "anna\n".repeat(all.len()) + "PyJWKClientError\nInvalidSignatureError\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}
