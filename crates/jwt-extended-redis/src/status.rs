//! Whether a token is good: the rules of [`RevocationStore::status`], which `lua/rotate.lua` has as well.
//!
//! [`RevocationStore::status`]: jwt_extended::store::RevocationStore::status

use jwt_extended::store::{RevocationStatus, RevokedRecord, StoreError, TokenRef};

use crate::record::{Family, cutoffs, family, nonsense};

/// How many of a token's own facts there are, its subject's cutoff, and for a refresh token its family.
pub(crate) type Answer = Vec<Option<String>>;

pub(crate) fn judge(
    token: &TokenRef<'_>,
    answer: &[Option<String>],
) -> Result<RevocationStatus, StoreError> {
    let (facts, cut, state) = match answer {
        [Some(facts), cut] => (facts, cut, None),
        [Some(facts), cut, state] => (facts, cut, state.as_deref()),
        _ => return Err(nonsense()),
    };
    if facts != "0" || is_cut_off(token, cut.as_deref())? {
        return Ok(RevocationStatus::Revoked);
    }
    Ok(match state.map(family).transpose()? {
        Some(family) if !family.allows(token) => RevocationStatus::Reused,
        _ => RevocationStatus::Active,
    })
}

fn is_cut_off(token: &TokenRef<'_>, cut: Option<&str>) -> Result<bool, StoreError> {
    let cutoffs = cut.map(cutoffs).transpose()?.unwrap_or_default();
    Ok(cutoffs.iter().any(|record| {
        let RevokedRecord::Subject { issued_until, keep } = &record.what else { return true };
        let is_kept = keep.is_some() && keep.as_deref() == token.session;
        !is_kept && token.issued_at.is_none_or(|issued| issued <= *issued_until)
    }))
}

impl Family {
    /// Whether it is the current one, or the one before within its grace.
    fn allows(&self, token: &TokenRef<'_>) -> bool {
        let is = |jti: &str| token.jti == Some(jti);
        is(&self.current) || is(&self.previous) && token.now <= self.at + token.grace
    }
}
