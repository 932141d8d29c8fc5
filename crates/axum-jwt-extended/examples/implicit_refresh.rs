//! Implicit refresh: a session in a cookie that lives as long as it is used, and no refresh tokens.

use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::env_config;
use axum_jwt_extended::{AccessToken, Config, ConfigBuilder, Error, JwtManager, Location};
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The options: whoever is away for an hour is logged out.
pub fn config() -> ConfigBuilder {
    Config::builder().token_location([Location::Cookies]).access_token_expires(HOUR)
}

/// The application. An answer brings a new cookie where the old one has less than half an hour left.
pub fn app(jwt: JwtManager) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/protected", get(protected))
        .layer(jwt.implicit_refresh(HOUR / 2).max_session(10 * HOUR))
        .with_state(jwt)
}

// A real application checks a password here. `begin_session` starts the clock of `max_session`; a
// token that does not know when its session began is not renewed.
async fn login(State(jwt): State<JwtManager>) -> Result<impl IntoResponse, Error> {
    let token = jwt.create_access_token("example_user").fresh(true).begin_session()?.encode()?;
    Ok((jwt.set_access_cookies(&token), Json(json!({ "msg": "login successful" }))))
}

// A handler that sets or unsets the cookie has the last word. The token itself stays good until it
// expires; with a store, `jwt.revoke` ends it.
async fn logout(State(jwt): State<JwtManager>) -> impl IntoResponse {
    (jwt.unset_cookies(), Json(json!({ "msg": "logout successful" })))
}

async fn protected(token: AccessToken) -> Json<Value> {
    Json(json!({ "logged_in_as": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
curl -s -X POST localhost:3000/login -c cookies.txt                       # login successful
curl -s localhost:3000/protected -b cookies.txt                           # {"logged_in_as":"example_user"}
curl -s -X POST localhost:3000/logout -c cookies.txt                      # logout successful
curl -s localhost:3000/protected -b cookies.txt                           # "token_missing"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::new(env_config(config())?); // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
