//! The manager: an engine with a store and the application's hooks.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use axum_core::extract::FromRef;
use axum_core::response::IntoResponse;
use http::request::Parts;
use jwt_extended::config::{Diagnostic, Severity};
use jwt_extended::store::{RevocationStatus, RevocationStore, SharedStore, TokenRecord, TokenRef};
use jwt_extended::{
    AuthError, BoxError, Clock, Config, ConfigBuilder, ConfigError, CookieOptions, CustomClaims,
    DecodeOptions, EncodedToken, ErrorContext, ErrorKind, Identity, JwtEngine, Location,
    OptionalPolicy, Policy, Settings, Timestamp, TokenBuilder, TokenKind, TokenPair,
    TokenPairBuilder, Verdict, VerifiedToken,
};

use crate::cookies::JwtCookies;
use crate::error::{Error, OnError, Rendering, RequestHead};
use crate::view::PartsView;

/// The marker of an application's only, or main, manager. Further ones get a type of their own.
#[derive(Clone, Copy, Debug)]
pub enum Main {}

/// Makes tokens and checks them; part of the application's state. Cheap to clone.
///
/// Extractors find it by [`FromRef`]: `Router::with_state(jwt)` does, and so does a state struct that
/// holds it and derives `FromRef`, or an `Arc` of one.
pub struct JwtManager<M = Main> {
    pub(crate) inner: Arc<Inner>,
    marker: PhantomData<fn() -> M>,
}

pub(crate) struct Inner {
    pub(crate) engine: JwtEngine,
    revocation: Revocation,
    verify_claims: Option<Box<VerifyClaims>>,
}

#[derive(Default)]
struct Revocation {
    store: Option<SharedStore>,
    blocklist: Option<Box<Blocklist>>,
}

impl Inner {
    pub(crate) fn error_context(&self) -> Option<&ErrorContext> {
        self.engine.error_context()
    }
}

impl Revocation {
    fn is_none(&self) -> bool {
        self.store.is_none() && self.blocklist.is_none()
    }

    /// Revoked is what one of the two calls revoked.
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, AuthError> {
        if let Some(blocklist) = &self.blocklist
            && blocklist(token.to_record()).await.map_err(AuthError::store_unavailable)?
        {
            return Ok(RevocationStatus::Revoked);
        }
        match &self.store {
            Some(store) => store.status(token).await.map_err(AuthError::store_unavailable),
            None => Ok(RevocationStatus::Active),
        }
    }
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type VerifyClaims = dyn Fn(VerifiedToken) -> BoxFuture<Result<bool, BoxError>> + Send + Sync;
type Blocklist = dyn Fn(TokenRecord) -> BoxFuture<Result<bool, BoxError>> + Send + Sync;

/// Builds a [`JwtManager`]; [`JwtManager::builder`] starts it.
#[must_use = "a builder does nothing until `build` is called"]
pub struct JwtManagerBuilder<M = Main> {
    inner: Inner,
    on_error: Option<Box<OnError>>,
    marker: PhantomData<fn() -> M>,
}

impl JwtManager {
    /// The main manager, configured by the environment's `JWT_` variables: `JWT_SECRET_KEY` or
    /// `JWT_SECRET_KEY_FILE` is all that is needed.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self::new(env_config(Config::builder())?))
    }

