//! Refresh tokens that are good once, and logging out everywhere.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get as on_get, post};
use axum::{Json, Router};
use axum_jwt_extended::store::{MemoryStore, RevokedRecord};
use axum_jwt_extended::{
    AccessToken, Config, ConfigBuilder, DecodeOptions, Error, JwtManager, Location, ManualClock,
    Policy, RefreshToken, Timestamp, TokenPair,
};
use common::{Answer, bearer, builder, clock, config, listen, request, send};
use http::HeaderMap;

fn rotating() -> ConfigBuilder {
    config().refresh_rotation(true)
}

fn service(config: ConfigBuilder) -> (Router, JwtManager, ManualClock) {
    async fn refresh(
        State(jwt): State<JwtManager>,
        token: RefreshToken,
    ) -> Result<Json<TokenPair>, Error> {
        Ok(Json(jwt.rotate(&token).claim("role", "admin").encode().await?))
    }
    async fn in_cookies(
        State(jwt): State<JwtManager>,
        token: RefreshToken,
    ) -> Result<impl IntoResponse, Error> {
        Ok(jwt.set_cookies(&jwt.rotate(&token).encode().await?))
    }
    async fn unchecked(
        State(jwt): State<JwtManager>,
        headers: HeaderMap,
    ) -> Result<Json<TokenPair>, Error> {
        let token = headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
        let policy = Policy::required().refresh().skip_revocation();
        Ok(Json(jwt.rotate(&jwt.authenticate_token(token, policy).await?).encode().await?))
    }
    async fn old_way(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<String, Error> {
        Ok(jwt.refresh_access_token(&token).encode()?.as_str().to_owned())
    }
    let clock = clock();
    let jwt = builder(config, &clock).store(MemoryStore::new()).build();
    let app = Router::new()
        .route("/", on_get(|_: AccessToken| async {}))
        .route("/refresh", on_get(refresh))
        .route("/refresh-cookies", post(in_cookies))
        .route("/refresh-unchecked", on_get(unchecked))
        .route("/refresh-old", on_get(old_way))
        .route("/who", on_get(|token: RefreshToken| async move { token.identity().to_owned() }))
        .layer(jwt.implicit_refresh(Duration::from_secs(300)))
        .with_state(jwt.clone());
    (app, jwt, clock)
}

/// The tokens of an answer.
fn pair(answer: &Answer) -> [String; 2] {
    assert_eq!(answer.status, 200, "{}", answer.text);
    ["access_token", "refresh_token"].map(|name| answer.json()[name].as_str().unwrap().to_owned())
}

fn seconds(clock: &ManualClock, seconds: u64) {
    clock.advance(Duration::from_secs(seconds));
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let (app, jwt, clock) = service(rotating());
    let login = jwt.create_token_pair("anna").fresh(true).encode().unwrap();
    seconds(&clock, 60);
    let first = bearer(&app, "/refresh", &login.refresh_token).await;
    let [access, refresh] = pair(&first);
    assert_eq!(bearer(&app, "/", &access).await.status, 200);
    // A second click, a lost answer, another tab.
    seconds(&clock, 10);
    assert_eq!(bearer(&app, "/refresh", &login.refresh_token).await.text, first.text);
    let [_, next] = pair(&bearer(&app, "/refresh", &refresh).await);

    // A thief has the first one, and comes too late.
    let stolen = bearer(&app, "/refresh", &login.refresh_token).await;
    assert_eq!((stolen.status.as_u16(), stolen.code().as_str()), (401, "token_revoked"));
    for (path, token) in [("/refresh", &next), ("/refresh", &refresh), ("/", &access)] {
        assert_eq!(bearer(&app, path, token).await.code(), "token_revoked");
    }
    // Another login of the same user has nothing to do with it.
    let other = jwt.create_token_pair("anna").encode().unwrap();
    pair(&bearer(&app, "/refresh", &other.refresh_token).await);
}

/// Wherever it shows up, and whatever the route asks the store.
#[tokio::test]
async fn a_reuse_is_one_on_every_route() {
    for path in ["/who", "/refresh", "/refresh-cookies", "/refresh-unchecked"] {
        let (app, jwt, clock) = service(rotating());
        let login = jwt.create_token_pair("anna").encode().unwrap();
        assert_eq!(bearer(&app, "/who", &login.refresh_token).await.text, "anna");
        let [access, refresh] = pair(&bearer(&app, "/refresh", &login.refresh_token).await);
        seconds(&clock, 10);
        assert_eq!(bearer(&app, "/who", &login.refresh_token).await.text, "anna", "in its grace");
        assert_eq!(bearer(&app, "/", &login.access_token).await.status, 200);
        seconds(&clock, 1);
        let method = if path == "/refresh-cookies" { "POST" } else { "GET" };
        let again = request(method, path)
            .header("Authorization", format!("Bearer {}", login.refresh_token.as_str()))
            .body(Body::empty());
        let (events, answer) = listen(send(&app, again.unwrap())).await;
        assert_eq!(answer.code(), "token_revoked", "{path}");
        for (path, token) in [("/", &access), ("/who", &refresh)] {
            assert_eq!(bearer(&app, path, token).await.code(), "token_revoked");
        }
        // Who keeps watch is told, without a name, a token or a part of one.
        let session = login.session_id().unwrap();
        let told: Vec<_> = events.iter().filter(|e| e.contains("refresh_token_reuse")).collect();
        assert_eq!(told.len(), 1, "{events:?}");
        assert!(told[0].contains("WARN") && told[0].contains(session), "{told:?}");
        let secrets =
            [login.refresh_token.jti(), login.refresh_token.csrf(), Some("anna"), Some("eyJ")];
        assert!(!secrets.iter().flatten().any(|secret| told[0].contains(secret)), "{told:?}");
        let known = jwt.revocations("anna").await.unwrap();
        assert_eq!(known[0].reason.as_deref(), Some("refresh token reuse"));
    }
}

#[tokio::test]
async fn cookies_rotate_with_their_csrf_values() {
    let (app, jwt, clock) = service(rotating().token_location([Location::Cookies]));
    let login = jwt.create_token_pair("anna").encode().unwrap();
    let refresh = async |cookie: &str, csrf: Option<&str>| {
        let request = request("POST", "/refresh-cookies")
            .header("Cookie", format!("refresh_token_cookie={cookie}"));
        let request = csrf.into_iter().fold(request, |r, csrf| r.header("X-CSRF-TOKEN", csrf));
        send(&app, request.body(Body::empty()).unwrap()).await
    };
    let old = (login.refresh_token.as_str(), login.refresh_token.csrf());
    assert_eq!(refresh(old.0, None).await.code(), "csrf_missing");
    seconds(&clock, 5);
    let first = refresh(old.0, old.1).await;
    let names =
        ["access_token_cookie", "refresh_token_cookie", "csrf_access_token", "csrf_refresh_token"];
    let values = names.map(|name| first.cookie(name));
    assert_eq!(first.cookies().len(), 4, "each once");
    seconds(&clock, 5);
    let again = refresh(old.0, old.1).await;
    assert_eq!(names.map(|name| again.cookie(name)), values, "pages that are open stay usable");
    seconds(&clock, 300);
    // The value of the old page is not the new token's.
    assert_eq!(refresh(&values[1], old.1).await.code(), "csrf_mismatch");
    assert_eq!(refresh(&values[1], Some(&values[3])).await.status, 200);
    assert_eq!(refresh(old.0, old.1).await.code(), "token_revoked");
}

/// Implicit refresh renews access cookies, rotation exchanges refresh tokens: in one application both
/// work, and what ends one session ends it for both.
#[tokio::test]
async fn rotation_beside_implicit_refresh() {
    let config = rotating().token_location([Location::Cookies]);
    let (app, jwt, clock) = service(config.session_lifetime(Duration::from_secs(3600)));
    let get = async |cookie: &str| {
        let request = request("GET", "/").header("Cookie", format!("access_token_cookie={cookie}"));
        send(&app, request.body(Body::empty()).unwrap()).await
    };
    let rotate = async |access: &str, refresh: &str| {
        let csrf = jwt.decode(refresh, &DecodeOptions::default()).unwrap();
        let cookies = format!("access_token_cookie={access}; refresh_token_cookie={refresh}");
        let request = request("POST", "/refresh-cookies")
            .header("Cookie", cookies)
            .header("X-CSRF-TOKEN", csrf.csrf().unwrap());
        send(&app, request.body(Body::empty()).unwrap()).await
    };
    let expires = |token: &str| {
        let token = jwt.decode(token, &DecodeOptions::default()).unwrap();
        token.expires_at().unwrap()
    };
    let login = jwt.create_token_pair("anna").encode().unwrap();
    let (access, refresh) = (login.access_token.as_str(), login.refresh_token.as_str());
    seconds(&clock, 700);
    let renewed = get(access).await.cookie("access_token_cookie");
    // The handler that rotates has the last word.
    let rotated = rotate(access, refresh).await;
    assert_eq!((rotated.status.as_u16(), rotated.cookies().len()), (200, 4));
    let access = rotated.cookie("access_token_cookie");
    assert_ne!(access, renewed);
    // A renewed cookie is in the session, so that it ends with it.
    assert_eq!(get(&renewed).await.status, 200);
    seconds(&clock, 11);
    assert_eq!(rotate(&access, refresh).await.code(), "token_revoked");
    seconds(&clock, 700);
    for cookie in [&access, &renewed] {
        let answer = get(cookie).await;
        assert_eq!((answer.code().as_str(), answer.cookies().len()), ("token_revoked", 0));
    }

    // And neither way leads beyond the session's life.
    let login = jwt.create_token_pair("anna").encode().unwrap();
    let mut access = login.access_token.as_str().to_owned();
    for _ in 0..4 {
        seconds(&clock, 700);
        let answer = get(&access).await;
        assert_eq!(answer.status, 200);
        access = answer.cookie("access_token_cookie");
    }
    let end = Timestamp::from_seconds(common::NOW + 711.0 + 700.0 + 3600.0);
    assert_eq!(expires(&access), end);
    assert_eq!(expires(login.refresh_token.as_str()), end);
    seconds(&clock, 700);
    let answer = get(&access).await;
    assert_eq!(
        (answer.status.as_u16(), answer.cookies().len()),
        (200, 0),
        "it ends as late as it may"
    );
    seconds(&clock, 100);
    assert_eq!(get(&access).await.code(), "token_expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_requests_with_one_token_all_get_the_same_pair() {
    let (app, jwt, _) = service(rotating());
    for _ in 0..20 {
        let login = jwt.create_token_pair("anna").encode().unwrap();
        let answers: Vec<_> = (0..64)
            .map(|_| {
                let (app, token) = (app.clone(), login.refresh_token.clone());
                tokio::spawn(async move { bearer(&app, "/refresh", &token).await })
            })
            .collect();
        let mut pairs = std::collections::BTreeSet::new();
        for answer in answers {
            pairs.insert(pair(&answer.await.unwrap()));
        }
        assert_eq!(pairs.len(), 1, "never two families");
        assert!(jwt.revocations("anna").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn it_does_not_start_without_a_store() {
    let build = || builder(rotating(), &clock());
    let fault = build().try_build().unwrap_err().to_string();
    assert!(fault.contains("JWT_REFRESH_ROTATION") && fault.contains("store"), "{fault}");
    let blocklist = build().blocklist(|_| async { Ok::<_, std::fmt::Error>(false) });
    assert!(blocklist.try_build().is_err(), "which cannot remember");
    assert!(build().store(MemoryStore::new()).try_build().is_ok());
    let config = || rotating().build().unwrap();
    for start in [
        Box::new(|| JwtManager::new(config())) as Box<dyn Fn() -> JwtManager>,
        Box::new(|| JwtManager::builder(config()).build()),
    ] {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(start)).unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains("JWT_REFRESH_ROTATION"));
    }
}

#[tokio::test]
async fn there_is_one_way_to_refresh() {
    let (app, jwt, _) = service(rotating());
    let login = jwt.create_token_pair("anna").encode().unwrap();
    let answer = bearer(&app, "/refresh-old", &login.refresh_token).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "misconfigured"));
    assert!(answer.text.contains("rotate"), "{}", answer.text);
    let (app, jwt, _) = service(config());
    let login = jwt.create_token_pair("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/refresh-old", &login.refresh_token).await.status, 200);
    let answer = bearer(&app, "/refresh", &login.refresh_token).await;
    assert_eq!(answer.code(), "misconfigured");
    assert!(answer.text.contains("refresh_access_token"), "{}", answer.text);
}

