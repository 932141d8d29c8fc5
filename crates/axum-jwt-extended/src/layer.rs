//! Guards for groups of routes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Method, Request};
use jwt_extended::{AuthError, Location, Policy, VerifiedToken};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::Error;
use crate::manager::{JwtManager, Main};
use crate::user::{LoadUser, load_and_keep};

/// Guards every route that it wraps; [`JwtManager::required`] makes it.
///
/// It is infallible (errors become responses), and lets `OPTIONS` pass, so that CORS works: a handler
/// that takes any method (`any`, a nested service) sees such requests without a token. What it found out is kept
/// for the extractors of the handlers inside: they check only what it did not ask for.
///
/// Use it with `route_layer`, so that a path that does not exist stays a 404.
///
/// ```
/// use axum::{Router, routing::get};
/// use axum_jwt_extended::{AccessToken, Config, JwtManager};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let jwt = JwtManager::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
/// let app: Router = Router::new()
///     .route("/reports", get(|| async { "all of them" }))
///     .route("/reports/mine", get(|token: AccessToken| async move { token.identity().to_owned() }))
///     .route_layer(jwt.required().scopes(["reports:read"]))
///     .with_state(jwt);
/// # Ok(())
/// # }
/// ```
#[must_use = "a layer does nothing until it is part of a router"]
pub struct JwtLayer<M = Main> {
    jwt: JwtManager<M>,
    policy: Policy,
    optional: bool,
    /// Scopes or roles are asked for, which nobody without a token has.
    demanding: bool,
    checks: Arc<Vec<Box<Check>>>,
    loads: Vec<Arc<Load>>,
}

type Check = dyn Fn(&VerifiedToken) -> Result<(), AuthError> + Send + Sync;
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Load = dyn for<'a> Fn(&'a VerifiedToken, &'a mut Parts) -> BoxFuture<'a, Result<(), AuthError>>
    + Send
    + Sync;

impl<M: 'static> JwtManager<M> {
    /// A guard that asks for an access token; its methods change what is asked for.
    pub fn required(&self) -> JwtLayer<M> {
        JwtLayer {
            jwt: self.clone(),
            policy: Policy::required(),
            optional: false,
            demanding: false,
            checks: Arc::default(),
            loads: Vec::new(),
        }
    }
}

impl<M: 'static> JwtLayer<M> {
    /// Lets requests without a token pass; a bad one is still refused. Where [`scopes`](Self::scopes) or
    /// [`any_role`](Self::any_role) are asked for, a request without a token is refused all the same.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Asks for a fresh token.
    pub fn fresh(mut self) -> Self {
        self.policy = self.policy.fresh();
        self
    }

    /// Asks for a refresh token instead of an access token.
    pub fn refresh(mut self) -> Self {
        self.policy = self.policy.refresh();
        self
    }

    /// Takes access and refresh tokens.
    pub fn any_type(mut self) -> Self {
        self.policy = self.policy.any_type();
        self
    }

    /// Looks for the token only in these places, in this order.
    pub fn locations(mut self, locations: impl IntoIterator<Item = Location>) -> Self {
        self.policy = self.policy.locations(locations);
        self
    }

    /// Does not ask the store. Extractors inside the group still ask it.
    pub fn skip_revocation(mut self) -> Self {
        self.policy = self.policy.skip_revocation();
        self
    }

    /// Asks for all of these scopes; see [`VerifiedToken::require_scopes`]. Without a token there are none, so
    /// it is needed even where it is [`optional`](Self::optional).
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.demanding = true;
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        self.check(move |token| token.require_scopes(&scopes))
    }

    /// Asks for one of these roles; see [`VerifiedToken::require_any_role`]. Without a token there are none, so
    /// it is needed even where it is [`optional`](Self::optional).
    pub fn any_role<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.demanding = true;
        let roles: Vec<String> = roles.into_iter().map(Into::into).collect();
        self.check(move |token| token.require_any_role(&roles))
    }

    /// Adds a check of the application's own; it does not run for requests without a token.
    /// [`VerifiedToken::refuse`] makes the error.
    pub fn check(
        mut self,
        check: impl Fn(&VerifiedToken) -> Result<(), AuthError> + Send + Sync + 'static,
    ) -> Self
    where
        M: 'static,
    {
        let mut checks = Arc::try_unwrap(self.checks).unwrap_or_else(|shared| {
            // A clone of this layer keeps the checks that it had.
            vec![Box::new(move |token: &VerifiedToken| {
                shared.iter().try_for_each(|check| check(token))
            })]
        });
        checks.push(Box::new(check));
        self.checks = Arc::new(checks);
        self
    }

    /// Loads the user for the whole group: a token whose user is gone is refused, and the handlers'
    /// [`CurrentUser`](crate::CurrentUser) finds it loaded. Called again, it loads another type too.
    pub fn load<U: LoadUser<S>, S: Send + Sync + 'static>(mut self, state: S) -> Self {
        let state = Arc::new(state);
        self.loads.push(Arc::new(move |token, parts| {
            let state = Arc::clone(&state);
            Box::pin(async move { load_and_keep::<U, S>(token, parts, &state).await.map(|_| ()) })
        }));
        self
    }

    async fn guard(&self, parts: &mut Parts) -> Result<(), Error> {
        let token = if self.optional && !self.demanding {
            self.jwt.authenticate_and_keep(parts, self.policy.clone().optional()).await?
        } else {
            Some(self.jwt.authenticate_and_keep(parts, self.policy.clone()).await?)
        };
        let Some(token) = token else {
            return Ok(());
        };
        let mut passed = self.checks.iter().try_for_each(|check| check(&token));
        for load in &self.loads {
            if passed.is_ok() {
                passed = load(&token, parts).await;
            }
        }
        passed.map_err(|error| Error::new(error, &self.jwt.inner, Some(parts)))
    }
}

impl<M, S> Layer<S> for JwtLayer<M> {
    type Service = JwtService<S, M>;

    fn layer(&self, inner: S) -> JwtService<S, M> {
        JwtService { inner, layer: self.clone() }
    }
}

/// The service of [`JwtLayer`].
pub struct JwtService<S, M = Main> {
    inner: S,
    layer: JwtLayer<M>,
}

impl<S, M, B> Service<Request<B>> for JwtService<S, M>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
    M: 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone may not be ready; the one that was asked is.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if parts.method != Method::OPTIONS
                && let Err(error) = layer.guard(&mut parts).await
            {
                return Ok(error.into_response());
            }
            inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response)
        })
    }
}

impl<M> Clone for JwtLayer<M> {
    fn clone(&self) -> Self {
        Self {
            jwt: self.jwt.clone(),
            policy: self.policy.clone(),
            optional: self.optional,
            checks: Arc::clone(&self.checks),
            loads: self.loads.clone(),
            demanding: self.demanding,
        }
    }
}

impl<S: Clone, M> Clone for JwtService<S, M> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<M> fmt::Debug for JwtLayer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtLayer")
            .field("policy", &self.policy)
            .field("optional", &self.optional)
            .finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, M> fmt::Debug for JwtService<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtService")
            .field("inner", &self.inner)
            .field("layer", &self.layer)
            .finish()
    }
}
