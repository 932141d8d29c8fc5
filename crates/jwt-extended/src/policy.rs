//! What a route asks of a token.

use crate::config::value::Location;
use crate::token::TokenKind;

/// What a route asks of a token: upstream's `jwt_required` arguments.
///
/// | upstream | here |
/// | --- | --- |
/// | `jwt_required()` | [`Policy::required`] |
/// | `fresh=True` | [`Policy::fresh`] |
/// | `refresh=True` | [`Policy::refresh`] |
/// | `verify_type=False` | [`Policy::any_type`] |
/// | `locations=[...]` | [`Policy::locations`] |
/// | `skip_revocation_check=True` | [`Policy::skip_revocation`] |
/// | `optional=True` | [`Policy::optional`] |
///
/// ```
/// use jwt_extended::{Location, Policy};
/// let policy = Policy::required().fresh().locations([Location::Headers]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is enforced"]
pub struct Policy {
    pub(crate) kind: Option<TokenKind>,
    pub(crate) fresh: bool,
    pub(crate) locations: Option<Vec<Location>>,
    pub(crate) skip_revocation: bool,
    /// Whose cookie, JSON field and CSRF names are used.
    pub(crate) names: Names,
}

/// Under whose names a token is looked for in cookies and JSON bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Access,
    Refresh,
    Both,
}

impl Names {
    /// The kinds of token to look for, in this order.
    pub(crate) const fn kinds(self) -> &'static [TokenKind] {
        match self {
            Self::Access => &[TokenKind::Access],
            Self::Refresh => &[TokenKind::Refresh],
            Self::Both => &[TokenKind::Refresh, TokenKind::Access],
        }
    }
}

impl Policy {
    /// A valid access token, in any of the configured places.
    pub const fn required() -> Self {
        Self {
            kind: Some(TokenKind::Access),
            fresh: false,
            locations: None,
            skip_revocation: false,
            names: Names::Access,
        }
    }

    /// A refresh token instead of an access token.
    pub const fn refresh(mut self) -> Self {
        self.kind = Some(TokenKind::Refresh);
        self.names = Names::Refresh;
        self
    }

    /// An access or a refresh token. In cookies and JSON bodies it is looked for under the access
    /// token's names, or after [`Policy::refresh`] under the refresh token's.
    pub const fn any_type(mut self) -> Self {
        self.kind = None;
        self
    }

    /// An access or a refresh token, whichever there is: for a logout. In cookies and JSON bodies the
    /// refresh token is looked for first, since it outlives the access token, then the access token.
    pub const fn any() -> Self {
        Self {
            kind: None,
            fresh: false,
            locations: None,
            skip_revocation: false,
            names: Names::Both,
        }
    }

    /// A fresh token: one that was made from credentials, not long ago where its freshness ends.
    pub const fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// Only in these places, in this order. An empty list is a fault of the application's
    /// ([`Misconfigured`](crate::ErrorKind::Misconfigured)): it does not mean the configured ones.
    pub fn locations(mut self, locations: impl IntoIterator<Item = Location>) -> Self {
        self.locations = Some(locations.into_iter().collect());
        self
    }

    /// Does not ask the store, so that a revoked token passes too: for a logout that is to work
    /// twice, say.
    pub const fn skip_revocation(mut self) -> Self {
        self.skip_revocation = true;
        self
    }

    /// No token at all is fine too; a bad one still is not.
    pub const fn optional(self) -> OptionalPolicy {
        OptionalPolicy(self)
    }
}

/// A [`Policy`] that forgives that there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is enforced"]
pub struct OptionalPolicy(pub(crate) Policy);

impl OptionalPolicy {
    /// What is asked of a token where there is one.
    pub fn policy(&self) -> &Policy {
        &self.0
    }
}
