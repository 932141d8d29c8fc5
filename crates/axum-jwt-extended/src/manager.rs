//! The manager: an engine with a store and the application's hooks.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum_core::extract::FromRef;
use jwt_extended::config::{Diagnostic, Severity};
use jwt_extended::{
    Config, ConfigError, CookieOptions, EncodedToken, ErrorContext, Identity, JwtEngine, Timestamp,
    TokenBuilder, TokenKind, TokenPair, TokenPairBuilder, VerifiedToken,
};

use crate::builder::{JwtManagerBuilder, env_config};
use crate::cookies::JwtCookies;
use crate::hooks::{Blocklists, DecodeKeys, KeySource, VerifyClaims};

/// The marker of an application's only, or main, manager. Further ones get a type of their own.
#[derive(Clone, Copy, Debug)]
pub enum Main {}

/// Makes tokens and checks them; part of the application's state. Cheap to clone.
///
/// Extractors find it by [`FromRef`]: `Router::with_state(jwt)` does, and so does a state struct that
/// holds it and derives `FromRef`, or an `Arc` of one.
pub struct JwtManager<M = Main> {
    pub(crate) inner: Arc<Inner>,
    pub(crate) marker: PhantomData<fn() -> M>,
}

pub(crate) struct Inner {
    pub(crate) engine: JwtEngine,
    pub(crate) revocation: Blocklists,
    pub(crate) verify_claims: Vec<Box<VerifyClaims>>,
    pub(crate) decode_keys: Option<Box<DecodeKeys>>,
    pub(crate) key_source: Option<Box<KeySource>>,
}

impl Inner {
    /// Whether somebody else has a say in a token's check: a store or a hook.
    pub(crate) fn may_wait(&self) -> bool {
        let Self { revocation, verify_claims, decode_keys, .. } = self;
        !revocation.is_none() || !verify_claims.is_empty() || decode_keys.is_some()
    }

    pub(crate) fn error_context(&self) -> Option<&ErrorContext> {
        self.engine.error_context()
    }
}

impl JwtManager {
    /// The main manager, configured by the environment's `JWT_` variables: `JWT_SECRET_KEY` or
    /// `JWT_SECRET_KEY_FILE` is all that is needed. [`JwtManager::reload_keys`] reads the keys again.
    pub fn from_env() -> Result<Self, ConfigError> {
        let config = || env_config(Config::builder());
        Self::builder(config()?)
            .key_source(move || Ok::<_, ConfigError>(config()?.keys()))
            .try_build()
    }

    /// The main manager with this configuration, without store and hooks.
    ///
    /// # Panics
    ///
    /// With `JWT_REFRESH_ROTATION` on, which needs a store: see [`JwtManagerBuilder::try_build`].
    pub fn new(config: Config) -> Self {
        Self::builder(config).build()
    }
}

impl JwtManager {
    /// Returns a builder for the main manager with this configuration.
    pub fn builder(config: Config) -> JwtManagerBuilder {
        JwtManagerBuilder::new(config)
    }
}

impl<M: 'static> JwtManager<M> {
    /// Returns a builder for a further manager, for which `M` stands in the types of handlers. Its configuration must
    /// have a [`manager_name`](crate::ConfigBuilder::manager_name), or its tokens would be the main manager's
    /// too; [`beside`](crate::ConfigBuilder::beside) makes sure that its cookies are others.
    ///
    /// ```
    /// # use axum_jwt_extended::{Config, JwtManager};
    /// enum Partners {}
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = || "a-secret-of-at-least-32-random-bytes";
    /// let users = JwtManager::new(Config::builder().secret_key(secret()).build()?);
    /// let config = Config::builder().secret_key(secret()).manager_name("partners");
    /// let partners = JwtManager::<Partners>::named(config.beside(users.config()).build()?)?.build();
    /// # Ok(())
    /// # }
    /// ```
    pub fn named(config: Config) -> Result<JwtManagerBuilder<M>, ConfigError> {
        config.require_manager_name()?;
        Ok(JwtManagerBuilder::new(config))
    }
}

