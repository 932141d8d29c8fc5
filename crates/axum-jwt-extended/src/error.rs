//! The one error of the crate, and the one place where it becomes a response.

use std::fmt;
use std::ops::Deref;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use jwt_extended::{AuthError, ErrorContext, Settings, answer};

use crate::manager::Inner;

/// Why a request was refused, or a token not made: an [`AuthError`], to which it derefs, that knows
/// how to answer.
///
/// As a response it is the configured style's answer (`JWT_ERROR_STYLE`), or whatever the
/// application's [`on_error`](crate::JwtManagerBuilder::on_error) makes of it. As a rejection it can be
/// had in a handler: `Result<AccessToken, Error>`.
#[must_use = "nobody is refused until the error is returned"]
pub struct Error {
    error: AuthError,
    request: Option<Box<RequestHead>>,
}

/// How errors are answered: it travels with each of them as the engine's error context.
pub(crate) struct Rendering {
    pub(crate) settings: Settings,
    pub(crate) on_error: Option<Box<OnError>>,
}

pub(crate) type OnError = dyn Fn(&Error, Option<&RequestHead>) -> Response + Send + Sync;

/// The head of a refused request, for an application's own answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct RequestHead {
    /// The method.
    pub method: Method,
    /// The URI.
    pub uri: Uri,
    /// The headers; they hold credentials.
    pub headers: HeaderMap,
}

impl Error {
    /// An error of a manager's, about this request.
    pub(crate) fn new(error: AuthError, manager: &Inner, request: Option<&Parts>) -> Self {
        Self::of(error, manager.error_context(), request)
    }

    /// An error that is answered as `context` says, about this request.
    #[cold]
    pub(crate) fn of(
        error: AuthError,
        context: Option<&ErrorContext>,
        request: Option<&Parts>,
    ) -> Self {
        let error = error.with_context(context);
        let mut error = Self { error, request: None };
        // Only who replaces answers needs the request.
        if error.rendering().is_some_and(|rendering| rendering.on_error.is_some()) {
            error.request = request.map(|parts| {
                Box::new(RequestHead {
                    method: parts.method.clone(),
                    uri: parts.uri.clone(),
                    headers: parts.headers.clone(),
                })
            });
        }
        error
    }

    fn rendering(&self) -> Option<&Rendering> {
        self.error.context()?.downcast_ref()
    }

    /// The engine's error.
    pub fn into_inner(self) -> AuthError {
        self.error
    }

    /// The answer that the configured style gives, for an `on_error` that wants it for most cases.
    pub fn default_response(&self) -> Response {
        let answer = match self.rendering() {
            Some(rendering) => answer(&self.error, &rendering.settings),
            None => answer(&self.error, &Settings::default()),
        };
        let body = serde_json::Value::Object(answer.body).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(challenge) = answer.www_authenticate.and_then(|c| c.try_into().ok()) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = answer.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Marks a response as a refusal, whatever an application made of it.
#[derive(Clone, Copy)]
pub(crate) struct Refused;

impl Deref for Error {
    type Target = AuthError;

    fn deref(&self) -> &AuthError {
        &self.error
    }
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        Self { error, request: None }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if self.status() >= 500 {
            tracing::error!(
                code = self.code(),
                error = &self.error as &dyn std::error::Error,
                "a request could not be served"
            );
        }
        let mut response = match self.rendering().and_then(|r| r.on_error.as_ref()) {
            Some(on_error) => on_error(&self, self.request.as_deref()),
            None => self.default_response(),
        };
        response.extensions_mut().insert(Refused);
        response
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither headers nor the query, which may hold a token.
        f.debug_struct("RequestHead")
            .field("method", &self.method)
            .field("path", &self.uri.path())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
