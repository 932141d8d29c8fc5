//! Guards around groups of routes, and every pair of such a guard and an extractor inside it.

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

use axum::body::Body;
use axum::extract::FromRef;
use axum::routing::{MethodRouter, any, get as on_get};
use axum::{Extension, Router};
use axum_jwt_extended::store::{MemoryStore, RevocationStore};
use axum_jwt_extended::{
    AccessToken, AnyToken, AuthError, CurrentUser, ErrorKind, FreshToken, JwtLayer, JwtManager,
    LoadUser, Location, RefreshToken, VerifiedToken,
};
use common::{Answer, bearer, builder, clock, config, get, request, send};
use http::Request;

fn layers(jwt: &JwtManager) -> Vec<(&'static str, JwtLayer)> {
    vec![
        ("required", jwt.required()),
        ("optional", jwt.required().optional()),
        ("fresh", jwt.required().fresh()),
        ("refresh", jwt.required().refresh()),
        ("any_type", jwt.required().any_type()),
        ("headers", jwt.required().locations([Location::Headers])),
        ("query", jwt.required().locations([Location::QueryString, Location::Headers])),
        ("skip_revocation", jwt.required().skip_revocation()),
        ("all lax", jwt.required().any_type().skip_revocation().optional()),
        ("scope", jwt.required().scopes(["read"])),
    ]
}

fn extractors() -> Vec<(&'static str, MethodRouter<JwtManager>)> {
    vec![
        ("none", on_get(|| async {})),
        ("access", on_get(|_: AccessToken| async {})),
        ("fresh", on_get(|_: FreshToken| async {})),
        ("refresh", on_get(|_: RefreshToken| async {})),
        ("any", on_get(|_: AnyToken| async {})),
        ("optional", on_get(|_: Option<AccessToken>| async {})),
        ("optional fresh", on_get(|_: Option<FreshToken>| async {})),
    ]
}

#[tokio::test]
async fn a_lax_layer_never_lets_a_token_through_a_strict_extractor() {
    let (store, clock) = (MemoryStore::new(), clock());
    let places = [Location::Headers, Location::QueryString, Location::Cookies];
    let jwt = builder(config().token_location(places), &clock).store(store.clone()).build();
    let old = jwt.create_access_token("anna").encode().unwrap();
    clock.advance(Duration::from_secs(3600));
    let access = jwt.create_access_token("anna").claim("scope", "read").encode().unwrap();
    let fresh = jwt
        .create_access_token("anna")
        .fresh(true)
        .claim("scope", ["write", "read"])
        .encode()
        .unwrap();
    let refresh = jwt.create_refresh_token("anna").encode().unwrap();
    let [revoked, revoked_refresh] = [
        jwt.create_access_token("anna").fresh(true).claim("scope", "read").encode().unwrap(),
        jwt.create_refresh_token("anna").encode().unwrap(),
    ];
    for token in [&revoked, &revoked_refresh] {
        let token = jwt.decode(token.as_str(), &Default::default()).unwrap();
        store.revoke(&jwt.engine().revocation_of_token(&token).unwrap()).await.unwrap();
    }
    let forged = format!("{}A", &access.as_str()[..access.as_str().len() - 1]);
    let mut tokens: Vec<_> = [&old, &access, &fresh, &refresh, &revoked, &revoked_refresh]
        .map(|token| token.as_str().to_owned())
        .to_vec();
    tokens.extend([forged, "garbage".to_owned()]);
    let mut requests: Vec<(String, String)> = vec![("/".into(), String::new())];
    for token in &tokens {
        requests.push(("/".into(), format!("Bearer {token}")));
        requests.push((format!("/?jwt={token}"), String::new()));
        requests.push((format!("/?jwt={token}"), "Bearer".into()));
        requests.push((format!("/?jwt={}", access.as_str()), format!("Bearer {token}")));
    }
    let call = async |app: &Router, (path, header): &(String, String)| {
        let mut request = request("GET", path);
        if !header.is_empty() {
            request = request.header("authorization", header);
        }
        send(app, request.body(Body::empty()).unwrap()).await
    };
    let alone =
        |route: MethodRouter<JwtManager>| Router::new().route("/", route).with_state(jwt.clone());
    let (mut passed, mut refused) = (0, 0);
    for (layer_name, layer) in layers(&jwt) {
        let layer_alone = alone(on_get(|| async {}).route_layer(layer.clone()));
        for (name, extractor) in extractors() {
            let extractor_alone = alone(extractor.clone());
            let both = alone(extractor.route_layer(layer.clone()));
            for request in &requests {
                let by_layer = call(&layer_alone, request).await;
                let by_extractor = call(&extractor_alone, request).await;
                let expected = if by_layer.status == 200 { by_extractor } else { by_layer };
                let got = call(&both, request).await;
                let case = format!("{layer_name} around {name}: {request:?}");
                assert_eq!((got.status, got.code()), (expected.status, expected.code()), "{case}");
                if got.status == 200 { passed += 1 } else { refused += 1 }
            }
        }
    }
    assert!(passed >= 300 && refused >= 2000, "{passed} {refused}");
}