impl<M: 'static> JwtManager<M> {
    /// The underlying engine.
    pub fn engine(&self) -> &JwtEngine {
        &self.inner.engine
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.inner.engine.config()
    }

    /// What the manager's clock shows.
    pub fn now(&self) -> Timestamp {
        self.inner.engine.now()
    }

    /// What is risky about this manager, or may not be meant; each with a stable code.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = self.config().diagnostics();
        let store_options = self.config().store_options();
        if self.inner.revocation.store.is_none() && !store_options.is_empty() {
            found.push(Diagnostic::new(
                "store_ignored",
                Severity::Risk,
                format!(
                    "{} is set, and the manager has no store: nothing is revoked there; open the \
                     store and hand it to the builder with `.store(...)`",
                    store_options.join(", ")
                ),
            ));
        }
        if self.inner.revocation.is_none() {
            found.push(Diagnostic::new(
                "no_store",
                Severity::Note,
                "there is no store and no blocklist: no token can be revoked before it expires",
            ));
        }
        found
    }

    /// Returns a builder for an access token for `identity`: a string, an integer or a UUID.
    pub fn create_access_token(&self, identity: impl Into<Identity>) -> TokenBuilder<'_> {
        self.inner.engine.create_access_token(identity)
    }

    /// Returns a builder for a refresh token for `identity`.
    pub fn create_refresh_token(&self, identity: impl Into<Identity>) -> TokenBuilder<'_> {
        self.inner.engine.create_refresh_token(identity)
    }

    /// Returns a builder for both tokens of one login.
    pub fn create_token_pair(&self, identity: impl Into<Identity>) -> TokenPairBuilder<'_> {
        self.inner.engine.create_token_pair(identity)
    }

    /// Returns a builder for the next access token for whoever presented `refresh`: for the same identity, in the
    /// same session, not fresh. Claims of the application's own are not copied, since they may have
    /// changed; add them again, or set [`JwtManagerBuilder::claims_hook`]. It is refused for an
    /// expired token, for one of which nobody asked whether it is revoked ([`JwtManager::decode`],
    /// [`Policy::skip_revocation`](crate::Policy::skip_revocation)), and with `JWT_REFRESH_ROTATION` on, where
    /// [`JwtManager::rotate`] is the way.
    pub fn refresh_access_token(&self, refresh: &VerifiedToken) -> TokenBuilder<'_> {
        self.inner.engine.refresh_access_token(refresh)
    }

    /// The cookies that store both tokens of a login in the browser.
    pub fn set_cookies(&self, pair: &TokenPair) -> JwtCookies {
        self.set_access_cookies(&pair.access_token)
            .and(self.set_refresh_cookies(&pair.refresh_token))
    }

    /// The cookies that store an access token in the browser.
    pub fn set_access_cookies(&self, token: &EncodedToken) -> JwtCookies {
        self.set_cookies_with(TokenKind::Access, token, &CookieOptions::default())
    }

    /// The cookies that store a refresh token in the browser.
    pub fn set_refresh_cookies(&self, token: &EncodedToken) -> JwtCookies {
        self.set_cookies_with(TokenKind::Refresh, token, &CookieOptions::default())
    }

    /// The cookies that store a token in the browser, with another life or domain than configured.
    pub fn set_cookies_with(
        &self,
        kind: TokenKind,
        token: &EncodedToken,
        options: &CookieOptions,
    ) -> JwtCookies {
        JwtCookies::new(self.inner.engine.set_cookies(kind, token, options))
    }

    /// The cookies that make the browser forget both tokens. It forgets only what was set with the
    /// same path and domain.
    pub fn unset_cookies(&self) -> JwtCookies {
        self.unset_access_cookies().and(self.unset_refresh_cookies())
    }

    /// The cookies that make the browser forget the access token.
    pub fn unset_access_cookies(&self) -> JwtCookies {
        self.unset_cookies_with(TokenKind::Access, &CookieOptions::default())
    }

    /// The cookies that make the browser forget the refresh token.
    pub fn unset_refresh_cookies(&self) -> JwtCookies {
        self.unset_cookies_with(TokenKind::Refresh, &CookieOptions::default())
    }

    /// The cookies that make the browser forget a token, of another domain than configured.
    pub fn unset_cookies_with(&self, kind: TokenKind, options: &CookieOptions) -> JwtCookies {
        JwtCookies::new(self.inner.engine.unset_cookies(kind, options))
    }
}

// Users cannot implement FromRef for `Arc<AppState>` themselves (both types are foreign to them), so
// a manager is reached through the Arc wherever it is reached in what the Arc holds.
impl<T, M> FromRef<Arc<T>> for JwtManager<M>
where
    Self: FromRef<T>,
{
    fn from_ref(state: &Arc<T>) -> Self {
        Self::from_ref(&**state)
    }
}

impl<M> Clone for JwtManager<M> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), marker: PhantomData }
    }
}

impl<M> fmt::Debug for JwtManager<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtManager").field("engine", &self.inner.engine).finish_non_exhaustive()
    }
}
