//! # Coming from jsonwebtoken or axum-login
//!
//! ## From jsonwebtoken
//!
//! `jsonwebtoken` makes and checks tokens, and leaves to you where they are found, what a refresh is, and how one logs out. Your
//! extractor, your `Claims` with `exp` and `iat`, your `AuthError` with its `IntoResponse`: they all go.
//!
//! | there | here |
//! | --- | --- |
//! | `encode(&Header::default(), &claims, &key)` | `jwt.create_access_token(id).claims(claims).encode()?` |
//! | `decode::<Claims>(token, &key, &validation)` | `AccessToken<Claims>` as an argument; by hand [`JwtManager::authenticate_token`] |
//! | `Claims { sub, exp, iat, ... }` | your own claims alone; the registered ones are made and checked for you |
//! | `EncodingKey`, `DecodingKey` | options (`JWT_SECRET_KEY`, `JWT_PRIVATE_KEY`, ...), or a [`Keyring`] of [`SigningKey`] and [`VerifyingKey`] |
//! | `Validation::new(Algorithm::RS256)` | `JWT_ALGORITHM`; a key knows its algorithm |
//! | `validation.set_audience`, `set_issuer`, `leeway` | `JWT_DECODE_AUDIENCE`, `JWT_DECODE_ISSUER`, `JWT_DECODE_LEEWAY` (0 here, 60 there) |
//! | `decode_header` | [`UnverifiedToken`] |
//! | `dangerous::insecure_decode` | nothing |
//! | `ErrorKind::ExpiredSignature` | [`AuthError::is_expired`] |
//!
//! **Tokens that you have given out** have no `type`, `jti` and `fresh`, and the native preset refuses them: it wants to know that
//! a token is an access token, and to be able to revoke it. While they live, let them in:
//!
//! ```
//! use axum_jwt_extended::Config;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
//! let config = config
//!     .strict_token_type(false) // what is not a refresh token counts as an access token
//!     .require_jti(false)       // only matters where there is a store
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! ## From axum-login
//!
//! `axum-login` keeps sessions in a store, and a random id in a cookie. That is a good choice for pages of one application, and if that
//! is all there is, there is no need to leave it. Tokens are for more: other services that check without asking, mobile clients, an API beside the page.
//!
//! | there | here |
//! | --- | --- |
//! | `AuthUser`, `AuthnBackend::get_user` | [`LoadUser`] |
//! | `AuthnBackend::authenticate` | your login handler; nothing here sees a password |
//! | `auth_session.login(&user)` | `(jwt.set_cookies(&pair), ...)` |
//! | `auth_session.logout()` | `jwt.revoke_session(&token).await?`, and `(jwt.unset_cookies(), ...)` |
//! | `auth_session.user` | `CurrentUser<User>`, `Option<CurrentUser<User>>` |
//! | `login_required!(Backend)` | `.route_layer(jwt.required())` |
//! | `login_required!(Backend, login_url = "/login")` | [`on_error`](JwtManagerBuilder::on_error) with a `Redirect` |
//! | `permission_required!` | `.route_layer(jwt.required().scopes([...]))` |
//! | `SessionManagerLayer` with `Expiry::OnInactivity` | [`JwtManager::implicit_refresh`] |
//! | `session_auth_hash` | `jwt.revoke_all(id)` when the password changes |
//! | the session store | a [store](super::revocation), which only knows who has logged out |
//! | data in the session | your database; a token is no place for it |
//!
//! A redirect instead of 401, for pages:
//!
//! ```
//! use axum::response::{IntoResponse, Redirect};
//! use axum_jwt_extended::{Config, JwtManager};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?;
//! let jwt = JwtManager::builder(config)
//!     .on_error(|error, _| match error.status() {
//!         401 => Redirect::to("/login").into_response(),
//!         _ => error.default_response(),
//!     })
//!     .build();
//! # Ok(())
//! # }
//! ```
//!
//! There is one thing to mind: `axum-login` relies on `SameSite` against forgeries. Here requests that change something also
//! [send a CSRF value](super::cookies).

use crate::*;
