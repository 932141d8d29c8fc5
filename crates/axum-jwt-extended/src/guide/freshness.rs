//! # Fresh tokens
//!
//! A session may last for weeks. Who changes a password, pays, or deletes an account should still be the
//! one who logged in, and not whoever found the laptop open. Such routes ask for a **fresh** token: one
//! that was made from a password just now, not from a refresh.
//!
#![doc = example!("token_freshness")]
//!
//! - `.fresh(true)` marks the token of a login. Tokens are not fresh unless you say so, and a refreshed one never is.
//! - `.fresh_for(Duration)` makes the freshness end before the token does: "logged in within the last five minutes".
//! - [`FreshToken`] is the extractor; `jwt.required().fresh()` the layer; [`Policy::fresh`] the policy.
//!
//! ```
//! use axum_jwt_extended::{Config, JwtManager};
//! use std::time::Duration;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let jwt = JwtManager::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
//! let token = jwt.create_access_token("anna").fresh_for(Duration::from_secs(300)).encode()?;
//! # let token = jwt.decode(token.as_str(), &Default::default())?;
//! # assert!(token.is_fresh_at(jwt.now()) && !token.is_fresh_at(jwt.now() + Duration::from_secs(301)));
//! # Ok(())
//! # }
//! ```
//!
//! ## What the client does
//!
//! A token that is good and not fresh is answered with 401 and `fresh_token_required`, not with
//! `token_expired`: refreshing would not help. The client asks for the password, sends it to a route that
//! makes a fresh token, and sends the request again. The challenge in `WWW-Authenticate` is
//! `insufficient_user_authentication` (RFC 9470).
//!
//! ```
//! use axum::{Json, extract::State, http::StatusCode, response::Result};
//! use axum_jwt_extended::{AccessToken, EncodedToken, Error, JwtManager};
//! # fn password_is_right(_: &str, _: &str) -> bool { true }
//!
//! /// "Please confirm your password": a fresh access token in the session that there is.
//! async fn confirm(State(jwt): State<JwtManager>, token: AccessToken, password: String) -> Result<Json<EncodedToken>> {
//!     if !password_is_right(token.identity(), &password) {
//!         return Err(StatusCode::FORBIDDEN.into());
//!     }
//!     let fresh = jwt.create_access_token(&*token).in_session_of(&token).fresh(true);
//!     Ok(Json(fresh.encode().map_err(Error::from)?))
//! }
//! ```
//!
//! Next: [claims of your own](super::claims).

use crate::*;
