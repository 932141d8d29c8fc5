//! Implicit refresh: cookie sessions that stay alive while they are used.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_core::response::{IntoResponse, IntoResponseParts, Response};
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Request};
use jwt_extended::{Location, Policy, VerifiedToken};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::Refused;
use crate::manager::{JwtManager, Main};

/// Renews access cookies that are about to expire; [`JwtManager::implicit_refresh`] makes it.
///
/// The rules:
///
/// 1. Before the handler, the access cookie is checked by the whole chain, CSRF and revocation
///    included. A request without a good one passes untouched.
/// 2. After the handler, nothing is renewed if the answer is an error or a refusal, if the token has
///    expired meanwhile or lives longer than the time `within` which it is renewed, or if shared caches
///    may keep the answer.
/// 3. A handler that set or unset one of the token cookies has the last word: a logout stays one.
/// 4. A session ends for good [`JwtImplicitRefreshLayer::max_session`] after the login (`auth_time`), or
///    `JWT_SESSION_LIFETIME` if that is shorter, and the last token ends with it. Only tokens that say when their session began are renewed: those
///    of a pair (with `JWT_SESSION_CLAIMS` on), and those made with
///    [`begin_session`](crate::TokenBuilder::begin_session).
/// 5. The store is asked once more, since the handler may have revoked the token.
/// 6. The new token is for the same identity and session, never fresh, and keeps the CSRF value, so
///    that pages which are open stay usable. Where a claims hook is set it decides the claims anew;
///    otherwise they are copied.
/// 7. The answer says `Vary: Cookie`, and `Cache-Control: no-store` where it said nothing.
///
/// It has nothing to do with refresh tokens, so `JWT_REFRESH_ROTATION` and it are no obstacle to each other:
/// a handler that rotates has the last word (3), and the cookies of a session that a reuse has ended
/// are neither let in nor renewed (1, 5).
///
/// ```
/// # use axum::{Router, routing::get};
/// # use axum_jwt_extended::{AccessToken, Config, JwtManager, Location};
/// # use std::time::Duration;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").token_location([Location::Cookies]);
/// let jwt = JwtManager::new(config.access_token_expires(Duration::from_secs(15 * 60)).build()?);
/// let app: Router = Router::new()
///     .route("/", get(|token: AccessToken| async move { token.identity().to_owned() }))
///     .layer(jwt.implicit_refresh(Duration::from_secs(5 * 60)).max_session(Duration::from_secs(8 * 3600)))
///     .with_state(jwt);
/// # Ok(())
/// # }
/// ```
#[must_use = "a layer does nothing until it is part of a router"]
pub struct JwtImplicitRefreshLayer<M = Main> {
    jwt: JwtManager<M>,
    within: Duration,
    max_session: Option<Duration>,
}

impl<M: 'static> JwtManager<M> {
    /// A layer that renews access cookies which expire `within` this time; choose it shorter than
    /// `JWT_ACCESS_TOKEN_EXPIRES`, or every answer brings a new cookie. A session lasts at most as
    /// long as a refresh token would (`JWT_REFRESH_TOKEN_EXPIRES`), unless
    /// [`JwtImplicitRefreshLayer::max_session`] says otherwise.
    ///
    /// **Roles, scopes and all other claims of the old token are copied**: what was taken away from somebody
    /// stays in their token for as long as the session lasts. Set
    /// [`claims_hook`](crate::JwtManagerBuilder::claims_hook), which decides them anew each time, or revoke the
    /// sessions of those whose roles change.
    pub fn implicit_refresh(&self, within: Duration) -> JwtImplicitRefreshLayer<M> {
        let max_session = self.config().refresh_token_expires.duration();
        JwtImplicitRefreshLayer { jwt: self.clone(), within, max_session }
    }
}

