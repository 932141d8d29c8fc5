//! The whole chain: a request, or a token, against a policy.

use std::marker::PhantomData;
use std::sync::Arc;

use http::request::Parts;
use jwt_extended::store::RevocationStatus;
use jwt_extended::{
    AuthError, ErrorKind, FoundToken, Location, OptionalPolicy, Policy, Verdict, VerifiedToken,
};

use crate::error::Error;
use crate::manager::{Inner, JwtManager};
use crate::view::PartsView;

impl<M: 'static> JwtManager<M> {
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
        let outcome = match self.inner.engine.find_token(&view, policy.policy(), known) {
            // Only this may be forgiven: not what a hook says of a token that is there.
            Err(error) if error.is_missing() => {
                trace(&Err(&error));
                policy.absent(error)
            }
            Err(error) => {
                trace(&Err(&error));
                Err(error)
            }
            Ok(found) => {
                let finished = self.finish(found, known).await;
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
        let outcome = self.finish(self.inner.engine.take_token(token, &policy), None).await;
        trace(&outcome.as_ref());
        outcome.map_err(|error| self.error(error))
    }

    /// The steps that may wait. `known` has passed them.
    async fn finish(
        &self,
        found: FoundToken<'_>,
        known: Option<&VerifiedToken>,
    ) -> Result<VerifiedToken, AuthError> {
        if !self.inner.may_wait() {
            return Ok(match found.check()? {
                Verdict::Done(token) => token,
                Verdict::Pending(pending) => pending.without_store(),
            });
        }
        // On its own: it would make each handler's future larger than allocators like.
        Box::pin(self.finish_waiting(found, known)).await
    }

    /// As [`finish`](Self::finish), with a store or hooks.
    async fn finish_waiting(
        &self,
        found: FoundToken<'_>,
        known: Option<&VerifiedToken>,
    ) -> Result<VerifiedToken, AuthError> {
        let verdict = match &self.inner.decode_keys {
            Some(decode_keys) if !found.is_known() => {
                let keys = decode_keys(found.unverified()?);
                found.check_with(&self.inner.revocation.in_time(keys).await?)
            }
            _ => found.check(),
        };
        let token = match verdict? {
            Verdict::Done(token) => token,
            Verdict::Pending(pending) if self.inner.revocation.is_none() => pending.without_store(),
            Verdict::Pending(pending) => {
                let question = pending.question()?;
                let status = self.inner.revocation.status(&question).await?;
                if status == RevocationStatus::Reused {
                    self.burn(&question).await?;
                }
                pending.answer(status)?
            }
        };
        // The claims of a known token were accepted, and they are all that it goes by.
        if !known.is_some_and(|known| known.is_same_as(&token)) {
            for verify in &self.inner.verify_claims {
                if !verify(token.clone()).await.map_err(AuthError::store_unavailable)? {
                    return Err(token.refuse(ErrorKind::ClaimsRejected));
                }
            }
        }
        Ok(token)
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

#[cfg(test)]
mod tests {
    use axum_core::extract::FromRequestParts;

    use super::*;
    use crate::{AccessToken, Config};

    /// axum puts the future of a handler, and in it those of its extractors, into a box for each request.
    /// Up to a kilobyte allocators have at hand.
    #[test]
    fn the_future_of_an_extractor_is_small() {
        let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
        let jwt = JwtManager::new(config.build().unwrap());
        let (mut parts, ()) = http::Request::new(()).into_parts();
        let extracted =
            <AccessToken as FromRequestParts<JwtManager>>::from_request_parts(&mut parts, &jwt);
        assert!(size_of_val(&extracted) <= 512, "{}", size_of_val(&extracted));
    }
}
