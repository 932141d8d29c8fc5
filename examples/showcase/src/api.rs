//! What tokens protect. Every route takes the token from the `Authorization` header or from cookies;
//! with cookies, whatever changes something needs the CSRF header, too.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use axum_jwt_extended::{
    AccessToken, CurrentUser, ErrorKind, FreshToken, Freshness, JwtManager, Location,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::AppState;
use crate::login::Claims;
use crate::refusal::{Body, Refusal};
use crate::users::{Role, User, Users};

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/session", get(session))
        .route("/api/me", get(me))
        .route("/api/notes", get(notes).post(add_note))
        .route("/api/display-name", put(rename))
        .route("/api/users", get(everybody))
}

/// Open to all: no token is an answer, too, but a bad one is refused.
async fn session(token: Option<AccessToken>) -> Json<Value> {
    Json(json!({"logged_in": token.is_some()}))
}

#[derive(Serialize)]
struct Me {
    user: User,
    token: TokenFacts,
}

#[derive(Serialize)]
struct TokenFacts {
    came_in: Option<&'static str>,
    fresh: bool,
    /// In seconds, for clients whose clock is wrong.
    expires_in: Option<u64>,
    claims: Map<String, Value>,
}

/// The token is checked once, though two extractors ask for it.
async fn me(
    State(jwt): State<JwtManager>,
    token: AccessToken,
    CurrentUser(user): CurrentUser<User>,
) -> Result<Json<Me>, Refusal> {
    let now = jwt.engine().now();
    let token = TokenFacts {
        came_in: token.location().map(Location::name),
        fresh: token.freshness() == Freshness::Fresh,
        expires_in: token.expires_at().map(|end| end.since(now).as_secs()),
        claims: token.claims()?,
    };
    Ok(Json(Me { user, token }))
}

async fn notes(
    State(users): State<Users>,
    CurrentUser(user): CurrentUser<User>,
) -> Json<Vec<String>> {
    Json(users.notes(user.id))
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

async fn add_note(
    State(users): State<Users>,
    CurrentUser(user): CurrentUser<User>,
    Body(note): Body<Note>,
) -> Result<(StatusCode, Json<Vec<String>>), Refusal> {
    let text = short(&note.text, 200, "A note has 1 to 200 characters")?;
    Ok((StatusCode::CREATED, Json(users.add_note(user.id, text))))
}

#[derive(Deserialize)]
struct Rename {
    display_name: String,
}

/// Needs a recent login. A token that came from a refresh is answered with `fresh_token_required`.
async fn rename(
    State(users): State<Users>,
    _: FreshToken,
    CurrentUser(user): CurrentUser<User>,
    Body(form): Body<Rename>,
) -> Result<Json<User>, Refusal> {
    let name = short(&form.display_name, 40, "A name has 1 to 40 characters")?;
    Ok(Json(users.rename(user.id, name).unwrap_or(user)))
}

/// For admins. The role stands in the token, so nobody needs to be looked up.
async fn everybody(
    State(state): State<AppState>,
    token: AccessToken<Claims>,
) -> Result<Json<Vec<User>>, Refusal> {
    if token.claims.role != Role::Admin {
        let refused = token.refuse(ErrorKind::InsufficientScope);
        return Err(state.jwt.error(refused).into());
    }
    Ok(Json(state.users.all()))
}

fn short(text: &str, most: usize, otherwise: &'static str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        return Err(Refusal::Field(otherwise));
    }
    Ok(text.to_owned())
}
