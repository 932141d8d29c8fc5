//! Attacks by way of HTTP: what stands in a request, twice or where it should not, and what leaves in an
//! answer or a log. Attacks on tokens are in the engine's tests.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fmt::Write;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::routing::{any, get as on_get, post};
use axum::{Json, Router};
use axum_jwt_extended::store::MemoryStore;
use axum_jwt_extended::{
    AccessToken, ConfigBuilder, EncodedToken, Error, FreshToken, JwtManager, Location, ManualClock,
    RefreshToken, TokenPair, VerifiedToken,
};
use common::{Answer, bearer, builder, clock, config, listen, request, send};

fn service(config: ConfigBuilder) -> (Router, JwtManager) {
    service_at(config, &clock())
}

fn service_at(config: ConfigBuilder, clock: &ManualClock) -> (Router, JwtManager) {
    async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
        Ok(Json(jwt.create_token_pair("anna").encode()?))
    }
    async fn rotate(
        State(jwt): State<JwtManager>,
        token: RefreshToken,
    ) -> Result<Json<TokenPair>, Error> {
        Ok(Json(jwt.rotate(&token).encode().await?))
    }
    async fn logout(
        State(jwt): State<JwtManager>,
        token: AccessToken,
    ) -> Result<&'static str, Error> {
        jwt.revoke_session(&token).await?;
        Ok("bye")
    }
    fn who(token: &VerifiedToken) -> String {
        token.identity().to_owned()
    }
    let jwt = builder(config, clock).store(MemoryStore::new()).build();
    let app = Router::new()
        .route("/login", post(login))
        .route("/rotate", post(rotate))
        .route("/logout", post(logout))
        .route("/me", any(|token: AccessToken| async move { who(&token) }))
        .route("/fresh", on_get(|token: FreshToken| async move { who(&token) }))
        .route("/refresh", any(|token: RefreshToken| async move { who(&token) }))
        .route(
            "/maybe",
            on_get(|token: Option<AccessToken>| async move {
                token.map_or_else(|| "nobody".to_owned(), |token| who(&token))
            }),
        )
        .with_state(jwt.clone());
    (app, jwt)
}

async fn call(app: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(request(method, path), |request, (name, value)| request.header(*name, *value));
    send(app, request.body(Body::empty()).unwrap()).await
}

fn access(jwt: &JwtManager, identity: &str) -> EncodedToken {
    jwt.create_access_token(identity).encode().unwrap()
}

/// What a proxy checked must be what is used here: of two credentials neither is.
#[tokio::test]
async fn two_authorization_headers() {
    let (app, jwt) = service(config());
    let (anna, otto) = (access(&jwt, "anna"), access(&jwt, "otto"));
    let (anna, otto) = (format!("Bearer {}", anna.as_str()), format!("Bearer {}", otto.as_str()));
    for headers in [
        vec![("Authorization", &*anna), ("Authorization", &*otto)],
        vec![("authorization", &*otto), ("AUTHORIZATION", &*anna)],
        vec![("Authorization", &*anna), ("Authorization", &*anna)],
        vec![("Authorization", &*format!("{anna}, {otto}"))],
        vec![("Authorization", &*format!("{anna},{otto},"))],
    ] {
        let answer = call(&app, "GET", "/me", &headers).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        let answer = call(&app, "GET", "/maybe", &headers).await;
        assert_eq!((answer.status.as_u16(), &*answer.text), (200, "nobody"));
    }
    // Other schemes stand beside it, as RFC 9110 allows.
    for headers in [
        vec![("Authorization", "Basic eDp5"), ("Authorization", &*anna)],
        vec![("Authorization", &*anna)],
    ] {
        assert_eq!(call(&app, "GET", "/me", &headers).await.text, "anna");
    }
    for near in ["BearerX", "Bearer:", "Token", "Bearer Bearer"] {
        let value = anna.replace("Bearer", near);
        assert_ne!(
            call(&app, "GET", "/me", &[("Authorization", &value)]).await.status,
            200,
            "{near}"
        );
    }
}

