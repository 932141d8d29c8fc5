//! Cookies as part of a response.

use axum_core::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::HeaderValue;
use http::header::SET_COOKIE;
use jwt_extended::cookie::Cookie;
use jwt_extended::{AuthError, ErrorKind};

use crate::error::Error;

/// Cookies to set or unset: a part of a response.
///
/// ```
/// # use axum::{Json, extract::State, response::IntoResponse};
/// # use axum_jwt_extended::{Error, JwtManager, RefreshToken};
/// async fn logout(State(jwt): State<JwtManager>) -> impl IntoResponse {
///     (jwt.unset_cookies(), "bye")
/// }
/// ```
///
/// With `axum_extra`'s `CookieJar`, [`JwtCookies::into_iter`] gives the single cookies to add.
#[derive(Clone, PartialEq)]
#[must_use = "cookies are set only by returning them as a part of the response"]
pub struct JwtCookies(Vec<Cookie<'static>>);

impl JwtCookies {
    pub(crate) fn new(cookies: Vec<Cookie<'static>>) -> Self {
        Self(cookies)
    }

    /// These cookies and `others`.
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

impl IntoIterator for JwtCookies {
    type Item = Cookie<'static>;
    type IntoIter = std::vec::IntoIter<Cookie<'static>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl IntoResponseParts for JwtCookies {
    type Error = Error;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Error> {
        for cookie in self {
            let value = HeaderValue::try_from(cookie.to_string()).map_err(|error| {
                AuthError::new(ErrorKind::Misconfigured, "a cookie cannot be written as a header")
                    .with_source(error)
            })?;
            response.headers_mut().append(SET_COOKIE, value);
        }
        Ok(response)
    }
}

impl IntoResponse for JwtCookies {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

impl std::fmt::Debug for JwtCookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(Cookie::name)).finish()
    }
}
