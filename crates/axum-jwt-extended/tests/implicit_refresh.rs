//! Cookie sessions that stay alive while they are used, and no longer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get as on_get, post};
use axum_jwt_extended::store::MemoryStore;
use axum_jwt_extended::{
    AccessToken, ConfigBuilder, CustomClaims, Error, FreshToken, JwtManager, JwtManagerBuilder,
    Location, ManualClock,
};
use common::{Answer, builder, clock, config, request, send};
use serde_json::Value;

const MINUTE: Duration = Duration::from_secs(60);

struct Session {
    app: Router,
    jwt: JwtManager,
    clock: ManualClock,
    cookie: String,
}

impl Session {
    fn new(config: ConfigBuilder, hooks: impl Fn(JwtManagerBuilder) -> JwtManagerBuilder) -> Self {
        async fn logout(
            State(jwt): State<JwtManager>,
            token: AccessToken,
        ) -> Result<impl IntoResponse, Error> {
            jwt.revoke(&token).await?;
            Ok("bye")
        }
        let clock = clock();
        let jwt = hooks(builder(config.token_location([Location::Cookies]), &clock)).build();
        let app = Router::new()
            .route(
                "/",
                on_get(|t: AccessToken| async move { t.identity().to_owned() })
                    .post(|_: AccessToken| async {}),
            )
            .route("/fresh", on_get(|_: FreshToken| async {}))
            .route(
                "/unset",
                on_get(|State(jwt): State<JwtManager>| async move { jwt.unset_cookies() }),
            )
            .route(
                "/unset-refresh",
                on_get(|State(jwt): State<JwtManager>| async move { jwt.unset_refresh_cookies() }),
            )
            .route("/revoke", on_get(logout))
            .route("/error", on_get(|_: AccessToken| async { http::StatusCode::BAD_REQUEST }))
            .route(
                "/public",
                on_get(|| async { ([(header::CACHE_CONTROL, "public, max-age=60")], "") }),
            )
            .route(
                "/private",
                on_get(|| async { ([(header::CACHE_CONTROL, "max-age=60, Private")], "") }),
            )
            .route("/open", post(|| async { "open" }))
            .layer(jwt.implicit_refresh(5 * MINUTE).max_session(60 * MINUTE))
            .with_state(jwt.clone());
        let pair =
            jwt.create_token_pair("anna").fresh(true).claim("role", "admin").encode().unwrap();
        let cookie = format!("access_token_cookie={}", pair.access_token.as_str());
        Self { app, jwt, clock, cookie }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = request("GET", path).header("cookie", &self.cookie);
        send(&self.app, request.body(Body::empty()).unwrap()).await
    }

    /// As a browser: takes over the cookies that come.
    async fn browse(&mut self, path: &str) -> Answer {
        let answer = self.get(path).await;
        if !answer.cookies().is_empty() {
            self.cookie = format!("access_token_cookie={}", answer.cookie("access_token_cookie"));
        }
        answer
    }

    /// The same session with a token that is about to expire and not fresh.
    fn cookie_not_fresh(&self) -> String {
        let token = self.cookie.split_once('=').unwrap().1;
        let token = self.jwt.decode(token, &Default::default()).unwrap();
        let next = self.jwt.engine().renew_access_token(&token, 3 * MINUTE).encode().unwrap();
        format!("access_token_cookie={}", next.as_str())
    }

    fn claims(&self) -> Value {
        let token = self.cookie.split_once('=').unwrap().1;
        self.jwt.decode(token, &Default::default()).unwrap().claims().unwrap()
    }
}

fn plain() -> Session {
    Session::new(config(), |builder| builder)
}

