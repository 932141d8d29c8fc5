//! # Deploying
//!
//! ## HTTPS
//!
//! A token is a password for a quarter of an hour. Whoever reads it on the wire is the user. Speak HTTPS from the client to your
//! proxy, and where the network behind it is not yours alone, from there to the application too. Send
//! `Strict-Transport-Security`.
//!
//! Cookies are `Secure`: over plain HTTP a browser keeps them to itself. "The login works, and the next request has no token" is
//! nearly always that.
//!
//! ## Behind a proxy
//!
//! - Nothing here asks for the client's address, host or scheme, so there is no `X-Forwarded-*` to trust.
//! - The proxy must hand on `Authorization`, `Cookie` and `X-CSRF-TOKEN`. nginx drops headers with underscores in their names; ours
//!   have none.
//! - Where the application is mounted under a path, `/api` say, the path of a cookie is as the *browser* sees it:
//!   `JWT_REFRESH_COOKIE_PATH=/api/refresh`.
//! - Keep `Authorization` and `Cookie` out of access logs. With tokens in the query string, that is lost: see
//!   [where tokens travel](super::locations).
//! - Answers to a user must not be kept by shared caches. Say `Cache-Control: no-store` or `private`; a renewed cookie is only put into answers
//!   that are no cache's.
//! - An OPTIONS request (CORS preflight) has no token. Put `CorsLayer` outside of all guards.
//! - A proxy with a limit on header sizes (8 KiB is usual) limits tokens, too.
//!
//! ## Keys
//!
//! - Make a secret by `openssl rand -base64 48`, or `jwt-extended secret` of `jwt-extended-cli`. A word is no secret.
//! - One for each environment. A token of staging must not be good in production.
//! - Give it to the process as a file (`JWT_SECRET_KEY_FILE=/run/secrets/jwt`), as container platforms mount them. Environment variables
//!   are inherited by child processes, and end up in crash reports.
//! - Whoever only has to *check* tokens gets a public key: `JWT_ALGORITHM=ES256`, `JWT_PRIVATE_KEY_FILE` here, and
//!   [`JwtManager::jwks`] for the others.
//! - [Change them](super::keys#a-new-key-and-nobody-logs-in-anew) now and then, and know how before you have to.
//! - Neither keys nor tokens are written into logs by this library; their `Debug` shows nothing.
//!
//! ## Several instances
//!
//! | what | same for all |
//! | --- | --- |
//! | keys, and every option about tokens and cookies | yes |
//! | the store | yes: one Redis or PostgreSQL. A [`store::MemoryStore`] knows only its own process's logouts |
//! | `JWT_STORE_SUBJECT_KEY` of the Redis store | yes |
//! | clocks | to the second: NTP. What remains is for `JWT_DECODE_LEEWAY=5s` |
//!
//! Nothing else is kept between requests. Sticky sessions are not needed.
//!
//! ## The store
//!
//! It decides whether anybody gets in, so it has to be as reliable as the application. When it is down, requests with tokens are 503 until it is
//! back; that is meant. What to set on a server for it (persistence, eviction, rights, backups) is in the documentation of `jwt-extended-redis` and
//! `jwt-extended-sqlx`. [`store_timeout`](JwtManagerBuilder::store_timeout) bounds how long a request waits for a store of your own.
//!
//! ## At the start
//!
//! [`JwtManager::from_env`] fails where an option is wrong. Let `main` return the error, and the process ends with a sentence that says what
//! to do. What is allowed and risky is logged, so have a subscriber:
//!
//! ```no_run
//! use axum_jwt_extended::JwtManager;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // cargo add tracing-subscriber, then: tracing_subscriber::fmt().init();
//!     let jwt = JwtManager::from_env()?;
//! #   let _ = jwt;
//!     Ok(())
//! }
//! ```
//!
//! To be stricter still, refuse to start on a risk:
//!
//! ```
//! use axum_jwt_extended::{Config, JwtManager, Location, config::Severity};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").token_location([Location::Cookies]).cookie_secure(false).build()?;
//! let jwt = JwtManager::new(config);
//! let risks: Vec<_> = jwt.diagnostics().into_iter().filter(|it| it.severity == Severity::Risk).collect();
//! # assert_eq!(risks[0].code, "cookie_not_secure");
//! # Ok(())
//! # }
//! ```
//!
//! ## When something has leaked
//!
//! | leaked | do |
//! | --- | --- |
//! | one token | [`revoke_session`](JwtManager::revoke_session), or [`revoke_all`](JwtManager::revoke_all) of its user |
//! | the secret or private key | [a new one](super::keys#a-key-has-leaked), at once: all tokens are void, everybody logs in anew |
//! | the store | nobody can make a token of what is in it; addresses may be in a database's table |
//!
//! Next: [troubleshooting](super::troubleshooting).

use crate::*;
