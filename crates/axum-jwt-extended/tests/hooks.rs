//! Stores, users, claims verification, and answers of one's own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::routing::get as on_get;
use axum_jwt_extended::store::{
    MemoryStore, Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked,
    Rotation, RotationOutcome, StoreError, Subject, TokenRecord, TokenRef,
};
use axum_jwt_extended::{
    AccessToken, BoxError, CurrentUser, CurrentUserOf, CustomClaims, Error, ErrorKind, FreshToken,
    JwtManager, LoadUser, Policy, Refresh, RefreshToken, Timestamp, VerifiedToken,
};
use common::{bearer, builder, clock, config, get, request, send};
use serde_json::{Value, json};

/// A store that counts its questions, and can be down.
#[derive(Clone, Default)]
struct Counting {
    inner: MemoryStore,
    asked: Arc<AtomicUsize>,
    down: Arc<AtomicUsize>,
}

impl RevocationStore for Counting {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) > 0 {
            return Err(StoreError::new("connection refused"));
        }
        self.inner.status(token).await
    }

    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<(), StoreError> {
        self.inner.revoke(revocation).await
    }

    async fn rotate(&self, rotation: &Rotation<'_>) -> Result<RotationOutcome, StoreError> {
        self.inner.rotate(rotation).await
    }

    async fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        self.inner.list(owner, now).await
    }

    async fn restore(&self, owner: &Subject<'_>, what: &Revoked<'_>) -> Result<bool, StoreError> {
        self.inner.restore(owner, what).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.inner.purge(now).await
    }
}

fn app(jwt: &JwtManager) -> Router {
    async fn logout(
        State(jwt): State<JwtManager>,
        token: AccessToken,
    ) -> Result<&'static str, Error> {
        jwt.revoke(&token).await?;
        Ok("bye")
    }
    async fn logout_session(
        State(jwt): State<JwtManager>,
        token: AccessToken,
    ) -> Result<(), Error> {
        jwt.revoke_session(&token).await
    }
    Router::new()
        .route("/", on_get(|t: AccessToken| async move { t.revocation_checked().to_string() }))
        .route("/twice", on_get(|_: AccessToken, _: FreshToken, _: Option<AccessToken>| async {}))
        .route("/refresh", on_get(|_: RefreshToken| async {}))
        .route("/logout", on_get(logout))
        .route("/logout-session", on_get(logout_session))
        .with_state(jwt.clone())
}

#[tokio::test]
async fn revoked_tokens_and_sessions() {
    let store = Counting::default();
    let clock = clock();
    let jwt = builder(config(), &clock).store(store.clone()).build();
    let app = app(&jwt);
    let pair = jwt.create_token_pair("anna").fresh(true).encode().unwrap();
    let other = jwt.create_token_pair("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/", &pair.access_token).await.text, "true");
    assert_eq!(bearer(&app, "/logout", &pair.access_token).await.text, "bye");
    let revoked = bearer(&app, "/", &pair.access_token).await;
    assert_eq!((revoked.status.as_u16(), revoked.code().as_str()), (401, "token_revoked"));
    assert_eq!(bearer(&app, "/refresh", &pair.refresh_token).await.status, 200, "only that one");

    assert_eq!(bearer(&app, "/logout-session", &other.access_token).await.status, 200);
    assert_eq!(bearer(&app, "/", &other.access_token).await.code(), "token_revoked");
    assert_eq!(bearer(&app, "/refresh", &other.refresh_token).await.code(), "token_revoked");
    let skip =
        jwt.authenticate_token(other.access_token.as_str(), Policy::required().skip_revocation());
    assert!(!skip.await.unwrap().revocation_checked());

    // A session is remembered for as long as its longest token can live, then forgotten.
    assert_eq!(store.inner.len(), 2);
    clock.advance(std::time::Duration::from_secs(30 * 86_400 - 1));
    assert_eq!(bearer(&app, "/refresh", &other.refresh_token).await.code(), "token_revoked");
    let longer = jwt
        .create_token_pair("anna")
        .refresh_expires_in(std::time::Duration::from_secs(31 * 86_400));
    assert_eq!(longer.encode().unwrap_err().kind(), ErrorKind::TokenNotCreated);
}

