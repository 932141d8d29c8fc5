//! # Users
//!
//! Most handlers want the user, not the token. Say once how a user is found, and ask for it:
//!
#![doc = example!("automatic_user_loading")]
//!
//! - [`CurrentUser<User>`](CurrentUser) protects a handler as [`AccessToken`] does. `Option<CurrentUser<User>>` is `None` without a token.
//! - Nobody found is 401 `user_not_found`: the account was deleted while its token is still good. A database that
//!   fails is 503 and is logged, never "no such user".
//! - The user is loaded once for a request, however many extractors ask.
//! - `S` in `LoadUser<S>` is your state. A generic library writes `impl<S> LoadUser<S> for User where Database: FromRef<S>`.
//!
//! ## Users who may not
//!
//! Return an [`AuthError`] to refuse somebody in your own words:
//!
//! ```
//! use axum_jwt_extended::{AuthError, ErrorKind, LoadUser, VerifiedToken};
//! # #[derive(Clone)] struct User { blocked: bool }
//! # struct AppState;
//! # impl AppState { async fn find(&self, id: i64) -> Option<User> { None } }
//!
//! impl LoadUser<AppState> for User {
//!     type Error = AuthError;
//!
//!     async fn load_user(token: &VerifiedToken, state: &AppState) -> Result<Option<Self>, AuthError> {
//!         match state.find(token.identity_as()?).await {
//!             Some(user) if user.blocked => Err(AuthError::new(ErrorKind::ClaimsRejected, "This account is blocked")),
//!             found => Ok(found),
//!         }
//!     }
//! }
//! ```
//!
//! ## For a group of routes
//!
//! `jwt.required().load::<User, _>(state)` loads the user in a layer, so that a deleted user gets in nowhere, not even where a
//! handler does not ask. The handlers' [`CurrentUser`] finds it loaded.
//!
//! ```
//! # use axum::{Router, routing::get, extract::FromRef};
//! # use axum_jwt_extended::{CurrentUser, JwtManager, LoadUser, VerifiedToken};
//! # #[derive(Clone)] struct User { name: String }
//! # #[derive(Clone, FromRef)] struct AppState { jwt: JwtManager }
//! # impl LoadUser<AppState> for User {
//! #     type Error = std::convert::Infallible;
//! #     async fn load_user(_: &VerifiedToken, _: &AppState) -> Result<Option<Self>, Self::Error> { Ok(None) }
//! # }
//! fn app(state: AppState) -> Router {
//!     Router::new()
//!         .route("/me", get(|CurrentUser(user): CurrentUser<User>| async move { user.name }))
//!         .route("/news", get(|| async { "for users who exist" }))
//!         .route_layer(state.jwt.required().load::<User, _>(state.clone()))
//!         .with_state(state)
//! }
//! ```
//!
//! ## Without a database
//!
//! Where all that is needed is in the token, there is nothing to load: `AccessToken<Claims>` is the user. See
//! [claims](super::claims).
//!
//! Next: [routes for everybody](super::optional).

use crate::*;
