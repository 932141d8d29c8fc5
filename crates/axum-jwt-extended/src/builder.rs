//! Building a manager: from a configuration, with a store and hooks.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use axum_core::response::IntoResponse;
use jwt_extended::config::{Diagnostic, Fault, Severity};
use jwt_extended::store::{RevocationStore, SharedStore, TokenRecord};
use jwt_extended::{
    BoxError, Clock, Config, ConfigBuilder, ConfigError, CustomClaims, Identity, JwtEngine,
    KeyChoice, Keyring, Settings, TokenKind, UnverifiedToken, VerifiedToken,
};

use crate::error::{Error, OnError, Rendering, RequestHead};
use crate::hooks::Blocklists;
use crate::manager::{Inner, JwtManager, Main};

/// Builds a [`JwtManager`]; [`JwtManager::builder`] starts it.
#[must_use = "a builder does nothing until `build` is called"]
pub struct JwtManagerBuilder<M = Main> {
    inner: Inner,
    on_error: Option<Box<OnError>>,
    has_two_stores: bool,
    marker: PhantomData<fn() -> M>,
}

impl<M> JwtManagerBuilder<M> {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            inner: Inner {
                engine: JwtEngine::new(config),
                revocation: Blocklists::default(),
                verify_claims: Vec::new(),
                decode_keys: None,
                key_source: None,
            },
            on_error: None,
            has_two_stores: false,
            marker: PhantomData,
        }
    }
}

