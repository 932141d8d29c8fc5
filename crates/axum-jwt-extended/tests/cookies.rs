//! Cookies: what is set and unset, to the attribute, and CSRF protection.

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
use axum::response::IntoResponse;
use axum::routing::{get as on_get, post};
use axum_extra::extract::CookieJar;
use axum_jwt_extended::{
    AccessToken, Config, ConfigBuilder, CookieOptions, Error, JwtCookies, JwtManager, Location,
    RefreshToken, SameSite, TokenKind,
};
use common::{Answer, builder, clock, config, get, request, send};

fn app(config: ConfigBuilder) -> (Router, JwtManager) {
    async fn login(State(jwt): State<JwtManager>) -> Result<(JwtCookies, &'static str), Error> {
        Ok((jwt.set_cookies(&jwt.create_token_pair("anna").encode()?), "hello"))
    }
    async fn jar(State(jwt): State<JwtManager>, jar: CookieJar) -> Result<CookieJar, Error> {
        let token = jwt.create_access_token("anna").encode()?;
        Ok(jwt.set_access_cookies(&token).into_iter().fold(jar, CookieJar::add))
    }
    let jwt = builder(config.token_location([Location::Cookies]), &clock()).build();
    let app = Router::new()
        .route("/login", post(login))
        .route("/jar", post(jar))
        .route(
            "/logout",
            post(
                |State(jwt): State<JwtManager>| async move { jwt.unset_cookies().into_response() },
            ),
        )
        .route(
            "/me",
            on_get(|t: AccessToken| async move { t.identity().to_owned() })
                .post(|t: AccessToken| async move { t.identity().to_owned() }),
        )
        .route("/refresh", post(|t: RefreshToken| async move { t.identity().to_owned() }))
        .with_state(jwt.clone());
    (app, jwt)
}

