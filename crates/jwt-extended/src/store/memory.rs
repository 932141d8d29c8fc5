use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;

use super::{RevocationStatus, RevocationStore, StoreError, TokenRef};
use crate::clock::{Clock, SystemClock, Timestamp};

/// Revocations in this process's memory: for tests, and for services of one process whose tokens are
/// short-lived, since a restart forgets them.
///
/// It holds what was revoked until it expires, and sweeps out the rest by itself whenever it has
/// grown to twice what the last sweep left. A revoked token that never expires stays for good. Cheap
/// to clone; all clones are the same store.
///
/// ```
/// use jwt_extended::store::MemoryStore;
/// let store = MemoryStore::new();
/// assert!(store.is_empty());
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Inner>);

struct Inner {
    clock: Box<dyn Clock>,
    /// In shards with a lock each, so that lookups do not wait for each other.
    tokens: DashMap<Box<str>, Until>,
    sessions: DashMap<Box<str>, Until>,
    sweep_at: AtomicUsize,
}

/// Seconds since the epoch, or for ever.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Until(f64);

const FIRST_SWEEP: usize = 1024;

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_clock(SystemClock)
    }

    /// An empty store on a clock of the caller's.
    pub fn with_clock(clock: impl Clock) -> Self {
        Self(Arc::new(Inner {
            clock: Box::new(clock),
            tokens: DashMap::new(),
            sessions: DashMap::new(),
            sweep_at: AtomicUsize::new(FIRST_SWEEP),
        }))
    }

    /// How many revocations it holds.
    pub fn len(&self) -> usize {
        self.0.tokens.len() + self.0.sessions.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sweeps out what has expired.
    pub fn purge(&self) {
        let now = self.0.clock.now().as_seconds();
        self.0.tokens.retain(|_, until| until.0 > now);
        self.0.sessions.retain(|_, until| until.0 > now);
        self.0.sweep_at.store((self.len() * 2).max(FIRST_SWEEP), Ordering::Relaxed);
    }

    fn remember(&self, map: &DashMap<Box<str>, Until>, name: &str, until: Option<Timestamp>) {
        let until = Until(until.map_or(f64::INFINITY, Timestamp::as_seconds));
        map.entry(name.into())
            .and_modify(|known| {
                if until > *known {
                    *known = until;
                }
            })
            .or_insert(until);
        if self.len() >= self.0.sweep_at.load(Ordering::Relaxed) {
            self.purge();
        }
    }
}

impl RevocationStore for MemoryStore {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        let revoked = token.jti.is_some_and(|jti| self.0.tokens.contains_key(jti))
            || token.session.is_some_and(|session| self.0.sessions.contains_key(session));
        Ok(if revoked { RevocationStatus::Revoked } else { RevocationStatus::Active })
    }

    async fn revoke(&self, token: &TokenRef<'_>) -> Result<(), StoreError> {
        let jti =
            token.jti.ok_or_else(|| StoreError::new("a token without jti cannot be named"))?;
        self.remember(&self.0.tokens, jti, token.remember_until);
        Ok(())
    }

    async fn revoke_session(
        &self,
        session: &str,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.remember(&self.0.sessions, session, until);
        Ok(())
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
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
    use crate::clock::ManualClock;
    use std::task::{Context, Poll, Waker};

    /// The memory store never waits, so one poll is all it takes.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the memory store waited"),
        }
    }

    fn token<'t>(jti: &'t str, session: Option<&'t str>, expires: f64) -> TokenRef<'t> {
        TokenRef {
            jti: Some(jti),
            subject: "anna",
            session,
            token_type: Some("access"),
            issued_at: None,
            expires_at: Some(Timestamp::from_seconds(expires)),
            remember_until: Some(Timestamp::from_seconds(expires)),
        }
    }

    #[test]
    fn tokens_and_sessions_are_revoked_and_forgotten() {
        let clock = ManualClock::at(Timestamp::from_seconds(1000.0));
        let store = MemoryStore::with_clock(clock.clone());
        let (a, b) = (token("a", Some("s"), 2000.0), token("b", Some("s"), 2000.0));
        now(store.revoke(&a)).unwrap();
        assert_eq!(now(store.status(&a)).unwrap(), RevocationStatus::Revoked);
        assert_eq!(now(store.status(&b)).unwrap(), RevocationStatus::Active);
        now(store.revoke_session("s", Some(Timestamp::from_seconds(3000.0)))).unwrap();
        assert_eq!(now(store.status(&b)).unwrap(), RevocationStatus::Revoked);
        assert_eq!(store.len(), 2);
        clock.set(Timestamp::from_seconds(2500.0));
        store.purge();
        assert_eq!(store.len(), 1);
        assert_eq!(now(store.status(&b)).unwrap(), RevocationStatus::Revoked);
        clock.set(Timestamp::from_seconds(3000.0));
        store.purge();
        assert!(store.is_empty());
    }

    #[test]
    fn it_stays_bounded_by_what_is_alive() {
        let clock = ManualClock::at(Timestamp::from_seconds(0.0));
        let store = MemoryStore::with_clock(clock.clone());
        for n in 0..100_000u32 {
            clock.set(Timestamp::from_seconds(f64::from(n)));
            now(store.revoke(&token(&n.to_string(), None, f64::from(n) + 500.0))).unwrap();
        }
        assert!(store.len() <= 2 * FIRST_SWEEP, "{}", store.len());
    }

    #[test]
    fn a_later_end_wins_and_no_jti_is_an_error() {
        let store = MemoryStore::with_clock(ManualClock::at(Timestamp::from_seconds(50.0)));
        now(store.revoke(&token("a", None, 100.0))).unwrap();
        now(store.revoke(&token("a", None, 10.0))).unwrap();
        store.purge();
        assert_eq!(store.len(), 1);
        let nameless = TokenRef { jti: None, ..token("a", None, 100.0) };
        assert!(now(store.revoke(&nameless)).is_err());
        assert_eq!(now(store.status(&nameless)).unwrap(), RevocationStatus::Active);
    }
}
