//! # Error answers
//!
//! Every refusal is JSON with a stable code and a sentence, with the right status and, where it belongs, a challenge
//! (RFC 6750):
//!
//! ```text
//! HTTP/1.1 401 Unauthorized
//! WWW-Authenticate: Bearer error="invalid_token", error_description="Token has expired"
//!
//! {"error":"token_expired","msg":"Token has expired"}
//! ```
//!
//! Clients switch on `error`. The sentences may change; the codes do not. All of them are in
//! [troubleshooting](super::troubleshooting).
//!
//! ## What a client does
//!
//! | code | the client |
//! | --- | --- |
//! | `token_expired` | refreshes, and tries again |
//! | `fresh_token_required` | asks for the password |
//! | `csrf_missing`, `csrf_mismatch` | reads the CSRF cookie again; reloads the page |
//! | `insufficient_scope`, `claims_rejected` | shows that this is not allowed |
//! | `store_unavailable` | waits for `Retry-After`, and tries again |
//! | every other 401 | goes to the login |
//!
//! ## Answers of your own
//!
//! [`on_error`](JwtManagerBuilder::on_error) is called for every refusal, wherever it comes from: an extractor, a layer, a `?` in
//! a handler. [`Error::default_response`] is what it replaces.
//!
#![doc = example!("loaders")]
//!
//! The headers of [`RequestHead`] hold credentials, and so may its URI. Do not log them.
//!
//! ## An error type of your own
//!
//! An application with one error type for all its handlers takes this crate's in, and lets it answer:
//!
//! ```
//! use axum::{http::StatusCode, response::{IntoResponse, Response}};
//! use axum_jwt_extended::{AuthError, Error};
//!
//! enum AppError {
//!     Auth(Error),
//!     WrongPassword,
//! }
//!
//! impl From<Error> for AppError {
//!     fn from(error: Error) -> Self {
//!         Self::Auth(error)
//!     }
//! }
//!
//! // For `jwt.create_access_token(...).encode()?`.
//! impl From<AuthError> for AppError {
//!     fn from(error: AuthError) -> Self {
//!         Self::Auth(error.into())
//!     }
//! }
//!
//! impl IntoResponse for AppError {
//!     fn into_response(self) -> Response {
//!         match self {
//!             Self::Auth(error) => error.into_response(),
//!             Self::WrongPassword => (StatusCode::UNAUTHORIZED, "Bad username or password").into_response(),
//!         }
//!     }
//! }
//! ```
//!
//! ## In one handler
//!
//! `Result<AccessToken, Error>` as an argument hands the error to the handler, with predicates such as
//! [`is_expired`](AuthError::is_expired) and the [`kind`](AuthError::kind) to match on. Kinds may be added, so a match needs a `_` arm.
//!
//! ## As Flask-JWT-Extended answers
//!
//! `JWT_ERROR_STYLE=flask` gives its statuses and sentences, without codes. `JWT_ERROR_MESSAGE_KEY` renames `msg`.
//!
//! ## What is logged
//!
//! Each decision is a `tracing` event at debug level with its reason; 5xx are errors, the reuse of a refresh token is a warning.
//! No event holds a token, a claim or a user.
//!
//! Next: [keys](super::keys).

use crate::*;
