//! The manager: an engine with a store and the application's hooks.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use axum_core::extract::FromRef;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use jwt_extended::config::{Diagnostic, Severity};
use jwt_extended::store::{RevocationStatus, RevocationStore, SharedStore, TokenRecord, TokenRef};
use jwt_extended::{
    AuthError, BoxError, Clock, Config, ConfigError, CookieOptions, CustomClaims, DecodeOptions,
    EncodedToken, ErrorKind, Identity, JwtEngine, Location, Optional, Policy, TokenBuilder,
    TokenKind, TokenPair, TokenPairBuilder, Verdict, VerifiedToken,
};

use crate::cookies::JwtCookies;
use crate::error::{Error, RequestHead};
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
    pub(crate) on_error: Option<Box<OnError>>,
    revocation: Revocation,
    verify_claims: Option<Box<VerifyClaims>>,
}

enum Revocation {
    None,
    Store(SharedStore),
    Blocklist(Box<Blocklist>),
}

impl Revocation {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, AuthError> {
        match self {
            Self::None => Ok(RevocationStatus::Active),
            Self::Store(store) => store.status(token).await.map_err(AuthError::store_unavailable),
            Self::Blocklist(blocklist) => match blocklist(token.to_record()).await {
                Ok(true) => Ok(RevocationStatus::Revoked),
                Ok(false) => Ok(RevocationStatus::Active),
                Err(error) => Err(AuthError::store_unavailable(error)),
            },
        }
    }
}

type OnError = dyn Fn(&Error, Option<&RequestHead>) -> Response + Send + Sync;
type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type VerifyClaims = dyn Fn(VerifiedToken) -> BoxFuture<bool> + Send + Sync;
type Blocklist = dyn Fn(TokenRecord) -> BoxFuture<Result<bool, BoxError>> + Send + Sync;

/// Builds a [`JwtManager`]; [`JwtManager::builder`] starts it.
#[must_use = "a builder does nothing until `build` is called"]
pub struct JwtManagerBuilder<M = Main> {
    inner: Inner,
    marker: PhantomData<fn() -> M>,
}

impl JwtManager {
    /// The main manager, configured by the environment's `JWT_` variables: `JWT_SECRET_KEY` or
    /// `JWT_SECRET_KEY_FILE` is all that is needed.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self::new(env_config()?))
    }

    /// The main manager with this configuration, without store and hooks.
    pub fn new(config: Config) -> Self {
        Self::builder(config).build()
    }
}

/// A configuration from the environment's `JWT_` variables. Names that no option has are told in
/// [`Config::warnings`].
pub fn env_config() -> Result<Config, ConfigError> {
    let vars = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let vars = vars.filter(|(name, _)| name.starts_with("JWT_"));
    Config::builder().vars(vars, |path| std::fs::read_to_string(path)).build()
}

