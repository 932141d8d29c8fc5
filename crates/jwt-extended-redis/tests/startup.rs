//! What is said when a store connects.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{SUBJECT_KEY, access, client, connect, redis, token};
use jwt_extended::store::{RevocationStatus, RevocationStore as _};
use jwt_extended_redis::RedisStore;
use servers::{Redis, or_skip};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn log_of_connecting(url: &str) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    connect(url).await;
    drop(guard);
    let text = log.0.lock().unwrap().clone();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn whatever_would_lose_revocations() {
    let durable = [].as_slice();
    let memory_only = [("appendonly", "no")].as_slice();
    let snapshots = [("appendonly", "no"), ("save", "3600 1")].as_slice();
    let evicting = [("maxmemory", "100mb"), ("maxmemory-policy", "volatile-lru")].as_slice();
    for (settings, warning) in [
        (durable, None),
        (memory_only, Some("keeps nothing on disk")),
        (snapshots, Some("only now and then")),
        (evicting, Some("volatile-lru")),
    ] {
        let Some(server) = or_skip(Redis::start(settings)) else { return };
        let log = log_of_connecting(&server.url()).await;
        assert_eq!(log.matches("WARN").count(), usize::from(warning.is_some()), "{log}");
        assert!(log.contains(warning.unwrap_or_default()), "{log}");
    }
}

/// Managed servers keep their configuration to themselves, and give no more rights than needed.
#[tokio::test]
async fn a_user_that_may_do_little() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let mut admin = client(&server.url()).await;
    // As the documentation has it.
    let rights = "~jwt:* +evalsha +eval +exists +get +set +setnx +del +pttl +pexpire +hget +hset +hsetnx \
                  +hdel +hlen +hscan +hexists +hgetall";
    let mut user = redis::cmd("ACL");
    user.arg("SETUSER").arg("app").arg("on").arg(">pass-word");
    user.arg(rights.split(' ').collect::<Vec<_>>()).exec_async(&mut admin).await.unwrap();
    let url = server.url().replace("redis://", "redis://app:pass-word@");
    let log = log_of_connecting(&url).await;
    assert!(log.contains("INFO") && log.contains("does not tell"), "{log}");
    assert!(!log.contains("WARN"), "{log}");
    let store = connect(&url).await;
    store.revoke(&token("a")).await.unwrap();
    assert_eq!(store.status(&access("a", None)).await.unwrap(), RevocationStatus::Revoked);
    jwt_extended::store::tests::run(|| async { store.clone() }).await;

    let url = server.url().replace("redis://", "redis://app:another-word@");
    let refused = RedisStore::options().subject_key(SUBJECT_KEY).connect(url).await.unwrap_err();
    let text = format!("{refused} {refused:?}");
    assert!(text.contains("no connection") && text.contains("authentication failed"), "{text}");
    assert!(!text.contains("another-word"), "{text}");
}

#[tokio::test]
async fn another_subject_key() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    connect(&server.url()).await;
    connect(&server.url()).await;
    let other = RedisStore::options().subject_key("another key for tests");
    let refused = other.clone().connect(server.url()).await.unwrap_err();
    assert!(refused.to_string().contains("jwt:subject-key"), "{refused}");
    other.prefix("another").connect(server.url()).await.unwrap();
}

#[tokio::test]
async fn options_that_cannot_be() {
    let url = "redis://127.0.0.1:1/";
    let good = || RedisStore::options().subject_key(SUBJECT_KEY);
    for (options, what) in [
        (RedisStore::options(), "openssl rand"),
        (RedisStore::options().subject_key("short"), "16 bytes"),
        (good().prefix(""), "prefix"),
        (good().prefix("a{b}"), "prefix"),
        (good().prefix("a b"), "prefix"),
        (good().timeout(Duration::ZERO), "timeout"),
    ] {
        let refused = options.connect(url).await.unwrap_err();
        assert!(refused.to_string().contains(what), "{refused}");
    }
    for url in ["http://user:pass-word@host", "redis:", "", "rediss://user:pass-word@host"] {
        let refused = good().connect(url).await.unwrap_err();
        let text = format!("{refused} {refused:?}");
        assert!(text.contains("address cannot be used") && !text.contains("pass-word"), "{text}");
    }
    assert!(!format!("{:?}", good()).contains(SUBJECT_KEY));
}

#[tokio::test]
async fn nobody_answers() {
    let options = || RedisStore::options().subject_key(SUBJECT_KEY);
    let begin = Instant::now();
    let refused = options().connect("redis://127.0.0.1:1/").await.unwrap_err();
    assert!(format!("{refused:?}").contains("refused"), "{refused:?}");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());

    let Some(server) = or_skip(Redis::start(&[])) else { return };
    server.pause();
    let begin = Instant::now();
    assert!(options().connect(server.url()).await.is_err());
    assert!(begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
    server.go_on();
}
