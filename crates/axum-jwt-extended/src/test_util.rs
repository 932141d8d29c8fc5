//! For an application's own tests (feature `test-util`): a clock to set, ready tokens good and bad,
//! and the headers that carry them.
//!
//! ```
//! use axum_jwt_extended::test_util::TestKit;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let kit = TestKit::new();
//! let app = app(kit.manager().clone());
//! assert_eq!(status(&app, kit.bearer(&kit.access("anna"))).await, 200);
//! assert_eq!(status(&app, kit.bearer(&kit.expired("anna"))).await, 401);
//! # }
//! # use axum::{Router, routing::get, body::Body};
//! # use axum_jwt_extended::{AccessToken, JwtManager};
//! # fn app(jwt: JwtManager) -> Router { Router::new().route("/", get(|_: AccessToken| async {})).with_state(jwt) }
//! # async fn status(app: &Router, headers: http::HeaderMap) -> u16 {
//! #     let mut request = http::Request::new(Body::empty());
//! #     *request.headers_mut() = headers;
//! #     tower::ServiceExt::oneshot(app.clone(), request).await.unwrap().status().as_u16()
//! # }
//! ```

#![expect(clippy::missing_panics_doc, reason = "a kit for tests; the values are fixed")]

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use jwt_extended::store::MemoryStore;
use jwt_extended::{
    Clock, Config, ConfigBuilder, DecodeOptions, EncodedToken, Identity, ManualClock, Timestamp,
    TokenKind,
};

use crate::error::Error;
use crate::manager::JwtManager;

/// A manager for tests, with a clock that stands still and a store in memory.
#[derive(Clone, Debug)]
pub struct TestKit {
    jwt: JwtManager,
    clock: ManualClock,
}

impl TestKit {
    /// A kit on the native preset with tokens in headers and cookies.
    #[expect(clippy::new_without_default, reason = "a secret by default is for tests only")]
    #[expect(clippy::expect_used, reason = "a kit for tests; the values are fixed")]
    pub fn new() -> Self {
        use jwt_extended::Location::{Cookies, Headers};
        let config = Config::builder().token_location([Headers, Cookies]);
        Self::with_config(config).expect("the kit's own configuration is good")
    }

    /// A kit on a configuration of the application's. The secret is the kit's.
    pub fn with_config(config: ConfigBuilder) -> Result<Self, jwt_extended::ConfigError> {
        let config =
            config.secret_key("the test kit's secret, which is known to all the world").build()?;
        let clock = ManualClock::at(Timestamp::from_seconds(1_700_000_000.0));
        let jwt =
            JwtManager::builder(config).clock(clock.clone()).store(MemoryStore::new()).build();
        Ok(Self { jwt, clock })
    }

    /// The manager, for the application's state.
    pub fn manager(&self) -> &JwtManager {
        &self.jwt
    }

    /// The clock.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// A good access token that is not fresh.
    pub fn access(&self, identity: impl Into<Identity>) -> EncodedToken {
        made(self.jwt.create_access_token(identity).encode())
    }

    /// A good fresh access token.
    pub fn fresh(&self, identity: impl Into<Identity>) -> EncodedToken {
        made(self.jwt.create_access_token(identity).fresh(true).encode())
    }

    /// A good refresh token.
    pub fn refresh(&self, identity: impl Into<Identity>) -> EncodedToken {
        made(self.jwt.create_refresh_token(identity).encode())
    }

    /// An access token that expired a second ago.
    pub fn expired(&self, identity: impl Into<Identity>) -> EncodedToken {
        let end = self.clock.now().as_whole_seconds() - 1;
        made(self.jwt.create_access_token(identity).fresh(true).override_claim("exp", end).encode())
    }

    /// An access token that another key has signed.
    #[expect(clippy::expect_used, reason = "a kit for tests; the values are fixed")]
    pub fn wrong_key(&self, identity: impl Into<Identity>) -> EncodedToken {
        let other =
            Config::builder().secret_key("another secret of the test kit, as long as it must be");
        let other = JwtManager::builder(other.build().expect("a good secret"));
        let other = other.clock(self.clock.clone()).build();
        made(other.create_access_token(identity).fresh(true).encode())
    }

    /// An access token that the kit's store knows as revoked.
    pub async fn revoked(&self, identity: impl Into<Identity>) -> Result<EncodedToken, Error> {
        let token = self.fresh(identity);
        let decoded = self.jwt.decode(token.as_str(), &DecodeOptions::default())?;
        self.jwt.revoke(&decoded).await?;
        Ok(token)
    }

    /// The header `Authorization: Bearer <token>`.
    pub fn bearer(&self, token: &EncodedToken) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value(&format!("Bearer {}", token.as_str())));
        headers
    }

    /// The cookie that a browser would send with an access token, and the CSRF header that a script
    /// would add.
    pub fn cookie(&self, token: &EncodedToken) -> HeaderMap {
        self.cookie_of(TokenKind::Access, token)
    }

    /// The cookie that a browser would send with a refresh token, and the CSRF header that a script
    /// would add.
    pub fn refresh_cookie(&self, token: &EncodedToken) -> HeaderMap {
        self.cookie_of(TokenKind::Refresh, token)
    }

    fn cookie_of(&self, kind: TokenKind, token: &EncodedToken) -> HeaderMap {
        let config = self.jwt.config();
        let (name, header) = match kind {
            TokenKind::Access => (&config.access_cookie_name, &config.access_csrf_header_name),
            TokenKind::Refresh => (&config.refresh_cookie_name, &config.refresh_csrf_header_name),
        };
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, value(&format!("{name}={}", token.as_str())));
        if let (Some(csrf), Ok(header)) = (token.csrf(), HeaderName::try_from(header)) {
            headers.insert(header, value(csrf));
        }
        headers
    }
}

#[expect(clippy::expect_used, reason = "a kit for tests; the engine was given all it needs")]
fn made(token: jwt_extended::Result<EncodedToken>) -> EncodedToken {
    token.expect("the kit can sign")
}

#[expect(clippy::expect_used, reason = "a kit for tests; tokens are header text")]
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("tokens are header text")
}
