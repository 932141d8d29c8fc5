//! What the memory store knows of one subject, and the rules of a store: the ones of
//! [`RevocationStore`](crate::store::RevocationStore), in plain code.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::iter::once;

use crate::clock::Timestamp;
use crate::store::{
    Revocation, RevocationRecord, RevocationStatus, Revoked, RevokedRecord, Rotation,
    RotationOutcome, TokenRef,
};

/// All that is known of a subject's tokens of one manager.
#[derive(Default)]
pub(super) struct Account {
    tokens: HashMap<Box<str>, Fact>,
    sessions: HashMap<Box<str>, Fact>,
    cutoff: Option<Box<Cutoff>>,
    families: HashMap<Box<str>, Family>,
}

struct Fact {
    until: Until,
    at: Timestamp,
    words: Option<Box<Words>>,
}

/// Who and why.
struct Words {
    by: Option<Box<str>>,
    reason: Option<Box<str>>,
}

struct Cutoff {
    issued_until: Timestamp,
    keep: Option<Box<str>>,
    /// What of the session to keep is revoked all the same, by cutoffs that did not keep it.
    kept_after: Option<Timestamp>,
    fact: Fact,
}

struct Family {
    current: Box<str>,
    previous: Box<str>,
    successor: Box<str>,
    at: Timestamp,
    until: Until,
}

/// Seconds since the epoch, or for ever.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Until(f64);

impl Until {
    fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }

    fn has_come(self, now: Timestamp) -> bool {
        self.0 <= now.as_seconds()
    }

    fn timestamp(self) -> Option<Timestamp> {
        self.0.is_finite().then(|| Timestamp::from_seconds(self.0))
    }
}

impl From<Option<Timestamp>> for Until {
    fn from(end: Option<Timestamp>) -> Self {
        Self(end.map_or(f64::INFINITY, Timestamp::as_seconds))
    }
}

impl Account {
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
            + self.sessions.len()
            + usize::from(self.cutoff.is_some())
            + self.families.len()
    }

    pub(super) fn sweep(&mut self, now: Timestamp) {
        self.tokens.retain(|_, fact| !fact.until.has_come(now));
        self.sessions.retain(|_, fact| !fact.until.has_come(now));
        self.cutoff = self.cutoff.take().filter(|cutoff| !cutoff.fact.until.has_come(now));
        self.families.retain(|_, family| !family.until.has_come(now));
    }

    pub(super) fn status(&self, token: &TokenRef<'_>) -> RevocationStatus {
        let is_revoked = token.jti.is_some_and(|jti| self.tokens.contains_key(jti))
            || token.family().is_some_and(|family| self.sessions.contains_key(family))
            || self.cutoff.as_ref().is_some_and(|cutoff| cutoff.hits(token));
        if is_revoked {
            return RevocationStatus::Revoked;
        }
        let family = if token.is_refresh() { token.family() } else { None };
        match family.and_then(|family| self.families.get(family)) {
            Some(family) if !family.is_current(token) && !family.is_in_grace(token) => {
                RevocationStatus::Reused
            }
            _ => RevocationStatus::Active,
        }
    }

    pub(super) fn revoke(&mut self, revocation: &Revocation<'_>) {
        let fact = Fact::of(revocation);
        match revocation.what {
            Revoked::Token { jti } => remember(&mut self.tokens, jti, fact),
            Revoked::Session { id } => self.revoke_session(id, fact),
            Revoked::Subject { issued_until, keep } => {
                let keep = keep.map(Into::into);
                let new = Cutoff { issued_until, keep, kept_after: None, fact };
                self.cutoff = Some(Box::new(match self.cutoff.take() {
                    Some(known) => known.and(new),
                    None => new,
                }));
            }
        }
    }

    /// Burnt for as long as any token of the family may live.
    fn revoke_session(&mut self, id: &str, mut fact: Fact) {
        if let Some(family) = self.families.get(id) {
            fact.until = fact.until.max(family.until);
        }
        remember(&mut self.sessions, id, fact);
    }

    pub(super) fn rotate(&mut self, rotation: &Rotation<'_>) -> RotationOutcome {
        let token = &rotation.token;
        if self.status(token) == RevocationStatus::Revoked {
            return RotationOutcome::Revoked;
        }
        let known = self.families.get(rotation.family);
        match known {
            Some(family) if !family.is_current(token) => {
                if !family.is_in_grace(token) {
                    let what = Revoked::Session { id: rotation.family };
                    let until = rotation.burnt_until;
                    let mut burnt = Revocation::new(token.owner, what, until, token.now);
                    burnt.reason = Some(Rotation::REUSE);
                    self.revoke(&burnt);
                    RotationOutcome::Reused
                } else if self.tokens.contains_key(&family.current) {
                    RotationOutcome::Revoked
                } else {
                    RotationOutcome::Repeated { successor: family.successor.to_string() }
                }
            }
            _ => {
                let until = Until::from(rotation.until);
                let next = Family {
                    current: rotation.next_jti.into(),
                    previous: rotation.jti.into(),
                    successor: rotation.successor.into(),
                    at: token.now,
                    until: known.map_or(until, |family| family.until.max(until)),
                };
                self.families.insert(rotation.family.into(), next);
                RotationOutcome::Rotated
            }
        }
    }

    pub(super) fn list(&self, now: Timestamp) -> Vec<RevocationRecord> {
        let tokens = self
            .tokens
            .iter()
            .map(|(jti, fact)| fact.record(RevokedRecord::Token { jti: jti.to_string() }));
        let sessions = self
            .sessions
            .iter()
            .map(|(id, fact)| fact.record(RevokedRecord::Session { id: id.to_string() }));
        let cutoffs = self.cutoff.iter().flat_map(|cutoff| cutoff.records());
        let has_come = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
        tokens.chain(sessions).chain(cutoffs).filter(|record| !has_come(record.until)).collect()
    }

    pub(super) fn restore(&mut self, what: &Revoked<'_>) -> bool {
        match what {
            Revoked::Token { jti } => self.tokens.remove(*jti).is_some(),
            Revoked::Session { id } => self.sessions.remove(*id).is_some(),
            Revoked::Subject { .. } => self.cutoff.take().is_some(),
        }
    }
}

