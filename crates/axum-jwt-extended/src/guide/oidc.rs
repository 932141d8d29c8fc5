//! # Tokens of others: OpenID Connect
//!
//! Keycloak, Auth0, Entra ID, Google, or another service of yours logs the users in, and this application only checks what they
//! bring. That is another extractor: [`Outside`]. A token of another issuer is never an [`AccessToken`], and the other way round.
//!
//! The crate `jwt-extended-jwks` (`cargo add jwt-extended-jwks`) finds the issuer's keys by discovery, fetches them with the first
//! token, and keeps them up to date:
//!
#![doc = example!("oidc")]
//!
//! ## What to ask your issuer for
//!
//! | | is | if it is wrong |
//! | --- | --- | --- |
//! | issuer | the claim `iss` of its tokens, to the letter and the last slash | 401 `token_invalid` |
//! | audience | what it calls *this API* in `aud`; not the client's id | 401 `token_invalid` |
//!
//! - **Take access tokens, not ID tokens.** An ID token tells a client who has logged in; it is no permission. A separate audience for the
//!   API keeps them apart. Where the issuer makes access tokens of RFC 9068, say `.token_type("at+jwt")`, and nothing else is taken.
//! - **Some access tokens are no JWTs** but for the issuer alone to read, such as those of Google. They cannot be checked here.
//! - **Two issuers may use the same `sub` for two people.** Who somebody is, is [`issuer`](outside::OutsideToken::issuer) and
//!   [`require_subject`](outside::OutsideToken::require_subject) together. A token need not name anybody: `subject()` is an `Option`.
//! - **An issuer that is down** is 503 with `Retry-After` once the last keys are too old, never 401, and never "let in".
//! - Only HTTPS, only public keys, and no address that comes inside of a token.
//!
//! ## Both kinds in one application
//!
//! Derive `FromRef` for both. [`answers_like`](OutsideIssuers::answers_like) gives both the same error answers.
//!
//! ```
//! use axum::{Router, extract::FromRef, routing::get};
//! use axum_jwt_extended::{AccessToken, JwtManager, Outside, OutsideIssuers, outside::OutsideVerifier};
//!
//! #[derive(Clone, FromRef)]
//! struct AppState {
//!     jwt: JwtManager,
//!     issuers: OutsideIssuers,
//! }
//!
//! fn app(jwt: JwtManager, verifier: impl OutsideVerifier) -> Router {
//!     let issuers = OutsideIssuers::new(verifier).answers_like(&jwt);
//!     Router::new()
//!         .route("/profile", get(|token: AccessToken| async move { token.identity().to_owned() }))
//!         .route("/import", get(|token: Outside| async move { token.issuer().to_owned() }))
//!         .with_state(AppState { jwt, issuers })
//! }
//! ```
//!
//! ## Log in there, stay logged in here
//!
//! A web page that comes back from the provider has a token for a minute's work. Check it once, and give out cookies of your own, which can be
//! refreshed and revoked here:
//!
//! ```
//! use axum::{extract::State, response::IntoResponse};
//! use axum_jwt_extended::{Error, JwtManager, Outside};
//!
//! async fn exchange(State(jwt): State<JwtManager>, token: Outside) -> Result<impl IntoResponse, Error> {
//!     let user = format!("{} {}", token.issuer(), token.require_subject()?); // better: your user's id
//!     let pair = jwt.create_token_pair(user).fresh(true).encode()?;
//!     Ok((jwt.set_cookies(&pair), "welcome"))
//! }
//! ```
//!
//! ## Tests
//!
//! `jwt_extended_jwks::FakeIssuer` (feature `test-issuer`) is an issuer inside a test: it has keys that it rotates, tokens of any content, and
//! can be down. The test of the example above uses it.
//!
//! Next: [options](super::options).

use crate::*;