async fn call(app: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn native_cookies_to_the_attribute() {
    let (app, _) = app(config());
    let login = call(&app, "POST", "/login", &[]).await;
    assert_eq!(login.text, "hello");
    let shape: Vec<_> = login
        .cookies()
        .iter()
        .map(|cookie| {
            let (start, attributes) = cookie.split_once(';').unwrap();
            format!("{}{attributes}", start.split_once('=').unwrap().0)
        })
        .collect();
    assert_eq!(
        shape,
        [
            "access_token_cookie HttpOnly; SameSite=Lax; Secure; Path=/",
            "csrf_access_token SameSite=Lax; Secure; Path=/",
            "refresh_token_cookie HttpOnly; SameSite=Lax; Secure; Path=/",
            "csrf_refresh_token SameSite=Lax; Secure; Path=/",
        ]
    );
    let logout = call(&app, "POST", "/logout", &[]).await.cookies();
    assert_eq!(logout.len(), 4);
    for cookie in logout {
        assert!(
            cookie.contains("=; ") && cookie.contains("Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn the_flow_of_a_browser() {
    let (app, _) = app(config());
    let login = call(&app, "POST", "/login", &[]).await;
    let access = format!("access_token_cookie={}", login.cookie("access_token_cookie"));
    let refresh = format!("refresh_token_cookie={}", login.cookie("refresh_token_cookie"));
    let (csrf, refresh_csrf) =
        (login.cookie("csrf_access_token"), login.cookie("csrf_refresh_token"));
    assert_eq!(call(&app, "GET", "/me", &[("cookie", &access)]).await.text, "anna");

    let missing = call(&app, "POST", "/me", &[("cookie", &access)]).await;
    assert_eq!((missing.status.as_u16(), missing.code().as_str()), (403, "csrf_missing"));
    assert!(missing.text.contains("X-CSRF-TOKEN"), "the answer says which header is wanted");
    assert_eq!(missing.header("www-authenticate"), "", "cookie services ask for no Bearer");
    for wrong in ["x", &refresh_csrf, &csrf[1..], &csrf.to_uppercase()] {
        let wrong =
            call(&app, "POST", "/me", &[("cookie", &access), ("x-csrf-token", wrong)]).await;
        assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (403, "csrf_mismatch"));
    }
    // A cookie with the value is no header.
    let both = format!("{access}; csrf_access_token={csrf}");
    assert_eq!(call(&app, "POST", "/me", &[("cookie", &both)]).await.code(), "csrf_missing");
    assert_eq!(
        call(&app, "POST", "/me", &[("cookie", &access), ("x-csrf-token", &csrf)]).await.text,
        "anna"
    );
    assert_eq!(
        call(&app, "POST", "/refresh", &[("cookie", &refresh), ("x-csrf-token", &refresh_csrf)])
            .await
            .text,
        "anna"
    );
    // The refresh token in the access token's place is no access token.
    let swapped = refresh.replace("refresh_token_cookie", "access_token_cookie");
    assert_eq!(call(&app, "GET", "/me", &[("cookie", &swapped)]).await.code(), "wrong_token_type");
}

#[tokio::test]
async fn cookies_in_several_lines_and_among_others() {
    let (app, _) = app(config());
    let login = call(&app, "POST", "/jar", &[]).await;
    let access = format!("access_token_cookie={}", login.cookie("access_token_cookie"));
    let quoted = format!("access_token_cookie=\"{}\"", login.cookie("access_token_cookie"));
    for headers in [
        vec![("cookie", "theme=dark"), ("cookie", access.as_str()), ("cookie", "x=y")],
        vec![("cookie", &*format!("theme=dark; broken; {access}; x=y"))],
        vec![("cookie", quoted.as_str())],
    ] {
        assert_eq!(call(&app, "GET", "/me", &headers).await.text, "anna", "{headers:?}");
    }
    assert_eq!(
        call(&app, "GET", "/me", &[("cookie", "access_token_cookie=")]).await.code(),
        "token_missing"
    );
    assert_eq!(get(&app, "/me").await.json()["msg"], "Missing cookie \"access_token_cookie\"");
}

#[tokio::test]
async fn lasting_cookies_live_as_long_as_their_token() {
    let (_, jwt) = app(config().session_cookie(false).cookie_domain("example.com"));
    let pair = jwt.create_token_pair("anna").encode().unwrap();
    let ages: Vec<_> =
        jwt.set_cookies(&pair).into_iter().map(|c| c.max_age().unwrap().whole_seconds()).collect();
    assert_eq!(ages, [900, 900, 30 * 86_400, 30 * 86_400]);
    let forever = jwt.create_access_token("anna").never_expires().encode().unwrap();
    let cookie = jwt.set_access_cookies(&forever).into_iter().next().unwrap();
    assert_eq!(cookie.max_age().unwrap().whole_seconds(), 31_540_000);
    assert_eq!(cookie.domain(), Some("example.com"));

    let options = CookieOptions::new().max_age(Duration::from_secs(60)).domain("other.example");
    for cookie in jwt.set_cookies_with(TokenKind::Refresh, &pair.refresh_token, &options) {
        assert_eq!(cookie.max_age().unwrap().whole_seconds(), 60);
        assert_eq!(cookie.domain(), Some("other.example"));
    }
    for cookie in jwt.unset_cookies_with(TokenKind::Access, &options) {
        assert_eq!((cookie.domain(), cookie.value()), (Some("other.example"), ""));
    }
}

#[tokio::test]
async fn strict_names_and_attributes() {
    let host = || {
        config()
            .access_cookie_name("__Host-access")
            .refresh_cookie_name("__Host-refresh")
            .cookie_samesite(SameSite::None)
            .cookie_partitioned(true)
    };
    let (_, jwt) = app(host());
    let token = jwt.create_access_token("anna").encode().unwrap();
    let cookie = jwt.set_access_cookies(&token).into_iter().next().unwrap().to_string();
    assert!(
        cookie.starts_with("__Host-access=")
            && cookie.ends_with("; HttpOnly; SameSite=None; Partitioned; Secure; Path=/"),
        "{cookie}"
    );
    for (faulty, option) in [
        (host().cookie_secure(false), "JWT_ACCESS_COOKIE_NAME"),
        (host().cookie_domain("example.com"), "JWT_REFRESH_COOKIE_NAME"),
        (host().access_cookie_path("/api"), "JWT_ACCESS_COOKIE_NAME"),
        (config().cookie_samesite(SameSite::None).cookie_secure(false), "JWT_COOKIE_SAMESITE"),
        (config().refresh_cookie_name("access_token_cookie"), "JWT_REFRESH_COOKIE_NAME"),
    ] {
        let error = faulty.build().unwrap_err();
        assert!(error.faults().iter().any(|fault| fault.option() == option), "{error}");
    }
}

#[tokio::test]
async fn csrf_can_be_off_and_elsewhere() {
    let (off, jwt) = app(config().cookie_csrf_protect(false));
    let token = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(token.csrf(), None);
    assert_eq!(jwt.set_access_cookies(&token).into_iter().count(), 1);
    let cookie = format!("access_token_cookie={}", token.as_str());
    assert_eq!(call(&off, "POST", "/me", &[("cookie", &cookie)]).await.text, "anna");

    let (other, jwt) = app(config()
        .access_csrf_header_name("X-Mine")
        .csrf_methods(["GET"])
        .csrf_in_cookies(false));
    let token = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(jwt.set_access_cookies(&token).into_iter().count(), 1);
    let cookie = format!("access_token_cookie={}", token.as_str());
    assert_eq!(call(&other, "POST", "/me", &[("cookie", &cookie)]).await.text, "anna");
    assert_eq!(call(&other, "GET", "/me", &[("cookie", &cookie)]).await.code(), "csrf_missing");
    let csrf = token.csrf().unwrap();
    assert_eq!(
        call(&other, "GET", "/me", &[("cookie", &cookie), ("x-mine", csrf)]).await.text,
        "anna"
    );
}

#[tokio::test]
async fn a_token_made_elsewhere_can_be_put_into_cookies() {
    let flask = builder(Config::flask().secret_key(common::SECRET), &clock()).build();
    let text: String = flask.create_access_token("anna").encode().unwrap().into();
    let token = flask.engine().read_encoded(&text).unwrap();
    let names: Vec<_> =
        flask.set_access_cookies(&token).into_iter().map(|c| c.name().to_owned()).collect();
    assert_eq!(names, ["access_token_cookie", "csrf_access_token"]);
    assert!(flask.engine().read_encoded("a.b.c").is_err());
}
