//! A service in axum that takes tokens of outside issuers, as its clients see it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum_jwt_extended::{AccessToken, Config, Error, JwtManager, Outside, OutsideIssuers};
use common::API;
use jwt_extended_jwks::{FakeIssuer, Issuers};
use serde_json::Value;
use tower::ServiceExt as _;

#[derive(Clone, FromRef)]
struct AppState {
    jwt: JwtManager,
    issuers: OutsideIssuers,
}

#[derive(serde::Deserialize)]
struct Claims {
    email: Option<String>,
}

async fn orders(token: Outside<Claims>) -> Result<String, Error> {
    token.require_scopes(["orders:read"])?;
    Ok(token.claims.email.unwrap_or_default())
}

async fn front_page(token: Option<Outside>) -> String {
    token
        .and_then(|token| token.subject().map(str::to_owned))
        .unwrap_or_else(|| "stranger".to_owned())
}

async fn profile(token: AccessToken) -> String {
    token.identity().to_owned()
}

struct Service {
    login: FakeIssuer,
    jwt: JwtManager,
    app: Router,
}

impl Service {
    async fn start() -> Self {
        let login = FakeIssuer::start().await.unwrap();
        let issuers = Issuers::new([login.issuer(API)]).unwrap();
        let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
        let jwt = JwtManager::new(config.build().unwrap());
        let issuers = OutsideIssuers::new(issuers).answers_like(&jwt);
        let app = Router::new()
            .route("/orders", get(orders))
            .route("/", get(front_page))
            .route("/profile", get(profile))
            .with_state(AppState { jwt: jwt.clone(), issuers });
        Self { login, jwt, app }
    }

    async fn get(&self, path: &str, token: &str) -> Response {
        let request = Request::get(path);
        let request = match token {
            "" => request,
            token => request.header("Authorization", format!("Bearer {token}")),
        };
        self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn error(response: Response) -> Value {
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    body["error"].clone()
}

#[tokio::test]
async fn who_brings_a_good_token_gets_in() {
    let service = Service::start().await;
    let token = service.login.token("anna", API).claim("scope", "openid orders:read");
    let response = service.get("/orders", &token.claim("email", "a@b.example").sign()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, "a@b.example");
}

#[tokio::test]
async fn who_does_not_is_told_why() {
    let service = Service::start().await;
    let token = service.login.token("anna", API);
    let challenge = |response: &Response| {
        response.headers().get("WWW-Authenticate").map(|value| value.to_str().unwrap().to_owned())
    };

    let response = service.get("/orders", "").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(&response).as_deref(), Some("Bearer"));
    assert_eq!(error(response).await, "token_missing");

    let response = service.get("/orders", &token.clone().claim("exp", 1).sign()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(challenge(&response).unwrap().starts_with("Bearer error=\"invalid_token\""));
    assert_eq!(error(response).await, "token_expired");

    let response = service.get("/orders", &token.clone().claim("scope", "orders").sign()).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(challenge(&response).unwrap().contains("insufficient_scope"));

    let response =
        service.get("/orders", &token.clone().claim("iss", "https://x.example").sign()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(error(response).await, "token_invalid");

    // Nobody can tell anything of a token as long as no key was seen.
    let service = Service::start().await;
    service.login.set_down(true);
    let response = service.get("/orders", &service.login.token("anna", API).sign()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("Retry-After"));
    assert_eq!(challenge(&response), None);
    assert_eq!(error(response).await, "store_unavailable");
}

#[tokio::test]
async fn an_optional_token_may_be_missing_and_not_bad() {
    let service = Service::start().await;
    assert_eq!(text(service.get("/", "").await).await, "stranger");
    assert_eq!(
        text(service.get("/", &service.login.token("anna", API).sign()).await).await,
        "anna"
    );
    let bad = service.login.token("anna", "another-api").sign();
    assert_eq!(service.get("/", &bad).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn own_tokens_and_outside_ones_are_never_taken_for_each_other() {
    let service = Service::start().await;
    let own = service.jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(text(service.get("/profile", own.as_str()).await).await, "anna");
    assert_eq!(service.get("/orders", own.as_str()).await.status(), StatusCode::UNAUTHORIZED);

    let outside = service.login.token("anna", API).claim("type", "access").sign();
    assert_eq!(service.get("/profile", &outside).await.status(), StatusCode::UNAUTHORIZED);
}
