//! Connections to either database, and how a statement runs on them.

use sqlx::Row as _;
#[cfg(feature = "postgres")]
use sqlx::postgres::{PgPool, PgRow, Postgres};
#[cfg(feature = "sqlite")]
use sqlx::sqlite::{SqlitePool, SqliteRow};

use crate::statement::{Dialect, Statement, Value, Values};

/// The one or the other, by the URL's first word or by what the application hands over.
#[derive(Clone)]
pub(crate) enum Pool {
    /// SQLite lets one write at a time. Those that wait for their turn do so in the queue of a pool
    /// with one connection, which is fairer than SQLite's own sleeping and trying again.
    #[cfg(feature = "sqlite")]
    Sqlite { readers: SqlitePool, writer: SqlitePool },
    #[cfg(feature = "postgres")]
    Postgres(PgPool),
}

/// A row of either database.
pub(crate) enum Row {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteRow),
    #[cfg(feature = "postgres")]
    Postgres(PgRow),
}

/// The statement with its values, for either database: the two have no common type.
macro_rules! query {
    ($statement:expr, $values:expr) => {{
        let statement: &Statement = $statement;
        let mut query = sqlx::query(statement.sql());
        for name in &statement.names {
            query = match $crate::pool::value(name, $values)? {
                $crate::statement::Value::Text(text) => query.bind(text),
                $crate::statement::Value::Seconds(seconds) => query.bind(seconds),
                $crate::statement::Value::Count(count) => query.bind(count),
            };
        }
        query
    }};
}
pub(crate) use query;

/// Runs a statement on PostgreSQL. A connection that the server has closed since its last use is found
/// out only now, so that there are as many more tries as there may be such connections. Every
/// statement may run twice: the second time it finds its own doing and does nothing.
#[cfg(feature = "postgres")]
macro_rules! on_postgres {
    ($pool:expr, $statement:expr, $values:expr, $method:ident) => {{
        let mut tries = $pool.options().get_max_connections();
        loop {
            let mut lease = Lease::of($pool).await?;
            match query!($statement, $values).$method(lease.connection()).await {
                Ok(done) => break lease.give_back(done),
                Err(error) if is_passing(&error) && tries > 0 => tries -= 1,
                Err(error) => return Err(error),
            }
        }
    }};
}

impl Pool {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { .. } => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement, and hands its rows over.
    pub(crate) async fn fetch(
        &self,
        statement: &Statement,
        values: &Values<'_>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { readers, writer } => {
                let pool = if statement.writes() { writer } else { readers };
                let rows = query!(statement, values).fetch_all(pool).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => {
                let rows = on_postgres!(pool, statement, values, fetch_all);
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(
        &self,
        statement: &Statement,
        values: &Values<'_>,
    ) -> Result<u64, sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite { writer, .. } => {
                Ok(query!(statement, values).execute(writer).await?.rows_affected())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => {
                Ok(on_postgres!(pool, statement, values, execute).rows_affected())
            }
        }
    }
}

impl Row {
    pub(crate) fn text(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(row) => row.try_get(column),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub(crate) fn seconds(&self, column: &str) -> Result<Option<f64>, sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(row) => row.try_get(column),
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

pub(crate) fn value<'a>(name: &str, values: &Values<'a>) -> Result<Value<'a>, sqlx::Error> {
    let found = values.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value).ok_or_else(|| {
        sqlx::Error::Configuration(
            format!("a statement asks for {name:?}, which has no value").into(),
        )
    })
}

/// A connection that goes back to its pool only after an answer. One whose answer is still under way,
/// because the time was up or the request went away, is closed: in the pool, the next one would wait
/// for it. One that failed is closed, too: a server that only reads now will not write the next time.
#[cfg(feature = "postgres")]
struct Lease {
    connection: sqlx::pool::PoolConnection<Postgres>,
    is_good: bool,
}

#[cfg(feature = "postgres")]
impl Lease {
    async fn of(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, is_good: false })
    }

    fn connection(&mut self) -> &mut sqlx::PgConnection {
        &mut self.connection
    }

    fn give_back<T>(mut self, done: T) -> T {
        self.is_good = true;
        done
    }
}

#[cfg(feature = "postgres")]
impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_good {
            self.connection.close_on_drop();
        }
    }
}

/// Whether another try may go better: the connection was the trouble, or somebody else's statement.
#[cfg(feature = "postgres")]
fn is_passing(error: &sqlx::Error) -> bool {
    /// The server ends; it only reads, since another one took its place; two statements were in each
    /// other's way, where the database's transactions are stricter than by default.
    const CODES: [&str; 5] = ["57P01", "57P02", "25006", "40001", "40P01"];
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| CODES.contains(&&*code)),
        _ => false,
    }
}
