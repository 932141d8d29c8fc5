//! The one error of the crate, and the one place where it becomes a response.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use jwt_extended::{AuthError, Settings, answer};

use crate::manager::Inner;

/// Why a request was refused, or a token not made: an [`AuthError`], to which it derefs, that knows
/// how to answer.
///
/// As a response it is the configured style's answer (`JWT_ERROR_STYLE`), or whatever the
/// application's [`on_error`](crate::JwtManagerBuilder::on_error) makes of it. As a rejection it can be
/// had in a handler: `Result<AccessToken, Error>`.
pub struct Error {
    error: AuthError,
    manager: Option<Arc<Inner>>,
    request: Option<Box<RequestHead>>,
}

/// The head of a refused request, for an application's own answer.
#[derive(Clone, Debug)]
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
    pub(crate) fn new(error: AuthError, manager: &Arc<Inner>, request: Option<&Parts>) -> Self {
        // Only who replaces answers needs the request.
        let request = request.filter(|_| manager.on_error.is_some()).map(|parts| {
            Box::new(RequestHead {
                method: parts.method.clone(),
                uri: parts.uri.clone(),
                headers: parts.headers.clone(),
            })
        });
        Self { error, manager: Some(Arc::clone(manager)), request }
    }

    /// The engine's error.
    pub fn into_inner(self) -> AuthError {
        self.error
    }

    /// The answer that the configured style gives, for an `on_error` that wants it for most cases.
    pub fn default_response(&self) -> Response {
        let answer = match &self.manager {
            Some(manager) => answer(&self.error, manager.engine.config()),
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

impl Deref for Error {
    type Target = AuthError;

    fn deref(&self) -> &AuthError {
        &self.error
    }
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        Self { error, manager: None, request: None }
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
        match self.manager.as_ref().and_then(|manager| manager.on_error.as_ref()) {
            Some(on_error) => on_error(&self, self.request.as_deref()),
            None => self.default_response(),
        }
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
