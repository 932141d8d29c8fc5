//! Logging out, remembered in SQLite (or PostgreSQL), with who revoked what, why, and a way back.

use std::time::Duration;

use axum::extract::State;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use axum_jwt_extended::store::RevokedRecord;
use axum_jwt_extended::{AccessToken, AnyToken, Config, Error, JwtManager, env_config};
use jwt_extended_sqlx::SqlStore;
use serde_json::{Value, json};

/// The application. The store makes its tables itself.
pub fn app(config: Config, store: SqlStore) -> Router {
    let jwt = JwtManager::builder(config).store(store).build();
    Router::new()
        .route("/login", post(login))
        .route("/logout", delete(logout))
        .route("/logouts", get(logouts))
        .route("/protected", get(protected))
        .with_state(jwt)
}

// A real application checks a password here.
async fn login(State(jwt): State<JwtManager>) -> Result<Json<Value>, Error> {
    let token = jwt.create_access_token("example_user").encode()?;
    Ok(Json(json!({ "access_token": token })))
}

async fn logout(State(jwt): State<JwtManager>, token: AnyToken) -> Result<Json<Value>, Error> {
    jwt.revoke(&token).by(token.identity()).reason("logout").await?;
    Ok(Json(json!({ "msg": "Logged out" })))
}

// What is revoked of one's own and has not ended. `jwt.restore` takes such a one back.
async fn logouts(State(jwt): State<JwtManager>, token: AccessToken) -> Result<Json<Value>, Error> {
    let revocations = jwt.revocations(token.identity()).await?;
    let tokens = revocations.iter().filter(|it| matches!(it.what, RevokedRecord::Token { .. }));
    let reasons: Vec<_> = tokens.map(|it| it.reason.as_deref()).collect();
    Ok(Json(json!({ "reasons": reasons })))
}

// The database is asked before this is called. If it does not answer, that is 503, never "let in".
async fn protected(token: AccessToken) -> Json<Value> {
    Json(json!({ "logged_in_as": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
TOKEN=$(curl -s -X POST localhost:3000/login | cut -d'"' -f4)
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"         # {"logged_in_as":"example_user"}
curl -s -X DELETE localhost:3000/logout -H "Authorization: Bearer $TOKEN"  # {"msg":"Logged out"}
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"         # "token_revoked"
TOKEN=$(curl -s -X POST localhost:3000/login | cut -d'"' -f4)
curl -s localhost:3000/logouts -H "Authorization: Bearer $TOKEN"           # {"reasons":["logout"]}
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = env_config(Config::builder())?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let url = std::env::var("DATABASE_URL").unwrap_or("sqlite://blocklist.db".into());
    let store = SqlStore::connect(&url).await?;
    let _purging = store.spawn_purge(Duration::from_secs(3600));
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(config, store)).await?)
}