#[tokio::test]
async fn one_request_asks_the_store_once() {
    let store = Counting::default();
    let jwt = builder(config(), &clock()).store(store.clone()).build();
    let token = jwt.create_access_token("anna").fresh(true).encode().unwrap();
    assert_eq!(bearer(&app(&jwt), "/twice", &token).await.status, 200);
    assert_eq!(store.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_store_that_is_down_lets_nobody_in() {
    let store = Counting::default();
    let jwt = builder(config(), &clock()).store(store.clone()).build();
    let app = app(&jwt);
    let token = jwt.create_access_token("anna").encode().unwrap();
    store.down.store(1, Ordering::SeqCst);
    let answer = bearer(&app, "/", &token).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "store_unavailable"));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(!answer.text.contains("refused"), "what lies behind it is for the log");
    store.down.store(0, Ordering::SeqCst);
    assert_eq!(bearer(&app, "/", &token).await.status, 200);
}

#[tokio::test]
async fn without_a_store_revoking_is_an_error_and_not_a_silent_nothing() {
    let jwt = builder(config(), &clock()).build();
    let token = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(bearer(&app(&jwt), "/", &token).await.text, "false");
    let answer = bearer(&app(&jwt), "/logout", &token).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "misconfigured"));
    let answer = bearer(&app(&jwt), "/logout-session", &token).await;
    assert_eq!(answer.status, 500, "and so is a session that the token has not");
}

#[tokio::test]
async fn a_blocklist_of_ones_own() {
    let jwt = builder(config(), &clock())
        .blocklist(|token| async move {
            match token.subject.as_str() {
                "down" => Err("no connection"),
                subject => Ok(subject == "mallory" && token.jti.is_some()),
            }
        })
        .build();
    let app = app(&jwt);
    let token = |name: &str| jwt.create_access_token(name).encode().unwrap();
    assert_eq!(bearer(&app, "/", token("anna")).await.status, 200);
    assert_eq!(bearer(&app, "/", token("mallory")).await.code(), "token_revoked");
    assert_eq!(bearer(&app, "/", token("down")).await.status, 503);
    // It cannot be asked about a token without a name.
    let nameless =
        jwt.create_access_token("anna").override_claim("jti", Value::Null).encode().unwrap();
    assert_eq!(bearer(&app, "/", nameless).await.code(), "token_invalid");
}

#[tokio::test]
async fn claims_are_verified_after_everything_else() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let jwt = builder(config(), &clock())
        .verify_claims(move |token| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                match token.claim::<String>("tenant")?.as_deref() {
                    Some("down") => Err(BoxError::from("the database of tenants")),
                    tenant => Ok(tenant == Some("acme")),
                }
            }
        })
        .claims_hook(|identity, _kind| {
            assert_ne!(*identity, "nobody".into());
            CustomClaims::new().claim("tenant", "acme").header("x", 1)
        })
        .build();
    let app = app(&jwt);
    let good = jwt.create_access_token("anna").fresh(true).encode().unwrap();
    let bad = jwt.create_access_token("anna").claim("tenant", "evil").encode().unwrap();
    assert_eq!(bearer(&app, "/twice", &good).await.status, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "once for a request");
    let answer = bearer(&app, "/", &bad).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "claims_rejected"));
    let down = jwt.create_access_token("anna").claim("tenant", "down").encode().unwrap();
    assert_eq!(bearer(&app, "/", &down).await.code(), "store_unavailable");
    let number = jwt.create_access_token("anna").claim("tenant", 1).encode().unwrap();
    assert_eq!(bearer(&app, "/", &number).await.code(), "token_invalid", "its own kind of error");
    let token = jwt.decode(good.as_str(), &Default::default()).unwrap();
    assert_eq!(token.header::<Value>().unwrap(), json!({"alg": "HS256", "typ": "JWT", "x": 1}));
}

#[derive(Clone, FromRef)]
struct AppState {
    jwt: JwtManager,
    users: Arc<Vec<&'static str>>,
}

