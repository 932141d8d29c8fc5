//! What a store answers.

use std::fmt;

use super::Revoked;
use crate::clock::Timestamp;
use crate::error::BoxError;

/// Whether a token is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
#[must_use = "a revoked token is refused only by whoever looks at the answer"]
pub enum RevocationStatus {
    /// Nobody revoked the token.
    Active,
    /// The token, its session, or all of its subject was revoked.
    Revoked,
    /// A refresh token that was used up, and is not the last one within its grace: two hold it.
    Reused,
}

/// What became of a refresh token that was to be used up.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotationOutcome {
    /// It is used up now, and its successor is the current one.
    Rotated,
    /// It was used up within the grace: this is the successor that was given then.
    Repeated {
        /// [`Rotation::successor`](super::Rotation::successor) of that time, to the letter.
        successor: String,
    },
    /// It was used up before, so that two hold it. Its family is burnt now.
    Reused,
    /// It, its session, or all of its subject was revoked.
    Revoked,
}

/// A revocation that a store remembers.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RevocationRecord {
    /// What is revoked.
    pub what: RevokedRecord,
    /// Until when it is remembered; `None`: for ever.
    pub until: Option<Timestamp>,
    /// When it was revoked, where the store records it.
    pub at: Option<Timestamp>,
    /// Who revoked it, where the store records it.
    pub by: Option<String>,
    /// Why, where the store records it.
    pub reason: Option<String>,
}

impl RevocationRecord {
    /// A record without a word on who, when and why; the fields are there to be set.
    pub const fn new(what: RevokedRecord, until: Option<Timestamp>) -> Self {
        Self { what, until, at: None, by: None, reason: None }
    }
}

/// [`Revoked`], owned.
#[derive(Clone, PartialEq)]
#[allow(missing_docs, reason = "variants and fields are those of Revoked")]
pub enum RevokedRecord {
    Token { jti: String },
    Session { id: String },
    Subject { issued_until: Timestamp, keep: Option<String> },
}

impl RevokedRecord {
    /// The same, borrowed: to [take it back](super::RevocationStore::restore).
    pub fn as_revoked(&self) -> Revoked<'_> {
        match self {
            Self::Token { jti } => Revoked::Token { jti },
            Self::Session { id } => Revoked::Session { id },
            Self::Subject { issued_until, keep } => {
                Revoked::Subject { issued_until: *issued_until, keep: keep.as_deref() }
            }
        }
    }
}

/// The store did not answer, or not in time. Requests get 503, never "not revoked".
#[derive(Debug)]
pub struct StoreError(BoxError);

impl StoreError {
    /// Wraps the store's own error.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the revocation store did not answer")
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

impl fmt::Debug for RotationOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rotated => "Rotated",
            Self::Repeated { .. } => "Repeated { .. }",
            Self::Reused => "Reused",
            Self::Revoked => "Revoked",
        })
    }
}

impl fmt::Debug for RevocationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationRecord")
            .field("what", &self.what)
            .field("until", &self.until)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RevokedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_revoked().fmt(f)
    }
}