/// A subdomain can plant cookies of the same name. With `__Host-` in front, browsers keep them out; without,
/// whatever is planted must be a token by itself, and the CSRF value must be that token's.
#[tokio::test]
async fn cookies_that_somebody_else_planted() {
    let cookies = || config().token_location([Location::Cookies]);
    let (app, jwt) = service(cookies());
    let name = jwt.config().access_cookie_name.clone();
    let header = jwt.config().access_csrf_header_name.clone();
    let (anna, mallory) = (access(&jwt, "anna"), access(&jwt, "mallory"));
    let cookie = |tokens: &[&str]| {
        tokens.iter().map(|token| format!("{name}={token}")).collect::<Vec<_>>().join("; ")
    };
    let both = cookie(&[mallory.as_str(), anna.as_str()]);
    let post = |csrf: Option<&str>, cookie: &str| {
        let (header, csrf, cookie) = (header.clone(), csrf.map(str::to_owned), cookie.to_owned());
        let app = app.clone();
        async move {
            let mut headers = vec![("cookie", &*cookie)];
            headers.extend(csrf.as_deref().map(|value| (&*header, value)));
            call(&app, "POST", "/me", &headers).await
        }
    };
    // A page that holds anna's value acts as anna or not at all.
    assert_eq!(post(anna.csrf(), &both).await.code(), "csrf_mismatch");
    assert_eq!(post(None, &both).await.code(), "csrf_missing");
    assert_eq!(post(anna.csrf(), &cookie(&[anna.as_str()])).await.text, "anna");
    // A planted CSRF cookie is no CSRF value: it is never read.
    let csrf_name = &jwt.config().access_csrf_cookie_name;
    let planted = format!("{}; {csrf_name}=known", cookie(&[anna.as_str()]));
    assert_eq!(post(Some("known"), &planted).await.code(), "csrf_mismatch");
    for empty in ["", " ", ",", "\t"] {
        assert_ne!(post(Some(empty), &planted).await.status, 200, "{empty:?}");
    }
    // Nor is one cookie's value another cookie, whatever stands in it.
    for smuggled in [
        format!("a=\"; {name}={}\"", mallory.as_str()).replace("; ", ";"),
        format!("a={name}={}", mallory.as_str()),
        format!("{name} x={}", mallory.as_str()),
        format!("x{name}={}", mallory.as_str()),
        format!("{}={}", name.to_uppercase(), mallory.as_str()),
    ] {
        let answer = call(&app, "GET", "/me", &[("cookie", &smuggled)]).await;
        assert_ne!(answer.text, "anna");
        assert!(answer.status == 401 || smuggled.starts_with("a=\""), "{smuggled}");
    }

    let host = service(cookies().access_cookie_name("__Host-access")).1;
    let set = host.set_access_cookies(&access(&host, "anna"));
    let set: Vec<String> = set.into_iter().map(|cookie| cookie.to_string()).collect();
    assert!(set[0].starts_with("__Host-access="), "{set:?}");
    assert!(set[0].contains("Secure") && set[0].contains("Path=/") && !set[0].contains("Domain"));
    for weak in [
        cookies().access_cookie_name("__Host-access").cookie_secure(false),
        cookies().access_cookie_name("__Host-access").cookie_domain(Some("example.com".to_owned())),
        cookies().access_cookie_name("__Host-access").access_cookie_path("/api"),
    ] {
        assert!(weak.build().is_err());
    }
}

/// Every method but the safe ones needs the value, in whatever case somebody writes it.
#[tokio::test]
async fn methods_that_change_something() {
    let (app, jwt) = service(config().token_location([Location::Cookies]));
    let cookie = format!("{}={}", jwt.config().access_cookie_name, access(&jwt, "anna").as_str());
    for method in ["POST", "PUT", "PATCH", "DELETE", "post", "Post", "dELETE"] {
        let answer = call(&app, method, "/me", &[("cookie", &cookie)]).await;
        assert_eq!(answer.code(), "csrf_missing", "{method}");
        // A header that some frameworks take for the method changes nothing.
        let headers = [("cookie", &*cookie), ("x-http-method-override", "GET")];
        assert_eq!(call(&app, method, "/me", &headers).await.code(), "csrf_missing", "{method}");
    }
    assert_eq!(call(&app, "GET", "/me", &[("cookie", &cookie)]).await.text, "anna");
}

/// A token in one place is no token in another, and none is taken for the other kind.
#[tokio::test]
async fn tokens_in_the_wrong_place() {
    let (app, jwt) = service(config().token_location([Location::Headers]));
    let pair = jwt.create_token_pair("anna").encode().unwrap();
    let (access, refresh) = (pair.access_token.as_str(), pair.refresh_token.as_str());
    let name = &jwt.config().access_cookie_name;
    for (path, headers) in [
        (format!("/me?jwt={access}"), vec![]),
        ("/me".to_owned(), vec![("cookie", format!("{name}={access}"))]),
        ("/me".to_owned(), vec![("x-authorization", format!("Bearer {access}"))]),
        ("/me".to_owned(), vec![("proxy-authorization", format!("Bearer {access}"))]),
        ("/me".to_owned(), vec![("authorization", format!("Bearer {refresh}"))]),
        ("/fresh".to_owned(), vec![("authorization", format!("Bearer {refresh}"))]),
        ("/refresh".to_owned(), vec![("authorization", format!("Bearer {access}"))]),
        ("/rotate".to_owned(), vec![("authorization", format!("Bearer {access}"))]),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        let method = if path == "/rotate" { "POST" } else { "GET" };
        let answer = call(&app, method, &path, &headers).await;
        assert_eq!(answer.status, 401, "{path} {}", answer.text);
    }
}

