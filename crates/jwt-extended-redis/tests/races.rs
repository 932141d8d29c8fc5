//! Many tasks at one refresh token, over several connections. `RACE_ROUNDS` says how often (100).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::time::{Duration, Instant};

use common::{SUBJECT_KEY, refresh};
use jwt_extended::store::{RevocationStatus, RevocationStore as _, Rotation, RotationOutcome};
use jwt_extended_redis::redis::cluster::ClusterClientBuilder;
use jwt_extended_redis::{RedisStore, RedisStoreOptions};
use servers::{AnyRedis, RedisCluster, or_skip};

const AT_ONCE: usize = 64;

fn patient() -> RedisStoreOptions {
    RedisStore::options().subject_key(SUBJECT_KEY).timeout(Duration::from_secs(20))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wins_on_one_server() {
    let Some(server) = or_skip(AnyRedis::find()) else { return };
    let connect = || patient().connect(server.url());
    race("Redis", [connect().await.unwrap(), connect().await.unwrap()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wins_on_a_cluster() {
    let Some(cluster) = or_skip(RedisCluster::start()) else { return };
    let connect = || patient().connect_cluster(ClusterClientBuilder::new(cluster.urls()));
    race("Redis cluster", [connect().await.unwrap(), connect().await.unwrap()]).await;
}

/// Of all that present one token at once, one rotates it, and the others are given the same successor.
async fn race(name: &str, stores: [RedisStore; 2]) {
    let rounds = std::env::var("RACE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let (family, begin) = (format!("race-{}", std::process::id()), Instant::now());
    let mut current = "r0".to_owned();
    for round in 1..=rounds {
        let calls: Vec<_> = (0..AT_ONCE)
            .map(|n| {
                let (store, next) = (stores[n % 2].clone(), format!("r{round}-{n}"));
                let (family, current) = (family.clone(), current.clone());
                tokio::spawn(async move {
                    let token = refresh(&current, Some(&family));
                    let rotation = Rotation::new(token, &next, &next).unwrap();
                    (store.rotate(&rotation).await, next)
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
        let status = store.status(&refresh(&current, Some(&family))).await.unwrap();
        assert_eq!(status, RevocationStatus::Active);
    }
    println!("{name}: {rounds} rounds of {AT_ONCE} in {:?}", begin.elapsed());
}
