//! JWT authentication for axum: what Flask developers have in Flask-JWT-Extended, natively.
//!
//! Access and refresh tokens, fresh tokens for what needs a recent login, tokens in headers, cookies
//! (with CSRF protection), query strings and JSON bodies, custom claims, user loading, revocation, and
//! an answer with a stable code for whatever goes wrong.
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
//! # Options
//!
//! Every option is a method of [`ConfigBuilder`] that tells its meaning and both its defaults, and has
//! the same name in capitals in the environment and in files; [`config::OPTIONS`] is the table of them.
//! Times are seconds (`900`) or have a unit (`15m`, `30d`).
//!
//! # Coming from Flask-JWT-Extended
//!
//! | there | here |
//! | --- | --- |
//! | `@jwt_required()` | [`AccessToken`], or [`JwtManager::required`] around a group of routes |
//! | `jwt_required(fresh=True)`, `refresh=True`, `optional=True` | [`FreshToken`], [`RefreshToken`], `Option<AccessToken>` |
//! | `verify_type=False`, `locations=`, `skip_revocation_check=True` | [`Policy`] |
//! | `verify_jwt_in_request` | [`JwtManager::authenticate`]; outside of requests [`JwtManager::authenticate_token`] |
//! | `create_access_token`, `create_refresh_token` | [`JwtManager::create_access_token`], [`JwtManager::create_refresh_token`], both at once: [`JwtManager::create_token_pair`] |
//! | `decode_token` | [`JwtManager::decode`] |
//! | `get_jwt`, `get_jwt_header`, `get_jwt_identity`, `get_jwt_request_location` | [`VerifiedToken::claims`], [`VerifiedToken::header`], [`VerifiedToken::identity`], [`VerifiedToken::location`] |
//! | `get_jti`, `get_csrf_token` | [`EncodedToken::jti`], [`EncodedToken::csrf`] |
//! | `current_user`, `user_lookup_loader` | [`CurrentUser`], [`LoadUser`] |
//! | `user_identity_loader` | `impl From<&User> for Identity` |
//! | `set_access_cookies`, `unset_jwt_cookies`, ... | [`JwtManager::set_access_cookies`], [`JwtManager::unset_cookies`], ... |
//! | `token_in_blocklist_loader` | [`JwtManagerBuilder::store`] or [`JwtManagerBuilder::blocklist`] |
//! | `token_verification_loader` | [`JwtManagerBuilder::verify_claims`] |
//! | `additional_claims_loader`, `additional_headers_loader` | [`JwtManagerBuilder::claims_hook`] |
//! | `expired_token_loader`, `invalid_token_loader` and the other loaders of answers | [`JwtManagerBuilder::on_error`], by [`ErrorKind`] |
//! | its defaults and its answers | [`Config::flask`] |
//! | `encode_key_loader`, `decode_key_loader`, `get_unverified_jwt_headers` | not yet |

mod authenticate;
mod body;
mod builder;
mod cookies;
mod error;
mod extract;
mod hooks;
mod layer;
mod manager;
#[cfg(doctest)]
mod misuse;
mod refresh;
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
pub use jwt_extended::store;
pub use jwt_extended::{
    Algorithm, Algorithms, AuthError, BoxError, Clock, Config, ConfigBuilder, ConfigError,
    CookieOptions, CustomClaims, DecodeOptions, EncodedToken, ErrorKind, Freshness, Identity,
    JwtEngine, KeyError, Keyring, Lifetime, Location, ManualClock, OptionalPolicy, Policy, Preset,
    SameSite, SigningKey, SystemClock, Timestamp, TokenBuilder, TokenKind, TokenPair,
    TokenPairBuilder, UnknownAlgorithm, VerifiedToken, VerifyingKey, config, cookie,
};
pub use layer::{JwtLayer, JwtService};
pub use manager::{JwtManager, Main};
pub use refresh::{JwtImplicitRefreshLayer, JwtImplicitRefreshService};
pub use user::{CurrentUser, CurrentUserOf, LoadUser};

/// The README's example is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
