//! What is cached, for how long, and what must never come out of the cache.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::sync::Semaphore;

use super::*;
use crate::store::MemoryStore;

const FOR_EVER: Duration = Duration::from_secs(3600);

/// A store that counts its questions, and can be held up after it has made up its mind.
#[derive(Clone)]
struct Slow {
    inner: MemoryStore,
    asked: Arc<AtomicUsize>,
    is_down: Arc<AtomicUsize>,
    /// What may go on.
    statuses: Arc<Semaphore>,
    changes: Arc<Semaphore>,
}

impl Slow {
    fn new() -> Self {
        Self {
            inner: MemoryStore::new(),
            asked: Arc::default(),
            is_down: Arc::default(),
            statuses: Arc::new(Semaphore::new(1000)),
            changes: Arc::new(Semaphore::new(1000)),
        }
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

async fn hold(gate: &Semaphore) {
    drop(gate.acquire().await.unwrap());
}

impl RevocationStore for Slow {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.is_down.load(Ordering::SeqCst) > 0 {
            return Err(StoreError::new("down"));
        }
        let status = self.inner.status(token).await;
        hold(&self.statuses).await;
        status
    }

    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<(), StoreError> {
        self.inner.revoke(revocation).await?;
        hold(&self.changes).await;
        Ok(())
    }

    async fn rotate(&self, rotation: &Rotation<'_>) -> Result<RotationOutcome, StoreError> {
        let outcome = self.inner.rotate(rotation).await;
        hold(&self.changes).await;
        outcome
    }

    async fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        self.inner.list(owner, now).await
    }

    async fn restore(&self, owner: &Subject<'_>, what: &Revoked<'_>) -> Result<bool, StoreError> {
        let was = self.inner.restore(owner, what).await;
        hold(&self.changes).await;
        was
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.inner.purge(now).await
    }
}

fn cached(max_lag: Duration) -> (Slow, Arc<CachedStore<Slow>>) {
    let store = Slow::new();
    (store.clone(), Arc::new(CachedStore::new(store, max_lag)))
}

fn anna() -> Subject<'static> {
    Subject::new("anna")
}

fn access(jti: &str) -> TokenRef<'_> {
    let mut token = TokenRef::new(anna(), Timestamp::from_seconds(1000.0));
    (token.jti, token.session, token.token_type) = (Some(jti), Some("s"), Some("access"));
    token.issued_at = Some(Timestamp::from_seconds(900.0));
    token
}

