//! Tokens of outside issuers, as extractors.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::Method;
use http::request::Parts;
use jwt_extended::outside::{OutsideToken, OutsideVerifier, SharedOutsideVerifier, bearer_token};
use jwt_extended::{AuthError, ErrorContext};
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::extract::claims_of;
use crate::hooks::in_time;
use crate::manager::{JwtManager, Main};
use crate::view::PartsView;

/// The outside issuers whose tokens a service takes; part of the application's state. Cheap to clone.
///
/// It is found as a [`JwtManager`] is, by [`FromRef`], and [`Outside`] is the extractor. Services with
/// several groups of issuers give each a type of its own, as managers have.
///
/// ```
/// use axum::{Router, routing::get};
/// use axum_jwt_extended::outside::{Expectations, OutsideToken, OutsideVerifier};
/// use axum_jwt_extended::{AuthError, Clock as _, Keyring, Outside, OutsideIssuers, SystemClock};
///
/// /// A partner whose keys came by mail. `jwt-extended-jwks` fetches those of others.
/// struct Partner {
///     expectations: Expectations,
///     keys: Keyring,
/// }
///
/// impl OutsideVerifier for Partner {
///     async fn verify(&self, token: &str) -> Result<OutsideToken, AuthError> {
///         self.expectations.verify(token, &self.keys, SystemClock.now())
///     }
/// }
///
/// async fn orders(token: Outside) -> Result<String, axum_jwt_extended::Error> {
///     token.require_scopes(["orders:read"])?;
///     Ok(format!("the orders of {}", token.subject().unwrap_or("nobody")))
/// }
///
/// fn app(partner: Partner) -> Router {
///     Router::new().route("/orders", get(orders)).with_state(OutsideIssuers::new(partner))
/// }
/// ```
pub struct OutsideIssuers<M = Main> {
    verifier: SharedOutsideVerifier,
    errors: Option<ErrorContext>,
    timeout: Duration,
    marker: PhantomData<fn() -> M>,
}

impl<M: 'static> OutsideIssuers<M> {
    /// Takes whoever checks the tokens. Errors are answered in the native style.
    pub fn new(verifier: impl OutsideVerifier) -> Self {
        Self {
            verifier: SharedOutsideVerifier::new(verifier),
            errors: None,
            timeout: Duration::from_secs(5),
            marker: PhantomData,
        }
    }

    /// Answers errors as `jwt` does: in its style, or through its
    /// [`on_error`](crate::JwtManagerBuilder::on_error).
    pub fn answers_like<N>(mut self, jwt: &JwtManager<N>) -> Self {
        self.errors = jwt.inner.error_context().cloned();
        self
    }

    /// Gives up on a verifier that has not answered in this time, with 503: 5 seconds, unless set. It
    /// takes a tokio runtime with timers, as `#[tokio::main]` makes it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Checks the token in the header `Authorization: Bearer` of a request.
    pub async fn authenticate(&self, parts: &Parts) -> Result<OutsideToken, Error> {
        self.check(parts).await.map_err(|error| self.error(error, Some(parts)))
    }

    /// Checks a token that came as text: over a WebSocket, in a queue.
    pub async fn authenticate_token(&self, token: &str) -> Result<OutsideToken, Error> {
        self.verify(token).await.map_err(|error| self.error(error, None))
    }

    async fn check(&self, parts: &Parts) -> Result<OutsideToken, AuthError> {
        let view = PartsView::new(parts);
        let token = bearer_token(&view)?;
        self.verify(&token).await
    }

    async fn verify(&self, token: &str) -> Result<OutsideToken, AuthError> {
        let checked = in_time(self.timeout, self.verifier.verify(token)).await;
        if let Err(error) = &checked {
            tracing::debug!(code = error.code(), kind = ?error.kind(), "outside token refused");
        }
        Ok(checked?.with_error_context(self.errors.as_ref()))
    }

    fn error(&self, error: AuthError, parts: Option<&Parts>) -> Error {
        Error::of(error, self.errors.as_ref(), parts)
    }
}

/// The token of an outside issuer, checked; it derefs to [`OutsideToken`].
///
/// `C` is the type of its claims, and `M` the group of issuers. As `Option`, a request without any
/// token is `None`, and so is every OPTIONS request; a bad token is refused still.
///
/// ```
/// use axum_jwt_extended::Outside;
///
/// #[derive(serde::Deserialize)]
/// struct Claims {
///     email: String,
/// }
///
/// async fn hello(token: Outside<Claims>) -> String {
///     format!("Hello {}", token.claims.email)
/// }
/// ```
pub struct Outside<C = (), M = Main> {
    /// The claims.
    pub claims: C,
    token: OutsideToken,
    marker: PhantomData<fn() -> M>,
}

impl<C: DeserializeOwned + 'static, M: 'static> Outside<C, M> {
    async fn extract<S>(parts: &Parts, state: &S) -> Result<Self, Error>
    where
        OutsideIssuers<M>: FromRef<S>,
    {
        let issuers = OutsideIssuers::<M>::from_ref(state);
        let token = issuers.authenticate(parts).await?;
        let claims = claims_of(|| token.claims());
        let claims = claims.map_err(|error| issuers.error(error, Some(parts)))?;
        Ok(Self { claims, token, marker: PhantomData })
    }
}

impl<C, M> Outside<C, M> {
    /// The checked token, without the type of its claims.
    pub fn into_token(self) -> OutsideToken {
        self.token
    }
}

impl<C, M, S> FromRequestParts<S> for Outside<C, M>
where
    C: DeserializeOwned + 'static,
    M: 'static,
    OutsideIssuers<M>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        Self::extract(parts, state).await
    }
}

impl<C, M, S> OptionalFromRequestParts<S> for Outside<C, M>
where
    C: DeserializeOwned + 'static,
    M: 'static,
    OutsideIssuers<M>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Error> {
        if parts.method == Method::OPTIONS {
            return Ok(None);
        }
        match Self::extract(parts, state).await {
            Ok(token) => Ok(Some(token)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<C, M> Deref for Outside<C, M> {
    type Target = OutsideToken;

    fn deref(&self) -> &OutsideToken {
        &self.token
    }
}

// As for a manager: who keeps the state in an `Arc` cannot implement this.
impl<T, M> FromRef<Arc<T>> for OutsideIssuers<M>
where
    Self: FromRef<T>,
{
    fn from_ref(state: &Arc<T>) -> Self {
        Self::from_ref(&**state)
    }
}

impl<M> Clone for OutsideIssuers<M> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            errors: self.errors.clone(),
            timeout: self.timeout,
            marker: PhantomData,
        }
    }
}

impl<C: Clone, M> Clone for Outside<C, M> {
    fn clone(&self) -> Self {
        Self { claims: self.claims.clone(), token: self.token.clone(), marker: PhantomData }
    }
}

impl<M> fmt::Debug for OutsideIssuers<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutsideIssuers").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl<C, M> fmt::Debug for Outside<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.token.fmt(f)
    }
}