impl<M: 'static> JwtManager<M> {
    /// Starts a manager with this configuration.
    pub fn builder(config: Config) -> JwtManagerBuilder<M> {
        JwtManagerBuilder {
            inner: Inner {
                engine: JwtEngine::new(config),
                on_error: None,
                revocation: Revocation::None,
                verify_claims: None,
            },
            marker: PhantomData,
        }
    }

    /// The engine below.
    pub fn engine(&self) -> &JwtEngine {
        &self.inner.engine
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.inner.engine.config()
    }

    /// What is risky about this manager, or may not be meant; each with a stable code.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut found = self.config().diagnostics();
        if matches!(self.inner.revocation, Revocation::None) {
            found.push(Diagnostic::new(
                "no_store",
                Severity::Note,
                "there is no store and no blocklist: no token can be revoked before it expires",
            ));
        }
        found
    }

    /// Starts an access token for `identity`: a string, an integer or a UUID.
    pub fn create_access_token(&self, identity: impl Into<Identity>) -> TokenBuilder<'_> {
        self.inner.engine.create_access_token(identity)
    }

    /// Starts a refresh token for `identity`.
    pub fn create_refresh_token(&self, identity: impl Into<Identity>) -> TokenBuilder<'_> {
        self.inner.engine.create_refresh_token(identity)
    }

    /// Starts both tokens of one login.
    pub fn create_token_pair(&self, identity: impl Into<Identity>) -> TokenPairBuilder<'_> {
        self.inner.engine.create_token_pair(identity)
    }

    /// Starts the next access token for whoever presented `refresh`: for the same identity, in the
    /// same session, not fresh. Claims of the application's own are not copied, since they may have
    /// changed; add them again, or set [`JwtManagerBuilder::claims_hook`].
    pub fn refresh_access_token(&self, refresh: &VerifiedToken) -> TokenBuilder<'_> {
        self.inner.engine.refresh_access_token(refresh)
    }

    /// Checks the token of a request against `policy`: the whole chain but for loading a user.
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
        let known = parts.extensions.get::<Known<M>>();
        let known = known.filter(|known| Arc::ptr_eq(&known.manager, &self.inner));
        let known = known.map(|known| &known.token);
        let outcome =
            match self.inner.engine.check_request(&PartsView::new(parts), policy.policy(), known) {
                Ok(verdict) => self.finish(verdict, known).await,
                Err(error) => Err(error),
            };
        trace(&outcome);
        policy.output(outcome).map_err(|error| Error::new(error, &self.inner, Some(parts)))
    }

    /// Checks a token that came as text, over a WebSocket or in a queue, against `policy`: the whole
    /// chain but for loading a user. Locations and CSRF play no part.
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
        trace(&outcome);
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
            Verdict::Pending(pending) => match &self.inner.revocation {
                Revocation::None => pending.without_store(),
                revocation => {
                    let status = revocation.status(&pending.question()?).await?;
                    pending.answer(status)?
                }
            },
        };
        match &self.inner.verify_claims {
            // The claims of a known token were accepted, and they are all that it goes by.
            Some(verify)
                if !known.is_some_and(|known| known.is_same_as(&token))
                    && !verify(token.clone()).await =>
            {
                Err(token.refuse(ErrorKind::ClaimsRejected))
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
        let output = self.authenticate(parts, policy).await?;
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
                "the token is part of no session: make it with create_token_pair and JWT_SESSION_CLAIMS on",
            ))
        })?;
        let until = self.inner.engine.session_end();
        let revoked = self.store()?.revoke_session(session, until).await;
        revoked.map_err(|error| self.error(AuthError::store_unavailable(error)))
    }

    fn store(&self) -> Result<&SharedStore, Error> {
        match &self.inner.revocation {
            Revocation::Store(store) => Ok(store),
            Revocation::None | Revocation::Blocklist(_) => Err(self.error(AuthError::new(
                ErrorKind::Misconfigured,
                "there is no store to revoke tokens in: give the manager one with `.store(...)`",
            ))),
        }
    }

    /// The cookies that bring both tokens of a login to the browser.
    pub fn set_cookies(&self, pair: &TokenPair) -> JwtCookies {
        self.set_access_cookies(&pair.access_token)
            .and(self.set_refresh_cookies(&pair.refresh_token))
    }

    /// The cookies that bring an access token to the browser.
    pub fn set_access_cookies(&self, token: &EncodedToken) -> JwtCookies {
        self.set_cookies_with(TokenKind::Access, token, &CookieOptions::default())
    }

    /// The cookies that bring a refresh token to the browser.
    pub fn set_refresh_cookies(&self, token: &EncodedToken) -> JwtCookies {
        self.set_cookies_with(TokenKind::Refresh, token, &CookieOptions::default())
    }

    /// The cookies that bring a token to the browser, with another life or domain than configured.
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
    /// Asks this store whether tokens are revoked.
    pub fn store(mut self, store: impl RevocationStore) -> Self {
        self.inner.revocation = Revocation::Store(SharedStore::new(store));
        self
    }

    /// Asks this function whether a token is revoked: upstream's `token_in_blocklist_loader`, for
    /// applications with a blocklist of their own. An error is answered with 503.
    pub fn blocklist<F, E>(
        mut self,
        is_revoked: impl Fn(TokenRecord) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.inner.revocation = Revocation::Blocklist(Box::new(move |token| {
            let answer = is_revoked(token);
            Box::pin(async move { answer.await.map_err(Into::into) })
        }));
        self
    }

    /// Refuses tokens whose claims this function does not accept, with 403 `claims_rejected`:
    /// upstream's `token_verification_loader`.
    pub fn verify_claims<F>(
        mut self,
        accepts: impl Fn(VerifiedToken) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.inner.verify_claims = Some(Box::new(move |token| Box::pin(accepts(token))));
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

    /// Answers refused requests with what this function makes of them.
    /// [`Error::default_response`] is what it replaces.
    pub fn on_error<R: IntoResponse>(
        mut self,
        answer: impl Fn(&Error, Option<&RequestHead>) -> R + Send + Sync + 'static,
    ) -> Self {
        self.inner.on_error =
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
        let jwt = JwtManager { inner: Arc::new(self.inner), marker: PhantomData };
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
fn trace(outcome: &Result<VerifiedToken, AuthError>) {
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

/// [`Policy`] or [`Optional`]: what [`JwtManager::authenticate`] takes, and thereby what it returns.
pub trait AuthPolicy: sealed::Sealed + Send {
    /// A token, or an `Option` of one.
    type Output;

    #[doc(hidden)]
    fn policy(&self) -> &Policy;

    #[doc(hidden)]
    fn output(&self, outcome: Result<VerifiedToken, AuthError>) -> Result<Self::Output, AuthError>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Policy {}
    impl Sealed for super::Optional {}
}

impl AuthPolicy for Policy {
    type Output = VerifiedToken;

    fn policy(&self) -> &Policy {
        self
    }

    fn output(
        &self,
        outcome: Result<VerifiedToken, AuthError>,
    ) -> Result<VerifiedToken, AuthError> {
        outcome
    }
}

impl AuthPolicy for Optional {
    type Output = Option<VerifiedToken>;

    fn policy(&self) -> &Policy {
        Optional::policy(self)
    }

    fn output(
        &self,
        outcome: Result<VerifiedToken, AuthError>,
    ) -> Result<Option<VerifiedToken>, AuthError> {
        match outcome {
            Err(error) if error.is_missing() => Ok(None),
            outcome => outcome.map(Some),
        }
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
