//! A login that gives out an access token, and a route that asks for one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Result;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AccessToken, Error, JwtManager};
use serde_json::{Value, json};

/// The application: its routes, and the manager as their state.
pub fn app(jwt: JwtManager) -> Router {
    Router::new().route("/login", post(login)).route("/protected", get(protected)).with_state(jwt)
}

#[derive(serde::Deserialize)]
struct Login {
    username: String,
    password: String,
}

async fn login(State(jwt): State<JwtManager>, Json(login): Json<Login>) -> Result<Json<Value>> {
    // A real application looks the user up here, and checks a hash of the password.
    if login.username != "test" || login.password != "test" {
        return Err((StatusCode::UNAUTHORIZED, "Bad username or password").into());
    }
    let token = jwt.create_access_token(login.username).encode().map_err(Error::from)?;
    Ok(Json(json!({ "access_token": token })))
}

// The extractor is the protection: without a good access token this function is not called.
async fn protected(token: AccessToken) -> Json<Value> {
    Json(json!({ "logged_in_as": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
TOKEN=$(curl -s localhost:3000/login --json '{"username":"test","password":"test"}' | cut -d'"' -f4)
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"  # {"logged_in_as":"test"}
curl -s localhost:3000/protected                                    # "token_missing"
curl -s localhost:3000/protected -H "Authorization: Bearer x.y.z"   # "token_invalid"
curl -s localhost:3000/login --json '{"username":"test","password":"?"}'  # Bad username or password
"#;

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::from_env()?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
