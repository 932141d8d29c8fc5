//! # Claims of your own
//!
//! A token can carry what a handler would otherwise ask a database for: a role, a tenant, a plan.
//!
#![doc = example!("additional_claims")]
//!
//! ## What belongs in a token, and what does not
//!
//! - **Everybody who holds the token can read it.** No secrets, no more personal data than needed.
//! - **It is true until the token ends.** Who is made an ordinary user keeps the role `admin` for as long as the
//!   access token lives. Keep that short, or [load the user](super::users), or [revoke](super::revocation).
//! - **It goes with every request.** Tokens over 16 KiB are refused (`JWT_MAX_TOKEN_SIZE`), and browsers drop cookies
//!   over 4 KiB long before.
//!
//! ## Putting them in
//!
//! [`claim`](TokenBuilder::claim) adds one, [`claims`](TokenBuilder::claims) all fields of a struct or map. A name that
//! has a meaning (`sub`, `exp`, `type`, ...) is an error, not a silent change:
//!
//! ```
//! # use axum_jwt_extended::{Config, JwtManager};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let jwt = JwtManager::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
//! #[derive(serde::Serialize)]
//! struct Claims {
//!     role: &'static str,
//!     tenant: u32,
//! }
//! let token = jwt.create_access_token("anna").claims(Claims { role: "admin", tenant: 7 }).encode()?;
//!
//! let error = jwt.create_access_token("anna").claim("exp", 0).encode().unwrap_err();
//! assert_eq!(error.code(), "token_not_created");
//! # Ok(())
//! # }
//! ```
//!
//! Who means it says [`override_claim`](TokenBuilder::override_claim). [`claims_hook`](JwtManagerBuilder::claims_hook) adds
//! claims and headers to every token that the manager makes; it is not async, so what it needs has to be at hand.
//!
//! ## Reading them
//!
//! `AccessToken<Claims>` reads them into your type before the handler runs, and refuses a token that does not fit. To read
//! only sometimes, ask the token:
//!
//! ```
//! use axum_jwt_extended::{AccessToken, Error};
//!
//! async fn handler(token: AccessToken) -> Result<String, Error> {
//!     let tenant: Option<u32> = token.claim("tenant")?; // `None` where there is no such claim
//!     let all: serde_json::Value = token.claims()?;
//!     Ok(format!("{tenant:?} {all}"))
//! }
//! ```
//!
//! ## Checking them
//!
//! [`verify_claims`](JwtManagerBuilder::verify_claims) is asked about every token; `false` is answered with 403
//! `claims_rejected`. It is async, so it can ask a database; an error is answered with 503.
//!
//! ```
//! # use axum_jwt_extended::{AuthError, Config, JwtManager};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?;
//! let jwt = JwtManager::builder(config)
//!     .verify_claims(|token| async move { Ok::<_, AuthError>(token.claim::<u32>("tenant")? == Some(7)) })
//!     .build();
//! # Ok(())
//! # }
//! ```
//!
//! ## Identities
//!
//! `sub` is a text by RFC 7519. Integers and UUIDs become text on the way in, and
//! [`identity_as`](VerifiedToken::identity_as) reads them back: `token.identity_as::<i64>()?`. With a type of your own,
//! write `impl From<&User> for Identity`, and hand the user over: `jwt.create_access_token(&user)`.
//!
//! Next: [users](super::users).

use crate::*;
