//! Logging out, remembered in Redis: for services of more than one process or machine.

use axum::extract::State;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AccessToken, AnyToken, Config, Error, JwtManager, TokenPair, env_config};
use jwt_extended_redis::RedisStore;
use serde_json::{Value, json};

/// The application. `subject_key` is a secret under which users' names are hashed in Redis.
pub async fn app(
    config: Config,
    redis_url: &str,
    subject_key: &str,
) -> Result<Router, Box<dyn std::error::Error>> {
    let store = RedisStore::options().subject_key(subject_key).connect(redis_url).await?;
    let jwt = JwtManager::builder(config).store(store).build();
    Ok(Router::new()
        .route("/login", post(login))
        .route("/logout", delete(logout))
        .route("/sessions", delete(log_out_everywhere))
        .route("/protected", get(protected))
        .with_state(jwt))
}

// A real application checks a password here.
async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
    Ok(Json(jwt.create_token_pair("example_user").encode()?))
}

// Ends both tokens of the login, whichever of them was sent.
async fn logout(State(jwt): State<JwtManager>, token: AnyToken) -> Result<Json<Value>, Error> {
    jwt.revoke_session(&token).await?;
    Ok(Json(json!({ "msg": "Logged out" })))
}

async fn log_out_everywhere(
    State(jwt): State<JwtManager>,
    token: AccessToken,
) -> Result<Json<Value>, Error> {
    jwt.revoke_all(token.identity()).reason("asked for it").await?;
    Ok(Json(json!({ "msg": "Logged out everywhere" })))
}

// Redis is asked before this is called. If it does not answer, the answer is 503, never "let in".
async fn protected(token: AccessToken) -> Json<Value> {
    Json(json!({ "logged_in_as": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
PAIR=$(curl -s -X POST localhost:3000/login)
ACCESS=$(echo "$PAIR" | cut -d'"' -f4)
REFRESH=$(echo "$PAIR" | cut -d'"' -f8)
curl -s localhost:3000/protected -H "Authorization: Bearer $ACCESS"           # {"logged_in_as":"example_user"}
curl -s -X DELETE localhost:3000/logout -H "Authorization: Bearer $REFRESH"   # {"msg":"Logged out"}
curl -s localhost:3000/protected -H "Authorization: Bearer $ACCESS"           # "token_revoked"
ACCESS=$(curl -s -X POST localhost:3000/login | cut -d'"' -f4)
curl -s -X DELETE localhost:3000/sessions -H "Authorization: Bearer $ACCESS"  # {"msg":"Logged out everywhere"}
curl -s localhost:3000/protected -H "Authorization: Bearer $ACCESS"           # "token_revoked"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = env_config(Config::builder())?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let subject_key = std::env::var("JWT_STORE_SUBJECT_KEY") // openssl rand -base64 32
        .map_err(
            |_| "set JWT_STORE_SUBJECT_KEY, for example to what `openssl rand -base64 32` prints",
        )?;
    let redis_url = std::env::var("REDIS_URL").unwrap_or("redis://localhost/".into());
    let app = app(config, &redis_url, &subject_key).await?;
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app).await?)
}