impl<M: 'static> JwtManagerBuilder<M> {
    /// Gives up on a store, a blocklist or [`decode_keys`](Self::decode_keys) that has not answered in this time, with 503. The stores of this
    /// project give up by themselves, sooner; this is for others. 5 seconds, unless set. It takes a tokio
    /// runtime with timers, as `#[tokio::main]` makes it.
    pub fn store_timeout(mut self, timeout: Duration) -> Self {
        self.inner.revocation.timeout = timeout;
        self
    }

    /// Asks this store whether tokens are revoked. With a [`blocklist`](Self::blocklist) too, either can
    /// say so. A manager has one store: a second is a fault.
    pub fn store(mut self, store: impl RevocationStore) -> Self {
        self.has_two_stores |= self.inner.revocation.store.is_some();
        self.inner.revocation.store = Some(SharedStore::new(store));
        self
    }

    /// Asks this function too whether a token is revoked: upstream's `token_in_blocklist_loader`, for
    /// applications with a blocklist of their own. **`true` refuses** the token: it is on the list. Of several, any can say so. An error is answered with 503.
    pub fn blocklist<F, E>(
        mut self,
        is_revoked: impl Fn(TokenRecord) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.inner.revocation.functions.push(Box::new(move |token| {
            let answer = is_revoked(token);
            Box::pin(async move { answer.await.map_err(Into::into) })
        }));
        self
    }

    /// Refuses tokens whose claims this function does not accept, with 403 `claims_rejected`:
    /// upstream's `token_verification_loader`. **`true` lets the token in**. Of several, all must accept. An error is answered with 503.
    pub fn verify_claims<F, E>(
        mut self,
        accepts: impl Fn(VerifiedToken) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.inner.verify_claims.push(Box::new(move |token| {
            let answer = accepts(token);
            Box::pin(async move { answer.await.map_err(Into::into) })
        }));
        self
    }

    /// Chooses the keys that check a token: upstream's `decode_key_loader`, for services whose tenants
    /// have keys of their own. What it is given is **not verified**: read there who the token says it is
    /// of, and answer with their keys; see [`UnverifiedToken`] for what must be kept in mind.
    ///
    /// The answer is a [`Keyring`], an `Arc` of one, or an `Option`, in which `None` refuses the token; or a
    /// [`KeyChoice`], which knows the manager's own keys too. An error is answered with 503 and
    /// `Retry-After`, and so is no answer within [`store_timeout`](Self::store_timeout). A ring is best
    /// made once and kept, in an `Arc`. For tokens of outside issuers there is [`Outside`](crate::Outside).
    ///
    /// ```
    /// # use std::collections::HashMap;
    /// # use std::sync::Arc;
    /// # use axum_jwt_extended::{AuthError, Config, JwtManager, Keyring};
    /// # fn manager(config: Config, tenants: HashMap<String, Arc<Keyring>>) -> JwtManager {
    /// let tenants = Arc::new(tenants);
    /// JwtManager::builder(config)
    ///     .encode_keys({
    ///         let tenants = Arc::clone(&tenants);
    ///         move |_identity, claims| {
    ///             let tenant = claims.get("tenant").and_then(|tenant| tenant.as_str());
    ///             Ok::<_, AuthError>(tenant.and_then(|tenant| tenants.get(tenant).cloned()))
    ///         }
    ///     })
    ///     .decode_keys(move |token| {
    ///         let tenants = Arc::clone(&tenants);
    ///         async move {
    ///             let tenant: Option<String> = token.unverified_claim("tenant")?;
    ///             Ok::<_, AuthError>(tenant.and_then(|tenant| tenants.get(&tenant).cloned()))
    ///         }
    ///     })
    ///     .build()
    /// # }
    /// ```
    pub fn decode_keys<F, K, E>(
        mut self,
        keys: impl Fn(UnverifiedToken) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<K, E>> + Send + 'static,
        K: Into<KeyChoice>,
        E: Into<BoxError>,
    {
        self.inner.decode_keys = Some(Box::new(move |token| {
            let answer = keys(token);
            Box::pin(async move { answer.await.map(Into::into).map_err(Into::into) })
        }));
        self
    }

    /// Chooses the keys that sign a token: upstream's `encode_key_loader`. It gets the identity and what
    /// the application adds to the token ([`CustomClaims::get`]); its answer is as that of
    /// [`decode_keys`](Self::decode_keys). For keys that must be waited for, there is `signed_with` on the
    /// tokens' builders.
    pub fn encode_keys<K: Into<KeyChoice>, E: Into<BoxError>>(
        mut self,
        keys: impl Fn(&Identity, &CustomClaims) -> Result<K, E> + Send + Sync + 'static,
    ) -> Self {
        self.inner.engine = self.inner.engine.with_encode_keys(keys);
        self
    }

    /// Where [`JwtManager::reload_keys`] reads the keys from. A configuration can be the source, too:
    ///
    /// ```
    /// # use axum_jwt_extended::{Config, ConfigError, JwtManager, env_config};
    /// # fn main() -> Result<(), ConfigError> {
    /// # let defaults = || Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
    /// let config = move || env_config(defaults().session_cookie(false));
    /// let jwt = JwtManager::builder(config()?)
    ///     .key_source(move || Ok::<_, ConfigError>(config()?.keys()))
    ///     .build();
    /// # Ok(())
    /// # }
    /// ```
    pub fn key_source<K: Into<Arc<Keyring>>, E: Into<BoxError>>(
        mut self,
        read: impl Fn() -> Result<K, E> + Send + Sync + 'static,
    ) -> Self {
        self.inner.key_source = Some(Box::new(move || {
            let keys: Arc<Keyring> = read().map_err(Into::into)?.into();
            Ok(Arc::unwrap_or_clone(keys))
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
    ///
    /// # Panics
    ///
    /// Where [`try_build`](Self::try_build) fails.
    #[expect(clippy::panic, reason = "an application must not start like that")]
    pub fn build(self) -> JwtManager<M> {
        self.try_build().unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// The manager, or why an application must not start like this: `JWT_REFRESH_ROTATION` is on, and
    /// there is no store, or there are two stores.
    pub fn try_build(self) -> Result<JwtManager<M>, ConfigError> {
        if self.has_two_stores {
            return Err(Fault::new(
                "`.store(...)`",
                "is called twice, and the first store would never be asked",
                "give the manager one store",
            )
            .into());
        }
        let mut inner = self.inner;
        if inner.revocation.store.is_none() {
            inner.engine.config().works_without_store()?;
        }
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
        Ok(jwt)
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