#[tokio::test]
async fn a_cookie_is_renewed_when_it_is_time() {
    let mut session = plain();
    session.clock.advance(9 * MINUTE);
    let early = session.get("/").await;
    assert_eq!((early.text.as_str(), early.cookies().len()), ("anna", 0));
    assert_eq!(early.header("vary"), "");
    let before = session.claims();
    session.clock.advance(MINUTE);
    let renewed = session.browse("/").await;
    assert_eq!((renewed.text.as_str(), renewed.cookies().len()), ("anna", 2));
    assert_eq!((renewed.header("vary"), renewed.header("cache-control")), ("Cookie", "no-store"));
    assert_eq!(renewed.cookie("csrf_access_token"), before["csrf"], "open pages stay usable");
    let after = session.claims();
    for same in ["sub", "sid", "auth_time", "csrf", "role", "type"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_ne!(after["jti"], before["jti"]);
    assert_eq!((&after["fresh"], &before["fresh"]), (&Value::Bool(false), &Value::Bool(true)));
    assert_eq!(after["exp"], before["exp"].as_i64().unwrap() + 600);
    assert_eq!(session.get("/fresh").await.code(), "fresh_token_required");
}

#[tokio::test]
async fn a_session_ends_however_much_it_is_used() {
    let mut session = plain();
    let mut last =
        Answer { status: http::StatusCode::OK, headers: Default::default(), text: String::new() };
    for _ in 0..59 {
        session.clock.advance(MINUTE);
        last = session.browse("/").await;
        assert_eq!(last.status, 200);
    }
    assert!(session.claims()["exp"].as_f64().unwrap() <= common::NOW + 3600.0);
    session.clock.advance(MINUTE);
    assert_eq!(session.browse("/").await.code(), "token_expired", "{last:?}");
}

#[tokio::test]
async fn the_handler_has_the_last_word() {
    let paths = ["/unset", "/unset-refresh", "/revoke", "/error", "/public"];
    for path in paths.into_iter().chain(["/slow", "/no-cache", "/cdn", "/refused"]) {
        let session = Session::new(config(), |builder| {
            // A refusal stays one, also where the application makes a redirect of it.
            let login = |_: &Error, _: Option<&_>| axum::response::Redirect::to("/login");
            builder.store(MemoryStore::new()).on_error(login)
        });
        session.clock.advance(12 * MINUTE);
        let session = Session { cookie: session.cookie_not_fresh(), ..session };
        let answer = session.get(path).await;
        let renewed = answer.cookies().iter().any(|c| c.starts_with("access_token_cookie=e"));
        assert!(!renewed, "{path}: {answer:?}");
    }
    let session = plain();
    session.clock.advance(12 * MINUTE);
    let private = session.get("/private").await;
    assert_eq!(
        (private.cookies().len(), private.header("cache-control")),
        (2, "max-age=60, Private")
    );
}

#[tokio::test]
async fn only_a_good_cookie_is_renewed() {
    let session = plain();
    session.clock.advance(12 * MINUTE);
    let post = |csrf: Option<String>| {
        let mut request = request("POST", "/open").header("cookie", &session.cookie);
        if let Some(csrf) = csrf {
            request = request.header("x-csrf-token", csrf);
        }
        request.body(Body::empty()).unwrap()
    };
    let without = send(&session.app, post(None)).await;
    assert_eq!(
        (without.text.as_str(), without.cookies().len()),
        ("open", 0),
        "no CSRF value, no renewal"
    );
    let csrf = session.claims()["csrf"].as_str().unwrap().to_owned();
    assert_eq!(send(&session.app, post(Some(csrf))).await.cookies().len(), 2);
    session.clock.advance(4 * MINUTE);
    let expired = session.get("/").await;
    assert_eq!((expired.code().as_str(), expired.cookies().len()), ("token_expired", 0));

    // Without auth_time nobody can say when the session ends.
    let flask = Session::new(config().session_claims(false), |builder| builder);
    flask.clock.advance(12 * MINUTE);
    assert_eq!(flask.get("/").await.cookies().len(), 0);
}

#[tokio::test]
async fn a_claims_hook_decides_anew() {
    let mut session = Session::new(config(), |builder| {
        builder.claims_hook(|_, _| CustomClaims::new().claim("tenant", "acme"))
    });
    assert_eq!(session.claims()["role"], "admin");
    session.clock.advance(12 * MINUTE);
    session.browse("/").await;
    assert_eq!(session.claims()["tenant"], "acme");
    assert_eq!(session.claims()["role"], Value::Null, "a demoted admin does not stay one");
}
