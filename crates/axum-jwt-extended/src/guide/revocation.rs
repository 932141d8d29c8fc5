//! # Logging out
//!
//! A token is good until it ends, whatever the server would like. To end it sooner, somebody has to
//! remember that it was ended: a **store**. It is asked once for each request, in one round trip, and if it
//! does not answer the request is answered with 503, never let in.
//!
//! | store | for | |
//! | --- | --- | --- |
//! | [`store::MemoryStore`] | one process; forgets with it | in this crate |
//! | `SqlStore` | SQLite: one machine. PostgreSQL: several | crate `jwt-extended-sqlx` |
//! | `RedisStore` | several machines; a cluster | crate `jwt-extended-redis` |
//! | your own | | [`store::RevocationStore`], or a function: [`blocklist`](JwtManagerBuilder::blocklist) |
//!
//! ## What can be revoked
//!
//! ```
//! use axum::extract::State;
//! use axum_jwt_extended::{AccessToken, AnyToken, Error, FreshToken, JwtManager, TokenPair};
//!
//! /// This one token. What it was made from, a refresh token, is still good!
//! async fn forget(State(jwt): State<JwtManager>, token: AnyToken) -> Result<(), Error> {
//!     jwt.revoke(&token).await
//! }
//!
//! /// A logout: both tokens of the login, and whatever was refreshed from them.
//! async fn logout(State(jwt): State<JwtManager>, token: AnyToken) -> Result<(), Error> {
//!     jwt.revoke_session(&token).await
//! }
//!
//! /// "Log out of all devices".
//! async fn logout_everywhere(State(jwt): State<JwtManager>, token: AccessToken) -> Result<(), Error> {
//!     jwt.revoke_all(token.identity()).reason("asked for it").await
//! }
//!
//! /// All devices but this one: after a new password, say.
//! async fn new_password(State(jwt): State<JwtManager>, token: FreshToken) -> Result<(), Error> {
//!     jwt.revoke_all(token.identity()).keep(token.session_id()).reason("new password").await
//! }
//! ```
//!
//! - **A logout should be [`revoke_session`](JwtManager::revoke_session).** It needs tokens of a
//!   [pair](JwtManager::create_token_pair), or of a session begun with [`begin_session`](TokenBuilder::begin_session).
//! - With cookies, unset them too: `(jwt.unset_cookies(), "bye")`.
//! - [`AnyToken`] takes the access or the refresh token, so that a client can log out with whatever it has.
//! - Tokens tell their age in whole seconds. [`revoke_all`](JwtManager::revoke_all) ends what was made in the same second as well; a login
//!   right after it should hand its session to `keep`.
//! - `.by(...)` and `.reason(...)` are kept; [`revocations`](JwtManager::revocations) lists what was revoked, and [`restore`](JwtManager::restore)
//!   takes it back; of `revoke_all`, every one at once.
//! - **A revocation is remembered for as long as tokens live by today's options.** If you make [`JWT_REFRESH_TOKEN_EXPIRES`](super::options) or
//!   `JWT_ACCESS_TOKEN_EXPIRES` shorter, tokens of before live on by the old ones, and would outlive what ends them: keep the old values in the options, and
//!   hand out shorter tokens with `expires_in`, until the last old token is over. For tokens that live longer than the options say,
//!   [`revoke_all`](JwtManager::revoke_all) has [`until`](RevokeAll::until) and [`for_ever`](RevokeAll::for_ever).
//!
//! ## In SQLite or PostgreSQL
//!
//! `cargo add jwt-extended-sqlx --features sqlite`, or `postgres`, or both:
//!
#![doc = example!("blocklist_database")]
//!
//! ## In Redis
//!
//! `cargo add jwt-extended-redis`:
//!
#![doc = example!("blocklist_redis")]
//!
//! ## A blocklist of your own
//!
//! An application that has a table of revoked tokens already asks it by a function. `Ok(true)` is revoked, an error is 503:
//!
//! ```
//! # use axum_jwt_extended::{Config, JwtManager};
//! # #[derive(Clone)] struct Database;
//! # impl Database { async fn is_blocked(&self, jti: Option<String>) -> Result<bool, std::io::Error> { Ok(false) } }
//! # fn manager(config: Config, database: Database) -> JwtManager {
//! JwtManager::builder(config)
//!     .blocklist(move |token| {
//!         let database = database.clone();
//!         async move { database.is_blocked(token.jti).await }
//!     })
//!     .build()
//! # }
//! ```
//!
//! ## What it costs
//!
//! One question to the store for each request with a token. `store::CachedStore` (feature `cache`) answers most of them
//! from memory, for as long as you say that a logout may take to be known everywhere.
//! Routes that can do without say [`Policy::skip_revocation`].
//!
//! Without a store there is nothing to ask, and tokens should live all the shorter.
//!
//! Next: [roles and scopes](super::roles).

use crate::*;
