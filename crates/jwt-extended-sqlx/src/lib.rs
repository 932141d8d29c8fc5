//! Revocation in SQLite or PostgreSQL for [`axum-jwt-extended`] and whatever else stands on the
//! [`jwt_extended`] engine: logging out one token, a session, or a user everywhere, and the rotation of
//! refresh tokens. In a file beside the program, or on a server that many programs share.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum_jwt_extended::{Config, JwtManager};
//! use jwt_extended_sqlx::SqlStore;
//! use std::time::Duration;
//!
//! // A file is `sqlite://revocations.db`, a server `postgres://user:password@host/database`.
//! let store = SqlStore::connect("sqlite::memory:").await?;
//! let _purging = store.spawn_purge(Duration::from_hours(1));
//!
//! let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?;
//! let jwt = JwtManager::builder(config).store(store).build();
//! # Ok(()) }
//! # #[cfg(not(feature = "sqlite"))]
//! # fn main() {}
//! ```
//!
//! - **It fails closed.** A database that is down, slow, locked, full or answers nonsense is a
//!   [`StoreError`](jwt_extended::store::StoreError), which requests see as 503, never "not revoked". No
//!   answer takes longer than [`timeout`](SqlStoreOptions::timeout), the wait for a connection included.
//! - **It comes back by itself** after a restart, a crash or a cut connection. What was in between is asked
//!   once more, as far as the time allows.
//! - **One round trip for each question**, of one prepared statement that finds three rows by their primary
//!   keys. A refresh token that is good is used up in one statement, too.
//! - **Everything ends**, and is deleted by [`spawn_purge`](SqlStore::spawn_purge). Who revoked, why and when
//!   is kept until then.
//!
//! Turn on the feature `sqlite`, `postgres`, or both. It needs a tokio runtime and, for sqlx, Rust 1.94.
//! SQLite is built in; of PostgreSQL, version 15 is what it is tested with.
//!
//! # Which database
//!
//! **SQLite** is for one machine: as many processes on it as you like, a file on its own disk (not on a
//! network's, where locks are not to be trusted). One writes at a time, and each write waits for the disk.
//! Questions wait for nobody. **PostgreSQL** is for more than one machine.
//!
//! To use a pool that is there already, see [`sqlite`](SqlStoreOptions::sqlite) and
//! [`postgres`](SqlStoreOptions::postgres).
//!
//! # TLS
//!
//! This crate chooses none. To speak TLS to PostgreSQL, add sqlx to your own `Cargo.toml` with one of its
//! features, as in `sqlx = { version = "0.9", default-features = false, features =
//! ["tls-rustls-aws-lc-rs"] }`, and ask for it in the URL: `?sslmode=verify-full`. Without the feature such a
//! URL is an error, never a connection in the clear.
//!
//! # The tables
//!
//! Their names begin with `jwt_` or [another prefix](SqlStoreOptions::table_prefix). Everything is apart by
//! `manager` (empty for the main manager) and `subject` (the identity). Times are seconds since 1970, with
//! fractions, as `DOUBLE PRECISION`; `to_timestamp(revoked_at)` shows them. An end of `Infinity` is none.
//!
//! | table | one row for each | what else is in it |
//! | --- | --- | --- |
//! | `jwt_revoked_token` | revoked token (`jti`) | `ends_at`, `revoked_at`, `revoked_by`, `reason` |
//! | `jwt_session` | session that is revoked or whose refresh tokens rotate | the same, `revoked_at` being null where it is not revoked; `current_jti`, `previous_jti`, `successor`, `rotated_at`, `rotated_until` |
//! | `jwt_revoked_subject` | subject that was logged out everywhere | the same as for a token; `issued_until`, `keep_session`, `kept_after` |
//! | `jwt_schema` | version of the tables | `applied_at` |
//!
//! No token lies in them, and nothing that a token could be made from. Subjects do, as they are: an address
//! that is an identity is personal data, which goes when the row does. A manager's name, subject and `jti` or
//! session have 2600 bytes together; PostgreSQL holds no name with a NUL. Either is an error, not another
//! name.
//!
//! # Operations
//!
//! **Migration.** Opening a store makes the tables and brings them up to date, in one transaction, and one
//! process at a time. Tables that a newer version made are refused. Where the program's user may not make
//! tables, open the store once as one who may, let the others do with `SELECT`, `INSERT`, `UPDATE` and
//! `DELETE`, and turn [`migrate`](SqlStoreOptions::migrate) off or leave it: tables that are up to date are only
//! looked at.
//!
//! **Purging.** [`spawn_purge`](SqlStore::spawn_purge) deletes what ended more than a day ago, in small steps, in
//! as many processes as you like. Without it, have a job do so:
//! `DELETE FROM jwt_revoked_token WHERE ends_at < extract(epoch FROM now()) - 86400`, and likewise for
//! `jwt_session` and `jwt_revoked_subject`. A row takes about 250 bytes with its indexes, at names of usual
//! length. SQLite keeps the room for what comes next; `VACUUM` gives it back.
//!
//! **Backup.** A database that is put back forgets what was revoked since. Revoke everything of before by
//! changing the signing key, or accept what short-lived access tokens can do until they end. Of a SQLite file
//! that is in use, make copies with `VACUUM INTO` or `.backup`, not with `cp`.
//!
//! **Durability.** [`connect`](SqlStore::connect) opens SQLite with `journal_mode=WAL` and
//! `synchronous=FULL`: what was acknowledged is on the disk. PostgreSQL does the same unless
//! `synchronous_commit` is off. Name its primary in the URL: a replica is behind, and would let in who was
//! logged out a moment ago.
//!
//! **A pooler** that gives each transaction another connection has to know prepared statements, as `PgBouncer`
//! does since 1.21 with `max_prepared_statements`.
//!
//! **Other languages** read and write the same tables with the same statements: they are the files of `sql/`,
//! with names for their values.
//!
//! [`axum-jwt-extended`]: https://docs.rs/axum-jwt-extended
#![cfg(any(feature = "sqlite", feature = "postgres"))]

mod error;
mod migrate;
mod options;
mod pool;
mod prefix;
mod purge;
mod statement;
mod store;

pub use error::Error;
pub use options::SqlStoreOptions;
pub use prefix::TablePrefix;
pub use purge::PurgeTask;
#[doc(no_inline)]
pub use sqlx;
pub use store::SqlStore;

/// Its examples are tested.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;
