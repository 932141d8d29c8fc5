//! Loading the user that a token is for: a handler asks for the user, and gets none that is gone.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_jwt_extended::{CurrentUser, Error, Identity, JwtManager, LoadUser, VerifiedToken};
use serde_json::{Value, json};

/// A user. Cloned for a request, so what is large goes into an `Arc`.
#[derive(Clone)]
struct User {
    id: i64,
    username: &'static str,
}

// What of a user goes into a token.
impl From<&User> for Identity {
    fn from(user: &User) -> Self {
        user.id.into()
    }
}

// How a user is found by a token. An error is answered with 503, `None` with 401 `user_not_found`.
impl LoadUser<AppState> for User {
    type Error = Infallible;

    async fn load_user(
        token: &VerifiedToken,
        state: &AppState,
    ) -> Result<Option<Self>, Infallible> {
        let Ok(id) = token.identity_as::<i64>() else { return Ok(None) };
        Ok(state.users.get(&id).cloned())
    }
}

#[derive(Clone, FromRef)]
struct AppState {
    jwt: JwtManager,
    users: Arc<HashMap<i64, User>>,
}

/// The application.
pub fn app(jwt: JwtManager) -> Router {
    let users = [User { id: 1, username: "anna" }, User { id: 2, username: "ben" }];
    let users = Arc::new(users.into_iter().map(|user| (user.id, user)).collect());
    Router::new()
        .route("/login/{id}", post(login))
        .route("/who_am_i", get(who_am_i))
        .with_state(AppState { jwt, users })
}

// A real application checks a password here. This one logs in whom it does not know, to show what
// becomes of a user who is deleted later.
async fn login(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Value>, Error> {
    let user = state.users.get(&id).cloned().unwrap_or(User { id, username: "" });
    let token = state.jwt.create_access_token(&user).encode()?;
    Ok(Json(json!({ "access_token": token })))
}

async fn who_am_i(CurrentUser(user): CurrentUser<User>) -> Json<Value> {
    Json(json!({ "id": user.id, "username": user.username }))
}

/// What to try in another terminal, and what it answers.
pub const TRY: &str = r#"
TOKEN=$(curl -s -X POST localhost:3000/login/2 | cut -d'"' -f4)
curl -s localhost:3000/who_am_i -H "Authorization: Bearer $TOKEN"  # {"id":2,"username":"ben"}
TOKEN=$(curl -s -X POST localhost:3000/login/3 | cut -d'"' -f4)
curl -s localhost:3000/who_am_i -H "Authorization: Bearer $TOKEN"  # "user_not_found"
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = JwtManager::from_env()?; // JWT_SECRET_KEY=$(openssl rand -base64 48)
    let listener = tokio::net::TcpListener::bind("localhost:3000").await?;
    eprintln!("{TRY}");
    Ok(axum::serve(listener, app(jwt)).await?)
}
