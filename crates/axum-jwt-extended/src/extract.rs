//! Extractors: a handler that takes one is protected by it.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::Method;
use http::request::Parts;
use jwt_extended::{AuthError, Policy, VerifiedToken};
use serde::de::DeserializeOwned;
use serde::de::value::UnitDeserializer;

use crate::error::Error;
use crate::manager::{JwtManager, Main};

/// An access token. See [`JwtToken`].
pub type AccessToken<C = (), M = Main> = JwtToken<Access, C, M>;

/// A fresh access token: for what needs a recent login, such as changing a password. See [`JwtToken`].
pub type FreshToken<C = (), M = Main> = JwtToken<Fresh, C, M>;

/// A refresh token: for the route that makes the next access token. See [`JwtToken`].
pub type RefreshToken<C = (), M = Main> = JwtToken<Refresh, C, M>;

/// An access or a refresh token: for a route that revokes whatever it gets. In cookies the refresh
/// cookie is looked for first, then the access cookie. See [`JwtToken`].
pub type AnyToken<C = (), M = Main> = JwtToken<Any, C, M>;

/// The token of a request, checked; it derefs to [`VerifiedToken`].
///
/// `K` is what is asked of it ([`Access`], [`Fresh`], [`Refresh`], [`Any`]; the aliases
/// [`AccessToken`], [`FreshToken`], [`RefreshToken`], [`AnyToken`] are nicer to write), `C` the type of
/// the application's own claims, and `M` the manager.
///
/// - As it is, a request without a good token is refused.
/// - As `Option`, a request without any token is `None`, and so is every OPTIONS request; a bad token
///   is refused still.
/// - As `Result<_, Error>`, the handler decides.
///
/// ```
/// use axum_jwt_extended::{AccessToken, FreshToken};
///
/// #[derive(serde::Deserialize)]
/// struct Claims {
///     role: String,
/// }
///
/// async fn profile(token: AccessToken<Claims>) -> String {
///     format!("{} is {}", token.identity(), token.claims.role)
/// }
/// async fn front_page(token: Option<AccessToken>) -> String {
///     format!("Hello {}", token.as_deref().map_or("stranger", |token| token.identity()))
/// }
/// async fn change_password(_: FreshToken) {}
/// ```
pub struct JwtToken<K, C = (), M = Main> {
    /// The application's own claims.
    pub claims: C,
    token: VerifiedToken,
    marker: PhantomData<fn() -> (K, M)>,
}

/// Asks for an access token.
#[derive(Debug)]
pub enum Access {}
/// Asks for a fresh access token.
#[derive(Debug)]
pub enum Fresh {}
/// Asks for a refresh token.
#[derive(Debug)]
pub enum Refresh {}
/// Asks for an access or a refresh token.
#[derive(Debug)]
pub enum Any {}

/// What a [`JwtToken`] asks for.
pub trait Guard: sealed::Sealed + 'static {
    /// It as a policy.
    fn policy() -> Policy;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! guards {
    ($($name:ident: $policy:expr;)+) => {
        $(impl sealed::Sealed for $name {}

        impl Guard for $name {
            fn policy() -> Policy {
                $policy
            }
        })+
    };
}

guards! {
    Access: Policy::required();
    Fresh: Policy::required().fresh();
    Refresh: Policy::required().refresh();
    Any: Policy::any();
}

impl<K, C, M> JwtToken<K, C, M> {
    /// The checked token, without the type of its claims.
    pub fn into_token(self) -> VerifiedToken {
        self.token
    }
}

impl<K: Guard, C: DeserializeOwned + 'static, M: 'static> JwtToken<K, C, M> {
    fn new(token: VerifiedToken) -> Result<Self, AuthError> {
        Ok(Self { claims: claims_of(|| token.claims())?, token, marker: PhantomData })
    }
}

/// The claims, as `read` reads them.
pub(crate) fn claims_of<C: DeserializeOwned + 'static>(
    read: impl Fn() -> Result<C, AuthError>,
) -> Result<C, AuthError> {
    if TypeId::of::<C>() == TypeId::of::<()>() {
        // Nobody asked for the claims, so they are not read again.
        C::deserialize(UnitDeserializer::<serde_json::Error>::new()).or_else(|_| read())
    } else {
        read()
    }
}

impl<K, C, M, S> FromRequestParts<S> for JwtToken<K, C, M>
where
    K: Guard,
    C: DeserializeOwned + 'static,
    M: 'static,
    JwtManager<M>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let jwt = JwtManager::<M>::from_ref(state);
        let token = jwt.authenticate_and_keep(parts, K::policy()).await?;
        Self::new(token).map_err(|error| Error::new(error, &jwt.inner, Some(parts)))
    }
}

impl<K, C, M, S> OptionalFromRequestParts<S> for JwtToken<K, C, M>
where
    K: Guard,
    C: DeserializeOwned + 'static,
    M: 'static,
    JwtManager<M>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Error> {
        let jwt = JwtManager::<M>::from_ref(state);
        let Some(token) = optional_token::<K, M>(&jwt, parts).await? else {
            return Ok(None);
        };
        Self::new(token).map(Some).map_err(|error| Error::new(error, &jwt.inner, Some(parts)))
    }
}

/// OPTIONS carries no credentials in browsers, and its answer depends on none.
pub(crate) async fn optional_token<K: Guard, M: 'static>(
    jwt: &JwtManager<M>,
    parts: &mut Parts,
) -> Result<Option<VerifiedToken>, Error> {
    if parts.method == Method::OPTIONS {
        return Ok(None);
    }
    jwt.authenticate_and_keep(parts, K::policy().optional()).await
}

impl<K, C, M> Deref for JwtToken<K, C, M> {
    type Target = VerifiedToken;

    fn deref(&self) -> &VerifiedToken {
        &self.token
    }
}

impl<K, C: Clone, M> Clone for JwtToken<K, C, M> {
    fn clone(&self) -> Self {
        Self { claims: self.claims.clone(), token: self.token.clone(), marker: PhantomData }
    }
}

impl<K, C, M> fmt::Debug for JwtToken<K, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.token.fmt(f)
    }
}
