//! Guards of one's own: an extractor for administrators, and a layer for a group of routes.

use axum::extract::{FromRef, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Json, RequestPartsExt, Router};
use axum_jwt_extended::{AccessToken, Error, JwtManager};
use serde_json::{Value, json};

/// An administrator's token: a handler that takes one is for administrators.
struct Admin(AccessToken);

impl<S> FromRequestParts<S> for Admin
where
    JwtManager: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let token = parts.extract_with_state::<AccessToken, S>(state).await?;
        token.require_any_role(["admin"])?; // 403 `insufficient_scope`
        Ok(Self(token))
    }
}

/// The application.
pub fn app(jwt: JwtManager) -> Router {
    // A path that does not exist is to stay a 404, hence `route_layer`.
    let reports = Router::new()
        .route("/reports", get(|| async { Json(json!({ "reports": [] })) }))
        .route_layer(jwt.required().scopes(["reports:read"]));
    Router::new()
        .route("/login/{role}", post(login))
        .route("/admin", get(admin))
        .merge(reports)
        .with_state(jwt)
}

// A real application checks a password here, and knows the roles of its users.
async fn login(
    State(jwt): State<JwtManager>,
    Path(role): Path<String>,
) -> Result<Json<Value>, Error> {
    let scope = if role == "auditor" { "reports:read" } else { "" };
    let token = jwt.create_access_token("example_user").claim("role", role).claim("scope", scope);
    Ok(Json(json!({ "access_token": token.encode()? })))
}

async fn admin(Admin(token): Admin) -> Json<Value> {
    Json(json!({ "administrator": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
ADMIN=$(curl -s -X POST localhost:3000/login/admin | cut -d'"' -f4)
AUDITOR=$(curl -s -X POST localhost:3000/login/auditor | cut -d'"' -f4)
curl -s localhost:3000/admin -H "Authorization: Bearer $ADMIN"      # {"administrator":"example_user"}
curl -s localhost:3000/admin -H "Authorization: Bearer $AUDITOR"    # "insufficient_scope"
curl -s localhost:3000/reports -H "Authorization: Bearer $AUDITOR"  # {"reports":[]}
curl -s localhost:3000/reports -H "Authorization: Bearer $ADMIN"    # "insufficient_scope"
curl -s localhost:3000/reports                                      # "token_missing"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::from_env()?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
