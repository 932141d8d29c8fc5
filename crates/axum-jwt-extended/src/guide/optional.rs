//! # Routes for everybody that know who is logged in
//!
#![doc = example!("optional_protected_endpoints")]
//!
//! - **`None` means that there is no token.** A token that is bad, expired or revoked is refused here, too: its sender
//!   means to be logged in, and a page that silently shows the stranger's view is hard to understand.
//! - `Option<CurrentUser<User>>` works alike.
//! - For a group of routes: `jwt.required().optional()`. By hand: [`Policy::optional`], whose answer is an `Option`.
//!
//! To treat a bad token as none, say so. `Result` hands the error to you:
//!
//! ```
//! use axum_jwt_extended::{AccessToken, Error};
//!
//! async fn front_page(token: Result<AccessToken, Error>) -> String {
//!     match token {
//!         Ok(token) => format!("Hello {}", token.identity()),
//!         Err(error) if error.is_expired() => "Hello again, please log in".into(),
//!         Err(_) => "Hello stranger".into(),
//!     }
//! }
//! ```
//!
//! `OPTIONS` requests carry no credentials in browsers. Layers let them pass, and an `Option` is `None` for them.
//!
//! Next: [logging out](super::revocation).

use crate::*;
