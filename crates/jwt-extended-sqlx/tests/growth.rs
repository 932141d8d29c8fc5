//! What a question and a revocation cost as the tables grow, beside the bare client's round trip:
//! `cargo test --release -p jwt-extended-sqlx --all-features --test growth -- --ignored --nocapture`
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement: it prints"
)]

mod common;

use std::time::{Duration, Instant};

use common::*;
use jwt_extended::store::{Revocation, RevocationStore, Revoked, Subject, TokenRef};
use jwt_extended_sqlx::SqlStore;
use jwt_extended_sqlx::sqlx::postgres::PgPoolOptions;
use jwt_extended_sqlx::sqlx::sqlite::SqlitePoolOptions;
use jwt_extended_sqlx::sqlx::{self, AssertSqlSafe, Row};
use servers::{Folder, Postgres, or_skip};

const ASKED: u32 = 5000;

/// What several things took, each once in turn, so that all have the same weather.
struct Times<const N: usize>([Vec<Duration>; N]);

impl<const N: usize> Times<N> {
    fn new() -> Self {
        Self([const { Vec::new() }; N])
    }

    async fn of(&mut self, which: usize, once: impl Future<Output = ()>) {
        let begin = Instant::now();
        once.await;
        self.0[which].push(begin.elapsed());
    }

    /// Median and 99th percentile of each.
    fn sorted(mut self) -> [[Duration; 2]; N] {
        self.0.each_mut().map(|all| {
            all.sort();
            [all[all.len() / 2], all[all.len() * 99 / 100]]
        })
    }
}

/// Like [`common::fill`]: of a thousand subjects, all of whose tokens live.
fn rows(from: u32, to: u32, series: &str) -> [String; 2] {
    [("revoked_token", "jti", "'j'"), ("session", "session", "'s'")].map(|(table, name, letter)| {
        format!(
            "INSERT INTO jwt_{table} (manager, subject, {name}, ends_at, revoked_at)
             SELECT '', 'user' || (n % 1000), {letter} || n || '-0123456789abcdef-0123456789abcdef', 1e12, 0
             FROM {series}"
        )
        .replace("{from}", &from.to_string())
        .replace("{to}", &to.to_string())
    })
}

/// One of the tokens that are revoked up to `size`, or one that is not, of a subject with many.
async fn ask(store: &SqlStore, n: u32, size: u32) {
    let n = n.wrapping_mul(2_654_435_761) % (2 * size);
    let (subject, tail) = (format!("user{}", n % 1000), "-0123456789abcdef-0123456789abcdef");
    let (jti, session) = (format!("j{n}{tail}"), format!("s-{n}{tail}"));
    let mut token = TokenRef::new(Subject::new(&subject), at(100.0));
    (token.jti, token.session) = (Some(jti.as_str()), Some(session.as_str()));
    token.token_type = Some("access");
    token.issued_at = Some(at(0.0));
    let _ = store.status(&token).await.unwrap();
}

async fn revoke_one(store: &SqlStore, n: u32, size: u32) {
    let (subject, jti) = (format!("user{}", n % 1000), format!("new-{size}-{n}"));
    let (owner, what) = (Subject::new(&subject), Revoked::Token { jti: &jti });
    let revocation = Revocation::new(owner, what, Some(at(10.0)), at(0.0));
    store.revoke(&revocation).await.unwrap();
}

const SIZES: [u32; 4] = [1000, 10_000, 100_000, 1_000_000];

/// Of either database, whose pools have no common type.
macro_rules! measure {
    ($store:expr, $pool:expr, $series:expr, $bytes:expr) => {{
        let (store, pool, mut from) = (&$store, &$pool, 0);
        // So that plans are made when there is nothing.
        for n in 0..100 {
            ask(store, n, 1).await;
        }
        for size in SIZES {
            for sql in rows(from, size, $series) {
                sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            from = size;
            let mut times = Times::<3>::new();
            for n in 0..ASKED {
                let bare = async { drop(sqlx::query("SELECT 1").fetch_one(pool).await.unwrap()) };
                times.of(0, bare).await;
                let lookup = async {
                    let query = sqlx::query(LOOKUP).bind(format!("user{}", n % 1000));
                    query.bind(format!("j{n}")).fetch_optional(pool).await.unwrap();
                };
                times.of(1, lookup).await;
                times.of(2, ask(store, n, size)).await;
            }
            let [bare, lookup, status] = times.sorted();
            let mut times = Times::<2>::new();
            for n in 0..500 {
                let insert = async {
                    sqlx::query(INSERT).bind(format!("{size}-{n}")).execute(pool).await.unwrap();
                };
                times.of(0, insert).await;
                times.of(1, revoke_one(store, n, size)).await;
            }
            let [insert, revoke] = times.sorted();
            let bytes: i64 = $bytes;
            println!(
                "{size:>8} | SELECT 1 {bare:?} | lookup {lookup:?} | status {status:?} | insert \
                 {insert:?} | revoke {revoke:?} | {} bytes a fact",
                bytes / i64::from(2 * size)
            );
        }
    }};
}

const LOOKUP: &str =
    "SELECT 1 FROM jwt_revoked_token WHERE manager = '' AND subject = $1 AND jti = $2";
const INSERT: &str = "INSERT INTO jwt_revoked_subject (manager, subject, issued_until, ends_at, \
    revoked_at) VALUES ('', $1, 0, 1, 0)";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes minutes, and is to be looked at"]
async fn in_sqlite() {
    let folder = Folder::new("growth");
    let file = folder.path().join("store.db");
    let url = format!("sqlite://{}", file.display());
    let store = SqlStore::connect(&url).await.unwrap();
    let pool = SqlitePoolOptions::new().test_before_acquire(false).max_connections(1);
    let pool = pool.connect(&url).await.unwrap();
    let series = "(WITH RECURSIVE s (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM s \
                  WHERE n + 1 < {to}) SELECT n FROM s)";
    println!("SQLite [median, 99 %]");
    measure!(store, pool, series, std::fs::metadata(&file).unwrap().len().cast_signed());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes minutes, and is to be looked at"]
async fn in_postgresql() {
    let Some(server) = or_skip(Postgres::start(&[])) else { return };
    let store = SqlStore::connect(&server.url()).await.unwrap();
    let pool = PgPoolOptions::new().test_before_acquire(false).max_connections(1);
    let pool = pool.connect(&server.url()).await.unwrap();
    let size = "SELECT pg_total_relation_size('jwt_revoked_token') + \
                pg_total_relation_size('jwt_session')";
    println!("PostgreSQL [median, 99 %]");
    measure!(
        store,
        pool,
        "generate_series({from}, {to} - 1) AS s (n)",
        sqlx::query(size).fetch_one(&pool).await.unwrap().get(0)
    );
}