impl Fact {
    fn of(revocation: &Revocation<'_>) -> Self {
        let Revocation { by, reason, .. } = *revocation;
        let words = (by.is_some() || reason.is_some())
            .then(|| Box::new(Words { by: by.map(Into::into), reason: reason.map(Into::into) }));
        Self { until: revocation.until.into(), at: revocation.at, words }
    }

    fn record(&self, what: RevokedRecord) -> RevocationRecord {
        let word = |word: fn(&Words) -> &Option<Box<str>>| {
            self.words.as_deref().and_then(|words| word(words).as_deref()).map(str::to_owned)
        };
        RevocationRecord {
            what,
            until: self.until.timestamp(),
            at: Some(self.at),
            by: word(|words| &words.by),
            reason: word(|words| &words.reason),
        }
    }
}

impl Cutoff {
    fn hits(&self, token: &TokenRef<'_>) -> bool {
        let is_kept = self.keep.is_some() && self.keep.as_deref() == token.session;
        let until = if is_kept { self.kept_after } else { Some(self.issued_until) };
        until.is_some_and(|until| token.issued_at.is_none_or(|issued| issued <= until))
    }

    /// With both, the order of which makes no difference.
    fn and(self, new: Self) -> Self {
        let until = self.fact.until.max(new.fact.until);
        let (earlier, mut wins) =
            if new.issued_until < self.issued_until { (new, self) } else { (self, new) };
        let hit =
            if earlier.keep == wins.keep { earlier.kept_after } else { Some(earlier.issued_until) };
        if wins.kept_after < hit {
            wins.kept_after = hit;
        }
        wins.keep = wins.keep.filter(|_| wins.kept_after < Some(wins.issued_until));
        wins.fact.until = until;
        wins
    }

    fn records(&self) -> impl Iterator<Item = RevocationRecord> {
        let keep = self.keep.as_deref().map(str::to_owned);
        let hit = self.kept_after.filter(|_| keep.is_some()).map(|issued_until| {
            let what = RevokedRecord::Subject { issued_until, keep: None };
            RevocationRecord::new(what, self.fact.until.timestamp())
        });
        let what = RevokedRecord::Subject { issued_until: self.issued_until, keep };
        once(self.fact.record(what)).chain(hit)
    }
}

impl Family {
    fn is_current(&self, token: &TokenRef<'_>) -> bool {
        token.jti == Some(&*self.current)
    }

    fn is_in_grace(&self, token: &TokenRef<'_>) -> bool {
        token.jti == Some(&*self.previous) && token.now <= self.at + token.grace
    }
}

/// What was said first stays; the end is the latest.
fn remember(facts: &mut HashMap<Box<str>, Fact>, name: &str, fact: Fact) {
    match facts.entry(name.into()) {
        Entry::Occupied(mut known) => {
            let known = known.get_mut();
            known.until = known.until.max(fact.until);
        }
        Entry::Vacant(place) => {
            place.insert(fact);
        }
    }
}
