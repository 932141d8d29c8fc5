//! JWT authentication for axum: what Flask developers have in Flask-JWT-Extended, natively.
//!
//! Access and refresh tokens, fresh tokens for what needs a recent login, tokens in headers, cookies
//! (with CSRF protection) and query strings, custom claims, user loading, revocation, and an answer
//! with a stable code for whatever goes wrong.
//!
//! ```
//! use axum::{Json, Router, extract::State, routing::{get, post}};
//! use axum_jwt_extended::{AccessToken, Config, Error, FreshToken, JwtManager, RefreshToken, TokenPair};
//!
//! # fn check_password(form: &Login) -> bool { form.password == "correct horse" }
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     name: String,
//!     password: String,
//! }
//!
//! async fn login(State(jwt): State<JwtManager>, Json(form): Json<Login>) -> Result<Json<Option<TokenPair>>, Error> {
//!     if !check_password(&form) {
//!         return Ok(Json(None));
//!     }
//!     Ok(Json(Some(jwt.create_token_pair(form.name).fresh(true).claim("role", "admin").encode()?)))
//! }
//!
//! async fn profile(token: AccessToken) -> String {
//!     format!("Hello {}", token.identity())
//! }
//!
//! async fn change_password(_: FreshToken) {}
//!
//! async fn refresh(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<String, Error> {
//!     Ok(jwt.refresh_access_token(&token).encode()?.into())
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

mod body;
mod cookies;
mod error;
mod extract;
mod layer;
mod manager;
#[cfg(doctest)]
mod misuse;
mod refresh;
#[cfg(feature = "test-util")]
pub mod test_util;
mod user;
mod view;

pub use body::{JwtBodyLayer, JwtBodyService};
pub use cookies::JwtCookies;
pub use error::{Error, RequestHead};
pub use extract::{
    Access, AccessToken, Any, AnyToken, Fresh, FreshToken, Guard, JwtToken, Refresh, RefreshToken,
};
pub use jwt_extended::store;
pub use jwt_extended::{
    Algorithm, Algorithms, AuthError, BoxError, Clock, Config, ConfigBuilder, ConfigError,
    CookieOptions, CustomClaims, DecodeOptions, EncodedToken, ErrorKind, Freshness, Identity,
    KeyError, Keyring, Lifetime, Location, ManualClock, Optional, Policy, Preset, SameSite,
    SigningKey, SystemClock, Timestamp, TokenBuilder, TokenKind, TokenPair, TokenPairBuilder,
    VerifiedToken, VerifyingKey, config, cookie,
};
pub use layer::{JwtLayer, JwtService};
pub use manager::{AuthPolicy, JwtManager, JwtManagerBuilder, Main, env_config};
pub use refresh::{JwtImplicitRefreshLayer, JwtImplicitRefreshService};
pub use user::{CurrentUser, CurrentUserOf, LoadUser};

/// The README's example is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
