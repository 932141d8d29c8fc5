//! From a token to what a store is told of it.

use crate::clock::Timestamp;
use crate::engine::JwtEngine;
use crate::error::{AuthError, ErrorKind, Result};
use crate::store::{Revocation, Revoked, Rotation, Subject, TokenRef};
use crate::token::VerifiedToken;

impl JwtEngine {
    /// What tells a store to revoke this one token; [`RevocationStore::revoke`](crate::store::RevocationStore::revoke)
    /// does it. Fails for a token without `jti`, which cannot be named.
    pub fn revocation_of_token<'t>(&self, token: &'t VerifiedToken) -> Result<Revocation<'t>> {
        let now = self.now();
        let token = token.token_ref(now);
        let jti = token.jti.ok_or_else(|| {
            self.own(AuthError::new(
                ErrorKind::Misconfigured,
                "the token has no jti, so it cannot be named: have JWT_REQUIRE_JTI on, and no such token is let in",
            ))
        })?;
        Ok(Revocation::new(token.owner, Revoked::Token { jti }, token.remember_until, now))
    }

    /// What tells a store to revoke every token of this token's session: the access tokens of one login and
    /// the refresh token that yields them. Fails for a token without session (`sid`).
    pub fn revocation_of_session<'t>(&self, token: &'t VerifiedToken) -> Result<Revocation<'t>> {
        let now = self.now();
        let token = token.token_ref(now);
        // A refresh token's own family would end without the access tokens beside it.
        let id = token.session.ok_or_else(|| {
            self.own(AuthError::new(
                ErrorKind::Misconfigured,
                "the token has no session (`sid`): create it with create_token_pair while JWT_SESSION_CLAIMS is on",
            ))
        })?;
        // The token at hand may have been made under a longer configuration than today's.
        let until = later(self.session_end(), token.remember_until);
        Ok(Revocation::new(token.owner, Revoked::Session { id }, until, now))
    }

    /// What tells a store to revoke every token that `subject` was issued until now, but those of the
    /// session `keep`.
    ///
    /// It is remembered for as long as tokens live by the configuration. Who makes tokens of a longer
    /// life, with `expires_in` and without a session, sets a later [`Revocation::until`].
    pub fn revocation_of_subject<'a>(
        &'a self,
        subject: &'a str,
        keep: Option<&'a str>,
    ) -> Revocation<'a> {
        let now = self.now();
        let what = Revoked::Subject { issued_until: now, keep };
        Revocation::new(self.owner(subject), what, self.session_end(), now)
    }

    /// What tells a store to burn the family of a refresh token that it calls
    /// [`Reused`](crate::store::RevocationStatus::Reused), by revoking its session. `None` for a token
    /// that is in none.
    pub fn revocation_of_reused<'t>(&self, token: &TokenRef<'t>) -> Option<Revocation<'t>> {
        let what = Revoked::Session { id: token.family()? };
        let until = later(self.session_end(), token.remember_until);
        let mut burnt = Revocation::new(token.owner, what, until, token.now);
        burnt.reason = Some(Rotation::REUSE);
        Some(burnt)
    }

    /// Under which name a store knows what belongs to `subject`, which is the identity as
    /// [`VerifiedToken::identity`] and [`Identity::text`](crate::Identity::text) tell it.
    pub fn owner<'a>(&'a self, subject: &'a str) -> Subject<'a> {
        Subject::new(subject).of_manager(self.config().manager_name.as_deref().unwrap_or_default())
    }
}

/// The later one of two ends, of which `None` is the latest.
pub(crate) fn later(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    let (one, other) = (one?, other?);
    Some(if one > other { one } else { other })
}
