//! Many threads and several programs at one refresh token. `RACE_ROUNDS` says how often (100).
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::time::{Duration, Instant};

use common::*;
use jwt_extended::store::{RevocationStatus, RevocationStore, RotationOutcome};
use jwt_extended_sqlx::SqlStore;
use servers::{AnyPostgres, Folder, Postgres, or_skip};

const AT_ONCE: usize = 64;

/// Of all that present one token at once, one rotates it, and the others are given the same successor.
async fn race(name: &str, stores: [SqlStore; 2], rounds: usize) {
    let (family, begin) = (format!("race-{}", std::process::id()), Instant::now());
    let mut current = "r0".to_owned();
    for round in 0..rounds {
        let calls: Vec<_> = (0..AT_ONCE)
            .map(|n| {
                let (store, next) = (stores[n % 2].clone(), format!("r{}-{n}", round + 1));
                let (family, current) = (family.clone(), current.clone());
                tokio::spawn(async move {
                    (rotate(&store, refresh(&current, &family), &next).await, next)
                })
            })
            .collect();
        let (mut winners, mut given) = (Vec::new(), Vec::new());
        for call in calls {
            match call.await.unwrap() {
                (Ok(RotationOutcome::Rotated), next) => winners.push(next),
                (Ok(RotationOutcome::Repeated { successor }), _) => given.push(successor),
                (other, _) => panic!("{other:?} in round {round}"),
            }
        }
        assert_eq!((winners.len(), given.len()), (1, AT_ONCE - 1), "in round {round}");
        assert!(given.iter().all(|successor| *successor == winners[0]), "in round {round}");
        current.clone_from(&winners[0]);
    }
    for store in &stores {
        let status = store.status(&refresh(&current, &family)).await.unwrap();
        assert_eq!(status, RevocationStatus::Active);
    }
    say(&format!("{name}: {rounds} rounds of {AT_ONCE} in {:?}", begin.elapsed()));
}

fn rounds() -> usize {
    std::env::var("RACE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100)
}

/// For whoever runs it with `--nocapture`.
#[allow(clippy::print_stdout, reason = "figures of a test")]
fn say(text: &str) {
    println!("{text}");
}

async fn two(url: &str) -> [SqlStore; 2] {
    let options = SqlStore::options().timeout(Duration::from_secs(20));
    [options.clone().connect(url).await.unwrap(), options.connect(url).await.unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wins_in_sqlite() {
    let folder = Folder::new("race");
    let url = format!("sqlite://{}/store.db", folder.path().display());
    race("SQLite", two(&url).await, rounds()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wins_in_postgresql() {
    let Some(server) = or_skip(AnyPostgres::find()) else { return };
    race("PostgreSQL", two(&server.url()).await, rounds()).await;
}

/// Where an administrator has made them stricter than PostgreSQL does.
#[tokio::test(flavor = "multi_thread")]
async fn one_wins_in_postgresql_whatever_its_transactions() {
    for isolation in ["repeatable read", "serializable"] {
        let settings = [("fsync", "off"), ("default_transaction_isolation", isolation)];
        let Some(server) = or_skip(Postgres::start(&settings)) else { return };
        race(isolation, two(&server.url()).await, 20).await;
    }
}
