//! The engine: a configuration with its clock and randomness, and everything it can do.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cookie::Cookie;
use serde_json::{Map, Value};

use crate::claims::Name;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::{Config, Location, Settings};
use crate::cookies::{self, CookieOptions};
use crate::create::{CustomClaims, TokenBuilder, TokenPairBuilder};
use crate::csrf::{self, CsrfDemand};
use crate::error::{AuthError, ErrorContext, ErrorKind, Result};
use crate::identity::Identity;
use crate::locations;
use crate::policy::Policy;
use crate::random::{Random, SystemRandom};
use crate::request::RequestView;
use crate::token::{EncodedToken, Facts, Revocation, Signed, TokenKind, VerifiedToken};
use crate::verify::{self, Circumstances, Verdict};

type ClaimsHook = dyn Fn(&Identity, TokenKind) -> CustomClaims + Send + Sync;

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
    clock: Box<dyn Clock>,
    random: Box<dyn Random>,
    claims_hook: Option<Box<ClaimsHook>>,
    error_context: Option<ErrorContext>,
}

/// What [`JwtEngine::decode`] does besides checking everything.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// Takes a token whose `exp` has come.
    pub allow_expired: bool,
    /// The value that the token's `csrf` claim must have.
    pub csrf_value: Option<String>,
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
}

impl JwtEngine {
    /// An engine on the system's clock and randomness.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            clock: Box::new(SystemClock),
            random: Box::new(SystemRandom),
            claims_hook: None,
            error_context: None,
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

    /// Gives every error of this engine, and of the tokens that it lets in, a value of the adapter's
    /// own to carry along.
    pub fn with_error_context(mut self, context: ErrorContext) -> Self {
        self.error_context = Some(context);
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

    /// What the engine's clock shows.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }

    pub(crate) fn claims_hook(&self) -> Option<&ClaimsHook> {
        self.claims_hook.as_deref()
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
    /// token makes `encode` fail, or a stolen access token could renew itself.
    pub fn refresh_access_token(&self, refresh: &VerifiedToken) -> TokenBuilder<'_> {
        let next = self.create_access_token(refresh).in_session_of(refresh);
        if refresh.is_refresh() {
            return next;
        }
        next.refused(refresh.refuse(ErrorKind::WrongTokenType))
    }

    /// Returns a builder for a successor of the access token `token`: for the same identity and audience, in the same
    /// session, with the same CSRF value, not fresh, living no longer than `longest`. Claims of the
    /// application's own are copied, unless a claims hook is set, which decides anew.
    pub fn renew_access_token(&self, token: &VerifiedToken, longest: Duration) -> TokenBuilder<'_> {
        let lifetime = self.config.access_token_expires.duration().unwrap_or(Duration::MAX);
        let mut builder = self.create_access_token(token).in_session_of(token);
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
    /// `decode_token`: neither its type, nor freshness, nor revocation. To let somebody in, use
    /// [`JwtEngine::check_token`].
    pub fn decode(&self, token: &str, options: &DecodeOptions) -> Result<VerifiedToken> {
        self.decode_here(token, options).map_err(|error| self.own(error))
    }

    fn decode_here(&self, token: &str, options: &DecodeOptions) -> Result<VerifiedToken> {
        let signed = self.signed(token.as_bytes())?;
        let csrf = match options.csrf_value.as_deref() {
            None => CsrfDemand::None,
            Some(value) => CsrfDemand::Is(value.as_bytes().into()),
        };
        self.check_claims(&signed, &csrf, options.allow_expired)?;
        let facts = Facts { location: None, revocation: Revocation::Skipped };
        Ok(VerifiedToken { signed: Arc::new(signed), facts })
    }

    /// Finds and checks the token of a request, up to the question for the store.
    ///
    /// `known` is what another check of the same request by this same engine let in; its signature is
    /// not computed again if the very same token is found, everything else is.
    pub fn check_request(
        &self,
        request: &impl RequestView,
        policy: &Policy,
        known: Option<&VerifiedToken>,
    ) -> Result<Verdict> {
        let locations = policy.locations.as_ref().unwrap_or(&self.config.token_location);
        let found = locations::find(request, &self.config, locations, policy.names)
            .map_err(|error| self.own(error))?;
        let known = known.filter(|known| {
            known.facts.location == Some(found.location) && known.signed.encoded() == &*found.token
        });
        self.check(&found.token, Some(found.location), &found.csrf, policy, known)
            .map_err(|error| self.own(error))
    }

    /// Checks a token that came as text, outside a request: over a WebSocket, in a queue. No CSRF
    /// value is needed.
    pub fn check_token(&self, token: &str, policy: &Policy) -> Result<Verdict> {
        self.check(token.as_bytes(), None, &CsrfDemand::None, policy, None)
            .map_err(|error| self.own(error))
    }

    fn check(
        &self,
        token: &[u8],
        location: Option<Location>,
        csrf: &CsrfDemand<'_>,
        policy: &Policy,
        known: Option<&VerifiedToken>,
    ) -> Result<Verdict> {
        let signed = match known {
            Some(known) => Arc::clone(&known.signed),
            None => Arc::new(self.signed(token)?),
        };
        let now = self.check_claims(&signed, csrf, false)?;
        verify::check_policy(&signed, &self.config, policy, now)?;
        Ok(Verdict::of(signed, location, policy, self.config.require_jti, known))
    }

    fn signed(&self, token: &[u8]) -> Result<Signed> {
        let mut signed = verify::signed(token, &self.config, self.config.keys())?;
        signed.leeway = self.config.decode_leeway;
        signed.error_context.clone_from(&self.error_context);
        Ok(signed)
    }

    fn check_claims(
        &self,
        signed: &Signed,
        csrf: &CsrfDemand<'_>,
        allow_expired: bool,
    ) -> Result<Timestamp> {
        let (settings, now) = (&*self.config, self.now());
        verify::check_claims(signed, &Circumstances { settings, now, csrf, allow_expired })?;
        Ok(now)
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
        Ok(EncodedToken {
            text: token.to_owned(),
            csrf: decoded.csrf().map(str::to_owned),
            jti: decoded.jti().map(str::to_owned),
            expires_at: decoded.expires_at(),
        })
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
