use std::fmt;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo, RedisError};
use zeroize::Zeroizing;

use crate::Error;
use crate::keys::Keys;
use crate::link::{Connection, Link};
use crate::startup;
use crate::store::RedisStore;

/// How a [`RedisStore`] is opened. Begun with [`RedisStore::options`], ended with
/// [`connect`](Self::connect).
#[derive(Clone)]
#[must_use = "there is no store before `connect`"]
pub struct RedisStoreOptions {
    subject_key: Zeroizing<Vec<u8>>,
    prefix: String,
    timeout: Duration,
    flask_blocklist: FlaskBlocklist,
}

/// What to do with the blocklist that Flask-JWT-Extended's documentation has in Redis: a key that is a
/// token's bare `jti`, of any value, for as long as the token lives.
///
/// With it, a logout in a Flask application as it is counts here, and back. It knows single tokens
/// only: a revoked session, or a subject that is logged out everywhere, is unknown to that application,
/// and so is a refresh token that was used up. What is on it is revoked whosever it is.
///
/// The keys lie in the same logical database as all others; in a cluster they lie in slots of their
/// own, so that a status takes two commands, sent at the same time, instead of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum FlaskBlocklist {
    /// Nothing. The default.
    #[default]
    Off,
    /// A token that is on it is revoked.
    Read,
    /// Also, a token that is revoked here is put on it, and one that is restored is taken off.
    ReadWrite,
}

impl Default for RedisStoreOptions {
    fn default() -> Self {
        Self {
            subject_key: Zeroizing::default(),
            prefix: "jwt".to_owned(),
            timeout: Duration::from_secs(1),
            flask_blocklist: FlaskBlocklist::Off,
        }
    }
}

impl RedisStoreOptions {
    /// The secret under which subjects are hashed in the names of keys. Required, at least 16 bytes, and
    /// the same wherever the same revocations are to count: see [the crate's page](crate#the-subject-key).
    pub fn subject_key(mut self, secret: impl AsRef<[u8]>) -> Self {
        self.subject_key = Zeroizing::new(secret.as_ref().to_vec());
        self
    }

    /// How all keys begin; `jwt` by default. Stores with different prefixes know nothing of each other.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long any answer may take, 1 s by default. Then it is an error, which requests see as 503.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether a blocklist in the form of Flask-JWT-Extended's documentation counts, too.
    pub fn flask_blocklist(mut self, flask_blocklist: FlaskBlocklist) -> Self {
        self.flask_blocklist = flask_blocklist;
        self
    }

    /// Opens a store on one server, by a URL: `redis://user:password@host:6379/0`, `unix:///path`, or,
    /// where a TLS feature of the [`redis`] crate is on, `rediss://host`. With certificates of one's
    /// own: the [`ConnectionInfo`](redis::ConnectionInfo) of a client from `redis::Client::build_with_tls`.
    ///
    /// Waits for a few seconds where nobody answers. Then looks at how the server is set up, and logs a
    /// warning for whatever would lose revocations.
    pub async fn connect(self, server: impl IntoConnectionInfo) -> Result<RedisStore, Error> {
        self.check()?;
        let timeout = self.timeout;
        let server = server.into_connection_info().map_err(unusable)?;
        let client = Client::open(server.set_tcp_settings(tcp_settings(timeout)));
        let client = client.map_err(unusable)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeout))
            // `Link` watches the time, over a reconnection as well.
            .set_response_timeout(None)
            .set_min_delay(Duration::from_millis(50))
            .set_max_delay(Duration::from_millis(500))
            // The default makes a burst of requests queue for places.
            .set_pipeline_buffer_size(1024);
        in_time(async {
            let manager = ConnectionManager::new_with_config(client.clone(), config.clone());
            let manager = manager.await.map_err(unreachable)?;
            self.open(Connection::Single(manager), Some((client, config))).await
        })
        .await
    }

    /// Opens a store on a cluster, of which any few servers are named:
    /// `ClusterClientBuilder::new(["redis://one", "redis://two"])`, with TLS and credentials where
    /// they are wanted. Timeouts, and how long to wait between tries, are set here.
    #[cfg(feature = "cluster")]
    pub async fn connect_cluster(
        self,
        servers: redis::cluster::ClusterClientBuilder,
    ) -> Result<RedisStore, Error> {
        self.check()?;
        let servers = servers
            .connection_timeout(self.timeout)
            .response_timeout(self.timeout)
            .tcp_settings(tcp_settings(self.timeout))
            // In milliseconds; the defaults would sit out the whole timeout.
            .min_retry_wait(10)
            .max_retry_wait(200);
        let client = servers.build().map_err(unusable)?;
        in_time(async {
            let connection = client.get_async_connection().await.map_err(unreachable)?;
            self.open(Connection::Cluster(connection), None).await
        })
        .await
    }

    async fn open(
        self,
        mut connection: Connection,
        remake: Option<(Client, ConnectionManagerConfig)>,
    ) -> Result<RedisStore, Error> {
        let keys = Keys::new(&self.prefix, &self.subject_key);
        startup::check_subject_key(&mut connection, &keys).await?;
        startup::warn(&mut connection).await;
        let link = Link::new(connection, remake, self.timeout);
        Ok(RedisStore::new(keys, link, self.flask_blocklist))
    }

    fn check(&self) -> Result<(), Error> {
        if self.subject_key.len() < 16 {
            return Err(Error::new(
                "the Redis store needs a subject key of at least 16 bytes, the same for every instance \
                 (RedisStoreOptions::subject_key, JWT_STORE_SUBJECT_KEY): make one with `openssl rand -base64 32`",
            ));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if !(1..=64).contains(&self.prefix.len()) || !self.prefix.bytes().all(plain) {
            return Err(Error::new(
                "the Redis store's prefix must be 1 to 64 characters of a-z, A-Z, 0-9, `-`, `_`, `.` and `:`",
            ));
        }
        if self.timeout.is_zero() {
            return Err(Error::new("the Redis store's timeout must be more than nothing"));
        }
        Ok(())
    }
}

/// A server that takes connections and says nothing is no reason to wait for ever.
async fn in_time<T>(connect: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    const PATIENCE: Duration = Duration::from_secs(10);
    tokio::time::timeout(PATIENCE, connect).await.unwrap_or_else(|_| {
        Err(Error::new(format!("the Redis server did not answer within {PATIENCE:?}")))
    })
}

fn tcp_settings(timeout: Duration) -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    // A peer that is gone without a word is given up soon, not after a quarter of an hour.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let settings = settings.set_user_timeout(timeout * 2);
    #[cfg(not(any(target_os = "android", target_os = "fuchsia", target_os = "linux")))]
    let _ = timeout;
    settings
}

fn unusable(error: RedisError) -> Error {
    Error::from_server("the Redis server's address cannot be used", error)
}

fn unreachable(error: RedisError) -> Error {
    Error::from_server("no connection to the Redis server", error)
}

impl fmt::Debug for RedisStoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStoreOptions")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .field("flask_blocklist", &self.flask_blocklist)
            .finish_non_exhaustive()
    }
}
