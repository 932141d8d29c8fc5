//! A route for everybody that knows who is logged in.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AccessToken, Error, JwtManager};
use serde_json::{Value, json};

/// The application.
pub fn app(jwt: JwtManager) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/optionally_protected", get(optionally_protected))
        .with_state(jwt)
}

// A real application checks a password here.
async fn login(State(jwt): State<JwtManager>) -> Result<Json<Value>, Error> {
    let token = jwt.create_access_token("example_user").encode()?;
    Ok(Json(json!({ "access_token": token })))
}

// `None` is a request without a token. One with a bad or an expired token is refused: its sender
// means to be logged in, and should hear that it is not.
async fn optionally_protected(token: Option<AccessToken>) -> Json<Value> {
    match token {
        Some(token) => Json(json!({ "logged_in_as": token.identity() })),
        None => Json(json!({ "logged_in_as": "anonymous user" })),
    }
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
curl -s localhost:3000/optionally_protected                                    # {"logged_in_as":"anonymous user"}
TOKEN=$(curl -s -X POST localhost:3000/login | cut -d'"' -f4)
curl -s localhost:3000/optionally_protected -H "Authorization: Bearer $TOKEN"  # {"logged_in_as":"example_user"}
curl -s localhost:3000/optionally_protected -H "Authorization: Bearer x.y.z"   # "token_invalid"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::from_env()?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