fn revocation(what: Revoked<'_>) -> Revocation<'_> {
    Revocation::new(anna(), what, None, Timestamp::from_seconds(1000.0))
}

async fn status(store: &impl RevocationStore, token: TokenRef<'_>) -> RevocationStatus {
    store.status(&token).await.unwrap()
}

use RevocationStatus::{Active, Revoked as IsRevoked};

#[tokio::test]
async fn a_store_is_asked_once() {
    let (store, cache) = cached(FOR_EVER);
    for _ in 0..3 {
        assert_eq!(status(&cache, access("a")).await, Active);
    }
    assert_eq!(store.asked(), 1);
    // Whatever could make a difference is another question.
    let a = access("a");
    for token in [
        TokenRef { owner: Subject::new("anna").of_manager("partners"), ..a },
        TokenRef { owner: Subject::new("bob"), ..a },
        TokenRef { jti: Some("b"), ..a },
        TokenRef { session: Some("t"), ..a },
        TokenRef { session: None, ..a },
        TokenRef { issued_at: None, ..a },
        TokenRef { issued_at: Some(Timestamp::from_seconds(900.5)), ..a },
    ] {
        assert_eq!(status(&cache, token).await, Active);
        assert_eq!((store.asked(), status(&cache, token).await, store.asked()), (1, Active, 0));
    }
    for token in [TokenRef { token_type: Some("refresh"), ..a }, TokenRef { jti: None, ..a }] {
        for _ in 0..2 {
            assert_eq!((status(&cache, token).await, store.asked()), (Active, 1));
        }
    }
}

#[tokio::test]
async fn what_others_revoke_is_seen_in_time() {
    let (store, cache) = cached(Duration::from_millis(100));
    let start = Instant::now();
    assert_eq!(status(&cache, access("a")).await, Active);
    store.inner.revoke(&revocation(Revoked::Session { id: "s" })).await.unwrap();
    while status(&cache, access("a")).await == Active {
        assert!(start.elapsed() < Duration::from_secs(5), "it lags for too long");
        tokio::task::yield_now().await;
    }
    assert!(start.elapsed() >= Duration::from_millis(100), "it was cached at all");

    // The time that the store took to answer is part of the lag.
    let (store, cache) = cached(Duration::from_millis(100));
    store.statuses.forget_permits(1000);
    let (slow, task) = (store.clone(), Arc::clone(&cache));
    let asking = tokio::spawn(async move { status(&task, access("a")).await });
    while slow.asked.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    std::thread::sleep(Duration::from_millis(120));
    store.statuses.add_permits(1000);
    assert_eq!(asking.await.unwrap(), Active);
    assert_eq!((store.asked(), status(&cache, access("a")).await, store.asked()), (1, Active, 1));
}

#[tokio::test]
async fn what_is_revoked_here_is_seen_at_once() {
    let (store, cache) = cached(FOR_EVER);
    let issued_until = Timestamp::from_seconds(950.0);
    for what in [
        Revoked::Token { jti: "a" },
        Revoked::Session { id: "s" },
        Revoked::Subject { issued_until, keep: None },
    ] {
        assert_eq!(status(&cache, access("a")).await, Active);
        cache.revoke(&revocation(what)).await.unwrap();
        assert_eq!(status(&cache, access("a")).await, IsRevoked);
        store.asked();
        assert_eq!((status(&cache, access("a")).await, store.asked()), (IsRevoked, 0));
        cache.restore(&anna(), &what).await.unwrap();
        assert_eq!(status(&cache, access("a")).await, Active, "and what is taken back, too");
    }
    // A rotation changes nothing for access tokens, a reuse does.
    let mut refresh = access("r0");
    refresh.token_type = Some("refresh");
    let rotation = Rotation::new(refresh, "r1", "").unwrap();
    store.asked();
    for _ in 0..2 {
        cache.rotate(&rotation).await.unwrap();
        assert_eq!((status(&cache, access("a")).await, store.asked()), (Active, 0));
    }
    refresh.now = Timestamp::from_seconds(2000.0);
    let reuse = Rotation::new(refresh, "r2", "").unwrap();
    assert_eq!(cache.rotate(&reuse).await.unwrap(), RotationOutcome::Reused);
    assert_eq!(status(&cache, access("a")).await, IsRevoked);
}

/// The store said "active" and was then told otherwise, before its first word had arrived.
#[tokio::test]
async fn an_answer_on_its_way_is_not_kept_over_a_revocation() {
    let (store, cache) = cached(FOR_EVER);
    store.statuses.forget_permits(1000);
    let task = Arc::clone(&cache);
    let asking = tokio::spawn(async move { status(&task, access("a")).await });
    while store.asked.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    cache.revoke(&revocation(Revoked::Token { jti: "a" })).await.unwrap();
    store.statuses.add_permits(1000);
    assert_eq!(asking.await.unwrap(), Active, "it was asked before");
    assert_eq!(status(&cache, access("a")).await, IsRevoked);
}

/// Nobody waited for the end, but the store has done it.
#[tokio::test]
async fn a_revocation_that_was_given_up_counts() {
    let (store, cache) = cached(FOR_EVER);
    assert_eq!(status(&cache, access("a")).await, Active);
    store.changes.forget_permits(1000);
    let what = revocation(Revoked::Token { jti: "a" });
    tokio::time::timeout(Duration::from_millis(20), cache.revoke(&what)).await.unwrap_err();
    assert_eq!(status(&cache, access("a")).await, IsRevoked);
}

#[tokio::test]
async fn errors_are_not_kept() {
    let (store, cache) = cached(FOR_EVER);
    assert_eq!(status(&cache, access("known")).await, Active);
    store.is_down.store(1, Ordering::SeqCst);
    assert!(cache.status(&access("a")).await.is_err());
    assert_eq!(status(&cache, access("known")).await, Active, "for as long as the lag");
    store.is_down.store(0, Ordering::SeqCst);
    assert_eq!(status(&cache, access("a")).await, Active);
}

#[tokio::test]
async fn it_is_bounded() {
    let cache = CachedStore::new(MemoryStore::new(), FOR_EVER).capacity(1000);
    for n in 0..20_000 {
        let _ = status(&cache, access(&n.to_string())).await;
    }
    assert!((100..=1000).contains(&cache.answers.len()), "{}", cache.answers.len());
}

/// Whoever asks after a revocation was acknowledged sees it, however many ask beside.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_active_after_an_acknowledged_revocation() {
    let cache = Arc::new(CachedStore::new(MemoryStore::new(), FOR_EVER));
    for round in 0..300 {
        let jti = round.to_string();
        let readers: Vec<_> = (0..8)
            .map(|_| {
                let (cache, jti) = (Arc::clone(&cache), jti.clone());
                tokio::spawn(async move {
                    while status(&cache, access(&jti)).await == Active {
                        tokio::task::yield_now().await;
                    }
                    for _ in 0..20 {
                        assert_eq!(status(&cache, access(&jti)).await, IsRevoked);
                    }
                })
            })
            .collect();
        cache.revoke(&revocation(Revoked::Token { jti: &jti })).await.unwrap();
        assert_eq!(status(&cache, access(&jti)).await, IsRevoked);
        for reader in readers {
            reader.await.unwrap();
        }
    }
}
