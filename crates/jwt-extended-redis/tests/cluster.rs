//! A cluster whose servers die and whose slots move.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{SUBJECT_KEY, at};
use jwt_extended::store::{
    Revocation, RevocationStatus, RevocationStore as _, Revoked, Rotation, RotationOutcome,
    Subject, TokenRef,
};
use jwt_extended_redis::RedisStore;
use jwt_extended_redis::redis::cluster::ClusterClientBuilder;
use servers::{RedisCluster, or_skip};

async fn connect(cluster: &RedisCluster) -> RedisStore {
    let servers = ClusterClientBuilder::new(cluster.urls());
    RedisStore::options().subject_key(SUBJECT_KEY).connect_cluster(servers).await.unwrap()
}

/// Everybody has a token of the same name.
fn presented(subject: &str) -> TokenRef<'_> {
    let mut token = TokenRef::new(Subject::new(subject), at(0.0));
    (token.jti, token.session, token.token_type) = (Some("a"), Some("s"), Some("refresh"));
    token.grace = Duration::from_secs(10);
    token
}

fn revocation(subject: &str) -> Revocation<'_> {
    let what = Revoked::Token { jti: "a" };
    Revocation::new(Subject::new(subject), what, Some(at(3600.0)), at(0.0))
}

/// Subjects in all slots, revoked and not.
fn subjects() -> Vec<(String, bool)> {
    (0..300).map(|n| (format!("user-{n}"), n % 2 == 0)).collect()
}

async fn fill(store: &RedisStore) {
    for (subject, is_revoked) in subjects() {
        if is_revoked {
            store.revoke(&revocation(&subject)).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_servers_die_or_stand_still_and_come_back() {
    let Some(mut cluster) = or_skip(RedisCluster::start()) else { return };
    let store = connect(&cluster).await;
    fill(&store).await;
    for (node, is_killed) in [(0, true), (1, false), (2, true)] {
        if is_killed {
            tokio::task::block_in_place(|| cluster.nodes()[node].kill());
        } else {
            cluster.nodes()[node].pause();
        }
        let mut failed = 0;
        for (subject, is_revoked) in subjects().into_iter().take(10) {
            let begin = Instant::now();
            match store.status(&presented(&subject)).await {
                Ok(status) => assert_eq!(status == RevocationStatus::Revoked, is_revoked),
                Err(_) => failed += 1,
            }
            assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
        }
        if is_killed {
            tokio::task::block_in_place(|| cluster.nodes()[node].start_again()).unwrap();
        } else {
            cluster.nodes()[node].go_on();
        }
        let begin = Instant::now();
        for (subject, is_revoked) in subjects() {
            let status = loop {
                match store.status(&presented(&subject)).await {
                    Ok(status) => break status,
                    Err(error) => {
                        assert!(begin.elapsed() < Duration::from_secs(20), "{error:?}");
                    }
                }
            };
            assert_eq!(status == RevocationStatus::Revoked, is_revoked, "{subject}");
        }
        println!("{failed} of 10 failed; back, and all asked, after {:?}", begin.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_slots_move() {
    let Some(cluster) = or_skip(RedisCluster::start()) else { return };
    let store = connect(&cluster).await;
    fill(&store).await;
    let end = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let (store, end) = (store.clone(), end.clone());
            tokio::spawn(async move {
                let (mut asked, mut failed) = (0, 0);
                while !end.load(Ordering::Relaxed) {
                    for (subject, is_revoked) in subjects() {
                        asked += 1;
                        match store.status(&presented(&subject)).await {
                            Ok(status) => {
                                assert_eq!(status == RevocationStatus::Revoked, is_revoked);
                            }
                            Err(_) => failed += 1,
                        }
                        let (jti, next) =
                            (format!("{task}-{asked}"), format!("{task}-{asked}-next"));
                        let mut token = presented(&subject);
                        (token.jti, token.session) = (Some(jti.as_str()), None);
                        let rotation = Rotation::new(token, &next, "").unwrap();
                        match store.rotate(&rotation).await {
                            Ok(outcome) => assert_eq!(outcome, RotationOutcome::Rotated),
                            Err(_) => failed += 1,
                        }
                    }
                }
                (asked, failed)
            })
        })
        .collect();
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        tokio::task::block_in_place(|| cluster.move_slots(from, to, 1500)).unwrap();
    }
    end.store(true, Ordering::Relaxed);
    let (mut asked, mut failed) = (0, 0);
    for task in tasks {
        let counts = task.await.unwrap();
        (asked, failed) = (asked + counts.0, failed + counts.1);
    }
    println!("4,500 slots moved: {asked} asked and rotated, {failed} failed, none wrong");
    assert!(failed * 50 < asked, "{failed} of {asked}");
    for (subject, is_revoked) in subjects() {
        let status = store.status(&presented(&subject)).await.unwrap();
        assert_eq!(status == RevocationStatus::Revoked, is_revoked);
    }
}
