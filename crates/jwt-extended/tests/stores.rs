//! The memory store does what every store must.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use jwt_extended::Timestamp;
use jwt_extended::store::{
    MemoryStore, RevocationStore, Rotation, RotationOutcome, SharedStore, Subject, TokenRef, tests,
};

#[tokio::test]
async fn in_memory() {
    tests::run(|| async { MemoryStore::new() }).await;
}

#[tokio::test]
async fn many_histories_in_memory() {
    tests::model(&|| async { MemoryStore::new() }, 0..20_000).await;
}

#[tokio::test]
async fn in_memory_as_any_store() {
    tests::run(|| async { SharedStore::new(std::sync::Arc::new(MemoryStore::new())) }).await;
}

/// As the suite's race, with threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_threads_one_wins() {
    let store = MemoryStore::new();
    for round in 0..1000 {
        let calls: Vec<_> = (0..64).map(|n| tokio::spawn(call(store.clone(), round, n))).collect();
        let mut winners = Vec::new();
        let mut given = Vec::new();
        for (n, call) in calls.into_iter().enumerate() {
            match call.await.unwrap() {
                RotationOutcome::Rotated => winners.push(n.to_string()),
                RotationOutcome::Repeated { successor } => given.push(successor),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((winners.len(), given.len()), (1, 63));
        assert!(given.iter().all(|successor| *successor == winners[0]));
    }
}

async fn call(store: MemoryStore, round: u32, n: u32) -> RotationOutcome {
    let (family, next) = (round.to_string(), n.to_string());
    let mut token = TokenRef::new(Subject::new("anna"), Timestamp::from_seconds(1000.0));
    (token.jti, token.session, token.token_type) = (Some("r0"), Some(&*family), Some("refresh"));
    store.rotate(&Rotation::new(token, &next, &next).unwrap()).await.unwrap()
}

#[cfg(feature = "cache")]
#[tokio::test]
async fn behind_a_cache() {
    use jwt_extended::store::CachedStore;
    let lag = std::time::Duration::from_secs(3600);
    let make = || async { CachedStore::new(MemoryStore::new(), lag) };
    tests::run(make).await;
    tests::model(&make, 0..2000).await;
}
