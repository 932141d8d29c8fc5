//! Every guard, seen from the outside: what passes, what does not, and the answers' exact form.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::get as on_get;
use axum::{Router, body::Body};
use axum_jwt_extended::{
    AccessToken, AnyToken, Error, FreshToken, JwtManager, Location, Policy, RefreshToken,
};
use common::{NOW, bearer, builder, clock, config, get, manager, request, send};
use http::request::Parts;
use serde_json::json;

fn app(jwt: JwtManager) -> Router {
    async fn optional(token: Option<AccessToken>) -> String {
        token.map_or("nobody".into(), |token| token.identity().to_owned())
    }
    async fn result(token: Result<AccessToken, Error>) -> String {
        token.map_or_else(|e| e.code().to_owned(), |token| token.identity().to_owned())
    }
    Router::new()
        .route(
            "/access",
            on_get(|t: AccessToken| async move { t.identity().to_owned() })
                .options(|_: AccessToken| async {}),
        )
        .route("/optional", on_get(optional).options(optional))
        .route("/result", on_get(result))
        .route("/fresh", on_get(|t: FreshToken| async move { t.identity().to_owned() }))
        .route("/refresh", on_get(|t: RefreshToken| async move { t.identity().to_owned() }))
        .route("/any", on_get(|t: AnyToken| async move { t.token_type().to_owned() }))
        .with_state(jwt)
}

#[tokio::test]
async fn each_guard_takes_what_it_asks_for() {
    let jwt = manager();
    let app = app(jwt.clone());
    let plain = jwt.create_access_token("anna").encode().unwrap();
    let fresh = jwt.create_access_token("anna").fresh(true).encode().unwrap();
    let refresh = jwt.create_refresh_token("anna").encode().unwrap();
    for (path, token, status, body) in [
        ("/access", &plain, 200, "anna"),
        ("/access", &fresh, 200, "anna"),
        ("/access", &refresh, 401, "wrong_token_type"),
        ("/optional", &plain, 200, "anna"),
        ("/optional", &refresh, 401, "wrong_token_type"),
        ("/result", &plain, 200, "anna"),
        ("/result", &refresh, 200, "wrong_token_type"),
        ("/fresh", &plain, 401, "fresh_token_required"),
        ("/fresh", &fresh, 200, "anna"),
        ("/fresh", &refresh, 401, "wrong_token_type"),
        ("/refresh", &plain, 401, "wrong_token_type"),
        ("/refresh", &refresh, 200, "anna"),
        ("/any", &plain, 200, "access"),
        ("/any", &refresh, 200, "refresh"),
    ] {
        let answer = bearer(&app, path, token).await;
        let got = if answer.status == 200 { answer.text.clone() } else { answer.code() };
        assert_eq!((answer.status.as_u16(), got.as_str()), (status, body), "{path}");
    }
}

#[tokio::test]
async fn no_token_is_told_from_a_bad_one() {
    let app = app(manager());
    let missing = get(&app, "/access").await;
    assert_eq!(missing.status, 401);
    assert_eq!(missing.header("www-authenticate"), "Bearer", "RFC 6750: no code without a token");
    assert_eq!(missing.header("content-type"), "application/json");
    assert_eq!(
        missing.json(),
        json!({"error": "token_missing", "msg": "Missing Authorization Header"})
    );
    assert_eq!(get(&app, "/optional").await.text, "nobody");
    assert_eq!(get(&app, "/result").await.text, "token_missing");

    let bad = bearer(&app, "/optional", "garbage").await;
    assert_eq!((bad.status.as_u16(), bad.code().as_str()), (401, "token_invalid"));
    assert!(bad.header("www-authenticate").starts_with("Bearer error=\"invalid_token\", "));

    let alone = request("GET", "/optional").header("Authorization", "Bearer").body(Body::empty());
    let alone = send(&app, alone.unwrap()).await;
    assert_eq!((alone.status.as_u16(), alone.code().as_str()), (400, "request_malformed"));
    assert!(alone.header("www-authenticate").contains("invalid_request"));

    let basic =
        request("GET", "/optional").header("Authorization", "Basic YTpi").body(Body::empty());
    assert_eq!(send(&app, basic.unwrap()).await.text, "nobody", "another scheme is not ours");
}

#[tokio::test]
async fn options_is_for_nobody() {
    let app = app(manager());
    let options = |path| request("OPTIONS", path).body(Body::empty()).unwrap();
    assert_eq!(send(&app, options("/optional")).await.text, "nobody");
    assert_eq!(send(&app, options("/access")).await.status, 401);
}