#[derive(Clone)]
struct User(&'static str);

impl LoadUser<AppState> for User {
    type Error = Infallible;

    async fn load_user(
        token: &VerifiedToken,
        state: &AppState,
    ) -> Result<Option<Self>, Infallible> {
        Ok(state.users.iter().find(|name| **name == token.identity()).map(|name| Self(name)))
    }
}

/// A user whose database is down.
#[derive(Clone)]
struct Unreachable;

impl LoadUser<AppState> for Unreachable {
    type Error = &'static str;

    async fn load_user(_: &VerifiedToken, _: &AppState) -> Result<Option<Self>, &'static str> {
        Err("the password of the database is hunter2")
    }
}

#[tokio::test]
async fn users_are_loaded() {
    let jwt = builder(config(), &clock()).build();
    let app = Router::new()
        .route("/me", on_get(|CurrentUser(user): CurrentUser<User>| async move { user.0 }))
        .route(
            "/maybe",
            on_get(
                |user: Option<CurrentUser<User>>| async move { user.map_or("nobody", |u| u.0.0) },
            ),
        )
        .route(
            "/refresh",
            on_get(
                |CurrentUserOf { user, .. }: CurrentUserOf<User, Refresh>| async move { user.0 },
            ),
        )
        .route("/down", on_get(|_: CurrentUser<Unreachable>| async {}))
        .with_state(AppState { jwt: jwt.clone(), users: Arc::new(vec!["anna"]) });
    let anna = jwt.create_access_token("anna").encode().unwrap();
    let gone = jwt.create_access_token("gone").encode().unwrap();
    let refresh = jwt.create_refresh_token("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/me", &anna).await.text, "anna");
    assert_eq!(bearer(&app, "/maybe", &anna).await.text, "anna");
    assert_eq!(get(&app, "/maybe").await.text, "nobody");
    assert_eq!(get(&app, "/me").await.code(), "token_missing");
    assert_eq!(bearer(&app, "/me", &refresh).await.code(), "wrong_token_type");
    assert_eq!(bearer(&app, "/refresh", &refresh).await.text, "anna");
    for path in ["/me", "/maybe"] {
        let answer = bearer(&app, path, &gone).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "user_not_found"));
        assert!(!answer.text.contains("gone"), "no claim is echoed");
    }
    let down = bearer(&app, "/down", &anna).await;
    assert_eq!(down.status, 503);
    assert!(!down.text.contains("hunter2"));
}

#[tokio::test]
async fn every_answer_can_be_replaced_in_one_place() {
    let clock = clock();
    let jwt = builder(config(), &clock)
        .on_error(|error, request| {
            let who = error.claims::<Value>().map_or(Value::Null, |claims| claims["sub"].clone());
            let typ = error.header::<Value>().map_or(Value::Null, |header| header["typ"].clone());
            let path = request.map(|request| request.uri.path().to_owned());
            (http::StatusCode::IM_A_TEAPOT, axum::Json(json!([error.code(), who, typ, path])))
        })
        .build();
    let app = app(&jwt);
    let token = jwt.create_access_token("anna").encode().unwrap();
    clock.advance(std::time::Duration::from_secs(3600));
    let answer = bearer(&app, "/", &token).await;
    assert_eq!(answer.status, 418);
    assert_eq!(answer.json(), json!(["token_expired", "anna", "JWT", "/"]));
    assert_eq!(
        get(&app, "/refresh").await.json(),
        json!(["token_missing", null, null, "/refresh"])
    );
    let forged = format!("{}x", token.as_str());
    assert_eq!(bearer(&app, "/", &forged).await.json(), json!(["token_invalid", null, null, "/"]));
    // Also what a handler passes on with `?`, of its own or from making a token.
    let old = jwt.create_access_token("anna").encode().unwrap();
    let old = jwt.decode(old.as_str(), &Default::default()).unwrap();
    for error in [
        old.refuse(ErrorKind::InsufficientScope),
        old.require_scopes(["x"]).unwrap_err(),
        old.claims::<u32>().unwrap_err(),
        jwt.create_access_token("anna").claim("exp", 1).encode().unwrap_err(),
    ] {
        assert_eq!(axum::response::IntoResponse::into_response(Error::from(error)).status(), 418);
    }
}

