//! Servers and networks that fail: never "not revoked", never a hang, and back by itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::proxy::{Proxy, Trouble};
use common::{SUBJECT_KEY, access, at, client, connect, redis, refresh, session, token};
use jwt_extended::store::{
    RevocationStatus, RevocationStore as _, Rotation, RotationOutcome, StoreError,
};
use jwt_extended_redis::RedisStore;
use servers::{AnyRedis, Redis, or_skip};

/// The default, and what a busy machine adds to it.
const TIMEOUT: Duration = Duration::from_secs(1);
const SLACK: Duration = Duration::from_secs(3);

async fn status(store: &RedisStore, jti: &str) -> Result<RevocationStatus, StoreError> {
    let begin = Instant::now();
    let answer = store.status(&access(jti, None)).await;
    assert!(begin.elapsed() < TIMEOUT + SLACK, "{:?}", begin.elapsed());
    answer
}

/// How long until there are answers again.
async fn recovery(store: &RedisStore, jti: &str) -> Duration {
    let begin = Instant::now();
    while status(store, jti).await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it does not come back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begin.elapsed()
}

#[tokio::test]
async fn scripts_are_forgotten_and_connections_cut() {
    let Some(server) = or_skip(AnyRedis::find()) else { return };
    let store = connect(&server.url()).await;
    let mut admin = client(&server.url()).await;
    let scripts = ["SCRIPT", "FLUSH"].as_slice();
    let connections = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"].as_slice();
    for (n, trouble) in [scripts, connections, scripts, connections].into_iter().enumerate() {
        let jti = format!("cut-{n}");
        let mut command = redis::cmd(trouble[0]);
        command.arg(&trouble[1..]);
        let make_trouble = async |admin: &mut redis::aio::MultiplexedConnection| {
            command.exec_async(admin).await.unwrap();
        };
        make_trouble(&mut admin).await;
        store.revoke(&token(&jti)).await.unwrap();
        make_trouble(&mut admin).await;
        assert_eq!(status(&store, &jti).await.unwrap(), RevocationStatus::Revoked);
        make_trouble(&mut admin).await;
        let family = format!("family-{n}");
        let first = refresh("r0", Some(&family));
        let rotation = Rotation::new(first, "r1", "").unwrap();
        assert_eq!(store.rotate(&rotation).await.unwrap(), RotationOutcome::Rotated);
        make_trouble(&mut admin).await;
        assert!(!store.list(&common::ANNA, at(0.0)).await.unwrap().is_empty());
        make_trouble(&mut admin).await;
        assert!(store.restore(&common::ANNA, &token(&jti).what).await.unwrap());
    }
}

/// What was acknowledged is in force, before and after; what is asked meanwhile fails or is right.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_killed_under_load_and_forgets_nothing() {
    let Some(mut server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let end = Arc::new(AtomicBool::new(false));
    let counts: Arc<[AtomicU64; 3]> = Arc::default();
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let (store, end, counts) = (store.clone(), end.clone(), counts.clone());
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    if end.load(Ordering::Relaxed) {
                        break;
                    }
                    let jti = format!("load-{task}-{n}");
                    match store.revoke(&token(&jti)).await {
                        Ok(()) => acknowledged.push(jti),
                        Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                    }
                    let Some(jti) = acknowledged.last() else { continue };
                    let counted = match status(&store, jti).await {
                        Ok(RevocationStatus::Active) => 0,
                        Ok(_) => 1,
                        Err(_) => 2,
                    };
                    counts[counted].fetch_add(1, Ordering::Relaxed);
                }
                acknowledged
            })
        })
        .collect();
    let mut recoveries = Vec::new();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        tokio::task::block_in_place(|| server.kill());
        tokio::time::sleep(Duration::from_millis(1500)).await;
        tokio::task::block_in_place(|| server.start_again()).unwrap();
        recoveries.push(recovery(&store, "any").await);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    end.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut lost) = (0, 0);
    for task in tasks {
        for jti in task.await.unwrap() {
            acknowledged += 1;
            if status(&store, &jti).await.unwrap() != RevocationStatus::Revoked {
                lost += 1;
            }
        }
    }
    let [wrong, right, failed] = [0, 1, 2].map(|n: usize| counts[n].load(Ordering::Relaxed));
    println!(
        "kill -9 three times: {} asked, {failed} failed, {wrong} wrongly let in; \
         {acknowledged} revocations acknowledged, {lost} lost; back after {recoveries:?}",
        wrong + right + failed,
    );
    assert_eq!((wrong, lost), (0, 0));
    assert!(right > 0 && failed > 0 && acknowledged > 0);
    assert!(recoveries.iter().all(|time| *time < Duration::from_secs(5)), "{recoveries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stands_still() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    store.revoke(&token("a")).await.unwrap();
    for _ in 0..2 {
        server.pause();
        let asked = (0..100).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { status(&store, "a").await.is_err() })
        });
        for task in asked.collect::<Vec<_>>() {
            assert!(task.await.unwrap());
        }
        assert!(store.revoke(&session("s")).await.is_err());
        server.go_on();
        let time = recovery(&store, "a").await;
        println!("back {time:?} after it went on");
        assert_eq!(status(&store, "a").await.unwrap(), RevocationStatus::Revoked);
    }
}

