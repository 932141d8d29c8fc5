//! The store in memory.

mod account;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use super::{
    Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked, Rotation,
    RotationOutcome, StoreError, Subject, TokenRef,
};
use crate::clock::Timestamp;
use account::Account;

/// Revocations in this process's memory: for tests, and for services of one process whose tokens are
/// short-lived, since a restart forgets them.
///
/// It holds each fact until an hour after its end, so that a clock may step, and sweeps out the rest by
/// itself whenever it has grown to twice what the last sweep left. A revoked token that never expires
/// stays for good. Cheap to clone; all clones are the same store.
///
/// ```
/// use jwt_extended::store::MemoryStore;
/// let store = MemoryStore::new();
/// assert!(store.is_empty());
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// By subject, in shards with a lock each, so that lookups do not wait for each other and all
    /// that concerns a subject is done in one step. Within, by the names of the few managers.
    subjects: DashMap<Box<str>, Vec<(Box<str>, Account)>>,
    len: AtomicUsize,
    sweep_at: AtomicUsize,
}

const FIRST_SWEEP: usize = 1024;

/// A clock that was an hour fast for a moment, in seconds, makes nobody forget a revocation.
const MARGIN: f64 = 3600.0;

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many facts it holds.
    pub fn len(&self) -> usize {
        self.0.len.load(Ordering::Relaxed)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Does something with all that is known of a subject, while nobody else does.
    fn change<T>(&self, owner: &Subject<'_>, change: impl FnOnce(&mut Account) -> T) -> T {
        let mut managers = self.0.subjects.entry(owner.subject.into()).or_default();
        let known = managers.iter().position(|(name, _)| **name == *owner.manager);
        let place = known.unwrap_or_else(|| {
            managers.push((owner.manager.into(), Account::default()));
            managers.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "it was found or pushed there")]
        let account = &mut managers[place].1;
        let before = account.len();
        let output = change(account);
        // Under the lock, so that nobody sweeps out what is not counted yet.
        self.0.len.fetch_add(account.len() - before, Ordering::Relaxed);
        output
    }

    fn read<T>(&self, owner: &Subject<'_>, read: impl FnOnce(&Account) -> T) -> Option<T> {
        let managers = self.0.subjects.get(owner.subject)?;
        let (_, account) = managers.iter().find(|(name, _)| **name == *owner.manager)?;
        Some(read(account))
    }

    fn sweep(&self, now: Timestamp) -> usize {
        let mut swept = 0;
        self.0.subjects.retain(|_, managers| {
            managers.retain_mut(|(_, account)| {
                let before = account.len();
                account.sweep(now);
                swept += before - account.len();
                account.len() > 0
            });
            !managers.is_empty()
        });
        let left = self.0.len.fetch_sub(swept, Ordering::Relaxed) - swept;
        self.0.sweep_at.store((left * 2).max(FIRST_SWEEP), Ordering::Relaxed);
        swept
    }

    fn sweep_if_due(&self, now: Timestamp) {
        if self.len() >= self.0.sweep_at.load(Ordering::Relaxed).max(FIRST_SWEEP) {
            self.sweep(Timestamp::from_seconds(now.as_seconds() - MARGIN));
        }
    }
}

impl RevocationStore for MemoryStore {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        let status = self.read(&token.owner, |account| account.status(token));
        Ok(status.unwrap_or(RevocationStatus::Active))
    }

    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<(), StoreError> {
        self.change(&revocation.owner, |account| account.revoke(revocation));
        self.sweep_if_due(revocation.at);
        Ok(())
    }

    async fn rotate(&self, rotation: &Rotation<'_>) -> Result<RotationOutcome, StoreError> {
        let outcome = self.change(&rotation.token.owner, |account| account.rotate(rotation));
        self.sweep_if_due(rotation.token.now);
        Ok(outcome)
    }

    async fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        Ok(self.read(owner, |account| account.list(now)).unwrap_or_default())
    }

    async fn restore(&self, owner: &Subject<'_>, what: &Revoked<'_>) -> Result<bool, StoreError> {
        let Entry::Occupied(mut managers) = self.0.subjects.entry(owner.subject.into()) else {
            return Ok(false);
        };
        let known = managers.get_mut().iter_mut().find(|(name, _)| **name == *owner.manager);
        let was_revoked = known.is_some_and(|(_, account)| account.restore(what));
        if was_revoked {
            self.0.len.fetch_sub(1, Ordering::Relaxed);
            managers.get_mut().retain(|(_, account)| account.len() > 0);
            if managers.get().is_empty() {
                managers.remove();
            }
        }
        Ok(was_revoked)
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.sweep(now) as u64)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};

    /// The memory store never waits, so one poll is all it takes.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the memory store waited"),
        }
    }

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn facts_are_forgotten_when_they_have_ended() {
        let store = MemoryStore::new();
        let anna = Subject::new("anna");
        for (what, until) in [
            (Revoked::Token { jti: "a" }, 2000.0),
            (Revoked::Session { id: "s" }, 3000.0),
            (Revoked::Subject { issued_until: at(1000.0), keep: None }, 4000.0),
        ] {
            now(store.revoke(&Revocation::new(anna, what, Some(at(until)), at(1000.0)))).unwrap();
        }
        assert_eq!(store.len(), 3);
        for (time, left) in [(1999.0, 3), (2000.0, 2), (3500.0, 1), (4000.0, 0)] {
            now(store.purge(at(time))).unwrap();
            assert_eq!(store.len(), left, "{time}");
        }
        assert!(store.0.subjects.is_empty());
    }

    #[test]
    fn a_clock_that_steps_and_is_set_right_loses_nothing() {
        let store = MemoryStore::new();
        let anna = Subject::new("anna");
        let revoke = |jti: &str, time: f64| {
            let what = Revoked::Token { jti };
            now(store.revoke(&Revocation::new(anna, what, Some(at(time + 600.0)), at(time))))
        };
        revoke("a", 1000.0).unwrap();
        for n in 0..2 * FIRST_SWEEP {
            revoke(&format!("fast-{n}"), 4500.0).unwrap();
        }
        let mut token = TokenRef::new(anna, at(1010.0));
        token.jti = Some("a");
        assert_eq!(now(store.status(&token)).unwrap(), RevocationStatus::Revoked);
    }

    #[test]
    fn it_stays_bounded_by_what_is_alive() {
        let store = MemoryStore::new();
        for n in 0..100_000u32 {
            let (name, time) = (n.to_string(), 10.0 * f64::from(n));
            let what = Revoked::Token { jti: &name };
            let anna = Subject::new(if n % 2 == 0 { &name } else { "anna" });
            let until = Some(at(time + 500.0));
            now(store.revoke(&Revocation::new(anna, what, until, at(time)))).unwrap();
        }
        assert!(store.len() <= 2 * FIRST_SWEEP, "{}", store.len());
        let counted: usize =
            store.0.subjects.iter().map(|m| m.iter().map(|(_, a)| a.len()).sum::<usize>()).sum();
        assert_eq!(store.len(), counted);
    }
}
