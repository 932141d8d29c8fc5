//! # Quickstart
//!
//! ```sh
//! cargo new hello-jwt && cd hello-jwt
//! cargo add axum --features macros
//! cargo add axum-jwt-extended serde_json
//! cargo add serde --features derive
//! cargo add tokio --features full
//! ```
//!
//! With a clone of the repository instead of the published crate:
//! `cargo add axum-jwt-extended --path ../jwt-extended/crates/axum-jwt-extended`.
//!
//! This is the whole `src/main.rs`:
//!
#![doc = example!("simple")]
//!
//! Give it a secret and start it:
//!
//! ```sh
//! export JWT_SECRET_KEY=$(openssl rand -base64 48)
//! cargo run
//! ```
//!
//! It prints lines for curl (7.82 or newer, for `--json`). Try them in another terminal.
//!
//! ## What happened
//!
//! 1. `POST /login` looked at a password and made an **access token** for an **identity**, here the
//!    user's name. The token is a text that says who it is for and when it ends, and it is signed with
//!    your secret. The server keeps nothing.
//! 2. `GET /protected` has the argument [`AccessToken`]. That is all its protection: the token is looked for in
//!    the header `Authorization: Bearer <token>`, checked, and only then is the function called.
//! 3. A request without a token was answered with 401 and `{"error": "token_missing", ...}`, one with
//!    nonsense with 401 and `token_invalid`. Clients switch on `error`, people read `msg`.
//!
//! ## What to know from the first day
//!
//! - **The secret is the lock.** Who has it can be anybody. Not in the source, not in the repository: in the
//!   environment (`JWT_SECRET_KEY`), or in a file that only the service can read
//!   (`JWT_SECRET_KEY_FILE`). A secret that is too short stops the start.
//! - **A token can be read by whoever holds it.** It is signed, not encrypted. No passwords, no secrets in it.
//! - **A token lives 15 minutes**, unless `JWT_ACCESS_TOKEN_EXPIRES` says otherwise. Do not make it live a
//!   month; use [refresh tokens](super::refresh).
//! - **Logging out** needs a [store](super::revocation). Without one a token is good until it ends.
//! - **The identity** is better a number or a UUID than an address: names change.
//!
//! ## Several things in the state
//!
//! Most applications have more than a manager. Derive `FromRef`, and extractors find it:
//!
//! ```
//! use axum::{Router, extract::FromRef, routing::get};
//! use axum_jwt_extended::{AccessToken, JwtManager};
//!
//! #[derive(Clone)]
//! struct Database;
//!
//! #[derive(Clone, FromRef)]
//! struct AppState {
//!     jwt: JwtManager,
//!     database: Database,
//! }
//!
//! fn app(state: AppState) -> Router {
//!     Router::new()
//!         .route("/me", get(|token: AccessToken| async move { token.identity().to_owned() }))
//!         .with_state(state)
//! }
//! ```
//!
//! This derive is behind axum's feature `macros`, which is why it was turned on above. A state in an `Arc` works
//! too: the manager is found in `Arc<AppState>`.
//!
//! ## Errors in a handler
//!
//! `jwt.create_access_token(...).encode()` can fail, for example where there is only a public key. What it
//! returns is an [`AuthError`]; what axum can answer with is this crate's [`Error`]. In a handler that returns
//! `Result<_, Error>` a `?` does the step by itself. In one that returns something else, such as
//! `axum::response::Result`, say `.map_err(Error::from)?`, as the login above does.
//!
//! Next: [how it works](super::how_it_works).

use crate::*;