#[tokio::test]
async fn logged_out_everywhere_but_here() {
    let (app, jwt, clock) = service(rotating());
    let [old, here] = ["", ""].map(|_| jwt.create_token_pair(42).encode().unwrap());
    let other = jwt.create_token_pair(43).encode().unwrap();
    seconds(&clock, 60);
    let revoked = jwt.revoke_all(42).keep(here.session_id()).by("anna").reason("new password");
    revoked.await.unwrap();
    for token in [&here.access_token, &other.access_token] {
        assert_eq!(bearer(&app, "/", token).await.status, 200);
    }
    assert_eq!(bearer(&app, "/", &old.access_token).await.code(), "token_revoked");
    assert_eq!(bearer(&app, "/refresh", &old.refresh_token).await.code(), "token_revoked");
    pair(&bearer(&app, "/refresh", &here.refresh_token).await);
    let records = jwt.revocations(42).await.unwrap();
    let words = (records[0].by.as_deref(), records[0].reason.as_deref());
    assert_eq!((records.len(), words), (1, (Some("anna"), Some("new password"))));
    assert!(
        matches!(&records[0].what, RevokedRecord::Subject { keep, .. } if keep.as_deref() == here.session_id())
    );

    // By its token, the same identity; and the kept session by itself.
    let token = jwt.decode(here.access_token.as_str(), &DecodeOptions::default()).unwrap();
    jwt.revoke_session(&token).by("support").await.unwrap();
    assert_eq!(bearer(&app, "/", &here.access_token).await.code(), "token_revoked");
    jwt.revoke_all(&token).await.unwrap();
    let records = jwt.revocations(&token).await.unwrap();
    assert_eq!(records.len(), 2);
    for record in &records {
        assert!(jwt.restore(42, record.what.as_revoked()).await.unwrap());
    }
    assert_eq!(bearer(&app, "/", &old.access_token).await.status, 200);
    assert!(jwt.revocations(42).await.unwrap().is_empty());
    assert!(!jwt.restore(42, records[0].what.as_revoked()).await.unwrap());
    assert!(jwt.revocations(43).await.unwrap().is_empty());

    // It is remembered for as long as tokens live, or longer where somebody says so.
    let day = Duration::from_secs(86_400);
    jwt.revoke_all(42).until(jwt.now() + 400 * day).await.unwrap();
    jwt.revoke_all(43).until(jwt.now()).await.unwrap();
    jwt.revoke_all(44).until(jwt.now()).for_ever().await.unwrap();
    let for_ever = jwt.create_access_token(44).never_expires().encode().unwrap();
    clock.advance(31 * day);
    assert_eq!(jwt.purge().await.unwrap(), 2, "a cutoff, and how far a family had come");
    let lengths =
        [jwt.revocations(42).await.unwrap().len(), jwt.revocations(43).await.unwrap().len()];
    assert_eq!(lengths, [1, 0]);
    clock.advance(1000 * day);
    jwt.purge().await.unwrap();
    assert_eq!(bearer(&app, "/", &for_ever).await.code(), "token_revoked");
    assert!(jwt.revocations(42).await.unwrap().is_empty());
}

