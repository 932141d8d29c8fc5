//! An axum service that shares its store with a Flask application. It takes `JWT_SECRET_KEY` and
//! `STORE_URL`, for Redis `STORE_PREFIX` and `JWT_STORE_SUBJECT_KEY` too, and prints where it listens.

use std::env;
use std::error::Error as StdError;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::store::SharedStore;
use axum_jwt_extended::{AccessToken, Error, JwtManager, RefreshToken, TokenPair, env_config};
use jwt_extended_redis::RedisStore;
use jwt_extended_sqlx::SqlStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let jwt = JwtManager::builder(env_config(axum_jwt_extended::Config::builder())?)
        .store(store().await?)
        .try_build()?;
    let app = Router::new()
        .route("/login", post(login))
        .route("/who", get(who))
        .route("/refresh", post(refresh))
        .route("/logout", post(logout))
        .route("/logout-session", post(logout_session))
        .route("/logout-everywhere", post(logout_everywhere))
        .with_state(jwt);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    #[expect(clippy::print_stdout, reason = "that is how the tests learn of it")]
    {
        println!("http://{}", listener.local_addr()?);
    }
    axum::serve(listener, app).await?;
    Ok(())
}

async fn store() -> Result<SharedStore, Box<dyn StdError>> {
    let url = env::var("STORE_URL")?;
    let prefix = env::var("STORE_PREFIX").ok();
    if url.starts_with("redis") {
        let options = RedisStore::options().subject_key(env::var("JWT_STORE_SUBJECT_KEY")?);
        let store = options.prefix(prefix.unwrap_or_else(|| "jwt".to_owned())).connect(url).await?;
        return Ok(SharedStore::new(store));
    }
    let options = SqlStore::options().table_prefix(prefix.as_deref().unwrap_or("jwt_").parse()?);
    Ok(SharedStore::new(options.connect(&url).await?))
}

async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
    Ok(Json(jwt.create_token_pair("ada").encode()?))
}

async fn who(token: AccessToken) -> Json<serde_json::Value> {
    Json(serde_json::json!({ "who": token.identity() }))
}

async fn refresh(
    State(jwt): State<JwtManager>,
    token: RefreshToken,
) -> Result<Json<TokenPair>, Error> {
    Ok(Json(jwt.rotate(&token).encode().await?))
}

async fn logout(State(jwt): State<JwtManager>, token: AccessToken) -> Result<(), Error> {
    jwt.revoke(&token).by("axum").reason("logout").await
}

async fn logout_session(State(jwt): State<JwtManager>, token: AccessToken) -> Result<(), Error> {
    jwt.revoke_session(&token).await
}

async fn logout_everywhere(State(jwt): State<JwtManager>, token: AccessToken) -> Result<(), Error> {
    jwt.revoke_all(token.identity()).keep(token.session_id()).await
}