#[tokio::test]
async fn the_signature_of_a_request_is_checked_once() {
    let jwt = builder(config(), &clock()).build();
    let app = Router::new()
        .route(
            "/",
            any(|a: AccessToken, b: AnyToken, c: Option<FreshToken>| async move {
                (a.is_same_as(&b) && a.is_same_as(&c.unwrap())).to_string()
            }),
        )
        .route_layer(jwt.required().any_type())
        .with_state(jwt.clone());
    let token = jwt.create_access_token("anna").fresh(true).encode().unwrap();
    assert_eq!(bearer(&app, "/", token).await.text, "true");
}

#[tokio::test]
async fn layers_answer_and_never_fail() {
    let jwt = builder(config(), &clock()).build();
    let handler = || any(|| async { "inside" });
    let app =
        Router::new().route("/", handler()).route_layer(jwt.required()).with_state(jwt.clone());
    let missing = get(&app, "/").await;
    assert_eq!((missing.status.as_u16(), missing.code().as_str()), (401, "token_missing"));
    assert_eq!(get(&app, "/nowhere").await.status, 404, "a route layer leaves a 404 alone");
    let options = request("OPTIONS", "/").body(Body::empty()).unwrap();
    assert_eq!(send(&app, options).await.text, "inside", "a CORS preflight brings no token");

    // On any tower stack: another body, no axum router.
    use tower::{Layer, ServiceExt, service_fn};
    let echo = service_fn(|request: Request<Vec<u8>>| async move {
        Ok::<_, Infallible>(http::Response::new(Body::from(request.into_body())))
    });
    let token = jwt.create_access_token("anna").encode().unwrap();
    for (header, status) in [(format!("Bearer {}", token.as_str()), 200), ("Bearer x".into(), 401)]
    {
        let request =
            Request::get("/").header("authorization", header).body(vec![1, 2, 3]).unwrap();
        let response = jwt.required().layer(echo).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
    }
}

#[tokio::test]
async fn scopes_and_roles() {
    fn denied(answer: &Answer) -> bool {
        (answer.status.as_u16(), answer.code().as_str()) == (403, "insufficient_scope")
    }
    let jwt = builder(config(), &clock()).build();
    let even = |token: &VerifiedToken| -> Result<(), AuthError> {
        match token.identity_as::<u32>() {
            Ok(id) if id % 2 == 0 => Ok(()),
            _ => Err(token.refuse(ErrorKind::InsufficientScope)),
        }
    };
    let app = Router::new()
        .route("/scopes", on_get(|| async {}).route_layer(jwt.required().scopes(["read", "write"])))
        .route(
            "/roles",
            on_get(|| async {}).route_layer(jwt.required().any_role(["admin", "owner"])),
        )
        .route(
            "/both",
            on_get(|| async {}).route_layer(jwt.required().scopes(["read"]).any_role(["admin"])),
        )
        .route("/own", on_get(|| async {}).route_layer(jwt.required().check(even).optional()))
        .with_state(jwt.clone());
    let token = |id: u32, scope: serde_json::Value, roles: serde_json::Value| {
        jwt.create_access_token(id).claim("scope", scope).claim("roles", roles).encode().unwrap()
    };
    for (scope, good) in [
        ("read write".into(), true),
        (serde_json::json!(["write", "x", "read"]), true),
        ("read".into(), false),
        ("read writer".into(), false),
        ("READ WRITE".into(), false),
        ("readwrite read:all write:all".into(), false),
        (serde_json::json!([["read", "write"]]), false),
        (serde_json::json!({"read": true, "write": true}), false),
        (serde_json::json!(["read write"]), false),
        (serde_json::Value::Null, false),
    ] {
        let answer = bearer(&app, "/scopes", token(1, scope.clone(), "".into())).await;
        assert_eq!(answer.status == 200, good, "{scope}");
        assert_eq!(denied(&answer), !good);
        if !good {
            assert!(answer.header("www-authenticate").contains("error=\"insufficient_scope\""));
            assert!(answer.header("www-authenticate").ends_with("scope=\"read write\""));
        }
    }
    assert_eq!(
        bearer(&app, "/roles", token(1, "".into(), serde_json::json!(["owner"]))).await.status,
        200
    );
    assert!(denied(
        &bearer(&app, "/roles", token(1, "admin".into(), serde_json::json!(["user"]))).await
    ));
    let by_role = jwt.create_access_token(1).claim("role", "admin").encode().unwrap();
    assert_eq!(bearer(&app, "/roles", by_role).await.status, 200);
    assert!(denied(&bearer(&app, "/both", token(1, "read".into(), "user".into())).await));
    assert!(denied(&bearer(&app, "/both", token(1, "write".into(), "admin".into())).await));
    assert_eq!(bearer(&app, "/both", token(1, "read".into(), "admin".into())).await.status, 200);
    assert_eq!(bearer(&app, "/own", token(2, "".into(), "".into())).await.status, 200);
    assert!(denied(&bearer(&app, "/own", token(3, "".into(), "".into())).await));
    assert_eq!(get(&app, "/own").await.status, 200, "there is no token to ask");
}

