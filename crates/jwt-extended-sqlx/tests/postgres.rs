//! The store in PostgreSQL.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::*;
use jwt_extended::Timestamp;
use jwt_extended::store::{RevocationStatus, RevocationStore, RotationOutcome, tests};
use jwt_extended_sqlx::sqlx::{self, PgPool, Row};
use jwt_extended_sqlx::{SqlStore, TablePrefix};
use servers::{AnyPostgres, Postgres, or_skip};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Of this process's own, so that a database may be used by many of them.
fn prefix(name: &str) -> TablePrefix {
    format!("{name}_{}_", std::process::id()).parse().unwrap()
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

async fn drop_tables(pool: &PgPool, prefix: &TablePrefix) {
    for table in ["schema", "revoked_token", "session", "revoked_subject"] {
        run(pool, &format!("DROP TABLE {prefix}{table}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_what_every_store_must() {
    let Some(server) = or_skip(AnyPostgres::find()) else { return };
    let pool = PgPool::connect(&server.url()).await.unwrap();
    let prefix = prefix("suite");
    let options = SqlStore::options().table_prefix(prefix.clone()).timeout(Duration::from_secs(20));
    let store = options.connect(&server.url()).await.unwrap();
    tests::run(|| async { store.clone() }).await;
    drop_tables(&pool, &prefix).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_start_at_once_make_the_tables_once() {
    let Some(server) = or_skip(AnyPostgres::find()) else { return };
    let pool = PgPool::connect(&server.url()).await.unwrap();
    for round in 0..10 {
        let prefix = prefix(&format!("start{round}"));
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let options = SqlStore::options().table_prefix(prefix.clone());
                let (options, url) = (options.timeout(Duration::from_secs(20)), server.url());
                tokio::spawn(async move { options.connect(&url).await.map(drop) })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
        let sql = sqlx::AssertSqlSafe(format!("SELECT version FROM {prefix}schema"));
        assert_eq!(sqlx::query(sql).fetch_all(&pool).await.unwrap().len(), 1);
        drop_tables(&pool, &prefix).await;
    }
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    let Some(server) = or_skip(AnyPostgres::find()) else { return };
    let pool = PgPool::connect(&server.url()).await.unwrap();
    let prefix = prefix("version");
    let options = SqlStore::options().table_prefix(prefix.clone());
    let error = options.clone().migrate(false).connect(&server.url()).await.unwrap_err();
    assert!(error.to_string().contains("at version 0"), "{error}");
    options.clone().connect(&server.url()).await.unwrap();
    run(&pool, &format!("INSERT INTO {prefix}schema (version) VALUES (99)")).await;
    for migrate in [true, false] {
        let error = options.clone().migrate(migrate).connect(&server.url()).await.unwrap_err();
        assert!(error.to_string().contains("at version 99"), "{error}");
        assert!(error.to_string().contains("update this one"), "{error}");
    }
    drop_tables(&pool, &prefix).await;
}

/// The tables are an administrator's, and the program only uses them.
#[tokio::test]
async fn a_user_that_may_not_make_tables_can_use_them() {
    let Some(server) = or_skip(Postgres::start(&[])) else { return };
    let pool = PgPool::connect(&server.url()).await.unwrap();
    run(&pool, "CREATE ROLE app LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let url = server.url().replace("postgres@", "app@");
    let error = SqlStore::connect(&url).await.unwrap_err();
    assert!(whole(&error).contains("jwt_* cannot be made"), "{}", whole(&error));
    assert!(whole(&error).contains("permission denied"), "{}", whole(&error));

    SqlStore::connect(&server.url()).await.unwrap();
    run(&pool, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app").await;
    for migrate in [true, false] {
        let store = SqlStore::options().migrate(migrate).connect(&url).await.unwrap();
        revoke(&store, "a", 1000.0).await.unwrap();
        rotate(&store, refresh("r0", "t"), "r1").await.unwrap();
        assert!(is_revoked(&store, "a").await);
        store.purge(at(1e6)).await.unwrap();
    }
}

#[tokio::test]
async fn errors_say_what_is_wrong_and_no_password() {
    let refused = format!("postgres://anna:hunter2@127.0.0.1:{}/db", servers::free_port());
    let slow = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("postgres://anna:hunter2@{}/db", slow.local_addr().unwrap());
    for (url, words) in [
        (refused.as_str(), "cannot connect to PostgreSQL at 127.0.0.1"),
        (silent.as_str(), "cannot connect to PostgreSQL at 127.0.0.1"),
        ("postgres://anna:hunter2@host:port/db", "none of PostgreSQL's"),
    ] {
        let begin = std::time::Instant::now();
        let error = SqlStore::connect(url).await.unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error:?}{}", whole(&error)).contains("hunter2"), "{error:?}");
    }
}

/// This crate brings no TLS, and so this test has none.
#[tokio::test]
async fn without_tls_a_url_that_asks_for_it_is_refused() {
    let Some(server) = or_skip(Postgres::start(&[])) else { return };
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = format!("{}?sslmode={mode}", server.url());
        let error = SqlStore::connect(&url).await.unwrap_err();
        assert!(whole(&error).contains("TLS"), "{}", whole(&error));
    }
}

#[tokio::test]
async fn a_name_with_nul_is_an_error_that_says_so() {
    let Some(server) = or_skip(Postgres::start(&[])) else { return };
    let store = SqlStore::connect(&server.url()).await.unwrap();
    let error = whole(&revoke(&store, "a\0b", 1000.0).await.unwrap_err());
    assert!(error.contains("0x00"), "{error}");
    let error = whole(&store.status(&access("a\0b")).await.unwrap_err());
    assert!(error.contains("0x00"), "{error}");
    assert!(!is_revoked(&store, "a").await);
}

/// Forwards to the server, and counts what the client sends at a time.
async fn counted(server: &str) -> (String, Arc<AtomicUsize>) {
    let (_, rest) = server.split_once('@').unwrap();
    let (address, database) = rest.split_once('/').unwrap();
    let (address, count) = (address.to_owned(), Arc::new(AtomicUsize::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = server.replace(&address, &listener.local_addr().unwrap().to_string());
    assert!(url.ends_with(database));
    let counter = count.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&address).await.unwrap();
            let ((mut from, mut to), (mut back, mut forth)) =
                (client.into_split(), server.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut back, &mut to).await });
            let counter = counter.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 65536];
                while let Ok(n @ 1..) = from.read(&mut buffer).await {
                    counter.fetch_add(1, Ordering::SeqCst);
                    if forth.write_all(&buffer[..n]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (url, count)
}

#[tokio::test]
async fn asking_is_one_round_trip_of_one_prepared_statement() {
    let settings = [("log_min_duration_statement", "0")];
    let Some(server) = or_skip(Postgres::start(&settings)) else { return };
    let (url, count) = counted(&server.url()).await;
    let store = SqlStore::options().max_connections(1).connect(&url).await.unwrap();
    revoke(&store, "a", 1000.0).await.unwrap();
    let token = refresh("r0", "t");
    // The first time a connection prepares the statement.
    let _ = store.status(&token).await.unwrap();
    rotate(&store, token, "r1").await.unwrap();
    let pause = Duration::from_millis(300);
    tokio::time::sleep(pause).await;

    let said = server.log().len();
    for _ in 0..10 {
        let before = count.load(Ordering::SeqCst);
        assert_eq!(store.status(&token).await.unwrap(), RevocationStatus::Active);
        assert_eq!(count.load(Ordering::SeqCst) - before, 1);
        // The pool looks after the connection when the answer has been given.
        tokio::time::sleep(pause).await;
    }
    let log = server.log().split_off(said);
    let times = |words| log.matches(words).count();
    assert_eq!((times(" parse "), times(" bind "), times(" execute ")), (0, 10, 10), "{log}");
    assert_eq!(times(" statement: "), 0, "{log}");

    // And so is using up a token that is good.
    let before = count.load(Ordering::SeqCst);
    assert_eq!(rotate(&store, refresh("r1", "t"), "r2").await.unwrap(), RotationOutcome::Rotated);
    assert_eq!(count.load(Ordering::SeqCst) - before, 1);
}

/// As it is prepared by a connection that has seen nothing yet, when statistics are old, and when they are
/// new. What is purged is found by the index on the ends, once there is much.
#[tokio::test]
async fn nothing_is_looked_for_row_by_row() {
    let Some(server) = or_skip(Postgres::start(&[("autovacuum", "off")])) else { return };
    SqlStore::connect(&server.url()).await.unwrap();
    let pool = PgPool::connect(&server.url()).await.unwrap();
    for state in ["empty", "filled", "analyzed"] {
        match state {
            "filled" => {
                for sql in common::fill(50_000, "generate_series(1, {count}) AS s (n)") {
                    run(&pool, &sql).await;
                }
            }
            "analyzed" => run(&pool, "ANALYZE").await,
            _ => {}
        }
        for (name, sql) in common::statements("postgres") {
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN {sql}"));
            let plan = sqlx::query(sql).fetch_all(&pool).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
            let scans = plan.iter().any(|step| step.contains("Seq Scan"));
            let may = state != "analyzed" && name.starts_with("purge");
            assert!(!scans || may, "{name}, {state}: {plan:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_purge_are_not_in_each_others_way() {
    let Some(server) = or_skip(Postgres::start(&[])) else { return };
    let store = SqlStore::options().timeout(Duration::from_secs(10));
    let store = store.connect(&server.url()).await.unwrap();
    let pool = PgPool::connect(&server.url()).await.unwrap();
    for sql in common::fill(20_000, "generate_series(1, {count}) AS s (n)") {
        run(&pool, &sql).await;
    }
    let now = Timestamp::from_seconds(15_000.0);
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.purge(now).await })
        })
        .collect();
    let mut purged = 0;
    for task in tasks {
        purged += task.await.unwrap().unwrap();
    }
    assert_eq!(purged, 45_000);
    for table in ["revoked_token", "session", "revoked_subject"] {
        let sql = format!("SELECT COUNT(*), MIN(ends_at) FROM jwt_{table}");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap();
        assert_eq!((row.get::<i64, _>(0), row.get::<f64, _>(1)), (5000, 15_001.0));
    }
}
