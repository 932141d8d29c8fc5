//! Tokens of an identity provider: Keycloak, Auth0, Entra ID, or whoever speaks OpenID Connect.

use axum::routing::get;
use axum::{Json, Router};
use axum_jwt_extended::{Error, Outside, OutsideIssuers};
use jwt_extended_jwks::{Issuer, Issuers};
use serde::Deserialize;
use serde_json::{Value, json};

/// The application. It makes no tokens, and has no key of its own.
pub fn app(issuers: Issuers) -> Router {
    Router::new()
        .route("/orders", get(orders))
        .route("/", get(front_page))
        .with_state(OutsideIssuers::new(issuers))
}

#[derive(Deserialize)]
struct Claims {
    email: Option<String>,
}

async fn orders(token: Outside<Claims>) -> Result<Json<Value>, Error> {
    token.require_scopes(["orders:read"])?; // 403 `insufficient_scope`
    Ok(Json(json!({ "orders": [], "of": token.require_subject()?, "email": token.claims.email })))
}

// `None` is a request without a token; a bad one is refused.
async fn front_page(token: Option<Outside>) -> String {
    format!("Hello {}", token.as_deref().and_then(|token| token.subject()).unwrap_or("stranger"))
}

/// What to try in another terminal, and what it answers to a token of anna's with that scope.
pub const TRY: &str = r#"
curl -s localhost:3000/                                           # Hello stranger
curl -s localhost:3000/orders                                     # "token_missing"
curl -s localhost:3000/orders -H "Authorization: Bearer x.y.z"    # "token_invalid"
curl -s localhost:3000/orders -H "Authorization: Bearer $TOKEN"   # "of":"anna"
curl -s localhost:3000/ -H "Authorization: Bearer $TOKEN"         # Hello anna
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let var = |name, what| std::env::var(name).map_err(|_| format!("set {name} to {what}"));
    let issuer = var("OIDC_ISSUER", "the `iss` of your issuer's tokens, to the letter")?;
    let audience = var("OIDC_AUDIENCE", "what your issuer calls this API in `aud`")?;
    let issuers = Issuers::new([Issuer::new(issuer, audience)])?;
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("TOKEN=<an access token of that issuer>{TRY}");
    Ok(axum::serve(listener, app(issuers)).await?)
}
