//! The store in a SQLite file.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::process::Stdio;
use std::time::{Duration, Instant};

use common::*;
use jwt_extended::store::{RevocationStore, RotationOutcome, tests};
use jwt_extended_sqlx::SqlStore;
use jwt_extended_sqlx::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
};
use jwt_extended_sqlx::sqlx::{self, Row};
use servers::{Folder, Missing, or_skip};

fn url(folder: &Folder) -> String {
    format!("sqlite://{}/store.db", folder.path().display())
}

async fn open(folder: &Folder) -> SqlStore {
    SqlStore::connect(&url(folder)).await.unwrap()
}

/// A connection of somebody else's.
async fn other(folder: &Folder) -> SqlitePool {
    let options = SqlitePoolOptions::new().max_connections(1);
    options.connect(&url(folder)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_what_every_store_must_in_a_file() {
    let folder = Folder::new("suite");
    let store = open(&folder).await;
    tests::run(|| async { store.clone() }).await;
}

#[tokio::test]
async fn it_does_what_every_store_must_in_memory() {
    let store = SqlStore::connect("sqlite::memory:").await.unwrap();
    tests::run(|| async { store.clone() }).await;
}

#[tokio::test]
async fn it_does_what_every_store_must_in_a_pool_of_the_applications() {
    let folder = Folder::new("pool");
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("app.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(20));
    let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    let options = SqlStore::options().table_prefix("app_".parse().unwrap());
    let store = options.timeout(Duration::from_secs(20)).sqlite(pool).await.unwrap();
    tests::run(|| async { store.clone() }).await;
}

#[tokio::test]
async fn it_remembers_over_a_restart() {
    let folder = Folder::new("restart");
    let store = open(&folder).await;
    revoke(&store, "a", 1000.0).await.unwrap();
    rotate(&store, refresh("r0", "t"), "r1").await.unwrap();
    drop(store);
    let store = open(&folder).await;
    assert!(is_revoked(&store, "a").await);
    assert!(!is_revoked(&store, "b").await);
    let again = rotate(&store, refresh("r0", "t"), "x").await.unwrap();
    assert_eq!(again, RotationOutcome::Repeated { successor: "r1".into() });
}

#[tokio::test]
async fn a_file_may_have_any_name() {
    let folder = Folder::new("name");
    let file = folder.path().join("a store?mode=ro#% 20é.db");
    for _ in 0..2 {
        let store = SqlStore::options().sqlite_file(&file).await.unwrap();
        revoke(&store, "a", 1000.0).await.unwrap();
        assert!(is_revoked(&store, "a").await);
    }
    assert!(file.is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_start_at_once_make_the_tables_once() {
    for _ in 0..10 {
        let folder = Folder::new("start");
        let url = url(&folder);
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { SqlStore::connect(&url).await })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
        let database = other(&folder).await;
        let versions = sqlx::query("SELECT version FROM jwt_schema").fetch_all(&database);
        assert_eq!(versions.await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_start_waits_for_whoever_has_the_file() {
    let folder = Folder::new("held");
    let file = SqlitePool::connect(&format!("{}?mode=rwc", url(&folder))).await.unwrap();
    let mut holder = file.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *holder).await.unwrap();

    // Longer than any one statement waits.
    let timeout = Duration::from_millis(100);
    let url = url(&folder);
    let start =
        tokio::spawn(async move { SqlStore::options().timeout(timeout).connect(&url).await });
    tokio::time::sleep(timeout * 10).await;
    assert!(!start.is_finished());
    sqlx::query("COMMIT").execute(&mut *holder).await.unwrap();
    let store = start.await.unwrap().unwrap();
    assert!(!is_revoked(&store, "a").await);
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    let folder = Folder::new("version");
    let url = url(&folder);
    let create = format!("{url}?mode=rwc");
    SqlitePool::connect(&create).await.unwrap();
    let error = SqlStore::options().migrate(false).connect(&url).await.unwrap_err();
    assert!(error.to_string().contains("at version 0"), "{error}");
    assert!(error.to_string().contains("migrate(true)"), "{error}");
    let store = SqlStore::connect(&url).await.unwrap();
    SqlStore::options().migrate(false).connect(&url).await.unwrap();
    revoke(&store, "a", 1000.0).await.unwrap();

    sqlx::query("INSERT INTO jwt_schema (version) VALUES (99)")
        .execute(&other(&folder).await)
        .await
        .unwrap();
    for migrate in [true, false] {
        let error = SqlStore::options().migrate(migrate).connect(&url).await.unwrap_err();
        assert!(error.to_string().contains("at version 99"), "{error}");
        assert!(error.to_string().contains("update this one"), "{error}");
    }
    // Under another name there is room.
    let options = SqlStore::options().table_prefix("b_".parse().unwrap());
    assert!(!is_revoked(&options.connect(&url).await.unwrap(), "a").await);
}

#[tokio::test]
async fn bad_urls_say_what_is_wrong() {
    for (url, words) in [
        ("mysql://root:hunter2@localhost/db", "no store is known for mysql:"),
        ("hunter2", "must begin with sqlite:"),
        ("hunter2@host:80", "must begin with sqlite:"),
        ("", "must begin with sqlite:"),
        ("sqlite:///no/such/folder/file.db", "cannot open the SQLite file /no/such/folder/file.db"),
        ("sqlite://a.db?colour=red", "none of SQLite's"),
    ] {
        let error = SqlStore::connect(url).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error:?}{}", whole(&error)).contains("hunter2"), "{error:?}");
    }
}

/// Each table is searched by its primary key, or by the index on its ends.
#[tokio::test]
async fn nothing_is_looked_for_row_by_row() {
    let folder = Folder::new("plan");
    open(&folder).await;
    let database = other(&folder).await;
    let series = "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)";
    for sql in common::fill(10_000, series) {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&database).await.unwrap();
    }
    for analyzed in [false, true] {
        if analyzed {
            sqlx::query("ANALYZE").execute(&database).await.unwrap();
        }
        for (name, sql) in common::statements("sqlite") {
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let plan = sqlx::query(sql).fetch_all(&database).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
            for step in &steps {
                let scans = step.starts_with("SCAN") && !step.contains("CONSTANT ROW");
                assert!(!scans || step == "SCAN always", "{name}: {steps:#?}");
                assert!(!step.contains("TEMP B-TREE"), "{name}: {steps:#?}");
            }
        }
    }
}

/// By another process, in the middle of writing.
#[tokio::test]
async fn a_locked_file_is_an_error_in_time() {
    let folder = Folder::new("locked");
    let timeout = Duration::from_millis(500);
    let store = SqlStore::options().timeout(timeout).connect(&url(&folder)).await.unwrap();
    revoke(&store, "a", 1000.0).await.unwrap();

    let script = "import sqlite3, sys\n\
                  c = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
                  c.execute('BEGIN IMMEDIATE')\n\
                  print('locked', flush=True)\n\
                  sys.stdin.read()\n";
    let file = folder.path().join("store.db");
    let mut python = tokio::process::Command::new("python3");
    python.args(["-c", script, file.to_str().unwrap()]);
    python.stdin(Stdio::piped()).stdout(Stdio::piped());
    let Some(mut process) = or_skip(python.spawn().map_err(Missing::new)) else { return };
    let mut line = [0; 7];
    tokio::io::AsyncReadExt::read_exact(process.stdout.as_mut().unwrap(), &mut line).await.unwrap();

    // Whoever only asks is not in its way.
    assert!(is_revoked(&store, "a").await);
    for _ in 0..3 {
        let begin = Instant::now();
        let error = revoke(&store, "b", 1000.0).await.unwrap_err();
        assert!(begin.elapsed() < timeout * 8, "{:?}", begin.elapsed());
        let text = whole(&error);
        assert!(text.contains("took longer") || text.contains("locked"), "{text}");
        assert!(is_revoked(&store, "a").await);
    }
    drop(process.stdin.take());
    process.wait().await.unwrap();
    revoke(&store, "c", 1000.0).await.unwrap();
    assert!(is_revoked(&store, "c").await);
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_reading_goes_on() {
    let folder = Folder::new("full");
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("store.db"))
        .create_if_missing(true)
        .pragma("max_page_count", "40");
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let store = SqlStore::options().sqlite(pool.clone()).await.unwrap();
    let mut acknowledged = Vec::new();
    let error = loop {
        let jti = format!("{}-{}", "x".repeat(500), acknowledged.len());
        match revoke(&store, &jti, 1000.0).await {
            Ok(()) => acknowledged.push(jti),
            Err(error) => break error,
        }
    };
    assert!(whole(&error).contains("full"), "{}", whole(&error));
    assert!(acknowledged.len() > 50);
    for jti in &acknowledged {
        assert!(is_revoked(&store, jti).await);
    }
    sqlx::query("PRAGMA max_page_count = 4000").execute(&pool).await.unwrap();
    revoke(&store, "a", 1000.0).await.unwrap();
    assert!(is_revoked(&store, "a").await);
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_an_error() {
    let folder = Folder::new("read-only");
    revoke(&open(&folder).await, "a", 1000.0).await.unwrap();
    let pool = SqlitePool::connect(&format!("{}?mode=ro", url(&folder))).await.unwrap();
    let store = SqlStore::options().migrate(false).sqlite(pool).await.unwrap();
    assert!(is_revoked(&store, "a").await);
    let error = whole(&revoke(&store, "b", 1000.0).await.unwrap_err());
    assert!(error.contains("readonly"), "{error}");
    let error = whole(&rotate(&store, refresh("r0", "t"), "r1").await.unwrap_err());
    assert!(error.contains("readonly"), "{error}");
}

#[tokio::test]
async fn purging_goes_in_steps_and_leaves_what_lives() {
    let folder = Folder::new("purge");
    let store = open(&folder).await;
    let database = other(&folder).await;
    let series = "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)";
    for sql in common::fill(3500, series) {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&database).await.unwrap();
    }
    let now = jwt_extended::Timestamp::from_seconds(3000.0);
    assert_eq!(store.purge(now).await.unwrap(), 9000);
    assert_eq!(store.purge(now).await.unwrap(), 0);
    for table in ["revoked_token", "session", "revoked_subject"] {
        let sql = format!("SELECT COUNT(*), MIN(ends_at) FROM jwt_{table}");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&database).await.unwrap();
        assert_eq!((row.get::<i64, _>(0), row.get::<f64, _>(1)), (500, 3001.0));
    }
}

#[tokio::test]
async fn a_task_purges_until_it_is_dropped() {
    let folder = Folder::new("task");
    let store = open(&folder).await;
    let database = other(&folder).await;
    let left = async || {
        let count = sqlx::query("SELECT COUNT(*) FROM jwt_revoked_token").fetch_one(&database);
        count.await.unwrap().get::<i64, _>(0)
    };
    // In 2001, and never.
    revoke(&store, "a", 1000.0).await.unwrap();
    revoke(&store, "b", 1e12).await.unwrap();
    let task = store.spawn_purge(Duration::from_secs(1));
    let begin = Instant::now();
    while left().await != 1 {
        assert!(begin.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(task);
    revoke(&store, "a", 1000.0).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(left().await, 2);
}

#[tokio::test]
async fn names_that_no_index_holds_are_refused_in_a_sentence() {
    let store = SqlStore::connect("sqlite::memory:").await.unwrap();
    let (long, longer) = ("x".repeat(2596), "x".repeat(2597));
    revoke(&store, &long, 1000.0).await.unwrap();
    assert!(is_revoked(&store, &long).await);
    let error = whole(&revoke(&store, &longer, 1000.0).await.unwrap_err());
    assert!(error.contains("longer than 2600 bytes"), "{error}");
    let error = whole(&rotate(&store, refresh("r0", &longer), "r1").await.unwrap_err());
    assert!(error.contains("longer than 2600 bytes"), "{error}");
}
