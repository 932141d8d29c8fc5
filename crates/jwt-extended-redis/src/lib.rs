//! Revocation in Redis (or Valkey) for [`axum-jwt-extended`] and whatever else stands on the
//! [`jwt_extended`] engine: logging out one token, a session, or a user everywhere, and the rotation of
//! refresh tokens, for services of more than one process or machine. On one server or a cluster.
//!
//! ```no_run
//! use jwt_extended_redis::RedisStore;
//!
//! # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
//! let store = RedisStore::options()
//!     .subject_key(std::env::var("JWT_STORE_SUBJECT_KEY")?) // openssl rand -base64 32
//!     .connect("redis://127.0.0.1/")
//!     .await?;
//! // let jwt = JwtManager::builder(config).store(store).build();
//! # Ok(()) }
//! ```
//!
//! - **It fails closed.** A server that is down, slow or answers nonsense is a
//!   [`StoreError`](jwt_extended::store::StoreError), which requests see as 503, never "not revoked". No
//!   answer takes longer than [`timeout`](RedisStoreOptions::timeout).
//! - **It comes back by itself**, after a restart, a cut connection, one that died without a word, or a
//!   failover. A question whose connection breaks is asked once more, as far as the time allows.
//! - **One round trip for each question**, in a cluster too.
//! - **Everything ends.** Each fact is one key with the remaining life of what it is about.
//!
//! It needs Redis 6 or later, or Valkey, and a tokio runtime. With Redis 6, and in a cluster, each revocation
//! costs a script, where otherwise only the second one of the same token or session does.
//!
//! # The subject key
//!
//! Names of keys are seen by whoever looks at a server, in its logs and dumps, so that nobody's address is to
//! be in one. The subject of a token is hashed with a key (HMAC-SHA-256), which has to be kept secret
//! and is the same for all that share revocations, be they in Rust or in Python. It is a key of its own,
//! and not made from `JWT_SECRET_KEY`, so that a new signing key does not make all revocations unknown. By
//! convention it is in `JWT_STORE_SUBJECT_KEY`; any text of at least 16 bytes, such as what
//! `openssl rand -base64 32` prints, and all of its bytes count.
//!
//! An instance with another key would find no revocation. So the first one leaves a fingerprint of its
//! key in Redis, and [`connect`](RedisStoreOptions::connect) fails where it is another one.
//!
//! # Operations
//!
//! **Persistence.** A server that forgets what was revoked lets in who was logged out. `appendonly yes`
//! keeps it over a restart; with `appendfsync always` nothing that was acknowledged is lost even when the
//! machine fails, with `everysec`, the default, up to about a second. When it connects, the store logs a
//! warning where the server keeps nothing on disk, or only snapshots.
//!
//! **Eviction.** `maxmemory-policy noeviction` makes a full server refuse to write, and users cannot log
//! out. Any other policy makes it drop keys, and who was logged out is in again: there is a warning for that.
//! Count with about 500 bytes for each revocation that has not ended.
//!
//! **Failover.** Replication is not synchronous: a revocation that was acknowledged right before a server
//! was lost may be unknown to the one that takes its place. `min-replicas-to-write 1` narrows that, and
//! short-lived access tokens bound what it costs. Nothing is ever read from replicas.
//!
//! **Clocks.** What is judged, is judged by the clock of the engine. Lives of keys are handed over as
//! lengths of time, an hour longer than needed, so that the server's clock may be wrong, and any clock
//! may step by up to an hour. A server's clock that is set forward by more ends facts too early.
//!
//! **Rights.** With access control: `~jwt:* +evalsha +eval +exists +get +set +setnx +del +pttl +pexpire
//! +hget +hset +hsetnx +hdel +hlen +hscan +hexists +hgetall`. `+config|get` lets it warn; without it, it
//! logs a note instead. A [Flask blocklist](FlaskBlocklist) needs `~*`.
//!
//! **TLS** is a matter of the [`redis`] crate: depend on it with the feature `tokio-rustls-comp` or
//! `tokio-native-tls-comp`, and use a URL that begins with `rediss://`.
//!
//! **Clusters**: feature `cluster`, [`connect_cluster`](RedisStoreOptions::connect_cluster). Where a
//! question's connection breaks, the [`redis`] crate asks again by itself there; if that happens to a
//! rotation whose grace is zero, it is taken for a reuse, and the user has to log in anew.
//!
//! # The layout
//!
//! For whoever reads it from another language, or with `redis-cli`. The scripts are in `lua/` of this
//! crate, and say which keys and arguments they take; each is sent as the text of `facts.lua` followed
//! by its own. `lua/keys.json` is a table of names to compare oneself with.
//!
//! | key | value |
//! | --- | --- |
//! | `jwt:{<tag>}:t:<jti>` | a revoked token: `=` and its end, or nothing where it has none |
//! | `jwt:{<tag>}:s:<sid>` | a revoked session, likewise |
//! | `jwt:{<tag>}:c` | logged out everywhere: JSON with `issued_until`, `keep`, `kept_after`, `until`, `at`, `by`, `reason` |
//! | `jwt:{<tag>}:f:<sid>` | a family of refresh tokens: JSON with `current`, `previous`, `successor`, `at`, `until` |
//! | `jwt:{<tag>}:i` | a hash of `t:<jti>` and `s:<sid>` as they are, to list them: the end, a space, JSON with `at`, `by`, `reason` |
//! | `jwt:subject-key` | the fingerprint of the subject key |
//!
//! - `jwt` is the [prefix](RedisStoreOptions::prefix).
//! - `<tag>` is HMAC-SHA-256 under the subject key, of `subject:`, the length of the manager's name in
//!   bytes in decimal, `:`, the manager's name, and the subject; the first 128 bits in hexadecimal.
//! - A `<jti>` or `<sid>` stands there as it is, if it is 1 to 64 characters of `a-z A-Z 0-9 - _ .`.
//!   Otherwise it is `#` and, made in the same way, the hash of `id:` and the id.
//! - The fingerprint is the hash of `fingerprint`.
//! - Times are seconds since 1970 in decimal, as text. In JSON all values are text, and what there is
//!   not is left out.
//!
//! Whether a token is good needs no script, but `EXISTS` of the token and the session, `GET` of `c`, and
//! for a refresh token `GET` of its family, in one pipeline. The rules are those of
//! [`RevocationStore`](jwt_extended::store::RevocationStore).
//!
//! [`axum-jwt-extended`]: https://docs.rs/axum-jwt-extended

mod error;
mod keys;
mod link;
mod options;
mod record;
mod revoke;
mod scripts;
mod startup;
mod status;
mod store;

pub use error::Error;
pub use options::{FlaskBlocklist, RedisStoreOptions};
pub use redis;
pub use store::RedisStore;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
