//! The engine: a configuration with its clock and randomness, and everything it can do.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cookie::Cookie;
use serde_json::{Map, Value};

use crate::claims::Name;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::{Config, Settings};
use crate::cookies::{self, CookieOptions};
use crate::create::{CustomClaims, RotationBuilder, SharedClaims, TokenBuilder, TokenPairBuilder};
use crate::csrf::{self, CsrfDemand};
use crate::encoded::EncodedToken;
use crate::error::{AuthError, BoxError, ErrorContext, ErrorKind, Result};
use crate::found::KeyChoice;
use crate::identity::Identity;
use crate::key::Keyring;
use crate::random::{Random, SystemRandom};
use crate::token::{Facts, Revocation, Signed, TokenKind, VerifiedToken};
use crate::verified_cache::VerifiedCache;
use crate::verify::{self, Circumstances};

type ClaimsHook = dyn Fn(&Identity, TokenKind) -> CustomClaims + Send + Sync;
type KeysHook = dyn Fn(&Identity, &CustomClaims) -> Result<KeyChoice, BoxError> + Send + Sync;

/// Makes and checks tokens by one configuration. Adapters to web frameworks are built on it; what
/// needs I/O (asking a store, loading a user) is theirs.
///
/// ```
/// use jwt_extended::{Config, JwtEngine};
///
/// let engine = JwtEngine::new(
///     Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?,
/// );
/// let token = engine.create_access_token("anna").claim("role", "admin").encode()?;
/// let token = engine.decode(token.as_str(), &Default::default())?;
/// assert_eq!(token.identity(), "anna");
/// assert_eq!(token.claim::<String>("role")?.as_deref(), Some("admin"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JwtEngine {
    config: Config,
    shared_claims: SharedClaims,
    clock: Box<dyn Clock>,
    random: Box<dyn Random>,
    claims_hook: Option<Box<ClaimsHook>>,
    keys_hook: Option<Box<KeysHook>>,
    error_context: Option<ErrorContext>,
    verified: Option<VerifiedCache>,
    /// Held by who changes the keys.
    change_of_keys: Mutex<()>,
}

/// What [`JwtEngine::decode`] does besides checking everything.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// Takes a token whose `exp` has come.
    pub allow_expired: bool,
    /// The value that the token's `csrf` claim must have.
    pub csrf_value: Option<String>,
    /// The moment at which the token is judged, where it is not what the engine's clock shows.
    pub now: Option<Timestamp>,
}

impl DecodeOptions {
    /// Takes a token whose `exp` has come.
    pub fn allow_expired(mut self) -> Self {
        self.allow_expired = true;
        self
    }

    /// Compares the token's `csrf` claim with `value`.
    pub fn csrf_value(mut self, value: impl Into<String>) -> Self {
        self.csrf_value = Some(value.into());
        self
    }

    /// Judges the token as of `now`, whatever the engine's clock shows: for callers with a clock of
    /// their own.
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }
}

impl JwtEngine {
    /// An engine on the system's clock and randomness.
    pub fn new(config: Config) -> Self {
        Self {
            verified: VerifiedCache::new(config.verified_cache_size),
            shared_claims: SharedClaims::of(&config),
            config,
            clock: Box::new(SystemClock),
            random: Box::new(SystemRandom),
            claims_hook: None,
            keys_hook: None,
            error_context: None,
            change_of_keys: Mutex::default(),
        }
    }

    /// Takes the time from `clock`.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Takes randomness from `random`.
    pub fn with_random(mut self, random: impl Random) -> Self {
        self.random = Box::new(random);
        self
    }

    /// Adds claims and headers to every token that is made: upstream's `additional_claims_loader` and
    /// `additional_headers_loader`. What a token's builder sets wins.
    pub fn with_claims_hook(
        mut self,
        hook: impl Fn(&Identity, TokenKind) -> CustomClaims + Send + Sync + 'static,
    ) -> Self {
        self.claims_hook = Some(Box::new(hook));
        self
    }

    /// Chooses the keys that sign, for each token that is made: upstream's `encode_key_loader`. It gets the
    /// identity and what the application adds to the token ([`CustomClaims::get`]). An error makes
    /// `encode` fail.
    pub fn with_encode_keys<K: Into<KeyChoice>, E: Into<BoxError>>(
        mut self,
        hook: impl Fn(&Identity, &CustomClaims) -> Result<K, E> + Send + Sync + 'static,
    ) -> Self {
        self.keys_hook = Some(Box::new(move |identity, claims| {
            hook(identity, claims).map(Into::into).map_err(Into::into)
        }));
        self
    }