impl<M: 'static> JwtImplicitRefreshLayer<M> {
    /// How long after the login a session ends, however much it is used.
    pub fn max_session(mut self, duration: Duration) -> Self {
        self.max_session = Some(duration);
        self
    }

    /// Puts a new access cookie into `response`, if it is time and nothing speaks against it.
    async fn renew(&self, token: &VerifiedToken, response: Response) -> Response {
        let now = self.jwt.engine().now();
        let Some((ends, began)) = token.expires_at().zip(token.auth_time()) else {
            return response;
        };
        let lifetimes = [self.max_session, self.jwt.config().session_lifetime.duration()];
        let remaining = match lifetimes.into_iter().flatten().min() {
            Some(longest) => (began + longest).since(now),
            None => Duration::MAX,
        };
        if ends <= now
            || ends.since(now) > self.within
            || response.extensions().get::<Refused>().is_some()
            // A new one would live no longer.
            || remaining <= ends.since(now)
            || !response.status().is_success() && !response.status().is_redirection()
            || self.sets_tokens(response.headers())
            || may_be_shared(response.headers())
        {
            return response;
        }
        // What went wrong here must not spoil the handler's answer: the old token is still good.
        let renewed = match self.jwt.is_active(token).await {
            Ok(true) => self.jwt.engine().renew_access_token(token, remaining).encode(),
            Ok(false) => return response,
            Err(error) => Err(error),
        };
        match renewed {
            Ok(renewed) => {
                tracing::debug!("an access cookie was renewed");
                (self.jwt.set_access_cookies(&renewed), Uncached, response).into_response()
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "an access cookie could not be renewed"
                );
                response
            }
        }
    }

    fn sets_tokens(&self, headers: &HeaderMap) -> bool {
        let config = self.jwt.config();
        let names = [&config.access_cookie_name, &config.refresh_cookie_name];
        headers.get_all(SET_COOKIE).iter().any(|cookie| {
            let name = cookie.as_bytes().split(|byte| *byte == b'=').next().unwrap_or_default();
            names.iter().any(|ours| ours.as_bytes() == name.trim_ascii())
        })
    }
}

/// Whether a shared cache may keep an answer with these headers, and with it a new token.
fn may_be_shared(headers: &HeaderMap) -> bool {
    // A directive for certain caches says that there are some.
    if headers.contains_key("cdn-cache-control") || headers.contains_key("surrogate-control") {
        return true;
    }
    let mut directives = headers.get_all(CACHE_CONTROL).iter().peekable();
    directives.peek().is_some()
        && !directives.filter_map(|value| value.to_str().ok()).any(|value| {
            value.split(',').any(|directive| {
                let name = directive.trim();
                ["private", "no-store"].iter().any(|d| name.eq_ignore_ascii_case(d))
            })
        })
}

/// Keeps an answer with a token out of caches.
struct Uncached;

impl IntoResponseParts for Uncached {
    type Error = std::convert::Infallible;

    fn into_response_parts(
        self,
        mut parts: axum_core::response::ResponseParts,
    ) -> Result<axum_core::response::ResponseParts, Self::Error> {
        let headers = parts.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Cookie"));
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        Ok(parts)
    }
}

impl<M, S> Layer<S> for JwtImplicitRefreshLayer<M> {
    type Service = JwtImplicitRefreshService<S, M>;

    fn layer(&self, inner: S) -> JwtImplicitRefreshService<S, M> {
        JwtImplicitRefreshService { inner, layer: self.clone() }
    }
}

/// The service of [`JwtImplicitRefreshLayer`].
pub struct JwtImplicitRefreshService<S, M = Main> {
    inner: S,
    layer: JwtImplicitRefreshLayer<M>,
}

impl<S, M, B> Service<Request<B>> for JwtImplicitRefreshService<S, M>
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
            let policy = Policy::required().locations([Location::Cookies]);
            let token = layer.jwt.authenticate_and_keep(&mut parts, policy).await;
            let response = inner.call(Request::from_parts(parts, body)).await?.into_response();
            Ok(match token {
                Ok(token) => layer.renew(&token, response).await,
                Err(_) => response,
            })
        })
    }
}

impl<M> Clone for JwtImplicitRefreshLayer<M> {
    fn clone(&self) -> Self {
        Self { jwt: self.jwt.clone(), within: self.within, max_session: self.max_session }
    }
}

impl<S: Clone, M> Clone for JwtImplicitRefreshService<S, M> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<M> fmt::Debug for JwtImplicitRefreshLayer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtImplicitRefreshLayer")
            .field("within", &self.within)
            .field("max_session", &self.max_session)
            .finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, M> fmt::Debug for JwtImplicitRefreshService<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtImplicitRefreshService")
            .field("inner", &self.inner)
            .field("layer", &self.layer)
            .finish()
    }
}
