//! # Ten mistakes that the compiler catches
//!
//! What it says, what it means, and what mends it. **First of all:** where the error says
//! `the trait bound fn(...): Handler<_, _> is not satisfied`, it does not say why. Put `#[axum::debug_handler]`
//! (axum's feature `macros`) on the handler, with the state where it is not found by itself, and it will:
//! `#[axum::debug_handler(state = AppState)]`. The messages below are those.
//!
//! ## 1. The manager is not in the state
//!
//! ```compile_fail,E0277
//! # use axum::{Router, routing::get};
//! # use axum_jwt_extended::{AccessToken, JwtManager};
//! #[derive(Clone)]
//! struct AppState { jwt: JwtManager }
//!
//! async fn me(token: AccessToken) -> String { token.identity().to_owned() }
//!
//! fn app(state: AppState) -> Router { Router::new().route("/me", get(me)).with_state(state) }
//! ```
//!
//! > the trait bound `JwtManager: FromRef<AppState>` is not satisfied
//!
//! Extractors find the manager by `FromRef`. Derive it. The help that speaks of `Arc<_>` does not apply here: a state in an
//! `Arc` needs the derive just as much. Where the error names `FromRef<()>` or a router of another state than you think,
//! `.with_state(...)` is missing.
//!
//! ```
//! # use axum::{Router, extract::FromRef, routing::get};
//! # use axum_jwt_extended::{AccessToken, JwtManager};
//! #[derive(Clone, FromRef)]
//! struct AppState { jwt: JwtManager }
//! #
//! # async fn me(token: AccessToken) -> String { token.identity().to_owned() }
//! # fn app(state: AppState) -> Router { Router::new().route("/me", get(me)).with_state(state) }
//! ```
//!
//! ## 2. The token after the body
//!
//! ```compile_fail,E0277
//! # use axum::{Json, Router, routing::post};
//! # use axum_jwt_extended::{AccessToken, JwtManager};
//! async fn save(body: Json<String>, token: AccessToken) {}
//! # fn app(jwt: JwtManager) -> Router { Router::new().route("/", post(save)).with_state(jwt) }
//! ```
//!
//! > `Json<_>` consumes the request body and thus must be the last argument to the handler function
//!
//! Tokens come first. That way nobody who is not let in can make the server read a body, either.
//!
//! ```
//! # use axum::{Json, Router, routing::post};
//! # use axum_jwt_extended::{AccessToken, JwtManager};
//! async fn save(token: AccessToken, body: Json<String>) {}
//! # fn app(jwt: JwtManager) -> Router { Router::new().route("/", post(save)).with_state(jwt) }
//! ```
//!
//! ## 3. `?` to another error
//!
//! ```compile_fail,E0277
//! # use axum::{extract::State, http::StatusCode};
//! # use axum_jwt_extended::JwtManager;
//! async fn login(State(jwt): State<JwtManager>) -> Result<String, StatusCode> {
//!     let token = jwt.create_access_token("anna").encode()?;
//!     Ok(token.as_str().to_owned())
//! }
//! ```
//!
//! > `?` couldn't convert the error to `StatusCode`
//!
//! Return [`Error`], which the `?` makes of it. Where the handler has errors of its own as well, `axum::response::Result`
//! with `.map_err(Error::from)?`, or [an error type of your own](super::errors#an-error-type-of-your-own).
//!
//! ```
//! # use axum::{extract::State, http::StatusCode};
//! # use axum_jwt_extended::{Error, JwtManager};
//! async fn login(State(jwt): State<JwtManager>) -> Result<String, Error> {
//!     let token = jwt.create_access_token("anna").encode()?;
//!     Ok(token.as_str().to_owned())
//! }
//! ```
//!
//! ## 4. `AuthError` as an answer
//!
//! ```compile_fail,E0277
//! # use axum::{Json, Router, extract::State, routing::post};
//! # use axum_jwt_extended::{AuthError, JwtManager, TokenPair};
//! async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, AuthError> {
//!     Ok(Json(jwt.create_token_pair("anna").encode()?))
//! }
//! # fn app(jwt: JwtManager) -> Router { Router::new().route("/", post(login)).with_state(jwt) }
//! ```
//!
//! > the trait bound `AuthError: IntoResponse` is not satisfied
//!
//! [`AuthError`] belongs to the engine, which knows no HTTP framework. [`Error`] is the same with an answer: write
//! `Result<Json<TokenPair>, Error>`.
//!
//! ## 5. A user that nobody can load
//!
//! ```compile_fail,E0277
//! # use axum::{Router, routing::get};
//! # use axum_jwt_extended::{CurrentUser, JwtManager};
//! #[derive(Clone)]
//! struct User;
//!
//! async fn me(CurrentUser(user): CurrentUser<User>) {}
//! # fn app(jwt: JwtManager) -> Router { Router::new().route("/", get(me)).with_state(jwt) }
//! ```
//!
//! > `User` does not say how a user is loaded where the state is `JwtManager`
//!
//! Write `impl LoadUser<AppState> for User`, with the type that `with_state` gets; [users](super::users) has one. Where there is
//! such an `impl` and the message stays, it is for another state.
//!
//! ## 6. A user that cannot be cloned
//!
//! ```compile_fail,E0277
//! # use axum_jwt_extended::{JwtManager, LoadUser, VerifiedToken};
//! struct User;
//!
//! impl LoadUser<JwtManager> for User {
//! #   type Error = std::convert::Infallible;
//! #   async fn load_user(_: &VerifiedToken, _: &JwtManager) -> Result<Option<Self>, Self::Error> { Ok(None) }
//!     // ...
//! }
//! ```
//!
//! > the trait bound `User: Clone` is not satisfied
//!
//! It is kept for the request's other extractors. Derive `Clone`; for what is large, implement `LoadUser` on a
//! `struct CurrentAccount(Arc<Account>)`.
//!
//! ## 7. Claims that cannot be read
//!
//! ```compile_fail,E0277
//! # use axum::{Router, routing::get};
//! # use axum_jwt_extended::{AccessToken, JwtManager};
//! struct Claims { role: String }
//!
//! async fn me(token: AccessToken<Claims>) {}
//! # fn app(jwt: JwtManager) -> Router { Router::new().route("/", get(me)).with_state(jwt) }
//! ```
//!
//! > the trait bound `Claims: serde::Deserialize<'de>` is not satisfied
//!
//! `#[derive(serde::Deserialize)]`, and owned fields: `String`, not `&str`.
//!
//! ## 8. An optional token, taken for granted
//!
//! ```compile_fail,E0599
//! # use axum_jwt_extended::AccessToken;
//! async fn greet(token: Option<AccessToken>) -> String { token.identity().to_owned() }
//! ```
//!
//! > no method named `identity` found for enum `Option<T>`
//!
//! **Do not follow the compiler's advice to `expect`**: a request without a token would end in a panic. Take `AccessToken` where one is
//! needed; where it is not, say what strangers get.
//!
//! ```
//! # use axum_jwt_extended::AccessToken;
//! async fn greet(token: Option<AccessToken>) -> String {
//!     token.map_or("stranger".to_owned(), |token| token.identity().to_owned())
//! }
//! ```
//!
//! ## 9. An identity of your own type
//!
//! ```compile_fail,E0277
//! # use axum_jwt_extended::{EncodedToken, Error, JwtManager};
//! struct User { id: i64 }
//!
//! fn token(jwt: &JwtManager, user: &User) -> Result<EncodedToken, Error> {
//!     Ok(jwt.create_access_token(user).encode()?)
//! }
//! ```
//!
//! > the trait bound `Identity: From<&User>` is not satisfied
//!
//! `create_access_token(user.id)`, or say once which part of a user is the identity:
//!
//! ```
//! # use axum_jwt_extended::{Identity, JwtManager};
//! # struct User { id: i64 }
//! impl From<&User> for Identity {
//!     fn from(user: &User) -> Self {
//!         user.id.into()
//!     }
//! }
//! ```
//!
//! ## 10. A token in a format string, or in a call that wants a checked one
//!
//! ```compile_fail,E0277
//! # use axum_jwt_extended::EncodedToken;
//! fn show(token: &EncodedToken) -> String { format!("made {token}") }
//! ```
//!
//! > `EncodedToken` doesn't implement `std::fmt::Display`
//!
//! On purpose: a token in a log is a password in a log. Where it has to be text, [`as_str`](EncodedToken::as_str) says so; as JSON it goes
//! by itself. In the same way `jwt.revoke(&token)` takes a [`VerifiedToken`] and no [`EncodedToken`], let alone a text (E0308):
//! what is revoked has been checked before, by an extractor or [`JwtManager::decode`].
//!
//! ## And three that it warns of
//!
//! | it warns | it means |
//! | --- | --- |
//! | unused `Revoke` that must be used: nothing is revoked until this is awaited | `.await?` is missing: **nobody is logged out** |
//! | unused `JwtCookies` that must be used: cookies are set only by returning them | `(jwt.unset_cookies(), "bye")` |
//! | unused `JwtLayer` that must be used: a layer does nothing until it is part of a router | `.route_layer(jwt.required())` |
//!
//! Make such warnings errors: `#![deny(unused_must_use)]`.
//!
//! Next: [troubleshooting](super::troubleshooting), for what shows only at run time.

use crate::*;
