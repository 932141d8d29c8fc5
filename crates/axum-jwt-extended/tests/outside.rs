//! Tokens of outside issuers over HTTP, beside this service's own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::future::pending;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use axum_jwt_extended::outside::{Expectations, OutsideToken, OutsideVerifier};
use axum_jwt_extended::{
    AccessToken, Algorithm, AuthError, Config, Error, ErrorKind, GeneratedKey, JwtManager, Keyring,
    Outside, OutsideIssuers, SigningKey, Timestamp, UnverifiedToken,
};
use common::{NOW, bearer, get as ask, request, send};
use jwt_extended::jws;
use serde_json::{Value, json};

const PARTNER: &str = "https://login.partner.example";
const OTHER: &str = "https://login.other.example";
const AUDIENCE: &str = "https://api.example";

static KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
    // By the same name at both.
    [(); 2]
        .map(|()| GeneratedKey::new(Algorithm::ES256).unwrap().signing_key().clone().with_kid("1"))
});

/// Two issuers with their rings, and two that never answer, and cannot be reached.
struct Issuers(Vec<(Expectations, Keyring)>);

impl OutsideVerifier for Issuers {
    async fn verify(&self, token: &str) -> Result<OutsideToken, AuthError> {
        let said = UnverifiedToken::read(token, 16 * 1024)?.unverified_issuer();
        match said.as_deref() {
            Some("https://hangs.example") => pending().await,
            Some("https://down.example") => Err(AuthError::store_unavailable("no route to host")),
            said => {
                let known = self.0.iter().find(|(expected, _)| Some(expected.issuer()) == said);
                let (expected, keys) = known.ok_or(ErrorKind::InvalidIssuer)?;
                expected.verify(token, keys, Timestamp::from_seconds(NOW))
            }
        }
    }
}

fn issuers() -> OutsideIssuers {
    let ring = |n: usize| Keyring::verify_only(KEYS[n].verifying_key());
    let issuers = [PARTNER, OTHER].into_iter().enumerate();
    let issuers = issuers.map(|(n, issuer)| (Expectations::new(issuer, AUDIENCE), ring(n)));
    OutsideIssuers::new(Issuers(issuers.collect())).timeout(Duration::from_millis(50))
}

fn token(key: &SigningKey, changes: &Value) -> String {
    let mut claims =
        json!({"iss": PARTNER, "aud": AUDIENCE, "sub": "anna", "exp": NOW + 60.0, "scope": "read"});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    jws::sign(key, None, claims.to_string().as_bytes()).unwrap()
}

#[derive(Clone, FromRef)]
struct AppState {
    jwt: JwtManager,
    issuers: OutsideIssuers,
}

#[derive(serde::Deserialize)]
struct Email {
    email: String,
}

fn app(state: AppState) -> Router {
    Router::new()
        .route("/who", get(|token: Outside| async move {
            format!("{} of {}", token.subject().unwrap_or("nobody"), token.issuer())
        }))
        .route("/email", get(|token: Outside<Email>| async move { token.claims.email }))
        .route("/maybe", get(|token: Option<Outside>| async move {
            token.map_or_else(String::new, |token| token.into_token().claims_json().to_owned())
        }))
        .route("/write", get(|token: Outside| async move {
            token.require_scopes(["write"]).map_err(Error::from)
        }))
        .route("/own", get(|token: AccessToken| async move { token.identity().to_owned() }))
        .with_state(Arc::new(state))
}

fn both() -> Router {
    app(AppState { jwt: common::manager(), issuers: issuers() })
}

#[tokio::test]
async fn each_issuer_speaks_for_itself() {
    let app = both();
    let partners = bearer(&app, "/who", token(&KEYS[0], &json!({}))).await;
    assert_eq!(
        (partners.status.as_u16(), &*partners.text),
        (200, "anna of https://login.partner.example")
    );
    let others = bearer(&app, "/who", token(&KEYS[1], &json!({"iss": OTHER}))).await;
    assert_eq!(others.text, "anna of https://login.other.example");

    // With the other one's key, though it has the same name.
    for (n, issuer) in [(1, PARTNER), (0, OTHER)] {
        let crossed = bearer(&app, "/who", token(&KEYS[n], &json!({"iss": issuer}))).await;
        assert_eq!((crossed.status.as_u16(), &*crossed.code()), (401, "token_invalid"));
        assert!(crossed.header("www-authenticate").contains("invalid_token"));
    }
    for issuer in ["https://login.partner.example/", "https://nobody.example", ""] {
        let stranger = bearer(&app, "/who", token(&KEYS[0], &json!({"iss": issuer}))).await;
        assert_eq!(stranger.code(), "token_invalid", "{issuer}");
    }
}

