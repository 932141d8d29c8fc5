//! What must not compile, beside the mistakes of which the guide tells (`guide::mistakes`). Each case
//! stands beside the nearest thing that does.
//!
//! The manager in the state has to be the right one:
//!
//! ```
//! # use axum::{Router, routing::get}; use axum_jwt_extended::*;
//! enum Partners {}
//! fn app(jwt: JwtManager<Partners>) -> Router { Router::new().route("/", get(|_: AccessToken<(), Partners>| async {})).with_state(jwt) }
//! ```
//! ```compile_fail
//! # use axum::{Router, routing::get}; use axum_jwt_extended::*;
//! enum Partners {}
//! fn app(jwt: JwtManager<Partners>) -> Router { Router::new().route("/", get(|_: AccessToken| async {})).with_state(jwt) }
//! ```
//!
//! An optional token is asked for before it is used:
//!
//! ```
//! # use axum_jwt_extended::*;
//! async fn who(jwt: JwtManager, parts: http::request::Parts) -> Result<String, Error> {
//!     Ok(jwt.authenticate(&parts, Policy::required()).await?.identity().to_owned())
//! }
//! ```
//! ```compile_fail
//! # use axum_jwt_extended::*;
//! async fn who(jwt: JwtManager, parts: http::request::Parts) -> Result<String, Error> {
//!     Ok(jwt.authenticate(&parts, Policy::required().optional()).await?.identity().to_owned())
//! }
//! ```
//!
//! Text is no verified token, and a token that was made is none either:
//!
//! ```
//! # use axum_jwt_extended::*;
//! async fn revoke(jwt: JwtManager, token: &VerifiedToken) -> Result<(), Error> { jwt.revoke(token).await }
//! ```
//! ```compile_fail
//! # use axum_jwt_extended::*;
//! async fn revoke(jwt: JwtManager, token: &EncodedToken) -> Result<(), Error> { jwt.revoke(token).await }
//! ```
//!
//! A token that is pending is none; the store has to answer first:
//!
//! ```
//! # use jwt_extended::*; use jwt_extended::store::RevocationStatus;
//! fn finish(pending: Pending, status: RevocationStatus) -> Result<String> { Ok(pending.answer(status)?.identity().to_owned()) }
//! ```
//! ```compile_fail
//! # use jwt_extended::*; use jwt_extended::store::RevocationStatus;
//! fn finish(pending: Pending, status: RevocationStatus) -> Result<String> { Ok(pending.identity().to_owned()) }
//! ```
//!
//! There is no algorithm `none`, and a key is made for an algorithm:
//!
//! ```
//! # use axum_jwt_extended::*;
//! fn key(secret: &[u8]) -> Result<SigningKey, KeyError> { SigningKey::hmac(Algorithm::HS256, secret) }
//! ```
//! ```compile_fail
//! # use axum_jwt_extended::*;
//! fn key(secret: &[u8]) -> Result<SigningKey, KeyError> { SigningKey::hmac(Algorithm::none, secret) }
//! ```
//!
//! Whatever verifies may be a secret, so only what is known to be public makes a set to publish:
//!
//! ```
//! # use axum_jwt_extended::*;
//! fn publish(keys: Vec<VerifyingKey>) -> JwkSet { keys.iter().filter_map(VerifyingKey::public_key).collect() }
//! ```
//! ```compile_fail
//! # use axum_jwt_extended::*;
//! fn publish(keys: Vec<VerifyingKey>) -> JwkSet { keys.into_iter().collect() }
//! ```
