//! A token of an outside issuer, checked.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::claims::Name;
use crate::clock::Timestamp;
use crate::error::{AuthError, ErrorContext, ErrorKind, Result};
use crate::token::VerifiedToken;
use crate::verify;

/// A token of an outside issuer that fulfils its [`Expectations`](super::Expectations). It owns what it
/// holds and is cheap to clone.
///
/// It tells who somebody is at its issuer. Two issuers may give one name to two people: who somebody
/// is here goes by [`issuer`](Self::issuer) and [`subject`](Self::subject) together.
///
/// Its `Debug` form shows nothing of it.
#[derive(Clone)]
pub struct OutsideToken {
    /// Never handed out: routes of this service's own tokens would take it for one.
    token: VerifiedToken,
}

impl OutsideToken {
    pub(super) fn new(token: VerifiedToken) -> Self {
        Self { token }
    }

    /// `iss`: who made the token.
    pub fn issuer(&self) -> &str {
        self.token.issuer().unwrap_or_default()
    }

    /// `sub`: who it is about, by the issuer's name for them.
    pub fn subject(&self) -> Option<&str> {
        self.token.signed.text(Name::Subject)
    }

    /// As [`OutsideToken::subject`], for who cannot go on without: a token that names nobody is refused, with 401.
    pub fn require_subject(&self) -> Result<&str> {
        let signed = &self.token.signed;
        self.subject().filter(|subject| !subject.is_empty()).ok_or_else(|| {
            let refused = verify::missing("sub").with_token(signed.json());
            refused.with_context(signed.error_context.as_ref())
        })
    }

    /// All claims, as a type of the application's. Fails where the claims do not fit the type.
    pub fn claims<C: DeserializeOwned>(&self) -> Result<C> {
        self.token.claims()
    }

    /// One claim by its name; `None` where it is missing. One that does not fit `T` is an error.
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        self.token.claim(name)
    }

    /// The claims as the JSON text that was signed.
    pub fn claims_json(&self) -> &str {
        self.token.claims_json()
    }

    /// The header, as a type of the application's, such as a map.
    pub fn header<H: DeserializeOwned>(&self) -> Result<H> {
        self.token.header()
    }

    /// `jti`: the token's own identifier.
    pub fn jti(&self) -> Option<&str> {
        self.token.jti()
    }

    /// `exp`: when the token ends. Long-lived connections should look again then.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.token.expires_at()
    }

    /// `iat`: when the token was made.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.token.issued_at()
    }

    /// The claim `scope`; see [`VerifiedToken::scopes`].
    pub fn scopes(&self) -> Vec<String> {
        self.token.scopes()
    }

    /// The claims `roles` and `role`; see [`VerifiedToken::roles`].
    pub fn roles(&self) -> Vec<String> {
        self.token.roles()
    }

    /// Refuses, with 403 `insufficient_scope`, a token that lacks one of `scopes`.
    pub fn require_scopes<S: AsRef<str>>(&self, scopes: impl IntoIterator<Item = S>) -> Result<()> {
        self.token.require_scopes(scopes)
    }

    /// Refuses, with 403 `insufficient_scope`, a token that has none of `roles`.
    pub fn require_any_role<S: AsRef<str>>(
        &self,
        roles: impl IntoIterator<Item = S>,
    ) -> Result<()> {
        self.token.require_any_role(roles)
    }

    /// An error about this token, for an application's own checks.
    pub fn refuse(&self, kind: ErrorKind) -> AuthError {
        self.token.refuse(kind)
    }

    /// Gives every error about this token a value of the adapter's own to carry along.
    pub fn with_error_context(mut self, context: Option<&ErrorContext>) -> Self {
        if let Some(signed) = Arc::get_mut(&mut self.token.signed) {
            signed.error_context = context.cloned();
        }
        self
    }
}

impl fmt::Debug for OutsideToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutsideToken(..)")
    }
}