/// A session begins with a login: its name comes from here, whatever the request says.
#[tokio::test]
async fn a_session_that_somebody_else_chose() {
    let (app, jwt) = service(config());
    let planted = jwt.create_token_pair("mallory").encode().unwrap();
    let header = format!("Bearer {}", planted.access_token.as_str());
    let cookie = format!("sid={}", planted.session_id().unwrap());
    let answer =
        call(&app, "POST", "/login", &[("authorization", &header), ("cookie", &cookie)]).await;
    let sid = |token: &str| {
        let token = jwt.decode(token, &Default::default()).unwrap();
        (token.session_id().unwrap().to_owned(), token.jti().unwrap().to_owned())
    };
    let first = sid(answer.json()["access_token"].as_str().unwrap());
    assert_ne!(first.0, planted.session_id().unwrap());
    let again = call(&app, "POST", "/login", &[]).await;
    let second = sid(again.json()["access_token"].as_str().unwrap());
    assert_ne!(first, second);
    for reserved in ["sid", "jti", "auth_time", "sub", "type", "fresh", "csrf", "mgr"] {
        assert!(jwt.create_token_pair("anna").claim(reserved, "chosen").encode().is_err());
    }
}

/// Whoever presents a refresh token again ends the session of everybody who holds a part of it.
#[tokio::test]
async fn a_stolen_refresh_token_is_replayed() {
    let clock = clock();
    let (app, _) = service_at(config().refresh_rotation(true), &clock);
    let login = call(&app, "POST", "/login", &[]).await.json();
    let header = |token: &serde_json::Value| format!("Bearer {}", token.as_str().unwrap());
    let stolen = header(&login["refresh_token"]);
    let thief = call(&app, "POST", "/rotate", &[("authorization", &stolen)]).await.json();
    // Longer than a lost answer is forgiven.
    clock.advance(Duration::from_secs(11));
    let owner = call(&app, "POST", "/rotate", &[("authorization", &stolen)]).await;
    assert_eq!(owner.code(), "token_revoked");
    for token in [&thief["refresh_token"], &thief["access_token"], &login["access_token"]] {
        for (method, path) in [("GET", "/me"), ("GET", "/refresh"), ("POST", "/rotate")] {
            let answer = call(&app, method, path, &[("authorization", &header(token))]).await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
}

/// A logout ends the session under every spelling of its tokens, of which there is one.
#[tokio::test]
async fn a_revoked_token_in_another_spelling() {
    for preset in [config(), config().strict_claims(false)] {
        let (app, jwt) = service(preset);
        let pair = jwt.create_token_pair("anna").encode().unwrap();
        let token = pair.access_token.as_str();
        assert_eq!(bearer(&app, "/me", token).await.text, "anna");
        let header = format!("Bearer {token}");
        assert_eq!(call(&app, "POST", "/logout", &[("authorization", &header)]).await.text, "bye");
        let refused = |answer: &Answer| assert_eq!(answer.status, 401, "{}", answer.text);
        refused(&bearer(&app, "/me", token).await);
        refused(&bearer(&app, "/refresh", pair.refresh_token.as_str()).await);
        for suffix in ["=", "==", "A", "%3D", "."] {
            refused(&bearer(&app, "/me", format!("{token}{suffix}")).await);
        }
    }
}

/// Neither what is logged nor what is answered holds a token or a claim, wherever the token came from.
#[tokio::test]
async fn tokens_in_logs_and_answers() {
    let all = [Location::Headers, Location::Cookies, Location::QueryString];
    let (app, jwt) = service(config().token_location(all));
    let token =
        jwt.create_access_token("anna@secret.example").claim("iban", "DE00").encode().unwrap();
    let stranger =
        builder(config().secret_key("another-secret-of-32-random-bytes"), &clock()).build();
    let bad = access(&stranger, "anna@secret.example");
    let expired =
        jwt.create_access_token("anna@secret.example").override_claim("exp", 1).encode().unwrap();
    let mut answers = String::new();
    let requests = async {
        for token in [&token, &bad, &expired].map(EncodedToken::as_str) {
            for suffix in ["", "x"] {
                let token = format!("{token}{suffix}");
                for (path, headers) in [
                    (format!("/fresh?jwt={token}"), vec![]),
                    ("/refresh".to_owned(), vec![("authorization", format!("Bearer {token}"))]),
                    ("/refresh".to_owned(), vec![("authorization", format!("Bearer {token} x"))]),
                    (
                        "/fresh".to_owned(),
                        vec![("cookie", format!("{}={token}", jwt.config().access_cookie_name))],
                    ),
                ] {
                    let headers: Vec<_> =
                        headers.iter().map(|(name, value)| (*name, &**value)).collect();
                    let answer = call(&app, "GET", &path, &headers).await;
                    write!(answers, "{} {:?}\n{}\n", answer.status, answer.headers, answer.text)
                        .unwrap();
                }
            }
        }
    };
    let (events, ()) = listen(requests).await;
    let logged = events.join("\n");
    assert!(logged.contains("token refused"), "the log was read: {logged}");
    let signature = token.as_str().rsplit('.').next().unwrap();
    for secret in ["anna", "secret.example", "DE00", signature, token.jti().unwrap(), "eyJ"] {
        assert!(!logged.contains(secret), "{secret} in {logged}");
        assert!(!answers.contains(secret), "{secret} in {answers}");
    }
}
