//! How tokens are made, renewed and ended.
//!
//! | route | for | answers with |
//! | --- | --- | --- |
//! | `POST /login` | browsers | cookies |
//! | `POST /api/token` | other programs | both tokens as JSON |
//! | `POST /refresh` | both: a refresh token | a new access token, which is not fresh |
//! | `POST /confirm` | both: an access token and the password | a fresh access token |
//! | `POST /logout` | both | the end of the session, for all its tokens |
//! | `POST /logout-others` | both: an access token | the end of all other sessions of this person |

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use axum_jwt_extended::{
    AccessToken, AuthError, CurrentUser, CurrentUserOf, EncodedToken, JwtManager, Location, Policy,
    Refresh, RefreshToken, TokenPair, VerifiedToken,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::AppState;
use crate::refusal::{Body, Refusal};
use crate::users::{Role, User};

/// What the app itself writes into its access tokens.
#[derive(Serialize, Deserialize)]
pub struct Claims {
    /// What the user may do, as of when the token was made.
    pub role: Role,
}

#[derive(Deserialize)]
struct Login {
    login: String,
    password: String,
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/login", post(login))
        .route("/api/token", post(token))
        .route("/refresh", post(refresh))
        .route("/confirm", post(confirm))
        .route("/logout", post(logout))
        .route("/logout-others", post(logout_others))
}

async fn login(
    State(state): State<AppState>,
    Body(form): Body<Login>,
) -> Result<impl IntoResponse, Refusal> {
    let (user, pair) = log_in(&state, form).await?;
    Ok((state.jwt.set_cookies(&pair), Json(user)))
}

async fn token(
    State(state): State<AppState>,
    Body(form): Body<Login>,
) -> Result<Json<TokenPair>, Refusal> {
    let (_, pair) = log_in(&state, form).await?;
    Ok(Json(pair))
}

async fn log_in(state: &AppState, form: Login) -> Result<(User, TokenPair), Refusal> {
    let user = state.users.check_password(&form.login, form.password).await;
    let user = user.ok_or(Refusal::Login)?;
    let claims = Claims { role: user.role };
    let pair = state.jwt.create_token_pair(user.id).fresh(true).claims(claims).encode()?;
    Ok((user, pair))
}

/// The user is loaded anew, so that the new token says what they may do now.
async fn refresh(
    State(jwt): State<JwtManager>,
    token: RefreshToken,
    CurrentUserOf { user, .. }: CurrentUserOf<User, Refresh>,
) -> Result<Response, Refusal> {
    let claims = Claims { role: user.role };
    let next = jwt.refresh_access_token(&token).claims(claims).encode()?;
    Ok(hand_over(&jwt, &token, &next))
}

/// Proves again who one is, within the session that there is.
async fn confirm(
    State(state): State<AppState>,
    token: AccessToken,
    CurrentUser(user): CurrentUser<User>,
    Body(form): Body<Password>,
) -> Result<Response, Refusal> {
    let user = state.users.check_password(&user.login, form.password).await;
    let user = user.ok_or(Refusal::Login)?;
    let fresh = state.jwt.create_access_token(user.id).fresh(true);
    let fresh = fresh.claims(Claims { role: user.role }).in_session_of(&token).encode()?;
    Ok(hand_over(&state.jwt, &token, &fresh))
}

/// A token goes back the way the one before it came: a script that may not see a cookie is not to get
/// its successor as JSON either.
fn hand_over(jwt: &JwtManager, before: &VerifiedToken, next: &EncodedToken) -> Response {
    match before.location() {
        Some(Location::Cookies) => {
            (jwt.set_access_cookies(next), Json(json!({"renewed": true}))).into_response()
        }
        _ => Json(json!({"access_token": next})).into_response(),
    }
}

/// From a header either token will do; of the cookies it is the refresh token's, which is still good
/// when the access token has run out.
async fn logout(State(jwt): State<JwtManager>, parts: Parts) -> Result<Response, Refusal> {
    match jwt.authenticate(&parts, Policy::required().refresh().any_type()).await {
        Ok(token) => {
            jwt.revoke_session(&token).await?;
            Ok((jwt.unset_cookies(), Json(json!({"logged_out": true}))).into_response())
        }
        // A token that counts no more is none to keep. Where none came at all, nothing is unset:
        // another site's form comes without cookies, and must not take them away.
        Err(error) if is_dead(&error) => Ok((jwt.unset_cookies(), error).into_response()),
        Err(error) => Err(error.into()),
    }
}

/// For a phone that was lost: the session that asks is the only one to stay.
async fn logout_others(
    State(jwt): State<JwtManager>,
    token: AccessToken,
) -> Result<Json<Value>, Refusal> {
    let everywhere = jwt.revoke_all(token.identity()).keep(token.session_id());
    everywhere.by(token.identity()).reason("logged out from elsewhere").await?;
    Ok(Json(json!({"others_logged_out": true})))
}

fn is_dead(error: &AuthError) -> bool {
    error.status() == 401 && !error.is_missing()
}
