use std::time::{Duration, Instant};

#[cfg(feature = "sqlite")]
use sqlx::sqlite::SqliteConnectOptions;

use crate::migrate::migrate;
use crate::pool::Pool;
use crate::{Error, SqlStore, TablePrefix};

/// How a [`SqlStore`] is opened. Without a word it waits for one second, has tables that begin with
/// `jwt_`, and makes them.
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use std::time::Duration;
/// use jwt_extended_sqlx::SqlStore;
///
/// let store = SqlStore::options()
///     .timeout(Duration::from_millis(300))
///     .table_prefix("shop_jwt_".parse()?)
///     .connect("sqlite::memory:")
///     .await?;
/// # Ok::<(), jwt_extended_sqlx::Error>(()) })?; }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is opened before `connect`, `sqlite` or `postgres`"]
pub struct SqlStoreOptions {
    timeout: Duration,
    prefix: TablePrefix,
    migrate: bool,
    connections: u32,
}

const KNOWN: &str = match (cfg!(feature = "sqlite"), cfg!(feature = "postgres")) {
    (true, true) => "sqlite: or postgres:",
    (true, false) => "sqlite:",
    _ => "postgres:",
};

/// At the start, a database may take longer: it may have to be made ready, or to start itself.
const START: Duration = Duration::from_secs(5);

impl Default for SqlStoreOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(1),
            prefix: TablePrefix::default(),
            migrate: true,
            connections: 10,
        }
    }
}

impl SqlStoreOptions {
    /// How long anything may take, the wait for a connection included. After that it is a
    /// [`StoreError`](jwt_extended::store::StoreError), and the request is answered with 503. One
    /// second.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What the names of the tables begin with. `jwt_`.
    pub fn table_prefix(mut self, prefix: TablePrefix) -> Self {
        self.prefix = prefix;
        self
    }

    /// Whether to make the tables and bring them up to date. If not, opening the store fails where
    /// they are not: for programs whose user may not change tables. True.
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// How many connections [`connect`](Self::connect) may open; at SQLite, for reading. 10.
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.connections = connections;
        self
    }

    /// Opens the database of a URL: `sqlite://file.db`, `sqlite:///full/path/file.db`,
    /// `sqlite::memory:`, or `postgres://user:password@host/database`.
    ///
    /// A file that is not there is made. It is opened for several at a time (WAL), and a revocation is
    /// acknowledged when it is on the disk (`synchronous=FULL`). Where others have it locked, because they
    /// start at the same time, each step of opening it waits for them, up to ten seconds.
    pub async fn connect(self, url: &str) -> Result<SqlStore, Error> {
        match url.split_once(':') {
            #[cfg(feature = "sqlite")]
            Some(("sqlite", _)) => self.connect_sqlite(url).await,
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => self.connect_postgres(url).await,
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+') => {
                Err(Error::new(format!(
                    "no store is known for {scheme}: URLs; with the features this program was built \
                     with, it takes {KNOWN}"
                )))
            }
            // What has no scheme may begin with a password.
            _ => Err(Error::new(format!("the store's URL must begin with {KNOWN}"))),
        }
    }

    /// Opens a SQLite file as [`connect`](Self::connect) does: of any name, which in a URL would have
    /// to be escaped.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite_file(self, path: impl AsRef<std::path::Path>) -> Result<SqlStore, Error> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        self.open_sqlite(options, false).await
    }

    /// Uses an application's own pool, with the settings that it has.
    ///
    /// The store wants of them that a commit is on the disk when it is acknowledged, and that a
    /// writer waits for its turn (`busy_timeout`).
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(self, pool: sqlx::SqlitePool) -> Result<SqlStore, Error> {
        self.open(Pool::Sqlite { readers: pool.clone(), writer: pool }).await
    }

    /// Uses an application's own pool, with the settings that it has.
    ///
    /// With `test_before_acquire`, which sqlx has on, every question to the database is two.
    #[cfg(feature = "postgres")]
    pub async fn postgres(self, pool: sqlx::PgPool) -> Result<SqlStore, Error> {
        self.open(Pool::Postgres(pool)).await
    }

    #[cfg(feature = "sqlite")]
    async fn connect_sqlite(self, url: &str) -> Result<SqlStore, Error> {
        let options: SqliteConnectOptions = url
            .parse()
            .map_err(|error| Error::from_sql("the store's URL is none of SQLite's", error))?;
        let is_in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let may_create = !url.contains("mode=");
        let options = if may_create { options.create_if_missing(true) } else { options };
        self.open_sqlite(options, is_in_memory).await
    }

    #[cfg(feature = "sqlite")]
    async fn open_sqlite(
        self,
        options: SqliteConnectOptions,
        is_in_memory: bool,
    ) -> Result<SqlStore, Error> {
        use sqlx::sqlite::{SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(self.timeout);
        let failed = |error| {
            let file = options.get_filename().display();
            Error::from_sql(format!("cannot open the SQLite file {file}"), error)
        };
        // Opening a file again costs time and brings nothing, and memory is gone with its connection.
        let pool = SqlitePoolOptions::new()
            .acquire_timeout(self.timeout.max(START))
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None);
        let connect = |connections| {
            let open = pool.clone().max_connections(connections).connect_with(options.clone());
            async { open.await.map_err(failed) }
        };
        let writer = when_free(|| connect(1)).await?;
        let readers = if is_in_memory {
            writer.clone()
        } else {
            when_free(|| connect(self.connections)).await?
        };
        self.open(Pool::Sqlite { readers, writer }).await
    }

    #[cfg(feature = "postgres")]
    async fn connect_postgres(self, url: &str) -> Result<SqlStore, Error> {
        use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

        let options: PgConnectOptions = url
            .parse()
            .map_err(|error| Error::from_sql("the store's URL is none of PostgreSQL's", error))?;
        let (host, port) = (options.get_host().to_owned(), options.get_port());
        let pool = PgPoolOptions::new()
            .max_connections(self.connections)
            .acquire_timeout(self.timeout.max(START))
            // It would be a second round trip; a connection that has gone is replaced when it fails.
            .test_before_acquire(false)
            // Sooner than the firewalls that forget a silent connection without a word.
            .idle_timeout(Duration::from_mins(3))
            .connect_with(options);
        let pool = pool.await.map_err(|error| {
            Error::from_sql(format!("cannot connect to PostgreSQL at {host}:{port}"), error)
        })?;
        self.open(Pool::Postgres(pool)).await
    }

    async fn open(self, pool: Pool) -> Result<SqlStore, Error> {
        when_free(|| migrate(&pool, &self.prefix, self.migrate)).await?;
        Ok(SqlStore::new(pool, &self.prefix, self.timeout))
    }
}

/// Opens what others may be opening, too. SQLite does not wait for every lock that it takes then, and of
/// many that start at once, the last may have to wait for longer than one statement may take.
async fn when_free<T, F>(open: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    // Each is done in a moment, but there may be many, and the disk may be slow.
    const LONGEST: Duration = Duration::from_secs(10);
    let begin = Instant::now();
    loop {
        match open().await {
            Err(error) if error.is_busy() && begin.elapsed() < LONGEST => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            end => return end,
        }
    }
}
