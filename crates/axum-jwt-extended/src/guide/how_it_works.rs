//! # How it works
//!
//! ## What is in a token
//!
//! A JSON Web Token (RFC 7519) is three pieces of base64url with dots between them: a header, the
//! claims, and a signature over both.
//!
//! ```
//! use axum_jwt_extended::{Config, JwtManager};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?;
//! let jwt = JwtManager::new(config);
//! let token = jwt.create_access_token("anna").claim("role", "admin").encode()?;
//! assert_eq!(token.as_str().split('.').count(), 3);
//!
//! let token = jwt.decode(token.as_str(), &Default::default())?;
//! println!("{}", token.claims_json());
//! # for name in ["sub", "iat", "nbf", "exp", "jti", "type", "fresh", "csrf", "role"] {
//! #     assert!(token.claims_json().contains(&format!("\"{name}\":")), "{name}: {}", token.claims_json());
//! # }
//! # let pair = jwt.create_token_pair("anna").encode()?;
//! # let token = jwt.decode(pair.access_token.as_str(), &Default::default())?;
//! # assert!(token.session_id().is_some() && token.auth_time().is_some());
//! # Ok(())
//! # }
//! ```
//!
//! | claim | means |
//! | --- | --- |
//! | `sub` | who it is for: the identity |
//! | `iat`, `nbf`, `exp` | made at, not before, ends at; seconds since 1970 |
//! | `jti` | the token's own name, by which it can be revoked |
//! | `type` | `access` or `refresh`; one is never taken for the other |
//! | `fresh` | whether it comes from a login: true, false, or until when |
//! | `csrf` | the value that a script has to send along, where the token is in a cookie |
//! | `sid`, `auth_time` | the session, and when it began; both tokens of a [pair](JwtManager::create_token_pair) share them |
//! | `iss`, `aud`, `mgr` | who made it, for whom, for which manager; only where configured |
//! | `role` and others | your own |
//!
//! **Signed, not encrypted.** Anybody who holds a token can read it. Nobody without the key can change it.
//!
//! ## A request's way
//!
#![doc = include_str!("request.svg")]
//!
//! Each step can end the way, with the answer on the right. The order is fixed, so that a client with
//! two faults always hears of the same one. [`VerifiedToken`] is what comes out, and there is no other way to
//! get one: not from a text, and not past a store that has not answered.
//!
//! - **Absent, malformed and refused are three answers.** Only "there is no token here" lets the next place be
//!   looked at, and only that makes an `Option<AccessToken>` a `None`.
//! - **The token does not choose how it is checked.** The key knows its algorithm; the token's `alg` only has
//!   to agree. `none` does not exist here.
//! - **The signature of a request is computed once**, however many extractors and layers look at the token. What
//!   a stricter extractor asks beyond a laxer layer is checked every time.
//! - **A store that does not answer is 503**, with `Retry-After`. It never means "let in".
//!
//! ## Who does what
//!
//! | name | is for |
//! | --- | --- |
//! | [`Config`] | all [options](super::options), checked together when the application starts |
//! | [`JwtManager`] | makes, checks and revokes tokens; part of axum's state |
//! | [`AccessToken`], [`FreshToken`], [`RefreshToken`], [`AnyToken`], [`CurrentUser`] | extractors: a handler that takes one is protected |
//! | [`JwtManager::required`] | a layer: a guard for a group of routes |
//! | [`JwtManager::authenticate`] | the same by hand, with a [`Policy`] |
//! | [`store::RevocationStore`] | remembers who has logged out |
//!
//! Next: [where tokens travel](super::locations).

use crate::*;
