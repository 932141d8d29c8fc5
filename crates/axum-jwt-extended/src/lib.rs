//! JWT authentication for axum: what Flask developers have in Flask-JWT-Extended, natively.
//!
//! Access and refresh tokens, fresh tokens for what needs a recent login, tokens in headers, cookies
//! (with CSRF protection), query strings and JSON bodies, custom claims, user loading, revocation, and
//! an answer with a stable code for whatever goes wrong.
//!
//! **The [guide]** starts with a [quickstart](guide::quickstart), explains each of these, and ends with
//! [troubleshooting](guide::troubleshooting). Who comes [from Flask-JWT-Extended](guide::from_flask) finds every
//! name there beside the one here, and all [options](guide::options) in one table.
//!
//! ```
//! use axum::{Json, Router, extract::State, http::StatusCode, routing::{get, post}};
//! use axum_jwt_extended::{AccessToken, Config, Error, FreshToken, JwtManager, RefreshToken, TokenPair};
//! # struct User { id: i64, role: &'static str }
//! # fn check_password(form: &Login) -> Option<User> { None }
//!
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     name: String,
//!     password: String,
//! }
//!
//! async fn login(State(jwt): State<JwtManager>, Json(form): Json<Login>) -> Result<Json<TokenPair>, StatusCode> {
//!     let user = check_password(&form).ok_or(StatusCode::UNAUTHORIZED)?;
//!     let pair = jwt.create_token_pair(user.id).fresh(true).claim("role", user.role).encode();
//!     pair.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
//! }
//!
//! async fn profile(token: AccessToken) -> String {
//!     format!("Hello {}", token.identity())
//! }
//!
//! async fn change_password(_: FreshToken) {}
//!
//! async fn refresh(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<Json<serde_json::Value>, Error> {
//!     let token = jwt.refresh_access_token(&token).encode()?;
//!     Ok(Json(serde_json::json!({ "access_token": token })))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // From the environment, `JwtManager::from_env()?` reads JWT_SECRET_KEY and all other options.
//! let jwt = JwtManager::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
//! let app: Router = Router::new()
//!     .route("/login", post(login))
//!     .route("/profile", get(profile))
//!     .route("/password", post(change_password))
//!     .route("/refresh", post(refresh))
//!     .with_state(jwt);
//! # Ok(())
//! # }
//! ```
//!
//! # Cookies
//!
//! With `JWT_TOKEN_LOCATION=cookies` (or `headers,cookies`), a login answers with
//! [`JwtManager::set_cookies`] and a logout with [`JwtManager::unset_cookies`]; both are parts of a
//! response. Requests that change something must send the value of the cookie `csrf_access_token` in the
//! header `X-CSRF-TOKEN`, which only a page of the same origin can read:
//!
//! ```js
//! const csrf = document.cookie.match(/(?:^|; )csrf_access_token=([^;]*)/)[1];
//! await fetch("/password", { method: "POST", headers: { "X-CSRF-TOKEN": csrf } });
//! ```
//!
//! [`JwtManager::implicit_refresh`] keeps a session alive while it is used. Tokens in JSON bodies and
//! CSRF values in forms need [`JwtManager::body_layer`] around the routes.
//!
//! # Logging out, and refresh tokens that are good once
//!
//! With a [`store`], [`JwtManager::revoke`] ends a token, [`JwtManager::revoke_session`] all of one login,
//! [`JwtManager::revoke_all`] all logins of somebody, if wanted but one. A store is asked once for each
//! request, and where it does not answer in time nobody gets in: 503 with `Retry-After`, until it is back.
//!
//! With `JWT_REFRESH_ROTATION` on, [`JwtManager::rotate`] exchanges a refresh token for a new pair. The old
//! one is answered with that same pair for `JWT_REFRESH_ROTATION_GRACE` more; if it comes later, two hold
//! it, so its session ends, and a warning is logged with the code `refresh_token_reuse`. `JWT_SESSION_LIFETIME`
//! is how long a session lasts in all, however often it is refreshed.
//!
//! ```
//! # use axum::{Json, extract::State};
//! # use axum_jwt_extended::{AccessToken, Config, Error, JwtManager, RefreshToken, TokenPair};
//! use axum_jwt_extended::store::MemoryStore;
//!
//! async fn refresh(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<Json<TokenPair>, Error> {
//!     Ok(Json(jwt.rotate(&token).encode().await?))
//! }
//!
//! async fn logout(State(jwt): State<JwtManager>, token: AccessToken) -> Result<(), Error> {
//!     jwt.revoke_session(&token).await
//! }
//!
//! async fn logout_everywhere(State(jwt): State<JwtManager>, token: AccessToken) -> Result<(), Error> {
//!     jwt.revoke_all(token.identity()).reason("asked for it").await
//! }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
//! let config = config.refresh_rotation(true).build()?;
//! let jwt = JwtManager::builder(config).store(MemoryStore::new()).build();
//! # Ok(())
//! # }
//! ```
//!
//! # Options
//!
//! Every option is a method of [`ConfigBuilder`] that tells its meaning and both its defaults, and has
//! the same name in capitals in the environment and in files; [`config::OPTIONS`] is the table of them.
//! Times are seconds (`900`) or have a unit (`15m`, `30d`).
//!
//! # Other services
//!
//! With an asymmetric `JWT_ALGORITHM`, other services check the tokens and cannot make any:
//! [`JwtManager::jwks`] is the route `/.well-known/jwks.json` for them. The command-line tool
//! `jwt-extended-cli` makes keys.
//!
//! [`JwtManager::reload_keys`] and [`JwtManager::replace_keys`] change keys while the service runs: a new one
//! signs, and tokens of the old ones stay good until those are withdrawn. Tenants can have keys of their own
//! ([`JwtManagerBuilder::decode_keys`]). Tokens of identity providers and partners have an extractor of
//! their own, [`Outside`].

