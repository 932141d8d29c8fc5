//! PostgreSQL killed, stopped and made to stand still, while it is in use.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::*;
use jwt_extended::store::{RevocationStatus, RevocationStore, RotationOutcome};
use jwt_extended_sqlx::SqlStore;
use servers::{Postgres, or_skip};
use tokio::task::JoinHandle;

const TIMEOUT: Duration = Duration::from_millis(500);
/// Beyond the timeout, on a machine that does much else.
const SLACK: Duration = Duration::from_secs(3);

/// Tasks that revoke one token after the other, ask for it, and keep what they saw.
struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Seen>>,
}

#[derive(Default)]
struct Seen {
    acknowledged: Vec<String>,
    asked: usize,
    refused: usize,
    let_in: usize,
    slowest: Duration,
}

impl Load {
    fn start(store: &SqlStore) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = (0..16).map(|task| tokio::spawn(use_it(store.clone(), task, stop.clone())));
        Self { tasks: tasks.collect(), stop }
    }

    async fn stop(self) -> Seen {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Seen::default();
        for task in self.tasks {
            let seen = task.await.unwrap();
            all.acknowledged.extend(seen.acknowledged);
            all.asked += seen.asked;
            all.refused += seen.refused;
            all.let_in += seen.let_in;
            all.slowest = all.slowest.max(seen.slowest);
        }
        all
    }
}

async fn use_it(store: SqlStore, task: usize, stop: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::default();
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let jti = format!("{task}-{n}");
        let begin = Instant::now();
        match revoke(&store, &jti, 10_000.0).await {
            Ok(()) => seen.acknowledged.push(jti),
            Err(_) => seen.refused += 1,
        }
        seen.slowest = seen.slowest.max(begin.elapsed());
        // One that is known to be revoked, of any time.
        let Some(known) = seen.acknowledged.get(n / 2) else { continue };
        let begin = Instant::now();
        seen.asked += 1;
        match store.status(&access(known)).await {
            Ok(RevocationStatus::Revoked) => {}
            Ok(_) => seen.let_in += 1,
            Err(_) => seen.refused += 1,
        }
        seen.slowest = seen.slowest.max(begin.elapsed());
    }
    seen
}

/// Waits until the store answers; how long that took.
async fn recovered(store: &SqlStore) -> Duration {
    let begin = Instant::now();
    while store.status(&access("anything")).await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it does not recover");
    }
    begin.elapsed()
}

async fn check(what: &str, store: &SqlStore, seen: Seen, recovery: Duration) {
    let mut lost = 0;
    for jti in &seen.acknowledged {
        lost += usize::from(!is_revoked(store, jti).await);
    }
    println_loud(&format!(
        "{what}: {} asked, {} let in; {} revocations acknowledged, {lost} lost; {} refused, the slowest \
         after {:?}; good again after {recovery:?}",
        seen.asked,
        seen.let_in,
        seen.acknowledged.len(),
        seen.refused,
        seen.slowest,
    ));
    assert_eq!((seen.let_in, lost), (0, 0));
    assert!(seen.refused > 0, "nothing failed");
    assert!(seen.slowest < TIMEOUT + SLACK, "{:?}", seen.slowest);
    assert!(recovery < Duration::from_secs(5), "{recovery:?}");
}

/// For whoever runs it with `--nocapture`.
#[allow(clippy::print_stdout, reason = "figures of a test")]
fn println_loud(text: &str) {
    println!("{text}");
}

async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1500)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_lets_anybody_in() {
    let Some(mut server) = or_skip(Postgres::start(&[])) else { return };
    let store = SqlStore::options().timeout(TIMEOUT).connect(&server.url()).await.unwrap();
    for what in ["killed", "stopped"] {
        let load = Load::start(&store);
        a_while().await;
        if what == "killed" {
            server.kill();
        } else {
            server.stop();
        }
        a_while().await;
        server.start_again().unwrap();
        let recovery = recovered(&store).await;
        a_while().await;
        check(what, &store, load.stop().await, recovery).await;
    }

    let load = Load::start(&store);
    a_while().await;
    server.pause();
    a_while().await;
    a_while().await;
    server.go_on();
    let recovery = recovered(&store).await;
    a_while().await;
    check("standing still", &store, load.stop().await, recovery).await;
}

/// Of a call whose answer is lost nobody knows whether it was done. Asked again, it must not look like a
/// thief's.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_refresh_tokens_survives() {
    let Some(mut server) = or_skip(Postgres::start(&[])) else { return };
    let store = SqlStore::options().timeout(TIMEOUT).connect(&server.url()).await.unwrap();
    let (stop, chain_of) = (Arc::new(AtomicBool::new(false)), store.clone());
    let stopped = stop.clone();
    let chain = tokio::spawn(async move {
        let (mut current, mut length, mut failed, mut repeated) = ("r0".to_owned(), 0, 0, 0);
        while !stopped.load(Ordering::SeqCst) {
            let next = format!("r{}-{failed}", length + 1);
            match rotate(&chain_of, refresh(&current, "t"), &next).await {
                Ok(RotationOutcome::Rotated) => current = next,
                Ok(RotationOutcome::Repeated { successor }) => {
                    repeated += 1;
                    current = successor;
                }
                Ok(other) => panic!("{other:?} after {length}"),
                Err(_) => {
                    failed += 1;
                    continue;
                }
            }
            length += 1;
        }
        (length, failed, repeated)
    });
    for _ in 0..3 {
        a_while().await;
        server.kill();
        // A call may wait for a server that is soon there again, and fail only when its time is over.
        tokio::time::sleep(2 * TIMEOUT).await;
        server.start_again().unwrap();
        recovered(&store).await;
    }
    a_while().await;
    stop.store(true, Ordering::SeqCst);
    let (length, failed, repeated) = chain.await.unwrap();
    println_loud(&format!("{length} rotations, {failed} failed calls, {repeated} given again"));
    assert!(length > 100 && failed > 0, "{length} rotations, {failed} failed calls");
}

/// Whoever gives up in the middle leaves no connection behind that others would wait for.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_go_away_take_no_connection_with_them() {
    let Some(server) = or_skip(Postgres::start(&[])) else { return };
    // Long enough for a busy machine, and not for ever.
    let store = SqlStore::options().timeout(Duration::from_secs(5)).max_connections(2);
    let store = store.connect(&server.url()).await.unwrap();
    for round in 0..200 {
        let wait = Duration::from_micros(round * 20);
        let _ = tokio::time::timeout(wait, store.status(&access("a"))).await;
        let _ = tokio::time::timeout(wait, revoke(&store, &format!("{round}"), 1000.0)).await;
    }
    for round in 0..200 {
        assert_eq!(store.status(&access("a")).await.unwrap(), RevocationStatus::Active, "{round}");
    }
    server.pause();
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.status(&access("a")).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    waiting.iter().for_each(JoinHandle::abort);
    server.go_on();
    for _ in 0..10 {
        assert_eq!(store.status(&access("a")).await.unwrap(), RevocationStatus::Active);
    }
}
