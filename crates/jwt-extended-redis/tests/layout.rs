//! What lies in Redis: nobody's name, nothing for ever, and nonsense lets nobody in.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use std::time::Duration;

use common::{ANNA, SUBJECT_KEY, access, at, client, connect, redis, refresh, session, token};
use jwt_extended::store::{
    Revocation, RevocationStatus, RevocationStore as _, Revoked, Rotation, RotationOutcome, Subject,
};
use jwt_extended_redis::RedisStore;
use redis::aio::MultiplexedConnection;
use servers::{AnyRedis, Redis, or_skip};

const HOUR: i64 = 3_600_000;
/// How much longer than needed facts are kept.
const MARGIN: i64 = HOUR;

fn cutoff(keep: Option<&str>) -> Revocation<'_> {
    common::revocation(Revoked::Subject { issued_until: at(-100.0), keep })
}

async fn rotate(store: &RedisStore, jti: &str, next: &str, end: f64) -> RotationOutcome {
    let mut rotation = Rotation::new(refresh(jti, Some("family")), next, "successor").unwrap();
    (rotation.until, rotation.burnt_until) = (Some(at(end)), Some(at(end)));
    store.rotate(&rotation).await.unwrap()
}

/// One of each kind.
async fn facts(store: &RedisStore) {
    for revocation in
        [token("a-token"), token("not plain}"), session("a-session"), cutoff(Some("k"))]
    {
        store.revoke(&revocation).await.unwrap();
    }
    assert_eq!(rotate(store, "r0", "r1", 3600.0).await, RotationOutcome::Rotated);
}

async fn keys(redis: &mut MultiplexedConnection) -> Vec<String> {
    let mut keys: Vec<String> = redis::cmd("KEYS").arg("jwt:{*").query_async(redis).await.unwrap();
    keys.sort();
    keys
}

async fn life(redis: &mut MultiplexedConnection, key: &str) -> i64 {
    redis::cmd("PTTL").arg(key).query_async(redis).await.unwrap()
}

#[tokio::test]
async fn keys_tell_nothing_and_end() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let mut redis = client(&server.url()).await;
    facts(&store).await;
    let keys = keys(&mut redis).await;
    assert_eq!(keys.len(), 6, "{keys:?}");
    let (stem, _) = keys[0].rsplit_once("}:").unwrap();
    assert_eq!(stem.len(), "jwt:{".len() + 32);
    for key in &keys {
        assert!(key.starts_with(stem), "one slot for all: {keys:?}");
        assert!(!key.contains("anna") && !key.contains("plain"), "{key}");
        let life = life(&mut redis, key).await;
        assert!((HOUR..=HOUR + MARGIN).contains(&life), "{key}: {life}");
    }
    for kind in ["t:a-token", "s:a-session", "f:family", "c", "i"] {
        assert!(keys.contains(&format!("{stem}}}:{kind}")), "{kind} of {keys:?}");
    }
}

#[tokio::test]
async fn ends_move_with_what_is_told_later() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let mut redis = client(&server.url()).await;
    let until = |what, until: Option<f64>| Revocation::new(ANNA, what, until.map(at), at(0.0));
    let what = Revoked::Session { id: "s" };
    // The shortest life is a second, the longest is a hundred years.
    let years = 24 * 36_525 * HOUR - MARGIN;
    for (end, wanted) in
        [(-10.0, 1000), (1800.0, HOUR / 2), (7200.0, 2 * HOUR), (3600.0, 2 * HOUR), (1e300, years)]
    {
        store.revoke(&until(what, Some(end))).await.unwrap();
        for key in keys(&mut redis).await {
            let life = life(&mut redis, &key).await;
            let wanted = wanted + MARGIN;
            assert!((wanted - 30_000..=wanted).contains(&life), "{key} with {end}: {life}");
        }
    }
    store.revoke(&until(what, None)).await.unwrap();
    store.revoke(&until(what, Some(10.0))).await.unwrap();
    // For ever, which is a hundred years as well.
    for key in keys(&mut redis).await {
        assert!(life(&mut redis, &key).await > years, "{key}");
    }
    // What was for ever and is taken back leaves no index for ever.
    store.revoke(&token("a")).await.unwrap();
    assert!(store.restore(&ANNA, &what).await.unwrap());
    for n in 0..40 {
        store.revoke(&token(&format!("a-{n}"))).await.unwrap();
    }
    for key in keys(&mut redis).await {
        assert!((1..=HOUR + MARGIN).contains(&life(&mut redis, &key).await), "{key}");
    }
    assert!(store.restore(&ANNA, &token("a").what).await.unwrap());
}

/// The application's clock is half an hour fast when somebody logs out, and is then set right.
#[tokio::test]
async fn a_clock_that_steps_back_loses_nothing() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let mut redis = client(&server.url()).await;
    // Of a token with ten minutes to live.
    let what = Revoked::Token { jti: "a" };
    store.revoke(&Revocation::new(ANNA, what, Some(at(600.0)), at(1800.0))).await.unwrap();
    assert_eq!(store.status(&access("a", None)).await.unwrap(), RevocationStatus::Revoked);
    for key in keys(&mut redis).await {
        assert!(life(&mut redis, &key).await > 600_000, "{key}");
    }
}

