//! # Coming from Flask-JWT-Extended
//!
//! The words are the same, and so are the options: `JWT_SECRET_KEY`, `JWT_TOKEN_LOCATION` and all others of 4.7 have
//! [the same names and meanings](super::options) here. The [examples](https://github.com/jwt-extended/jwt-extended/tree/main/crates/axum-jwt-extended/examples)
//! have the same names, too.
//!
//! ## The same tokens on both sides
//!
//! Tokens, cookies and logouts of a Flask application are good here, and the other way round. Give both the same key and the
//! same options, and take upstream's defaults:
//!
//! ```
//! use axum_jwt_extended::{Config, JwtManager, env_config};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::flask(); // or JWT_PRESET=flask
//! # let config = config.secret_key("a-secret-of-at-least-32-random-bytes");
//! let jwt = JwtManager::new(env_config(config)?);
//! # Ok(())
//! # }
//! ```
//!
//! So a service can move one route at a time, behind a proxy. When the last Flask route is gone, leave the preset, or turn on one strictness after the
//! other. Logouts: `jwt-extended-redis` reads and writes the blocklist of upstream's documentation (`flask_blocklist`); with
//! `flask-jwt-extended-rs`, the drop-in for Flask, both sides use the same store.
//!
//! ## What is different by default
//!
//! | | there | here (native preset) |
//! | --- | --- | --- |
//! | cookies | not `Secure`, no `SameSite` | `Secure`, `SameSite=Lax` |
//! | a short secret | taken | stops the start |
//! | error answers | `{"msg": ...}`, 401, 422 and 400 | with a stable code in `error`; 401, 403 and 400 |
//! | no token at all | by place, such as "Missing Authorization Header" | `token_missing` |
//! | a failing blocklist | an exception: 500 | 503 with `Retry-After` |
//! | cookies that last (`JWT_SESSION_COOKIE=False`) | for a year | as long as their token |
//!
//! ## Functions
//!
//! | there | here |
//! | --- | --- |
//! | `JWTManager(app)`, `init_app` | [`JwtManager::from_env`] or [`JwtManager::builder`], handed to `with_state` |
//! | `add_context_processor` | nothing: hand the user to your template |
//! | `create_access_token` | [`JwtManager::create_access_token`], then `.encode()?` |
//! | `create_refresh_token` | [`JwtManager::create_refresh_token`]; both at once: [`JwtManager::create_token_pair`] |
//! | their `fresh=` | [`fresh(true)`](TokenBuilder::fresh), [`fresh_for(duration)`](TokenBuilder::fresh_for) |
//! | their `expires_delta=` | [`expires_in(duration)`](TokenBuilder::expires_in), [`never_expires()`](TokenBuilder::never_expires) |
//! | their `additional_claims=` | [`claim`](TokenBuilder::claim), [`claims`](TokenBuilder::claims); for registered names [`override_claim`](TokenBuilder::override_claim) |
//! | their `additional_headers=` | [`header`](TokenBuilder::header) |
//! | `current_user`, `get_current_user` | [`CurrentUser`] as an argument |
//! | `decode_token` | [`JwtManager::decode`] |
//! | its `csrf_value=`, `allow_expired=` | [`DecodeOptions::csrf_value`], [`DecodeOptions::allow_expired`] |
//! | `get_csrf_token` | [`EncodedToken::csrf`], [`VerifiedToken::csrf`] |
//! | `get_jti` | [`EncodedToken::jti`], [`VerifiedToken::jti`] |
//! | `get_jwt` | [`VerifiedToken::claims`], [`VerifiedToken::claim`] |
//! | `get_jwt_header` | [`VerifiedToken::header`] |
//! | `get_jwt_identity` | [`VerifiedToken::identity`], [`VerifiedToken::identity_as`] |
//! | `get_jwt_request_location` | [`VerifiedToken::location`] |
//! | `get_unverified_jwt_headers` | [`UnverifiedToken`]: what anybody may have written, to choose a key by |
//! | `set_access_cookies`, `set_refresh_cookies` | [`JwtManager::set_access_cookies`], [`JwtManager::set_refresh_cookies`], both: [`JwtManager::set_cookies`] |
//! | their `max_age=`, `domain=` | [`CookieOptions`], with [`JwtManager::set_cookies_with`] |
//! | `unset_jwt_cookies` | [`JwtManager::unset_cookies`] |
//! | `unset_access_cookies`, `unset_refresh_cookies` | [`JwtManager::unset_access_cookies`], [`JwtManager::unset_refresh_cookies`] |
//! | `@jwt_required()` | [`AccessToken`] as an argument, or [`JwtManager::required`] around routes |
//! | its `optional=True` | `Option<AccessToken>`, [`JwtLayer::optional`] |
//! | its `fresh=True`, `refresh=True` | [`FreshToken`], [`RefreshToken`]; [`JwtLayer::fresh`], [`JwtLayer::refresh`] |
//! | its `locations=` | [`JwtLayer::locations`], [`Policy::locations`] |
//! | its `verify_type=False` | [`AnyToken`], [`Policy::any_type`] |
//! | its `skip_revocation_check=True` | [`JwtLayer::skip_revocation`], [`Policy::skip_revocation`] |
//! | `verify_jwt_in_request` | [`JwtManager::authenticate`] with a [`Policy`] |
//!
//! ## Loaders
//!
//! | there | here |
//! | --- | --- |
//! | `additional_claims_loader`, `additional_headers_loader` | [`claims_hook`](JwtManagerBuilder::claims_hook) |
//! | `decode_key_loader` | [`decode_keys`](JwtManagerBuilder::decode_keys); for an identity provider [`Outside`] |
//! | `encode_key_loader` | [`encode_keys`](JwtManagerBuilder::encode_keys) |
//! | `expired_token_loader` | [`on_error`](JwtManagerBuilder::on_error), with [`ErrorKind::TokenExpired`] |
//! | `invalid_token_loader` | the same, with code `token_invalid` |
//! | `needs_fresh_token_loader` | the same, with [`ErrorKind::FreshTokenRequired`] |
//! | `revoked_token_loader` | the same, with [`ErrorKind::TokenRevoked`] |
//! | `token_verification_failed_loader` | the same, with [`ErrorKind::ClaimsRejected`] |
//! | `unauthorized_loader` | the same, with [`ErrorKind::TokenMissing`] |
//! | `user_lookup_error_loader` | the same, with [`ErrorKind::UserNotFound`] |
//! | `token_in_blocklist_loader` | [`blocklist`](JwtManagerBuilder::blocklist), or a [`store`](JwtManagerBuilder::store) |
//! | `token_verification_loader` | [`verify_claims`](JwtManagerBuilder::verify_claims) |
//! | `user_identity_loader` | `impl From<&User> for Identity`; see [`Identity`] |
//! | `user_lookup_loader` | `impl LoadUser<AppState> for User`; see [`LoadUser`] |
//!
//! ## Exceptions
//!
//! All are an [`Error`] here, with a [`kind`](AuthError::kind) to match on.
//!
//! | there | here |
//! | --- | --- |
//! | `JWTExtendedException` | [`Error`] |
//! | `NoAuthorizationError` | [`ErrorKind::TokenMissing`] |
//! | `InvalidHeaderError`, `InvalidQueryParamError` | [`ErrorKind::RequestMalformed`] |
//! | `JWTDecodeError`, and PyJWT's | those with code `token_invalid`; [`ErrorKind::TokenExpired`] |
//! | `CSRFError` | [`ErrorKind::CsrfMissing`], [`ErrorKind::CsrfMismatch`] |
//! | `WrongTokenError` | [`ErrorKind::WrongTokenType`] |
//! | `RevokedTokenError` | [`ErrorKind::TokenRevoked`] |
//! | `FreshTokenRequired` | [`ErrorKind::FreshTokenRequired`] |
//! | `UserLookupError` | [`ErrorKind::UserNotFound`] |
//! | `UserClaimsVerificationError` | [`ErrorKind::ClaimsRejected`] |
//!
//! ## Habits to change
//!
//! - There is no "current request": what a handler needs are its arguments. Nothing can be read from a token that was not checked.
//! - `PROPAGATE_EXCEPTIONS` is no matter here; errors are values.
//! - `JWT_JSON_KEY` works as before, and bodies are read by [`JwtManager::body_layer`].
//! - A logout that revokes one token leaves the other of the login good, there as here.
//!   [`revoke_session`](JwtManager::revoke_session) ends both.

use crate::*;