/// A firewall that forgot the connection, or a host without current: no packet says that it is over.
#[tokio::test]
async fn a_connection_dies_without_a_word() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let proxy = Proxy::start(server.port()).await;
    let store = connect(&proxy.url()).await;
    store.revoke(&token("a")).await.unwrap();
    for _ in 0..2 {
        proxy.make(Trouble::Silence);
        let late = status(&store, "a").await.unwrap_err();
        assert!(source(&late).contains("within 1s"), "{late:?}");
        assert_eq!(status(&store, "a").await.unwrap(), RevocationStatus::Revoked);
    }
}

/// The server did it, and nobody heard: asking again must not look like a second use of the token.
#[tokio::test]
async fn an_answer_is_lost() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let proxy = Proxy::start(server.port()).await;
    let store = connect(&proxy.url()).await;
    for jtis in [["r0", "r1"], ["r1", "r2"]] {
        let mut presented = refresh(jtis[0], Some("s"));
        presented.grace = Duration::ZERO;
        let rotation = Rotation::new(presented, jtis[1], "").unwrap();
        proxy.make(Trouble::LostAnswer);
        assert_eq!(store.rotate(&rotation).await.unwrap(), RotationOutcome::Rotated);
    }
    proxy.make(Trouble::LostAnswer);
    store.revoke(&token("r2")).await.unwrap();
    proxy.make(Trouble::LostAnswer);
    assert_eq!(store.status(&refresh("r2", Some("s"))).await.unwrap(), RevocationStatus::Revoked);
}

/// As after a failover, when the name leads to another server and the old one lives on as its replica.
#[tokio::test]
async fn it_becomes_a_replica() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let Some(primary) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let mut admin = client(&server.url()).await;
    let primary = primary.port().to_string();
    let mut follow = redis::cmd("REPLICAOF");
    follow.arg("127.0.0.1").arg(primary).exec_async(&mut admin).await.unwrap();
    let clients = async |admin: &mut redis::aio::MultiplexedConnection| -> String {
        redis::cmd("CLIENT").arg("LIST").arg("TYPE").arg("normal").query_async(admin).await.unwrap()
    };
    let before = clients(&mut admin).await;
    let refused = store.revoke(&token("a")).await.unwrap_err();
    assert!(source(&refused).to_lowercase().contains("read"), "{refused:?}");
    // By another connection, which might have led elsewhere.
    let ids = |list: &str| -> Vec<String> {
        list.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    assert_ne!(ids(&before), ids(&clients(&mut admin).await));
    redis::cmd("REPLICAOF").arg("NO").arg("ONE").exec_async(&mut admin).await.unwrap();
    store.revoke(&token("a")).await.unwrap();
    assert_eq!(status(&store, "a").await.unwrap(), RevocationStatus::Revoked);
}

/// Nobody can log out, and is told so; who was logged out stays that.
#[tokio::test]
async fn its_memory_is_full() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let mut admin = client(&server.url()).await;
    let mut limit = async |bytes: u32| {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("maxmemory").arg(bytes).exec_async(&mut admin).await.unwrap();
    };
    store.revoke(&token("a")).await.unwrap();
    limit(1).await;
    for revocation in [token("b"), session("s")] {
        let refused = store.revoke(&revocation).await.unwrap_err();
        assert!(source(&refused).contains("OOM"), "{refused:?}");
    }
    let rotation = Rotation::new(refresh("r0", Some("s")), "r1", "").unwrap();
    assert!(store.rotate(&rotation).await.is_err());
    assert_eq!(status(&store, "a").await.unwrap(), RevocationStatus::Revoked);
    limit(0).await;
    assert_eq!(store.rotate(&rotation).await.unwrap(), RotationOutcome::Rotated);
}

#[tokio::test]
async fn the_time_is_an_option() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let options = RedisStore::options().subject_key(SUBJECT_KEY).timeout(Duration::from_millis(50));
    let store = options.connect(server.url()).await.unwrap();
    server.pause();
    let begin = Instant::now();
    let late = store.status(&access("a", None)).await.unwrap_err();
    assert!(begin.elapsed() < SLACK, "{:?}", begin.elapsed());
    assert!(source(&late).contains("50ms"), "{late:?}");
    server.go_on();
    recovery(&store, "a").await;
}

fn source(error: &StoreError) -> String {
    std::error::Error::source(error).unwrap().to_string()
}
