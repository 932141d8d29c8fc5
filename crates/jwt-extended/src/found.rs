//! The stop between a token that was found and its keys, at which an adapter may have to wait.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::config::Location;
use crate::csrf::CsrfDemand;
use crate::engine::JwtEngine;
use crate::error::{AuthError, ErrorKind, Result};
use crate::key::Keyring;
use crate::locations;
use crate::policy::Policy;
use crate::request::RequestView;
use crate::token::VerifiedToken;
use crate::unverified::UnverifiedToken;
use crate::verify::{self, Circumstances, Verdict};

/// A token that was found and of which nothing is checked yet: it waits for the keys to check it with.
///
/// Services with one ring of keys use [`JwtEngine::check_request`] and never see it. Where each tenant
/// has keys of its own, the adapter looks at what the token [says of itself](Self::unverified), waits
/// for the keys that are meant, and goes on.
///
/// ```
/// use jwt_extended::{JwtEngine, KeyChoice, Policy, RequestView, Result, UnverifiedToken, Verdict};
///
/// async fn check<K: AsyncFn(UnverifiedToken) -> Result<KeyChoice>>(
///     engine: &JwtEngine,
///     request: &impl RequestView,
///     keys_for: K,
/// ) -> Result<Verdict> {
///     let policy = Policy::required();
///     let found = engine.find_token(request, &policy, None)?;
///     let keys = keys_for(found.unverified()?).await?;
///     found.check_with(&keys)
/// }
/// ```
#[must_use = "a token that was found is not checked yet"]
pub struct FoundToken<'a> {
    engine: &'a JwtEngine,
    policy: &'a Policy,
    token: Cow<'a, str>,
    location: Option<Location>,
    csrf: CsrfDemand<'a>,
    known: Option<&'a VerifiedToken>,
}

/// Which keys are for a token, to check it or to make it: what an application's hook answers.
///
/// From a `Keyring`, an `Arc` of one, or an `Option`, in which `None` is [`KeyChoice::Unknown`].
#[derive(Clone, Debug)]
pub enum KeyChoice {
    /// The engine's own, as without a hook.
    Own,
    /// These.
    These(Arc<Keyring>),
    /// None: there is no such tenant, or it has no keys. A token is refused then, and none is made.
    Unknown,
}

impl JwtEngine {
    /// Finds the token of a request, and what CSRF value came with it.
    ///
    /// `known` is what another check of the same request by this same engine let in; its signature is
    /// not computed again if the very same token is found, everything else is.
    pub fn find_token<'a>(
        &'a self,
        request: &'a impl RequestView,
        policy: &'a Policy,
        known: Option<&'a VerifiedToken>,
    ) -> Result<FoundToken<'a>> {
        let locations = policy.locations.as_ref().unwrap_or(&self.config().token_location);
        if locations.is_empty() {
            // Not `TokenMissing`, which an optional policy forgives.
            return Err(self.own(AuthError::new(
                ErrorKind::Misconfigured,
                "the policy looks for a token nowhere: name a place in `locations`, or leave it out \
                 for the configured ones",
            )));
        }
        let found = locations::find(request, self.config(), locations, policy.names)
            .map_err(|error| self.own(error))?;
        let known = known.filter(|known| {
            known.facts.location == Some(found.location) && known.signed.encoded() == &*found.token
        });
        let (token, csrf) = (text(found.token), found.csrf);
        Ok(FoundToken { engine: self, policy, token, location: Some(found.location), csrf, known })
    }

    /// Takes a token that came as text, outside a request: over a WebSocket, in a queue. No CSRF value
    /// is needed.
    pub fn take_token<'a>(&'a self, token: &'a str, policy: &'a Policy) -> FoundToken<'a> {
        let (token, csrf) = (token.into(), CsrfDemand::None);
        FoundToken { engine: self, policy, token, location: None, csrf, known: None }
    }

    /// Finds and checks the token of a request with the engine's own keys, up to the question for the
    /// store. `known` is as in [`JwtEngine::find_token`].
    pub fn check_request(
        &self,
        request: &impl RequestView,
        policy: &Policy,
        known: Option<&VerifiedToken>,
    ) -> Result<Verdict> {
        self.find_token(request, policy, known)?.check()
    }

    /// Checks a token that came as text with the engine's own keys, up to the question for the store.
    pub fn check_token(&self, token: &str, policy: &Policy) -> Result<Verdict> {
        self.take_token(token, policy).check()
    }
}

/// What is no UTF-8 is no base64url either, and stays none.
fn text(token: Cow<'_, [u8]>) -> Cow<'_, str> {
    match token {
        Cow::Borrowed(token) => {
            str::from_utf8(token).map_or_else(|_| String::from_utf8_lossy(token), Cow::Borrowed)
        }
        Cow::Owned(token) => String::from_utf8(token)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
            .into(),
    }
}

impl FoundToken<'_> {
    /// Whether another check of this request has found its keys: then [`check`](Self::check) needs none.
    pub fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// What the token says of itself, to choose the keys by.
    pub fn unverified(&self) -> Result<UnverifiedToken> {
        UnverifiedToken::of(self.token.as_bytes(), self.engine.config())
            .map_err(|error| self.engine.own(error))
    }

    /// Checks the token with the engine's own keys, up to the question for the store.
    pub fn check(self) -> Result<Verdict> {
        let keys = self.engine.config().ring();
        self.check_by(&keys).map_err(|error| self.engine.own(error))
    }

    /// Checks the token with the keys that were chosen for it, up to the question for the store.
    pub fn check_with(self, keys: &KeyChoice) -> Result<Verdict> {
        let checked = match keys {
            KeyChoice::Own => return self.check(),
            KeyChoice::These(keys) => self.check_by(keys),
            KeyChoice::Unknown => Err(ErrorKind::UnknownKey.into()),
        };
        checked.map_err(|error| self.engine.own(error))
    }

    fn check_by(&self, keys: &Keyring) -> Result<Verdict> {
        let (engine, policy) = (self.engine, self.policy);
        let (signed, fits) = match self.known {
            Some(known) => (Arc::clone(&known.signed), false),
            None => engine.signed(&self.token, keys)?,
        };
        let (settings, now) = (&**engine.config(), engine.now());
        let at = Circumstances { settings, now, csrf: &self.csrf, allow_expired: false, fits };
        verify::check_claims(&signed, &at)?;
        verify::check_policy(&signed, settings, policy, now)?;
        let require_jti = settings.require_jti;
        Ok(Verdict::of(signed, self.location, policy, require_jti, now, self.known))
    }
}

impl From<Arc<Keyring>> for KeyChoice {
    fn from(keys: Arc<Keyring>) -> Self {
        Self::These(keys)
    }
}

impl From<Keyring> for KeyChoice {
    fn from(keys: Keyring) -> Self {
        Self::These(Arc::new(keys))
    }
}

impl<K: Into<Self>> From<Option<K>> for KeyChoice {
    fn from(keys: Option<K>) -> Self {
        keys.map_or(Self::Unknown, Into::into)
    }
}

impl fmt::Debug for FoundToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundToken").field("location", &self.location).finish_non_exhaustive()
    }
}