    /// The main manager with this configuration, without store and hooks.
    pub fn new(config: Config) -> Self {
        Self::builder(config).build()
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

impl JwtManager {
    /// Returns a builder for the main manager with this configuration.
    pub fn builder(config: Config) -> JwtManagerBuilder {
        JwtManagerBuilder::new(config)
    }
}

impl<M: 'static> JwtManager<M> {
    /// Returns a builder for a further manager, for which `M` stands in the types of handlers. Its configuration must
    /// have a [`manager_name`](ConfigBuilder::manager_name), or its tokens would be the main manager's
    /// too; [`beside`](ConfigBuilder::beside) makes sure that its cookies are others.
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

impl<M> JwtManagerBuilder<M> {
    fn new(config: Config) -> Self {
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
    /// changed; add them again, or set [`JwtManagerBuilder::claims_hook`].
    pub fn refresh_access_token(&self, refresh: &VerifiedToken) -> TokenBuilder<'_> {
        self.inner.engine.refresh_access_token(refresh)
    }

    /// Checks the token of a request against `policy`: all checks except loading a user.
    ///
    /// With [`Policy::optional`] the answer is an `Option`, `None` where there is no token.
    ///
    /// ```
    /// # use axum_jwt_extended::{Error, JwtManager, Policy};
    /// # async fn handler(jwt: JwtManager, parts: http::request::Parts) -> Result<(), Error> {
    /// let token = jwt.authenticate(&parts, Policy::required().fresh()).await?;
    /// let token = jwt.authenticate(&parts, Policy::required().optional()).await?;
    /// assert!(token.is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn authenticate<P: AuthPolicy>(
        &self,
        parts: &Parts,
        policy: P,
    ) -> Result<P::Output, Error> {
        self.check(parts, policy, None).await
    }

    /// `known` is what was found out about this request before, just now.
    async fn check<P: AuthPolicy>(
        &self,
        parts: &Parts,
        policy: P,
        known: Option<&VerifiedToken>,
    ) -> Result<P::Output, Error> {
        let view = PartsView::new(parts);
        let found = self.inner.engine.check_request(&view, policy.policy(), known);
        let outcome = match found {
            // Only this may be forgiven: not what a hook says of a token that is there.
            Err(error) if error.is_missing() => {
                trace(&Err(&error));
                policy.absent(error)
            }
            Err(error) => {
                trace(&Err(&error));
                Err(error)
            }
            Ok(verdict) => {
                let finished = self.finish(verdict, known).await;
                trace(&finished.as_ref());
                finished.map(P::present)
            }
        };
        outcome.map_err(|error| Error::new(error, &self.inner, Some(parts)))
    }

    /// Checks a token that came as text, over a WebSocket or in a queue, against `policy`: all
    /// checks except loading a user. Locations and CSRF play no part.
    /// [`VerifiedToken::expires_at`] tells when to look again.
    pub async fn authenticate_token(
        &self,
        token: &str,
        policy: Policy,
    ) -> Result<VerifiedToken, Error> {
        let outcome = match self.inner.engine.check_token(token, &policy) {
            Ok(verdict) => self.finish(verdict, None).await,
            Err(error) => Err(error),
        };
        trace(&outcome.as_ref());
        outcome.map_err(|error| self.error(error))
    }

    /// The steps that may wait. `known` has passed them.
    async fn finish(
        &self,
        verdict: Verdict,
        known: Option<&VerifiedToken>,
    ) -> Result<VerifiedToken, AuthError> {
        let token = match verdict {
            Verdict::Done(token) => token,
            Verdict::Pending(pending) if self.inner.revocation.is_none() => pending.without_store(),
            Verdict::Pending(pending) => {
                let status = self.inner.revocation.status(&pending.question()?).await?;
                pending.answer(status)?
            }
        };
        match &self.inner.verify_claims {
            // The claims of a known token were accepted, and they are all that it goes by.
            Some(verify) if !known.is_some_and(|known| known.is_same_as(&token)) => {
                if verify(token.clone()).await.map_err(AuthError::store_unavailable)? {
                    Ok(token)
                } else {
                    Err(token.refuse(ErrorKind::ClaimsRejected))
                }
            }
            _ => Ok(token),
        }
    }

    /// As [`JwtManager::authenticate`]; what was found out is kept for the request's other extractors.
    pub(crate) async fn authenticate_and_keep<P: AuthPolicy>(
        &self,
        parts: &mut Parts,
        policy: P,
    ) -> Result<P::Output, Error>
    where
        P::Output: AsToken,
    {
        let known = parts.extensions.get::<Known<M>>();
        let known = known.filter(|known| Arc::ptr_eq(&known.manager, &self.inner));
        let known = known.map(|known| known.token.clone());
        let output = self.check(parts, policy, known.as_ref()).await?;
        if let Some(token) = output.as_token() {
            let (token, manager) = (token.clone(), Arc::clone(&self.inner));
            parts.extensions.insert(Known::<M> { token, manager, marker: PhantomData });
        }
        Ok(output)
    }

    /// An error of the application's own, such as [`VerifiedToken::refuse`] makes it, that answers as this
    /// manager's do.
    pub fn error(&self, error: AuthError) -> Error {
        Error::new(error, &self.inner, None)
    }

    /// Reads a token and checks signature, times, issuer, audience and subject: neither its type, nor
    /// freshness, nor revocation. Upstream's `decode_token`.
    pub fn decode(&self, token: &str, options: &DecodeOptions) -> Result<VerifiedToken, Error> {
        self.inner.engine.decode(token, options).map_err(|error| self.error(error))
    }

    /// Whether a token that was let in would still not be called revoked.
    pub(crate) async fn is_active(&self, token: &VerifiedToken) -> Result<bool, AuthError> {
        let status = self.inner.revocation.status(&token.token_ref()).await?;
        Ok(status == RevocationStatus::Active)
    }

    /// Revokes this one token.
    pub async fn revoke(&self, token: &VerifiedToken) -> Result<(), Error> {
        let revoked = self.store()?.revoke(&token.token_ref()).await;
        revoked.map_err(|error| self.error(AuthError::store_unavailable(error)))
    }

    /// Revokes every token of this token's session: the access tokens of one login and the refresh
    /// token that yields them. A token without session (`sid`) is a fault of the caller's: 500.
    pub async fn revoke_session(&self, token: &VerifiedToken) -> Result<(), Error> {
        let session = token.session_id().ok_or_else(|| {
            self.error(AuthError::new(
                ErrorKind::Misconfigured,
                "the token has no session (`sid`): create it with create_token_pair while JWT_SESSION_CLAIMS is on",
            ))
        })?;
        // The token at hand may have been made under a longer configuration than today's.
        let until = match (self.inner.engine.session_end(), token.token_ref().remember_until) {
            (Some(end), Some(own)) => Some(if own > end { own } else { end }),
            (None, _) | (_, None) => None,
        };
        let revoked = self.store()?.revoke_session(session, until).await;
        revoked.map_err(|error| self.error(AuthError::store_unavailable(error)))
    }

    fn store(&self) -> Result<&SharedStore, Error> {
        self.inner.revocation.store.as_ref().ok_or_else(|| {
            self.error(AuthError::new(
                ErrorKind::Misconfigured,
                "there is no store to revoke tokens in: give the manager one with `.store(...)`",
            ))
        })
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

/// One event for each decision, with its reason: no token, no claim, no user.
fn trace(outcome: &Result<&VerifiedToken, &AuthError>) {
    match outcome {
        Ok(token) => {
            let location = token.location().map_or("none", Location::name);
            tracing::debug!(location, "token accepted");
        }
        Err(error) => tracing::debug!(code = error.code(), kind = ?error.kind(), "token refused"),
    }
}

/// The token of a request that a manager let in, in the request's extensions.
struct Known<M> {
    token: VerifiedToken,
    manager: Arc<Inner>,
    marker: PhantomData<fn() -> M>,
}

impl<M> Clone for Known<M> {
    fn clone(&self) -> Self {
        Self { token: self.token.clone(), manager: Arc::clone(&self.manager), marker: PhantomData }
    }
}

/// [`Policy`] or [`OptionalPolicy`]: what [`JwtManager::authenticate`] takes, and thereby what it returns.
pub trait AuthPolicy: sealed::Sealed + Send {
    /// A token, or an `Option` of one.
    type Output;

    #[doc(hidden)]
    fn policy(&self) -> &Policy;

    #[doc(hidden)]
    fn present(token: VerifiedToken) -> Self::Output;

    #[doc(hidden)]
    fn absent(&self, error: AuthError) -> Result<Self::Output, AuthError>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Policy {}
    impl Sealed for super::OptionalPolicy {}
}

impl AuthPolicy for Policy {
    type Output = VerifiedToken;

    fn policy(&self) -> &Policy {
        self
    }

    fn present(token: VerifiedToken) -> VerifiedToken {
        token
    }

    fn absent(&self, error: AuthError) -> Result<VerifiedToken, AuthError> {
        Err(error)
    }
}

impl AuthPolicy for OptionalPolicy {
    type Output = Option<VerifiedToken>;

    fn policy(&self) -> &Policy {
        OptionalPolicy::policy(self)
    }

    fn present(token: VerifiedToken) -> Option<VerifiedToken> {
        Some(token)
    }

    fn absent(&self, _: AuthError) -> Result<Option<VerifiedToken>, AuthError> {
        Ok(None)
    }
}

/// A token where there is one.
pub(crate) trait AsToken {
    fn as_token(&self) -> Option<&VerifiedToken>;
}

impl AsToken for VerifiedToken {
    fn as_token(&self) -> Option<&VerifiedToken> {
        Some(self)
    }
}

impl AsToken for Option<VerifiedToken> {
    fn as_token(&self) -> Option<&VerifiedToken> {
        self.as_ref()
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

impl<M> fmt::Debug for JwtManagerBuilder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtManagerBuilder").finish_non_exhaustive()
    }
}