    /// Gives every error of this engine, and of the tokens that it lets in, a value of the adapter's
    /// own to carry along.
    pub fn with_error_context(mut self, context: ErrorContext) -> Self {
        self.error_context = Some(context);
        if let Some(cache) = &self.verified {
            cache.clear();
        }
        self
    }

    /// The value that [`JwtEngine::with_error_context`] was given.
    pub fn error_context(&self) -> Option<&ErrorContext> {
        self.error_context.as_ref()
    }

    pub(crate) fn own(&self, error: AuthError) -> AuthError {
        error.with_context(self.error_context.as_ref())
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The keys with which tokens are made and checked at this moment.
    pub fn keys(&self) -> Arc<Keyring> {
        self.config.keys()
    }

    /// Puts other keys in the place of all present ones, at once and for all threads: each token is
    /// made and checked with one ring or the other. What only a key that is gone could check is refused
    /// from then on. Where the new keys come of the present ones, [`JwtEngine::update_keys`] is the way.
    ///
    /// ```
    /// # use jwt_extended::{Algorithm, Config, JwtEngine, Keyring, SigningKey};
    /// # let engine = JwtEngine::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
    /// let before = engine.create_access_token("anna").encode()?;
    /// let new = SigningKey::hmac(Algorithm::HS256, [7; 32])?;
    /// engine.replace_keys(Keyring::new(new));
    /// assert!(engine.decode(before.as_str(), &Default::default()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace_keys(&self, keys: Keyring) {
        let _turn = self.change_of_keys.lock().unwrap_or_else(PoisonError::into_inner);
        self.put_keys(keys);
    }