/// In the same second, tokens cannot be told apart by their age.
#[tokio::test]
async fn a_new_password_and_a_new_session() {
    let (app, jwt, _) = service(rotating());
    let old = jwt.create_token_pair("anna").encode().unwrap();
    let new = jwt.create_token_pair("anna").fresh(true).encode().unwrap();
    jwt.revoke_all("anna").keep(new.session_id()).await.unwrap();
    assert_eq!(bearer(&app, "/", &old.access_token).await.code(), "token_revoked");
    assert_eq!(bearer(&app, "/", &new.access_token).await.status, 200);
}

#[tokio::test]
async fn managers_do_not_log_out_each_others_users() {
    enum Partners {}
    let store = MemoryStore::new();
    let clock = clock();
    let users = builder(rotating(), &clock).store(store.clone()).build();
    let config = Config::builder().secret_key(common::SECRET).manager_name("partners");
    let partners = JwtManager::<Partners>::named(config.beside(users.config()).build().unwrap());
    let partners = partners.unwrap().store(store).clock(clock).build();
    let token = partners.create_access_token("anna").encode().unwrap();
    users.revoke_all("anna").await.unwrap();
    assert!(partners.authenticate_token(token.as_str(), Policy::required()).await.is_ok());
    partners.revoke_all("anna").await.unwrap();
    let refused = partners.authenticate_token(token.as_str(), Policy::required()).await;
    assert!(refused.unwrap_err().is_revoked());
    assert_eq!(users.revocations("anna").await.unwrap().len(), 1);
}
