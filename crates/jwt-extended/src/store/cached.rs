//! A cache in front of a store.

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quick_cache::Equivalent;
use quick_cache::sync::Cache;

use super::{
    Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked, Rotation,
    RotationOutcome, StoreError, Subject, TokenRef,
};
use crate::clock::Timestamp;

/// Remembers for a short time what a store said of a token, and spares it the same question.
///
/// The price is a lag: what *another* process revokes is in force here up to `max_lag` later, and while
/// the store is down, a token that was just found good stays good for as long. What is revoked through
/// this value is in force at once, also where a question was on its way meanwhile. So one value must
/// serve the whole process.
///
/// Refresh tokens are asked for each time, and so are tokens without `jti`; errors are not kept.
///
/// ```
/// use jwt_extended::store::{CachedStore, MemoryStore};
/// use std::time::Duration;
///
/// let store = CachedStore::new(MemoryStore::new(), Duration::from_secs(2)).capacity(50_000);
/// ```
pub struct CachedStore<S> {
    store: S,
    max_lag: Duration,
    answers: Cache<Key, Answer>,
    /// How often something was revoked here. Each subject has one of these numbers, by its hash, and an
    /// answer is good only while its subject's number is the one from before the store was asked.
    changes: Box<[AtomicU64]>,
    hasher: RandomState,
}

/// The cached answers before anybody sets another number.
const CAPACITY: usize = 10_000;

/// More of them make it rarer that a revocation costs others their cached answers.
const CHANGES: usize = 1024;

impl<S: RevocationStore> CachedStore<S> {
    /// A cache of 10,000 answers in front of `store`. A revocation by another process is in force after
    /// `max_lag` at the latest.
    pub fn new(store: S, max_lag: Duration) -> Self {
        let changes = (0..CHANGES).map(|_| AtomicU64::new(0)).collect();
        let answers = Cache::new(CAPACITY);
        Self { store, max_lag, answers, changes, hasher: RandomState::new() }
    }

    /// Keeps at most so many answers, the least wanted of which make room: some 300 bytes each.
    pub fn capacity(mut self, answers: usize) -> Self {
        self.answers = Cache::new(answers);
        self
    }

    fn changes_of(&self, owner: &Subject<'_>) -> &AtomicU64 {
        let hash =
            usize::try_from(self.hasher.hash_one(owner) % CHANGES as u64).unwrap_or_default();
        #[expect(clippy::indexing_slicing, reason = "there are so many")]
        &self.changes[hash]
    }
}

/// A token, as far as the answer depends on it.
#[derive(PartialEq, Hash)]
struct Question<'a> {
    owner: Subject<'a>,
    jti: &'a str,
    session: Option<&'a str>,
    issued_at: Option<u64>,
}

/// The same, owned.
struct Key {
    manager: Box<str>,
    subject: Box<str>,
    jti: Box<str>,
    session: Option<Box<str>>,
    issued_at: Option<u64>,
}

#[derive(Clone, Copy)]
struct Answer {
    status: RevocationStatus,
    asked: Instant,
    changes: u64,
}

/// What happened meanwhile is counted when this goes, also where nobody waited for the end.
struct Change<'a>(Option<&'a AtomicU64>);

impl<S: RevocationStore> RevocationStore for CachedStore<S> {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        let Some(question) = Question::of(token) else {
            return self.store.status(token).await;
        };
        let changes = self.changes_of(&token.owner).load(Ordering::SeqCst);
        if let Some(known) = self.answers.get(&question)
            && known.changes == changes
            && known.asked.elapsed() < self.max_lag
        {
            return Ok(known.status);
        }
        // From before the store is asked: the answer may be as old as the question.
        let asked = Instant::now();
        let status = self.store.status(token).await?;
        self.answers.insert(question.to_key(), Answer { status, asked, changes });
        Ok(status)
    }

    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<(), StoreError> {
        let _change = Change(Some(self.changes_of(&revocation.owner)));
        self.store.revoke(revocation).await
    }

    async fn rotate(&self, rotation: &Rotation<'_>) -> Result<RotationOutcome, StoreError> {
        let mut change = Change(Some(self.changes_of(&rotation.token.owner)));
        let outcome = self.store.rotate(rotation).await?;
        if matches!(outcome, RotationOutcome::Rotated | RotationOutcome::Repeated { .. }) {
            change.0 = None;
        }
        Ok(outcome)
    }

    async fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        self.store.list(owner, now).await
    }

    async fn restore(&self, owner: &Subject<'_>, what: &Revoked<'_>) -> Result<bool, StoreError> {
        let _change = Change(Some(self.changes_of(owner)));
        self.store.restore(owner, what).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.purge(now).await
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if let Some(changes) = self.0 {
            changes.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl<'a> Question<'a> {
    /// `None` for a token that is to be asked for each time.
    fn of(token: &TokenRef<'a>) -> Option<Self> {
        let jti = token.jti.filter(|_| !token.is_refresh())?;
        let issued_at = token.issued_at.map(|issued| issued.as_seconds().to_bits());
        Some(Self { owner: token.owner, jti, session: token.session, issued_at })
    }

    fn to_key(&self) -> Key {
        Key {
            manager: self.owner.manager.into(),
            subject: self.owner.subject.into(),
            jti: self.jti.into(),
            session: self.session.map(Into::into),
            issued_at: self.issued_at,
        }
    }
}

impl Key {
    fn as_question(&self) -> Question<'_> {
        Question {
            owner: Subject::new(&self.subject).of_manager(&self.manager),
            jti: &self.jti,
            session: self.session.as_deref(),
            issued_at: self.issued_at,
        }
    }
}

impl Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_question().hash(state);
    }
}

impl Equivalent<Key> for Question<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self == key.as_question()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_question() == other.as_question()
    }
}

impl Eq for Key {}

impl<S> fmt::Debug for CachedStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedStore").field("max_lag", &self.max_lag).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
