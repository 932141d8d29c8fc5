//! # Refresh tokens
//!
//! An access token goes with every request, so it is the one that gets stolen. It should live for
//! minutes. So that nobody has to log in every quarter of an hour, a login also gives out a
//! **refresh token**: it lives for 30 days, goes to one route alone, and is good for nothing but the
//! next access token.
//!
//! There are three ways. Choose one:
//!
//! | | clients | a stolen refresh token |
//! | --- | --- | --- |
//! | [by the client](#by-the-client) | APIs, mobile applications | is good until it ends or is revoked |
//! | [good once](#good-once-rotation) | the same, with more to lose | is noticed, and its session ends |
//! | [by cookies, without one](#by-cookies-implicit-refresh) | web pages | there is none |
//!
//! ## By the client
//!
#![doc = example!("refresh_tokens")]
//!
//! - The client waits for `token_expired` and then asks `/refresh`, once; [the script](super::locations#the-browsers-side)
//!   shows how.
//! - An access token is refused at `/refresh` and a refresh token everywhere else (`wrong_token_type`).
//! - The new access token is [not fresh](super::freshness), and belongs to the same session.
//! - Claims of your own are not copied into it, since a role may have been taken away meanwhile: add them again,
//!   or set [`claims_hook`](JwtManagerBuilder::claims_hook).
//! - With cookies, answer with `jwt.set_access_cookies(&token)`, and let `JWT_REFRESH_COOKIE_PATH=/refresh` keep the
//!   refresh token out of all other requests. `JWT_REFRESH_CSRF_COOKIE_PATH` stays `/`: the page that reads it is elsewhere.
//!
//! ## Good once: rotation
//!
//! With `JWT_REFRESH_ROTATION=true` and a [store](super::revocation), a refresh token is exchanged for a new *pair*,
//! and is used up by that. If it comes again, two hold it, and one of them has stolen it. Nobody can tell which, so the whole
//! session ends, and a warning with the code `refresh_token_reuse` is logged (RFC 9700 section 4.14.2).
//!
//! ```
//! use axum::{Json, extract::State};
//! use axum_jwt_extended::{Config, Error, JwtManager, RefreshToken, TokenPair, env_config, store::MemoryStore};
//!
//! async fn refresh(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<Json<TokenPair>, Error> {
//!     Ok(Json(jwt.rotate(&token).encode().await?))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::builder()
//!     .refresh_rotation(true)
//!     .session_lifetime(std::time::Duration::from_secs(90 * 24 * 3600));
//! # let config = config.secret_key("a-secret-of-at-least-32-random-bytes");
//! let jwt = JwtManager::builder(env_config(config)?).store(MemoryStore::new()).build();
//! # Ok(())
//! # }
//! ```
//!
//! - **An honest second click** is not a theft: for `JWT_REFRESH_ROTATION_GRACE` (10 seconds) the old token is answered
//!   with *the same* pair again. A lost answer, two tabs and an impatient user are covered by that.
//! - A client must keep the new refresh token before it throws the old one away.
//! - After a 503 the client may try again with the same token.
//! - `JWT_SESSION_LIFETIME` is how long a session lasts in all, however often it is refreshed. Without it, a session that
//!   is used every month never ends.
//! - `refresh_access_token` is refused while rotation is on; it would leave the old token good.
//! - Without a store the application does not start: somebody has to remember what is used up.
//!
//! ## By cookies: implicit refresh
//!
//! A web page needs no refresh token. A layer renews the access cookie while it is used, a little before it ends:
//!
#![doc = example!("implicit_refresh")]
//!
//! - Who is away for longer than the access token lives is logged out. Who stays, stays until `max_session`.
//! - The CSRF value stays the same, so that a page that is open keeps working.
//! - The renewed token is never fresh.
//! - **Its roles, scopes and other claims are copied**: a role that was taken away stays until the session ends. Set
//!   [`claims_hook`](JwtManagerBuilder::claims_hook), which decides them anew, or [revoke](super::revocation) the sessions of whoever loses one.
//! - A logout in a handler wins: the layer leaves cookies alone that a handler has set or unset. It renews nothing in answers that are
//!   errors, and nothing where shared caches may keep the answer.
//! - The rules in full are those of [`JwtImplicitRefreshLayer`].
//!
//! Next: [fresh tokens](super::freshness).

use crate::*;
