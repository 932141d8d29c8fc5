//! # Testing your application
//!
//! The feature `test-util` brings a [kit](crate::test_util): a manager with a clock that stands still and a store in memory, and
//! tokens good and bad.
//!
//! ```sh
//! cargo add --dev axum-jwt-extended --features test-util
//! cargo add --dev tower --features util
//! ```
//!
//! Write the application so that a test can hand in the manager, `fn app(jwt: JwtManager) -> Router`, and drive it without a
//! server:
//!
#![cfg_attr(feature = "test-util", doc = "```")]
#![cfg_attr(not(feature = "test-util"), doc = "```ignore")]
//! use axum::{Router, body::Body, http::{HeaderMap, Request}, routing::get};
//! use axum_jwt_extended::{AccessToken, FreshToken, JwtManager, test_util::TestKit};
//! use std::time::Duration;
//! use tower::ServiceExt as _;
//!
//! fn app(jwt: JwtManager) -> Router {
//!     Router::new()
//!         .route("/", get(|token: AccessToken| async move { token.identity().to_owned() }))
//!         .route("/fresh", get(|_: FreshToken| async {}))
//!         .with_state(jwt)
//! }
//!
//! async fn status(app: &Router, path: &str, headers: HeaderMap) -> u16 {
//!     let mut request = Request::get(path).body(Body::empty()).unwrap();
//!     *request.headers_mut() = headers;
//!     app.clone().oneshot(request).await.unwrap().status().as_u16()
//! }
//!
//! # mod tokio { pub use ::tokio::{*, main as test}; } // so that the documentation's test runs it
//! #[tokio::test]
//! async fn who_gets_in() {
//!     let kit = TestKit::new();
//!     let app = app(kit.manager().clone());
//!     let token = kit.access("anna");
//!
//!     assert_eq!(status(&app, "/", HeaderMap::new()).await, 401);
//!     assert_eq!(status(&app, "/", kit.bearer(&token)).await, 200);
//!     assert_eq!(status(&app, "/", kit.cookie(&token)).await, 200);           // with its CSRF header
//!     assert_eq!(status(&app, "/", kit.bearer(&kit.wrong_key("anna"))).await, 401);
//!     assert_eq!(status(&app, "/", kit.bearer(&kit.revoked("anna").await.unwrap())).await, 401);
//!     assert_eq!(status(&app, "/fresh", kit.bearer(&token)).await, 401);
//!     assert_eq!(status(&app, "/fresh", kit.bearer(&kit.fresh("anna"))).await, 200);
//!
//!     kit.clock().advance(Duration::from_secs(16 * 60));
//!     assert_eq!(status(&app, "/", kit.bearer(&token)).await, 401);           // it lives for 15 minutes
//! }
//! # fn main() { who_gets_in() }
//! ```
//!
//! [`TestKit::with_config`](crate::test_util::TestKit::with_config) takes the options of your application; the secret is the kit's own.
//!
//! ## A token with claims
//!
//! Make it as the application does; `kit.manager()` is a manager like any other:
//!
#![cfg_attr(feature = "test-util", doc = "```")]
#![cfg_attr(not(feature = "test-util"), doc = "```ignore")]
//! # use axum_jwt_extended::test_util::TestKit;
//! # let kit = TestKit::new();
//! let admin = kit.manager().create_access_token("anna").claim("role", "admin").encode().unwrap();
//! let headers = kit.bearer(&admin);
//! # assert_eq!(headers.len(), 1);
//! ```
//!
//! ## The clock alone
//!
//! Time is a value. Without the kit, [`clock`](JwtManagerBuilder::clock) takes a [`ManualClock`]; its clones show the same time:
//!
//! ```
//! use axum_jwt_extended::{Config, JwtManager, ManualClock, Timestamp};
//! use std::time::Duration;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?;
//! let clock = ManualClock::at(Timestamp::from_seconds(1_700_000_000.0));
//! let jwt = JwtManager::builder(config).clock(clock.clone()).build();
//! let token = jwt.create_access_token("anna").encode()?;
//!
//! clock.advance(Duration::from_secs(3600));
//! assert!(jwt.decode(token.as_str(), &Default::default()).unwrap_err().is_expired());
//! # Ok(())
//! # }
//! ```
//!
//! ## A store of your own
//!
//! `jwt_extended::store::tests::run` (feature `store-tests` of `jwt-extended`) is the suite that every store has to pass.
//!
//! Next: [deploying](super::deploying).

use crate::*;