#[tokio::test]
async fn an_index_holds_what_is_alive() {
    let Some(server) = or_skip(Redis::start(&[("appendonly", "no")])) else { return };
    let store = connect(&server.url()).await;
    let mut redis = client(&server.url()).await;
    // At any time, the last so many are alive.
    for (subject, alive, all) in [("few", 10, 2_000), ("many", 1_500, 20_000)] {
        let owner = Subject::new(subject);
        for n in 0..all {
            let (jti, now) = (n.to_string(), f64::from(n));
            let what = Revoked::Token { jti: &jti };
            let end = at(now + f64::from(alive));
            store.revoke(&Revocation::new(owner, what, Some(end), at(now))).await.unwrap();
        }
        let listed = store.list(&owner, at(f64::from(all - 1))).await.unwrap().len();
        assert_eq!(listed, usize::try_from(alive).unwrap());
        let indexes: Vec<String> =
            redis::cmd("KEYS").arg("jwt:{*}:i").query_async(&mut redis).await.unwrap();
        let mut size = 0;
        for index in &indexes {
            size += redis::cmd("HLEN").arg(index).query_async::<i32>(&mut redis).await.unwrap();
            redis::cmd("DEL").arg(index).exec_async(&mut redis).await.unwrap();
        }
        println!("{size} entries for {alive} alive");
        assert!(size <= alive * 3 / 2 + 64, "{size} for {alive}");
    }
}

/// Whatever somebody put there.
#[tokio::test]
async fn nonsense_lets_nobody_in() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let mut redis = client(&server.url()).await;
    let texts = [
        "",
        "garbage",
        "=",
        "=nan",
        "= ",
        "0",
        "null",
        "[]",
        "{}",
        "\"x\"",
        "{\"at\":1}",
        "=1 {}",
        " {}",
        r#"{"issued_until":"x","at":"1"}"#,
        r#"{"issued_until":1,"at":"1"}"#,
        r#"{"issued_until":null,"at":"1","keep":null}"#,
        r#"{"current":"x","previous":"y","successor":"z","at":"soon"}"#,
        r#"{"current":1,"previous":"y","successor":"z","at":"1"}"#,
    ];
    for part in ["a-token", "a-session", "c", "f:family", "i"] {
        for text in texts.map(Some).into_iter().chain([None]) {
            redis::cmd("FLUSHALL").exec_async(&mut redis).await.unwrap();
            facts(&store).await;
            if part != "c" {
                store.restore(&ANNA, &cutoff(None).what).await.unwrap();
            }
            let all = keys(&mut redis).await;
            let key = all.iter().find(|key| key.ends_with(part)).unwrap();
            redis::cmd("DEL").arg(key).exec_async(&mut redis).await.unwrap();
            match text {
                Some(text) if part == "i" => {
                    redis::cmd("HSET").arg(key).arg("t:x").arg(text).exec_async(&mut redis).await
                }
                Some(text) => redis::cmd("SET").arg(key).arg(text).exec_async(&mut redis).await,
                None => redis::cmd("LPUSH").arg(key).arg("x").exec_async(&mut redis).await,
            }
            .unwrap();
            let asked = match part {
                "a-token" => access("a-token", None),
                "a-session" => access("any", Some("a-session")),
                "f:family" => refresh("r0", Some("family")),
                _ => access("any", None),
            };
            if part != "i" {
                let status = store.status(&asked).await;
                assert_ne!(status.ok(), Some(RevocationStatus::Active), "{part} {text:?}");
                let rotation = Rotation::new(asked, "next", "").unwrap();
                let outcome = store.rotate(&rotation).await.ok();
                let is_let_in = matches!(
                    outcome,
                    Some(RotationOutcome::Rotated | RotationOutcome::Repeated { .. })
                );
                assert!(!is_let_in, "{part} {text:?}");
            } else if text.is_none_or(|text| text != " {}") {
                assert!(store.list(&ANNA, at(0.0)).await.is_err(), "{part} {text:?}");
            }
            // And what is revoked on top of it is, or it is an error.
            if store.revoke(&token("another")).await.is_ok() {
                let status = store.status(&access("another", None)).await;
                assert_ne!(status.ok(), Some(RevocationStatus::Active), "{part} {text:?}");
            }
        }
    }
}

#[tokio::test]
async fn prefixes_are_apart() {
    let Some(server) = or_skip(AnyRedis::find()) else { return };
    let url = server.url();
    let store = connect(&url).await;
    let other = RedisStore::options().subject_key(SUBJECT_KEY).prefix("other");
    let other = other.connect(url.as_str()).await.unwrap();
    store.revoke(&token("apart")).await.unwrap();
    let is = async |store: &RedisStore| store.status(&access("apart", None)).await.unwrap();
    assert_eq!(is(&store).await, RevocationStatus::Revoked);
    assert_eq!(is(&other).await, RevocationStatus::Active);
}

/// On the server's own clock: after its end and the margin, a fact is gone without anybody's doing.
#[tokio::test]
async fn nothing_is_left_when_all_has_ended() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let store = connect(&server.url()).await;
    let mut redis = client(&server.url()).await;
    facts(&store).await;
    for key in keys(&mut redis).await {
        let left = life(&mut redis, &key).await - HOUR - MARGIN + 300;
        redis::cmd("PEXPIRE").arg(&key).arg(left.max(1)).exec_async(&mut redis).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(keys(&mut redis).await, [""; 0]);
    assert_eq!(store.list(&ANNA, at(0.0)).await.unwrap(), []);
}
