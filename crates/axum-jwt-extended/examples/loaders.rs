//! What upstream's loaders do: answers of one's own, a check of the claims, a blocklist of one's own.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use axum_jwt_extended::{
    AccessToken, Config, Error, ErrorKind, JwtManager, RequestHead, env_config,
};
use serde_json::{Value, json};

/// The identifiers (`jti`) of the tokens that were revoked; a real application has a table of them.
type Blocklist = Arc<Mutex<HashSet<String>>>;

#[derive(Clone, FromRef)]
struct AppState {
    jwt: JwtManager,
    blocklist: Blocklist,
}

/// The application.
pub fn app(config: Config) -> Router {
    let blocklist = Blocklist::default();
    let asked = Arc::clone(&blocklist);
    let jwt = JwtManager::builder(config)
        .on_error(answer)
        .verify_claims(
            |token| async move { token.claim::<bool>("banned").map(|it| it != Some(true)) },
        )
        .blocklist(move |token| {
            let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
            let revoked = token.jti.is_some_and(|jti| asked.contains(&jti));
            async move { Ok::<_, Infallible>(revoked) }
        })
        .build();
    Router::new()
        .route("/login/{name}", post(login))
        .route("/logout", delete(logout))
        .route("/protected", get(protected))
        .with_state(AppState { jwt, blocklist })
}

// Called for every refusal. Most of them may stay as they are.
fn answer(error: &Error, request: Option<&RequestHead>) -> Response {
    match error.kind() {
        ErrorKind::TokenMissing => {
            let path = request.map_or("", |request| request.uri.path());
            (StatusCode::UNAUTHORIZED, format!("{path} is for guests who are logged in"))
                .into_response()
        }
        ErrorKind::TokenRevoked => (StatusCode::UNAUTHORIZED, "You have left").into_response(),
        _ => error.default_response(),
    }
}

// A real application checks a password here.
async fn login(
    State(jwt): State<JwtManager>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Error> {
    let banned = name == "mallory";
    let token = jwt.create_access_token(name).claim("banned", banned).encode()?;
    Ok(Json(json!({ "access_token": token })))
}

async fn logout(State(blocklist): State<Blocklist>, token: AccessToken) -> &'static str {
    let mut blocklist = blocklist.lock().unwrap_or_else(PoisonError::into_inner);
    blocklist.extend(token.jti().map(str::to_owned));
    "Goodbye"
}

async fn protected(token: AccessToken) -> Json<Value> {
    Json(json!({ "logged_in_as": token.identity() }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
curl -s localhost:3000/protected                                          # /protected is for guests who are logged in
TOKEN=$(curl -s -X POST localhost:3000/login/anna | cut -d'"' -f4)
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"        # {"logged_in_as":"anna"}
curl -s -X DELETE localhost:3000/logout -H "Authorization: Bearer $TOKEN" # Goodbye
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"        # You have left
TOKEN=$(curl -s -X POST localhost:3000/login/mallory | cut -d'"' -f4)
curl -s localhost:3000/protected -H "Authorization: Bearer $TOKEN"        # "claims_rejected"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = env_config(Config::builder())?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(config)).await?)
}
