//! The public keys as a response.

use std::time::Duration;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use jwt_extended::{AuthError, ErrorKind, JwkSet};

use crate::error::Error;
use crate::manager::JwtManager;

impl<M: 'static> JwtManager<M> {
    /// The public keys that check this manager's tokens, as a response (a JWK Set, RFC 7517 section 5):
    /// for services that take the tokens and need not be able to make them.
    ///
    /// Only asymmetric keys can be in it. A manager whose keys are all secrets has nothing to publish,
    /// and an empty set would look like an issuer without keys: it is a fault of the caller's, 500.
    ///
    /// ```
    /// use axum::{Router, extract::State, http::HeaderMap, routing::get};
    /// use axum_jwt_extended::{Error, Jwks, JwtManager};
    ///
    /// async fn keys(State(jwt): State<JwtManager>, headers: HeaderMap) -> Result<Jwks, Error> {
    ///     Ok(jwt.jwks()?.if_none_match(&headers))
    /// }
    /// let app = Router::<JwtManager>::new().route("/.well-known/jwks.json", get(keys));
    /// ```
    ///
    /// Each key has a `kid`. Tokens have the same one in the native preset; under the Flask preset, say
    /// `JWT_KEY_ID=thumbprint`, since most clients look keys up by it.
    pub fn jwks(&self) -> Result<Jwks, Error> {
        let keys = self.keys().jwk_set();
        if keys.is_empty() {
            let error = AuthError::new(
                ErrorKind::Misconfigured,
                "there is no public key to publish: the manager's keys are secrets; choose an \
                 asymmetric JWT_ALGORITHM, such as ES256, and set JWT_PRIVATE_KEY",
            );
            return Err(Error::new(error, &self.inner, None));
        }
        Ok(Jwks { keys, max_age: Jwks::MAX_AGE, unchanged: false })
    }
}

/// Public keys on their way to a client; [`JwtManager::jwks`] gives them.
#[derive(Clone, Debug)]
#[must_use = "it is a response, and does nothing until it is returned"]
pub struct Jwks {
    keys: JwkSet,
    max_age: Duration,
    unchanged: bool,
}

impl Jwks {
    /// How long clients may keep the keys, where nobody says otherwise: five minutes.
    pub const MAX_AGE: Duration = Duration::from_secs(300);

    /// Lets clients keep the keys this long. A new key should be published for as long before it signs,
    /// and a key that leaked may be believed for as long after it was withdrawn.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Answers with 304 if the client that sent these headers has the keys already.
    pub fn if_none_match(mut self, headers: &HeaderMap) -> Self {
        let own = self.etag();
        let given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
        self.unchanged = given
            .flat_map(|line| line.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == own);
        self
    }

    /// The keys themselves.
    pub fn keys(&self) -> &JwkSet {
        &self.keys
    }

    fn etag(&self) -> String {
        format!("\"{}\"", self.keys.version())
    }
}

impl IntoResponse for Jwks {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        let caching = format!("public, max-age={}", self.max_age.as_secs());
        for (name, value) in [(CACHE_CONTROL, caching), (ETAG, self.etag())] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        if self.unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            let media_type = HeaderValue::from_static("application/jwk-set+json");
            headers.insert(CONTENT_TYPE, media_type);
            *response.body_mut() = Body::from(self.keys.to_json());
        }
        response
    }
}