    /// Makes other keys of the present ones and puts them in their place, as [`JwtEngine::replace_keys`] does. Of
    /// two changes at once, one waits for the other, so that neither is lost; `change` must not change
    /// keys itself. On an error the keys stay as they are.
    ///
    /// ```
    /// # use jwt_extended::{Algorithm, Config, JwtEngine, Keyring, SigningKey};
    /// # let engine = JwtEngine::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
    /// let before = engine.create_access_token("anna").encode()?;
    /// let new = SigningKey::hmac(Algorithm::HS256, [7; 32])?.with_kid("2026-11");
    /// engine.update_keys(|keys| keys.rotate_to(new))?;
    /// assert!(engine.decode(before.as_str(), &Default::default()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update_keys<E>(
        &self,
        change: impl FnOnce(Keyring) -> Result<Keyring, E>,
    ) -> Result<(), E> {
        let _turn = self.change_of_keys.lock().unwrap_or_else(PoisonError::into_inner);
        self.put_keys(change(Keyring::clone(&self.keys()))?);
        Ok(())
    }

    fn put_keys(&self, keys: Keyring) {
        self.config.replace_keys(keys);
        if let Some(cache) = &self.verified {
            cache.clear();
        }
    }

    /// What the engine's clock shows.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }

    pub(crate) fn shared_claims(&self) -> &SharedClaims {
        &self.shared_claims
    }

    pub(crate) fn claims_hook(&self) -> Option<&ClaimsHook> {
        self.claims_hook.as_deref()
    }

    /// The keys for a token that is made for `identity`.
    pub(crate) fn encode_keys(
        &self,
        identity: &Identity,
        custom: &CustomClaims,
    ) -> Result<KeyChoice, BoxError> {
        self.keys_hook.as_ref().map_or(Ok(KeyChoice::Own), |hook| hook(identity, custom))
    }

    /// Returns a builder for an access token for `identity`: not fresh, living as long as
    /// `JWT_ACCESS_TOKEN_EXPIRES` says.
    pub fn create_access_token(&self, identity: impl Into<Identity>) -> TokenBuilder<'_> {
        TokenBuilder::new(self, TokenKind::Access, identity.into())
    }

    /// Returns a builder for a refresh token for `identity`, living as long as `JWT_REFRESH_TOKEN_EXPIRES` says.
    pub fn create_refresh_token(&self, identity: impl Into<Identity>) -> TokenBuilder<'_> {
        TokenBuilder::new(self, TokenKind::Refresh, identity.into())
    }

    /// Returns a builder for both tokens of one login, which share a session.
    pub fn create_token_pair(&self, identity: impl Into<Identity>) -> TokenPairBuilder<'_> {
        TokenPairBuilder::new(self, identity.into())
    }

    /// Returns a builder for the next access token for whoever presented `refresh`: for the same identity, in the
    /// same session, not fresh. Claims of the application's own are not copied. Anything but a refresh
    /// token makes `encode` fail, or a stolen access token could renew itself. So does an expired one, and one
    /// of which nobody asked whether it is revoked: a token of [`JwtEngine::decode`], or of a policy with
    /// [`skip_revocation`](crate::Policy::skip_revocation). With `JWT_REFRESH_ROTATION` on, [`JwtEngine::rotate`]
    /// is the way.
    pub fn refresh_access_token(&self, refresh: &VerifiedToken) -> TokenBuilder<'_> {
        let next = self.create_access_token(refresh).in_same_session(refresh);
        if self.config.refresh_rotation {
            return next.refused(self.own(AuthError::new(
                ErrorKind::Misconfigured,
                "JWT_REFRESH_ROTATION is on, so that refresh tokens are good only once: use rotate",
            )));
        }
        match self.may_refresh(refresh).and_then(|()| self.was_asked_about(refresh)) {
            Ok(()) => next,
            Err(error) => next.refused(error),
        }
    }

    /// Returns a builder for the pair of tokens for which `refresh` is exchanged, with `JWT_REFRESH_ROTATION` on: for
    /// the same identity and audience, in the same session, not fresh. Claims of the application's own
    /// are not copied.
    ///
    /// A store decides whether the token is good for it:
    ///
    /// ```
    /// # use jwt_extended::{Config, JwtEngine, Result, TokenPair, VerifiedToken, store::RevocationStore};
    /// async fn refresh(engine: &JwtEngine, store: &impl RevocationStore, token: &VerifiedToken) -> Result<TokenPair> {
    ///     let pending = engine.rotate(token).claim("role", "admin").prepare()?;
    ///     let outcome = store.rotate(&pending.question()).await;
    ///     pending.answer(outcome.map_err(jwt_extended::AuthError::store_unavailable)?)
    /// }
    /// ```
    pub fn rotate(&self, refresh: &VerifiedToken) -> RotationBuilder<'_> {
        RotationBuilder::new(self, refresh)
    }

    /// Only a refresh token does, of this manager's, that has not ended since it was read, or before.
    pub(crate) fn may_refresh(&self, token: &VerifiedToken) -> Result<()> {
        if !token.is_refresh() {
            return Err(token.refuse(ErrorKind::WrongTokenType));
        }
        if !self.is_own(token) {
            return Err(token.refuse(ErrorKind::WrongManager));
        }
        let now = self.now();
        // What has ended, a store may have forgotten; then it would look like a new one.
        if token.token_ref(now).remember_until.is_some_and(|end| end <= now) {
            return Err(token.refuse(ErrorKind::TokenExpired));
        }
        Ok(())
    }

    pub(crate) fn is_own(&self, token: &VerifiedToken) -> bool {
        token.signed.text(Name::Manager) == self.config.manager_name.as_deref()
    }

    /// A revoked refresh token must not yield another: who skipped the question cannot know.
    fn was_asked_about(&self, token: &VerifiedToken) -> Result<()> {
        if token.facts.revocation != Revocation::Skipped {
            return Ok(());
        }
        Err(self.own(AuthError::new(
            ErrorKind::Misconfigured,
            "nobody asked whether this refresh token is revoked: take it from an extractor, \
             `authenticate` or `authenticate_token` (with an engine alone, from `check_token`), \
             not from `decode`, and without `skip_revocation`",
        )))
    }

    /// Returns a builder for a successor of the access token `token`: for the same identity and audience, in the same
    /// session, with the same CSRF value, not fresh, living no longer than `longest`. Claims of the
    /// application's own are copied, unless a claims hook is set, which decides anew.
    pub fn renew_access_token(&self, token: &VerifiedToken, longest: Duration) -> TokenBuilder<'_> {
        let lifetime = self.config.access_token_expires.duration().unwrap_or(Duration::MAX);
        let mut builder = self.create_access_token(token).in_same_session(token);
        builder = builder.expires_in(lifetime.min(longest));
        for (name, value) in token.claims::<Map<String, Value>>().unwrap_or_default() {
            if matches!(name.as_str(), "aud" | "csrf") {
                builder = builder.override_claim(name, value);
            } else if self.claims_hook.is_none()
                && Name::of(&name).is_none()
                && name != self.config.identity_claim
            {
                builder = builder.claim(name, value);
            }
        }
        builder
    }

    /// Reads a token and checks signature, times, issuer, audience, subject and manager, as upstream's
    /// `decode_token`: neither its type, nor freshness, nor revocation. To let somebody in, or to refresh
    /// their token, use [`JwtEngine::check_token`].
    pub fn decode(&self, token: &str, options: &DecodeOptions) -> Result<VerifiedToken> {
        self.decode_with(&self.config.ring(), token, options)
    }

    /// As [`JwtEngine::decode`], with other keys than the engine's own.
    pub fn decode_with(
        &self,
        keys: &Keyring,
        token: &str,
        options: &DecodeOptions,
    ) -> Result<VerifiedToken> {
        self.decode_here(keys, token, options).map_err(|error| self.own(error))
    }

    fn decode_here(
        &self,
        keys: &Keyring,
        token: &str,
        options: &DecodeOptions,
    ) -> Result<VerifiedToken> {
        let (signed, fits) = self.signed(token, keys)?;
        let csrf = match options.csrf_value.as_deref() {
            None => CsrfDemand::None,
            Some(value) => CsrfDemand::Is(value.as_bytes().into()),
        };
        let now = options.now.unwrap_or_else(|| self.now());
        let settings = &*self.config;
        let allow_expired = options.allow_expired;
        let at = Circumstances { settings, now, csrf: &csrf, allow_expired, fits };
        verify::check_claims(&signed, &at)?;
        let facts = Facts { location: None, revocation: Revocation::Skipped };
        Ok(VerifiedToken { signed, facts })
    }

    /// A token whose signature is good by one of `keys`, and whether it is known to fit the settings.
    pub(crate) fn signed(&self, token: &str, keys: &Keyring) -> Result<(Arc<Signed>, bool)> {
        let read = || verify::signed(token, &self.config, keys, self.error_context.as_ref());
        let Some(cache) = &self.verified else {
            return Ok((read()?, false));
        };
        if let Some(signed) = cache.get(token, keys.generation()) {
            return Ok((signed, true));
        }
        let signed = read()?;
        let fits = verify::check_fit(&signed, &self.config).is_ok();
        if fits {
            cache.insert(&signed, keys.generation());
        }
        Ok((signed, fits))
    }

    /// When the last token of any session that lives now will have expired: how long a revoked session
    /// must be remembered. `None`: never.
    pub fn session_end(&self) -> Option<Timestamp> {
        Some(self.now() + session_span(&self.config)? + self.config.decode_leeway)
    }

    /// Checks a token that was made elsewhere, to put it into cookies. Where those are to carry its
    /// CSRF value, it must have one that a cookie can carry.
    pub fn read_encoded(&self, token: &str) -> Result<EncodedToken> {
        let decoded = self.decode(token, &DecodeOptions::default())?;
        if cookies::has_csrf_cookie(&self.config) && !decoded.csrf().is_some_and(csrf::fits_cookie)
        {
            return Err(self.own(AuthError::new(
                ErrorKind::InvalidClaim,
                "The token has no claim csrf that a cookie can carry",
            )));
        }
        let (jti, csrf, session) = (decoded.jti(), decoded.csrf(), decoded.session_id());
        Ok(EncodedToken::new(token.to_owned(), jti, csrf, session, decoded.expires_at()))
    }

    /// The cookies that bring a token of this kind to the browser: upstream's `set_access_cookies` and
    /// `set_refresh_cookies`.
    pub fn set_cookies(
        &self,
        kind: TokenKind,
        token: &EncodedToken,
        options: &CookieOptions,
    ) -> Vec<Cookie<'static>> {
        cookies::set(&self.config, kind, token, options, self.now())
    }

    /// The cookies that make the browser forget it: upstream's `unset_access_cookies` and
    /// `unset_refresh_cookies`.
    pub fn unset_cookies(&self, kind: TokenKind, options: &CookieOptions) -> Vec<Cookie<'static>> {
        cookies::unset(&self.config, kind, options)
    }
}

/// The longest life of a token that is part of a session.
pub(crate) fn session_span(settings: &Settings) -> Option<Duration> {
    let access = settings.access_token_expires.duration()?;
    Some(settings.refresh_token_expires.duration()?.max(access))
}

impl fmt::Debug for DecodeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeOptions")
            .field("allow_expired", &self.allow_expired)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for JwtEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtEngine").field("config", &self.config).finish_non_exhaustive()
    }
}
