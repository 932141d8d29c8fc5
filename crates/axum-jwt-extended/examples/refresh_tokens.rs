//! Refresh tokens, sent by the client itself: a short-lived access token for every request, and a
//! long-lived refresh token that is only good for getting the next access token.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AccessToken, Error, JwtManager, RefreshToken, TokenPair};
use serde_json::{Value, json};

/// The application.
pub fn app(jwt: JwtManager) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/protected", get(protected))
        .with_state(jwt)
}

// A real application checks a password here.
async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
    Ok(Json(jwt.create_token_pair("example_user").fresh(true).encode()?))
}

// Only a refresh token is good here; an access token is refused, and the other way round.
async fn refresh(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<Json<Value>, Error> {
    let access_token = jwt.refresh_access_token(&token).encode()?;
    Ok(Json(json!({ "access_token": access_token })))
}

async fn protected(token: AccessToken) -> Json<Value> {
    Json(json!({ "logged_in_as": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
PAIR=$(curl -s -X POST localhost:3000/login)
ACCESS=$(echo "$PAIR" | cut -d'"' -f4)
REFRESH=$(echo "$PAIR" | cut -d'"' -f8)
curl -s localhost:3000/protected -H "Authorization: Bearer $ACCESS"         # {"logged_in_as":"example_user"}
curl -s localhost:3000/protected -H "Authorization: Bearer $REFRESH"        # "wrong_token_type"
curl -s -X POST localhost:3000/refresh -H "Authorization: Bearer $ACCESS"   # "wrong_token_type"
ACCESS=$(curl -s -X POST localhost:3000/refresh -H "Authorization: Bearer $REFRESH" | cut -d'"' -f4)
curl -s localhost:3000/protected -H "Authorization: Bearer $ACCESS"         # {"logged_in_as":"example_user"}
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::from_env()?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