#[tokio::test]
async fn flask_answers_are_a_preset() {
    let clock = clock();
    let config = axum_jwt_extended::Config::flask().secret_key(common::SECRET);
    let jwt = builder(config, &clock).build();
    let app = app(&jwt);
    let token = jwt.create_access_token("anna").encode().unwrap();
    clock.advance(std::time::Duration::from_secs(3600));
    let expired = bearer(&app, "/", &token).await;
    assert_eq!(
        (expired.status.as_u16(), expired.json()),
        (401, json!({"msg": "Token has expired"}))
    );
    assert_eq!(expired.header("www-authenticate"), "");
    assert_eq!(bearer(&app, "/", "a.b.c").await.status, 422);
    let alone = request("GET", "/").header("Authorization", "Bearer").body(Body::empty()).unwrap();
    assert_eq!(send(&app, alone).await.status, 422);
}

#[tokio::test]
async fn a_store_and_a_blocklist_are_both_asked() {
    let store = MemoryStore::new();
    let jwt = builder(config(), &clock())
        .blocklist(|token| async move { Ok::<_, Infallible>(token.subject == "mallory") })
        .store(store)
        .build();
    let app = app(&jwt);
    let [anna, mallory] =
        ["anna", "mallory"].map(|name| jwt.create_access_token(name).encode().unwrap());
    assert_eq!(bearer(&app, "/", &mallory).await.code(), "token_revoked");
    assert_eq!(bearer(&app, "/", &anna).await.text, "true");
    assert_eq!(bearer(&app, "/logout", &anna).await.text, "bye");
    assert_eq!(bearer(&app, "/", &anna).await.code(), "token_revoked");
}

/// A long-lived connection looks again, and sees what has happened meanwhile.
#[tokio::test]
async fn a_second_look_asks_the_store_again() {
    async fn twice(
        State(jwt): State<JwtManager>,
        token: AccessToken,
        parts: http::request::Parts,
    ) -> Result<(), Error> {
        jwt.authenticate(&parts, Policy::required()).await?;
        jwt.revoke(&token).await?;
        jwt.authenticate(&parts, Policy::required()).await?;
        Ok(())
    }
    let jwt = builder(config(), &clock()).store(MemoryStore::new()).build();
    let app = Router::new().route("/", on_get(twice)).with_state(jwt.clone());
    let token = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/", token).await.code(), "token_revoked");
}

/// Only "there is none" is forgiven, and not what a hook calls so.
#[tokio::test]
async fn a_hook_cannot_make_a_bad_token_none() {
    let jwt = builder(config(), &clock())
        .verify_claims(|token| async move { Err::<bool, _>(token.refuse(ErrorKind::TokenMissing)) })
        .build();
    let app = Router::new()
        .route("/", on_get(|token: Option<AccessToken>| async move { token.is_some().to_string() }))
        .with_state(jwt.clone());
    let token = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/", token).await.status, 401);
    assert_eq!(get(&app, "/").await.text, "false");
}

/// With leeway, a token outlives its `exp`, and so must its revocation.
#[tokio::test]
async fn revocations_last_as_long_as_the_leeway() {
    let clock = clock();
    let store = MemoryStore::new();
    let leeway = std::time::Duration::from_secs(60);
    let jwt = builder(config().decode_leeway(leeway), &clock).store(store.clone()).build();
    let app = app(&jwt);
    let token = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/logout", &token).await.text, "bye");
    clock.advance(std::time::Duration::from_secs(15 * 60 + 30));
    store.purge(jwt.now()).await.unwrap();
    assert_eq!(bearer(&app, "/", &token).await.code(), "token_revoked");
    clock.advance(leeway);
    store.purge(jwt.now()).await.unwrap();
    assert!(store.is_empty());
    assert_eq!(bearer(&app, "/", &token).await.code(), "token_expired");
}

#[tokio::test]
async fn an_access_token_does_not_renew_itself() {
    let jwt = builder(config(), &clock()).build();
    let token = jwt.create_access_token("anna").encode().unwrap();
    let token = jwt.decode(token.as_str(), &Default::default()).unwrap();
    let error = jwt.refresh_access_token(&token).encode().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongTokenType);
}