#[tokio::test]
async fn time_passes() {
    let clock = clock();
    let jwt = builder(config(), &clock).build();
    let app = app(jwt.clone());
    let pair = jwt.create_token_pair("anna").fresh_for(Duration::from_secs(60)).encode().unwrap();
    assert_eq!(bearer(&app, "/fresh", &pair.access_token).await.status, 200);
    clock.advance(Duration::from_secs(60));
    assert_eq!(
        bearer(&app, "/fresh", &pair.access_token).await.status,
        200,
        "until then, and then"
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(bearer(&app, "/fresh", &pair.access_token).await.code(), "fresh_token_required");
    clock.advance(Duration::from_secs(15 * 60 - 61));
    let expired = bearer(&app, "/access", &pair.access_token).await;
    assert_eq!((expired.status.as_u16(), expired.code().as_str()), (401, "token_expired"));
    assert_eq!(bearer(&app, "/refresh", &pair.refresh_token).await.status, 200);
    let refresh = jwt.authenticate_token(pair.refresh_token.as_str(), Policy::required().refresh());
    let next = jwt.refresh_access_token(&refresh.await.unwrap()).encode().unwrap();
    assert_eq!(bearer(&app, "/access", &next).await.text, "anna");
    assert_eq!(bearer(&app, "/fresh", &next).await.code(), "fresh_token_required");
    let decoded = jwt.decode(next.as_str(), &Default::default()).unwrap();
    let first = pair.access_token;
    let first = jwt.decode(first.as_str(), &Default::default()).map_err(|e| e.is_expired());
    assert_eq!(first.err(), Some(true));
    assert_eq!(decoded.auth_time().unwrap().as_seconds(), NOW, "the session began with the login");
}

#[tokio::test]
async fn policies_outside_of_extractors() {
    let jwt =
        builder(config().token_location([Location::Headers, Location::QueryString]), &clock())
            .build();
    let token = jwt.create_access_token("anna").encode().unwrap();
    let parts = |uri: String| -> Parts { Request::get(uri).body(()).unwrap().into_parts().0 };
    let by_query = parts(format!("/?jwt={}", token.as_str()));
    let found = jwt.authenticate(&by_query, Policy::required()).await.unwrap();
    assert_eq!(found.location(), Some(Location::QueryString));
    let only_headers = Policy::required().locations([Location::Headers]);
    let error = jwt.authenticate(&by_query, only_headers.clone()).await.unwrap_err();
    assert_eq!(error.message(), "Missing Authorization Header");
    assert!(jwt.authenticate(&by_query, only_headers.optional()).await.unwrap().is_none());
    let error = jwt.authenticate(&parts("/".into()), Policy::required()).await.unwrap_err();
    assert_eq!(
        error.message(),
        "Missing JWT in headers or query_string (Missing Authorization Header; Missing 'jwt' query paramater)"
    );

    // Outside a request: the same chain, and the expiry for a later look.
    let token = jwt.authenticate_token(token.as_str(), Policy::required()).await.unwrap();
    assert_eq!(token.expires_at().unwrap().as_seconds(), NOW + 900.0);
    assert_eq!(token.location(), None);
    let error = jwt.authenticate_token("a.b.c", Policy::required()).await.unwrap_err();
    assert_eq!(error.code(), "token_invalid");
}

/// A token that another middleware put in the place of the one that was checked is checked too.
#[tokio::test]
async fn what_was_checked_is_good_for_that_very_token_only() {
    async fn swap(_: AccessToken, mut request: Request, next: Next) -> axum::response::Response {
        if let Some(other) = request.headers_mut().remove("x-swap") {
            request.headers_mut().insert("authorization", other);
        }
        next.run(request).await
    }
    let jwt = builder(config(), &clock())
        .verify_claims(|token| async move { Ok::<_, Infallible>(token.identity() != "mallory") })
        .build();
    let app = app(jwt.clone()).layer(from_fn_with_state(jwt.clone(), swap));
    let anna = jwt.create_access_token("anna").fresh(true).encode().unwrap();
    let bob = jwt.create_access_token("bob").encode().unwrap();
    let send_swapped = async |path: &str, other: String| {
        let request =
            request("GET", path).header("authorization", format!("Bearer {}", anna.as_str()));
        send(&app, request.header("x-swap", other).body(Body::empty()).unwrap()).await
    };
    assert_eq!(send_swapped("/access", format!("Bearer {}", bob.as_str())).await.text, "bob");
    let not_fresh = send_swapped("/fresh", format!("Bearer {}", bob.as_str())).await;
    assert_eq!(not_fresh.code(), "fresh_token_required");
    let mallory = jwt.create_access_token("mallory").encode().unwrap();
    let rejected = send_swapped("/access", format!("Bearer {}", mallory.as_str())).await;
    assert_eq!(rejected.code(), "claims_rejected");
    assert_eq!(send_swapped("/access", "Bearer a.b.c".into()).await.code(), "token_invalid");
    assert_eq!(send_swapped("/access", "Basic abc".into()).await.code(), "token_missing");
}

#[derive(Clone)]
enum Partners {}

#[derive(Clone, FromRef)]
struct TwoManagers {
    users: JwtManager,
    partners: JwtManager<Partners>,
}

#[tokio::test]
async fn managers_of_different_names_refuse_each_others_tokens() {
    let users = manager();
    let partners = config().manager_name("partners").beside(users.config()).build().unwrap();
    assert_eq!(partners.access_cookie_name, "partners_access_token_cookie");
    let partners = JwtManager::<Partners>::named(partners).unwrap().clock(clock()).build();
    let state = TwoManagers { users: users.clone(), partners: partners.clone() };
    let app = Router::new()
        .route("/users", on_get(|t: AccessToken| async move { t.identity().to_owned() }))
        .route(
            "/partners",
            on_get(|t: AccessToken<(), Partners>| async move { t.identity().to_owned() }),
        )
        .route("/both", on_get(|_: AccessToken, _: AccessToken<(), Partners>| async {}))
        .with_state(state);
    let user = users.create_access_token("anna").encode().unwrap();
    let partner = partners.create_access_token("acme").encode().unwrap();
    assert_eq!(bearer(&app, "/users", &user).await.text, "anna");
    assert_eq!(bearer(&app, "/partners", &partner).await.text, "acme");
    assert_eq!(bearer(&app, "/users", &partner).await.code(), "token_invalid");
    assert_eq!(bearer(&app, "/partners", &user).await.code(), "token_invalid");
    let nameless = JwtManager::<Partners>::named(config().build().unwrap()).unwrap_err();
    assert_eq!(nameless.faults()[0].option(), "JWT_MANAGER_NAME");
    // What would mix them up does not start.
    let error = config().beside(users.config()).build().unwrap_err();
    assert!(error.to_string().contains("JWT_MANAGER_NAME"), "{error}");
    let named = config().manager_name("b").access_cookie_name("partners_access_token_cookie");
    let error = named.beside(partners.config()).build().unwrap_err();
    assert_eq!(error.faults()[0].option(), "JWT_ACCESS_COOKIE_NAME");
    // The first manager's check must not count for the second.
    assert_eq!(bearer(&app, "/both", &user).await.code(), "token_invalid");
}

#[tokio::test]
async fn the_state_may_be_an_arc() {
    #[derive(Clone, FromRef)]
    struct AppState {
        jwt: JwtManager,
    }
    async fn who(State(jwt): State<JwtManager>, token: AccessToken) -> String {
        assert!(jwt.engine().keys().signing_key().is_some());
        token.identity().to_owned()
    }
    let jwt = manager();
    let app =
        Router::new().route("/", on_get(who)).with_state(Arc::new(AppState { jwt: jwt.clone() }));
    let token = jwt.create_access_token(42).encode().unwrap();
    assert_eq!(bearer(&app, "/", &token).await.text, "42");
}

#[tokio::test]
async fn claims_of_ones_own_have_a_type() {
    #[derive(serde::Deserialize, serde::Serialize)]
    struct Claims {
        role: String,
    }
    let jwt = manager();
    let app = Router::new()
        .route("/", on_get(|token: AccessToken<Claims>| async move { token.claims.role.clone() }))
        .with_state(jwt.clone());
    let admin = Claims { role: "admin".into() };
    let token = jwt.create_access_token("anna").claims(admin).encode().unwrap();
    assert_eq!(bearer(&app, "/", &token).await.text, "admin");
    let without = jwt.create_access_token("anna").encode().unwrap();
    let answer = bearer(&app, "/", &without).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "token_invalid"));
    // What the library means by a claim is not the application's to set in passing.
    let error = jwt.create_access_token("anna").claim("sub", "bob").encode().unwrap_err();
    assert_eq!(error.code(), "token_not_created");
}
