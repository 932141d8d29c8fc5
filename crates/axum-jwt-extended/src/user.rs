//! Loading the user that a token is for.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;

use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use jwt_extended::{AuthError, BoxError, ErrorKind, VerifiedToken};

use crate::error::Error;
use crate::extract::{Access, Guard, optional_token};
use crate::manager::{JwtManager, Main};

/// Implemented by an application's user type: how to load it. Upstream's `user_lookup_loader`.
///
/// A user is loaded once for a request and kept in its extensions, hence the bounds; one that is not
/// `Clone` goes into an `Arc`. It is kept by its type: where two states load users of one type from
/// different places, give each a type of its own.
///
/// ```
/// use axum_jwt_extended::{LoadUser, VerifiedToken};
/// # #[derive(Clone)] struct Db;
/// # #[derive(Debug)] struct DbError;
/// # impl std::fmt::Display for DbError { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, "db") } }
/// # impl std::error::Error for DbError {}
/// # impl Db { async fn user(&self, id: i64) -> Result<Option<User>, DbError> { Ok(None) } }
/// # struct AppState { db: Db }
/// #[derive(Clone)]
/// struct User {
///     id: i64,
///     name: String,
/// }
///
/// impl LoadUser<AppState> for User {
///     type Error = DbError;
///
///     async fn load_user(token: &VerifiedToken, state: &AppState) -> Result<Option<Self>, DbError> {
///         let Ok(id) = token.identity_as() else { return Ok(None) };
///         state.db.user(id).await
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how a user is loaded where the state is `{S}`",
    label = "no `LoadUser<{S}>`",
    note = "write `impl LoadUser<{S}> for {Self}`; it also has to be `Clone`"
)]
pub trait LoadUser<S>: Clone + Send + Sync + 'static {
    /// What can go wrong in loading; it is answered with 503 and logged. An [`AuthError`] is answered
    /// as it is, for users whom the application refuses in its own way.
    type Error: Into<BoxError>;

    /// The user whom `token` is for; `None` where there is none (any more), which is answered with
    /// 401 `user_not_found`.
    fn load_user(
        token: &VerifiedToken,
        state: &S,
    ) -> impl Future<Output = Result<Option<Self>, Self::Error>> + Send;
}

/// The user of a request; protects the handler as [`AccessToken`](crate::AccessToken) does. Upstream's
/// `current_user`.
///
/// As `Option`, a request without a token is `None`; a token without a user is refused still. For
/// other tokens than access tokens, and other managers, there is [`CurrentUserOf`].
///
/// ```
/// # use axum_jwt_extended::{CurrentUser, LoadUser, VerifiedToken};
/// # struct User { name: String }
/// async fn profile(CurrentUser(user): CurrentUser<User>) -> String {
///     user.name
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentUser<U>(
    /// The user.
    pub U,
);

/// The user of a request whose token is what `K` asks for, by the manager `M`.
///
/// ```
/// # use axum_jwt_extended::{CurrentUserOf, Refresh};
/// # struct User { name: String }
/// async fn refresh(CurrentUserOf { user, .. }: CurrentUserOf<User, Refresh>) -> String {
///     user.name
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CurrentUserOf<U, K = Access, M = Main> {
    /// The user.
    pub user: U,
    marker: PhantomData<fn() -> (K, M)>,
}

impl<U, K, M, S> FromRequestParts<S> for CurrentUserOf<U, K, M>
where
    U: LoadUser<S>,
    K: Guard,
    M: 'static,
    JwtManager<M>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let jwt = JwtManager::<M>::from_ref(state);
        let token = jwt.authenticate_and_keep(parts, K::policy()).await?;
        let user = load_and_keep(&token, parts, state).await;
        let user = user.map_err(|error| Error::new(error, &jwt.inner, Some(parts)))?;
        Ok(Self { user, marker: PhantomData })
    }
}

impl<U, K, M, S> OptionalFromRequestParts<S> for CurrentUserOf<U, K, M>
where
    U: LoadUser<S>,
    K: Guard,
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
        let user = load_and_keep(&token, parts, state).await;
        let user = user.map_err(|error| Error::new(error, &jwt.inner, Some(parts)))?;
        Ok(Some(Self { user, marker: PhantomData }))
    }
}

impl<U, S> FromRequestParts<S> for CurrentUser<U>
where
    U: LoadUser<S>,
    JwtManager: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        type Of<U> = CurrentUserOf<U>;
        let of = <Of<U> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Self(of.user))
    }
}

impl<U, S> OptionalFromRequestParts<S> for CurrentUser<U>
where
    U: LoadUser<S>,
    JwtManager: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Error> {
        type Of<U> = CurrentUserOf<U>;
        let of = <Of<U> as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(of.map(|of| Self(of.user)))
    }
}

/// A user in a request's extensions, and the token for which it was loaded.
#[derive(Clone)]
struct Loaded<U> {
    user: U,
    token: VerifiedToken,
}

/// The user of `token`, loaded once for a request.
pub(crate) async fn load_and_keep<U: LoadUser<S>, S>(
    token: &VerifiedToken,
    parts: &mut Parts,
    state: &S,
) -> Result<U, AuthError> {
    if let Some(loaded) = parts.extensions.get::<Loaded<U>>()
        && loaded.token.is_same_as(token)
    {
        return Ok(loaded.user.clone());
    }
    match U::load_user(token, state).await {
        Ok(Some(user)) => {
            parts.extensions.insert(Loaded { user: user.clone(), token: token.clone() });
            Ok(user)
        }
        Ok(None) => Err(token.refuse(ErrorKind::UserNotFound)),
        Err(error) => Err(AuthError::store_unavailable(error)),
    }
}

impl<U> Deref for CurrentUser<U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.0
    }
}
