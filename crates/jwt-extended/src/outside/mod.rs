//! Tokens that were made elsewhere: by an identity provider, a partner, a cloud.
//!
//! They are no access tokens of this service: they have no `type`, no freshness and no session, and what
//! their claims mean is for their issuer to say. So they take a way of their own, on which each issuer
//! has its own keys, and they end as an [`OutsideToken`], which nothing takes for a
//! [`VerifiedToken`](crate::VerifiedToken).
//!
//! - [`Expectations`]: issuer, audience and algorithms, none of which can be left out.
//! - [`OutsideVerifier`]: whoever knows issuers and has their keys; `jwt-extended-jwks` fetches them.
//!
//! ```
//! use jwt_extended::outside::{Expectations, OutsideToken};
//! use jwt_extended::{Algorithm, Keyring, Result, SystemClock, Clock as _};
//!
//! fn check(token: &str, jwks: &str) -> Result<OutsideToken, Box<dyn std::error::Error>> {
//!     let partner = Expectations::new("https://login.partner.example", "https://api.example.com");
//!     let keys = Keyring::from_jwk_set(partner.accepted_algorithms(), jwks)?;
//!     Ok(partner.verify(token, &keys, SystemClock.now())?)
//! }
//! ```

mod expectations;
mod shared;
mod token;

pub use expectations::Expectations;
pub use shared::SharedOutsideVerifier;
pub use token::OutsideToken;

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::config::{Location, Settings};
use crate::error::{AuthError, ErrorKind, Result};
use crate::locations;
use crate::policy::Names;
use crate::request::RequestView;

/// The token in the header `Authorization: Bearer` of a request, the only place where tokens of others
/// are looked for (RFC 6750 section 2.1). [`AuthError::is_missing`] where there is none.
pub fn bearer_token(request: &impl RequestView) -> Result<Cow<'_, str>> {
    static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
    let found = locations::find(request, &SETTINGS, &[Location::Headers], Names::Access)?;
    let no_text = || AuthError::new(ErrorKind::MalformedToken, "The token is no text");
    Ok(match found.token {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map_err(|_| no_text())?.into(),
        Cow::Owned(bytes) => String::from_utf8(bytes).map_err(|_| no_text())?.into(),
    })
}

/// Knows one or several issuers and their keys, and checks their tokens. Implementors write `async fn`.
///
/// - A token of an issuer that is not known is refused with [`ErrorKind::InvalidIssuer`]. The issuer is
///   compared whole, and its tokens are checked with its own keys only.
/// - Where the keys cannot be had, the error is [`AuthError::store_unavailable`]: nobody gets in, and
///   nobody is told that the token is bad.
/// - It answers within a time of its own choosing.
pub trait OutsideVerifier: Send + Sync + 'static {
    /// Checks signature, times, issuer and audience of `token`, a JWS in compact form.
    fn verify(&self, token: &str) -> impl Future<Output = Result<OutsideToken>> + Send;
}
