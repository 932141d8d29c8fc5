//! What must not compile. Each case stands beside the nearest thing that does.
//!
//! The manager has to be in the state:
//!
//! ```
//! # use axum::{Router, routing::get}; use axum_jwt_extended::*;
//! fn app(jwt: JwtManager) -> Router { Router::new().route("/", get(|_: AccessToken| async {})).with_state(jwt) }
//! ```
//! ```compile_fail
//! # use axum::{Router, routing::get}; use axum_jwt_extended::*;
//! fn app(jwt: JwtManager) -> Router { Router::new().route("/", get(|_: AccessToken| async {})).with_state(()) }
//! ```
//!
//! And it has to be the right one:
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
//! A user type says how it is loaded:
//!
//! ```
//! # use axum::{Router, routing::get}; use axum_jwt_extended::*;
//! # #[derive(Clone)] struct User;
//! impl LoadUser<JwtManager> for User {
//!     type Error = std::convert::Infallible;
//!     async fn load_user(_: &VerifiedToken, _: &JwtManager) -> Result<Option<Self>, Self::Error> { Ok(None) }
//! }
//! fn app(jwt: JwtManager) -> Router { Router::new().route("/", get(|_: CurrentUser<User>| async {})).with_state(jwt) }
//! ```
//! ```compile_fail
//! # use axum::{Router, routing::get}; use axum_jwt_extended::*;
//! # #[derive(Clone)] struct User;
//! fn app(jwt: JwtManager) -> Router { Router::new().route("/", get(|_: CurrentUser<User>| async {})).with_state(jwt) }
//! ```
//!
//! Guards act before the body is taken:
//!
//! ```
//! # use axum::{Json, Router, routing::post}; use axum_jwt_extended::*;
//! fn app(jwt: JwtManager) -> Router { Router::new().route("/", post(|_: AccessToken, _: Json<()>| async {})).with_state(jwt) }
//! ```
//! ```compile_fail
//! # use axum::{Json, Router, routing::post}; use axum_jwt_extended::*;
//! fn app(jwt: JwtManager) -> Router { Router::new().route("/", post(|_: Json<()>, _: AccessToken| async {})).with_state(jwt) }
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
//! A token goes into a log only on purpose:
//!
//! ```
//! # use axum_jwt_extended::*;
//! fn show(token: &EncodedToken) -> String { format!("{}", token.as_str()) }
//! ```
//! ```compile_fail
//! # use axum_jwt_extended::*;
//! fn show(token: &EncodedToken) -> String { format!("{token}") }
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
