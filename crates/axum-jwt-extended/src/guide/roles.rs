//! # Roles and scopes
//!
//! A **scope** is what a token allows (`reports:read`), a **role** what somebody is (`admin`). Both are claims:
//! `scope`, a text with spaces (RFC 8693) or a list; `role` or `roles`, a text or a list.
//!
#![doc = example!("custom_guards")]
//!
//! ## Three places to ask
//!
//! | where | how |
//! | --- | --- |
//! | a group of routes | `.route_layer(jwt.required().scopes(["a", "b"]))`: all of them; `.any_role(["admin", "owner"])`: one of them |
//! | a handler | `token.require_scopes(["a"])?`, `token.require_any_role(["admin"])?` |
//! | a type | an extractor of your own, as `Admin` above: what a handler takes as an argument, nobody can forget |
//!
//! What is lacking is answered with 403 `insufficient_scope`; the challenge names the scopes that would do.
//!
//! ## Any other rule
//!
//! [`JwtLayer::check`] takes a function of the token:
//!
//! ```
//! use axum_jwt_extended::{ErrorKind, JwtLayer, JwtManager};
//!
//! fn of_this_tenant(jwt: &JwtManager, tenant: u32) -> JwtLayer {
//!     jwt.required().check(move |token| match token.claim::<u32>("tenant")? {
//!         Some(its) if its == tenant => Ok(()),
//!         _ => Err(token.refuse(ErrorKind::ClaimsRejected)),
//!     })
//! }
//! ```
//!
//! [`VerifiedToken::refuse`] makes an error that answers as all others of this manager do. To put other words into it, make
//! it with [`AuthError::new`] and pass it through [`JwtManager::error`].
//!
//! ## Layer or extractor?
//!
//! A layer guards what is inside of it, and nothing else: a route that is added after `route_layer` is open. An extractor guards
//! the handler that has it, wherever it is mounted. Use extractors where the handler needs the token anyway, and a layer for a group that
//! must not be left open by mistake. Both together cost nothing: the signature is checked once.
//!
//! A role in a token is as old as the token. For what must be true now, [load the user](super::users) and look there.
//!
//! Next: [error answers](super::errors).

use crate::*;
