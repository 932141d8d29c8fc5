//! Fresh tokens: what is dangerous asks for a token that came straight from a login, not from a
//! refresh.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AccessToken, Error, FreshToken, JwtManager, RefreshToken, TokenPair};
use serde_json::{Value, json};

/// The application.
pub fn app(jwt: JwtManager) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/profile", get(profile))
        .route("/password", post(change_password))
        .with_state(jwt)
}

// A password was given just now, so the access token is fresh. `.fresh_for(Duration)` lets the
// freshness end before the token does.
async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
    Ok(Json(jwt.create_token_pair("example_user").fresh(true).encode()?))
}

// Nobody was asked for a password, so this access token is not fresh.
async fn refresh(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<Json<Value>, Error> {
    let access_token = jwt.refresh_access_token(&token).encode()?;
    Ok(Json(json!({ "access_token": access_token })))
}

async fn profile(token: AccessToken) -> Json<Value> {
    Json(json!({ "logged_in_as": token.identity() }))
}

async fn change_password(token: FreshToken) -> Json<Value> {
    Json(json!({ "changed_for": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
PAIR=$(curl -s -X POST localhost:3000/login)
FRESH=$(echo "$PAIR" | cut -d'"' -f4)
REFRESH=$(echo "$PAIR" | cut -d'"' -f8)
STALE=$(curl -s -X POST localhost:3000/refresh -H "Authorization: Bearer $REFRESH" | cut -d'"' -f4)
curl -s localhost:3000/profile -H "Authorization: Bearer $STALE"            # {"logged_in_as":"example_user"}
curl -s -X POST localhost:3000/password -H "Authorization: Bearer $STALE"   # "fresh_token_required"
curl -s -X POST localhost:3000/password -H "Authorization: Bearer $FRESH"   # {"changed_for":"example_user"}
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::from_env()?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