mod authenticate;
mod body;
mod builder;
mod cookies;
mod error;
mod extract;
#[cfg(any(doc, doctest))]
pub mod guide;
mod hooks;
mod issuers;
mod jwks;
mod keys;
mod layer;
mod manager;
#[cfg(doctest)]
mod misuse;
mod refresh;
mod revoke;
mod rotate;
#[cfg(feature = "test-util")]
pub mod test_util;
mod user;
mod view;

pub use authenticate::AuthPolicy;
pub use body::{JwtBodyLayer, JwtBodyService};
pub use builder::{JwtManagerBuilder, env_config};
pub use cookies::JwtCookies;
pub use error::{Error, RequestHead};
pub use extract::{
    Access, AccessToken, Any, AnyToken, Fresh, FreshToken, Guard, JwtToken, Refresh, RefreshToken,
};
pub use issuers::{Outside, OutsideIssuers};
pub use jwks::Jwks;
pub use jwt_extended::outside;
pub use jwt_extended::store;
pub use jwt_extended::{
    Algorithm, Algorithms, AuthError, BoxError, Clock, Config, ConfigBuilder, ConfigError,
    CookieOptions, CustomClaims, DecodeOptions, EncodedToken, ErrorKind, Freshness, GeneratedKey,
    Identity, JwkSet, JwtEngine, KeyChoice, KeyError, Keyring, Lifetime, Location, ManualClock,
    OptionalPolicy, Policy, Preset, PublicKey, SameSite, SigningKey, SystemClock, Timestamp,
    TokenBuilder, TokenKind, TokenPair, TokenPairBuilder, UnknownAlgorithm, UnverifiedToken,
    VerifiedToken, VerifyingKey, config, cookie,
};
pub use layer::{JwtLayer, JwtService};
pub use manager::{JwtManager, Main};
pub use refresh::{JwtImplicitRefreshLayer, JwtImplicitRefreshService};
pub use revoke::{Revoke, RevokeAll};
pub use rotate::Rotate;
pub use user::{CurrentUser, CurrentUserOf, LoadUser};

/// The README's example is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