/// What was read of a claim must not be in an error, which ends in logs.
#[tokio::test]
async fn errors_hold_no_claims() {
    let jwt = builder(config(), &clock()).build();
    let token = jwt.create_access_token("anna").claim("card", "4111-1111").encode().unwrap();
    let token = jwt.decode(token.as_str(), &Default::default()).unwrap();
    #[derive(serde::Deserialize)]
    struct Claims {
        #[serde(rename = "card")]
        _card: u64,
    }
    let errors = [
        token.claims::<Claims>().map(|_| ()).unwrap_err(),
        token.claim::<u64>("card").map(|_| ()).unwrap_err(),
    ];
    for error in errors {
        assert!(!format!("{error:?} {error}").contains("4111"), "{error:?}");
    }
}

/// A hook that is added does not take another's place.
#[tokio::test]
async fn hooks_add_up_and_two_stores_are_a_fault() {
    let has = |token: &VerifiedToken, name: &str| token.claim(name).unwrap() == Some(true);
    let listed = |record: &TokenRecord, name: &str| record.subject == name;
    let jwt = builder(config(), &clock())
        .verify_claims(move |token| async move { Ok::<_, BoxError>(has(&token, "one")) })
        .verify_claims(move |token| async move { Ok::<_, BoxError>(has(&token, "two")) })
        .blocklist(move |record| async move { Ok::<_, BoxError>(listed(&record, "eve")) })
        .blocklist(move |record| async move { Ok::<_, BoxError>(listed(&record, "mallory")) })
        .build();
    for (who, one, two, expected) in [
        ("anna", true, true, None),
        ("anna", true, false, Some(ErrorKind::ClaimsRejected)),
        ("anna", false, true, Some(ErrorKind::ClaimsRejected)),
        ("eve", true, true, Some(ErrorKind::TokenRevoked)),
        ("mallory", true, true, Some(ErrorKind::TokenRevoked)),
    ] {
        let token = jwt.create_access_token(who).claim("one", one).claim("two", two);
        let token = token.encode().unwrap();
        let outcome = jwt.authenticate_token(token.as_str(), Policy::required()).await;
        assert_eq!(outcome.err().map(|error| error.kind()), expected, "{who} {one} {two}");
    }

    let two = builder(config(), &clock()).store(MemoryStore::new()).store(MemoryStore::new());
    let fault = two.try_build().unwrap_err();
    assert!(fault.to_string().contains("give the manager one store"), "{fault}");
}

/// A revoked refresh token yields nothing, by whichever way it was read.
#[tokio::test]
async fn only_a_token_that_was_asked_about_is_refreshed() {
    let clock = clock();
    let jwt = builder(config(), &clock).store(MemoryStore::new()).build();
    let pair = jwt.create_token_pair("anna").encode().unwrap();
    let text = pair.refresh_token.as_str();
    let refresh = Policy::required().refresh();
    let good = jwt.authenticate_token(text, refresh.clone()).await.unwrap();
    jwt.refresh_access_token(&good).encode().unwrap();
    jwt.revoke(&good).await.unwrap();
    for token in [
        jwt.decode(text, &Default::default()).unwrap(),
        jwt.authenticate_token(text, refresh.skip_revocation()).await.unwrap(),
    ] {
        let error = jwt.refresh_access_token(&token).encode().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
    }
    clock.advance(Duration::from_secs(31 * 86_400));
    let error = jwt.refresh_access_token(&good).encode().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TokenExpired, "it has ended since");
}

#[tokio::test]
async fn a_session_that_a_token_does_not_name_is_not_revoked() {
    let jwt = builder(config(), &clock()).store(MemoryStore::new()).build();
    let token = jwt.create_refresh_token("anna").encode().unwrap();
    let token = jwt.authenticate_token(token.as_str(), Policy::any()).await.unwrap();
    assert_eq!(token.session_id(), None);
    assert_eq!(jwt.revoke_session(&token).await.unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn a_store_in_the_environment_that_nobody_opens_is_told() {
    let config = || config().set("JWT_STORE_URL", "redis://localhost");
    let codes = |jwt: &JwtManager| jwt.diagnostics().iter().map(|d| d.code).collect::<Vec<_>>();
    let none = builder(config(), &clock()).build();
    assert!(codes(&none).contains(&"store_ignored"));
    let one = builder(config(), &clock()).store(MemoryStore::new()).build();
    assert!(!codes(&one).contains(&"store_ignored"));
}
