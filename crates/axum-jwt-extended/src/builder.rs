//! Building a manager: from a configuration, with a store and hooks.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum_core::response::IntoResponse;
use jwt_extended::config::{Diagnostic, Severity};
use jwt_extended::store::{RevocationStore, SharedStore, TokenRecord};
use jwt_extended::{
    BoxError, Clock, Config, ConfigBuilder, ConfigError, CustomClaims, Identity, JwtEngine,
    Settings, TokenKind, VerifiedToken,
};

use crate::error::{Error, OnError, Rendering, RequestHead};
use crate::hooks::Revocation;
use crate::manager::{Inner, JwtManager, Main};

/// Builds a [`JwtManager`]; [`JwtManager::builder`] starts it.
#[must_use = "a builder does nothing until `build` is called"]
pub struct JwtManagerBuilder<M = Main> {
    inner: Inner,
    on_error: Option<Box<OnError>>,
    marker: PhantomData<fn() -> M>,
}

impl<M> JwtManagerBuilder<M> {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            inner: Inner {
                engine: JwtEngine::new(config),
                revocation: Revocation::default(),
                verify_claims: None,
            },
            on_error: None,
            marker: PhantomData,
        }
    }
}

impl<M: 'static> JwtManagerBuilder<M> {
    /// Asks this store whether tokens are revoked. With a [`blocklist`](Self::blocklist) too, either can
    /// say so.
    pub fn store(mut self, store: impl RevocationStore) -> Self {
        self.inner.revocation.store = Some(SharedStore::new(store));
        self
    }

    /// Asks this function too whether a token is revoked: upstream's `token_in_blocklist_loader`, for
    /// applications with a blocklist of their own. An error is answered with 503.
    pub fn blocklist<F, E>(
        mut self,
        is_revoked: impl Fn(TokenRecord) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.inner.revocation.blocklist = Some(Box::new(move |token| {
            let answer = is_revoked(token);
            Box::pin(async move { answer.await.map_err(Into::into) })
        }));
        self
    }

    /// Refuses tokens whose claims this function does not accept, with 403 `claims_rejected`:
    /// upstream's `token_verification_loader`. An error is answered with 503.
    pub fn verify_claims<F, E>(
        mut self,
        accepts: impl Fn(VerifiedToken) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.inner.verify_claims = Some(Box::new(move |token| {
            let answer = accepts(token);
            Box::pin(async move { answer.await.map_err(Into::into) })
        }));
        self
    }

    /// Adds claims and headers to every token that is made: upstream's `additional_claims_loader` and
    /// `additional_headers_loader`. What a token's builder sets wins.
    pub fn claims_hook(
        mut self,
        hook: impl Fn(&Identity, TokenKind) -> CustomClaims + Send + Sync + 'static,
    ) -> Self {
        self.inner.engine = self.inner.engine.with_claims_hook(hook);
        self
    }

    /// Builds the responses to refused requests with this function.
    /// [`Error::default_response`] is what it replaces.
    pub fn on_error<R: IntoResponse>(
        mut self,
        answer: impl Fn(&Error, Option<&RequestHead>) -> R + Send + Sync + 'static,
    ) -> Self {
        self.on_error =
            Some(Box::new(move |error, request| answer(error, request).into_response()));
        self
    }

    /// Takes the time from `clock`.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.inner.engine = self.inner.engine.with_clock(clock);
        self
    }

    /// The manager. Its [diagnostics](JwtManager::diagnostics) are logged.
    pub fn build(self) -> JwtManager<M> {
        let mut inner = self.inner;
        let settings = Settings::clone(inner.engine.config());
        let rendering = Rendering { settings, on_error: self.on_error };
        inner.engine = inner.engine.with_error_context(Arc::new(rendering));
        let jwt = JwtManager { inner: Arc::new(inner), marker: PhantomData };
        for diagnostic in jwt.diagnostics() {
            let Diagnostic { code, severity, message, .. } = diagnostic;
            match severity {
                Severity::Risk => tracing::warn!(code, "{message}"),
                Severity::Note => tracing::info!(code, "{message}"),
            }
        }
        jwt
    }
}

/// A configuration from the environment's `JWT_` variables, on top of `defaults` of the application's
/// own. Names that no option has become [diagnostics](JwtManager::diagnostics); a value that is no
/// UTF-8 is a fault.
pub fn env_config(defaults: ConfigBuilder) -> Result<Config, ConfigError> {
    let (mut builder, mut vars) = (defaults, Vec::new());
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.into_string().ok().filter(|name| name.starts_with("JWT_")) else {
            continue;
        };
        match value.into_string() {
            Ok(value) => vars.push((name, value)),
            Err(_) => builder = builder.unreadable(&name),
        }
    }
    builder.vars(vars, |path| std::fs::read_to_string(path)).build()
}

impl<M> fmt::Debug for JwtManagerBuilder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtManagerBuilder").finish_non_exhaustive()
    }
}