#[derive(Clone, FromRef)]
struct AppState {
    jwt: JwtManager,
    loads: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct User(String);

impl LoadUser<AppState> for User {
    type Error = Infallible;

    async fn load_user(
        token: &VerifiedToken,
        state: &AppState,
    ) -> Result<Option<Self>, Infallible> {
        state.loads.fetch_add(1, Ordering::SeqCst);
        Ok(Some(token.identity().to_owned()).filter(|name| name != "gone").map(Self))
    }
}

#[tokio::test]
async fn a_layer_can_load_the_user_for_the_whole_group() {
    let jwt = builder(config(), &clock()).build();
    let state = AppState { jwt: jwt.clone(), loads: Arc::default() };
    let app = Router::new()
        .route(
            "/",
            any(|CurrentUser(user): CurrentUser<User>, _: CurrentUser<User>| async move { user.0 }),
        )
        .route("/without", any(|| async {}))
        .route_layer(jwt.required().load::<User, _>(state.clone()))
        .layer(Extension("unrelated"))
        .with_state(state.clone());
    let anna = jwt.create_access_token("anna").encode().unwrap();
    let gone = jwt.create_access_token("gone").encode().unwrap();
    assert_eq!(bearer(&app, "/", &anna).await.text, "anna");
    assert_eq!(state.loads.load(Ordering::SeqCst), 1, "once for a request");
    assert_eq!(bearer(&app, "/without", &gone).await.code(), "user_not_found");
}

/// An empty list, or an `optional` besides, does not open what scopes and roles guard.
#[tokio::test]
async fn what_asks_for_scopes_or_roles_lets_nobody_in_without() {
    let jwt = builder(config(), &clock()).build();
    let token = jwt.create_access_token("anna").claim("scope", "read").claim("role", "admin");
    let token = token.encode().unwrap();
    let nobody: [&str; 0] = [];
    let ok = || on_get(|| async {});
    let app = Router::new()
        .route("/scopes", ok().route_layer(jwt.required().optional().scopes(["read"])))
        .route("/roles", ok().route_layer(jwt.required().any_role(["admin"]).optional()))
        .route("/checked", ok().route_layer(jwt.required().optional().check(|_| Ok(()))))
        .route("/no-scopes", ok().route_layer(jwt.required().scopes(nobody)))
        .route("/no-roles", ok().route_layer(jwt.required().any_role(nobody)))
        .route("/nowhere", ok().route_layer(jwt.required().optional().locations([])))
        .with_state(jwt);
    for (path, without, with) in [
        ("/scopes", 401, 200),
        ("/roles", 401, 200),
        ("/checked", 200, 200),
        ("/no-scopes", 401, 403),
        ("/no-roles", 401, 403),
        ("/nowhere", 500, 500),
    ] {
        assert_eq!(get(&app, path).await.status, without, "{path}");
        assert_eq!(bearer(&app, path, &token).await.status, with, "{path}");
    }
}

/// Two users of two types: both must be there, and the second does not take the first's place.
#[tokio::test]
async fn a_layer_loads_everybody_it_is_told_to() {
    macro_rules! user {
        ($name:ident) => {
            #[derive(Clone)]
            struct $name;
            impl LoadUser<()> for $name {
                type Error = std::convert::Infallible;
                async fn load_user(
                    token: &VerifiedToken,
                    (): &(),
                ) -> Result<Option<Self>, Infallible> {
                    Ok((token.claim::<bool>(stringify!($name)).unwrap() == Some(true))
                        .then_some(Self))
                }
            }
        };
    }
    user!(Member);
    user!(Account);
    let jwt = builder(config(), &clock()).build();
    let guard = jwt.required().load::<Member, ()>(()).load::<Account, ()>(());
    let app =
        Router::new().route("/", on_get(|| async {}).route_layer(guard)).with_state(jwt.clone());
    for (member, account) in [(true, true), (true, false), (false, true)] {
        let token = jwt.create_access_token("anna").claim("Member", member);
        let token = token.claim("Account", account).encode().unwrap();
        let expected = if member && account { 200 } else { 401 };
        assert_eq!(bearer(&app, "/", &token).await.status, expected, "{member} {account}");
    }
}