#[tokio::test]
async fn no_token_opens_the_routes_of_the_other_kind() {
    let state = AppState { jwt: common::manager(), issuers: issuers() };
    let own = state.jwt.create_access_token("anna").encode().unwrap();
    let app = app(state);
    assert_eq!(bearer(&app, "/own", &own).await.text, "anna");
    assert_eq!(bearer(&app, "/who", &own).await.code(), "token_invalid");
    assert_eq!(bearer(&app, "/own", token(&KEYS[0], &json!({}))).await.code(), "token_invalid");
}

#[tokio::test]
async fn claims_come_as_a_type() {
    let app = both();
    let with = token(&KEYS[0], &json!({"email": "anna@example.com"}));
    assert_eq!(bearer(&app, "/email", with).await.text, "anna@example.com");
    let without = bearer(&app, "/email", token(&KEYS[0], &json!({}))).await;
    assert_eq!((without.status.as_u16(), &*without.code()), (401, "token_invalid"));
    let refused = bearer(&app, "/write", token(&KEYS[0], &json!({}))).await;
    assert_eq!((refused.status.as_u16(), &*refused.code()), (403, "insufficient_scope"));
}

#[tokio::test]
async fn no_token_is_not_a_bad_one() {
    let app = both();
    let missing = ask(&app, "/who").await;
    assert_eq!((missing.status.as_u16(), &*missing.code()), (401, "token_missing"));
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    assert_eq!(ask(&app, "/maybe").await.text, "");
    assert!(bearer(&app, "/maybe", token(&KEYS[0], &json!({}))).await.text.contains("anna"));
    assert_eq!(bearer(&app, "/maybe", "a.b.c").await.code(), "token_invalid");
    let expired = bearer(&app, "/who", token(&KEYS[0], &json!({"exp": NOW - 61.0}))).await;
    assert_eq!(expired.code(), "token_expired");

    // Nowhere else than in the header.
    let token = token(&KEYS[0], &json!({}));
    let cookie = request("GET", "/who").header("Cookie", format!("access_token_cookie={token}"));
    assert_eq!(send(&app, cookie.body(Default::default()).unwrap()).await.code(), "token_missing");
    assert_eq!(ask(&app, &format!("/who?jwt={token}")).await.code(), "token_missing");
}

#[tokio::test]
async fn an_issuer_that_is_not_there_is_no_fault_of_the_token() {
    let app = both();
    for issuer in ["https://hangs.example", "https://down.example"] {
        let answer = bearer(&app, "/who", token(&KEYS[0], &json!({"iss": issuer}))).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.code()),
            (503, "store_unavailable"),
            "{issuer}"
        );
        assert_eq!(answer.header("retry-after"), "1");
        assert!(!answer.text.contains("route to host"));
    }
}

#[tokio::test]
async fn errors_are_answered_as_the_managers_if_one_says_so() {
    let config = Config::flask().secret_key(common::SECRET);
    let flask = common::builder(config, &common::clock()).build();
    let like = issuers().answers_like(&flask);
    let app = app(AppState { jwt: flask, issuers: like });
    assert_eq!(ask(&app, "/who").await.json(), json!({"msg": "Missing Authorization Header"}));
    // What a handler makes of a token, too.
    let refused = bearer(&app, "/write", token(&KEYS[0], &json!({}))).await;
    assert_eq!(refused.json()["error"], Value::Null, "{}", refused.text);
}

#[tokio::test]
async fn tokens_that_come_as_text_are_checked_alike() {
    let issuers = issuers();
    let good = issuers.authenticate_token(&token(&KEYS[0], &json!({}))).await.unwrap();
    assert_eq!(good.subject(), Some("anna"));
    let error = issuers.authenticate_token("a.b.c").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedToken);
    assert!(format!("{issuers:?}").starts_with("OutsideIssuers"));
}
