//! The tables: made and brought up to date at the start, by one process at a time.

#[cfg(feature = "postgres")]
use sqlx::postgres::Postgres;
#[cfg(feature = "sqlite")]
use sqlx::sqlite::Sqlite;

use crate::pool::{Pool, Row, query};
use crate::statement::{Dialect, Statement, Value, Values};
use crate::{Error, TablePrefix};

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../sql/", $name, ".sql"))
    };
}

/// In the order of their numbers, from 1. A file that was released never changes.
#[cfg(feature = "sqlite")]
const SQLITE: &[&str] = &[file!("sqlite/0001")];
#[cfg(feature = "postgres")]
const POSTGRES: &[&str] = &[file!("postgres/0001")];

/// Makes what is missing, if `may_change`, and otherwise says that it is.
pub(crate) async fn migrate(
    pool: &Pool,
    prefix: &TablePrefix,
    may_change: bool,
) -> Result<(), Error> {
    let schema = Schema { dialect: pool.dialect(), prefix };
    let version = schema.version(pool).await.map_err(|error| {
        Error::from_sql("the database does not tell whether the store's tables are there", error)
    })?;
    if schema.is_current(version)? {
        return Ok(());
    }
    if !may_change {
        return Err(Error::new(format!(
            "the tables {prefix}* are at version {version}, and this program needs version {}: open \
             the store once with migrate(true), as a user that may create tables",
            schema.files().len()
        )));
    }
    let failed = |error| Error::from_sql(format!("the tables {prefix}* cannot be made"), error);
    let mut transaction = schema.begin(pool).await.map_err(failed)?;
    // Another process may have been faster.
    let version = schema.version_within(&mut transaction).await.map_err(failed)?;
    if schema.is_current(version)? {
        return Ok(());
    }
    schema.apply(version, &mut transaction).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

struct Schema<'a> {
    dialect: Dialect,
    prefix: &'a TablePrefix,
}

impl Schema<'_> {
    fn files(&self) -> &'static [&'static str] {
        match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => SQLITE,
            #[cfg(feature = "postgres")]
            Dialect::Postgres => POSTGRES,
        }
    }

    fn statement(&self, file: &'static str) -> Statement {
        Statement::new(file, self.prefix)
    }

    fn is_current(&self, version: usize) -> Result<bool, Error> {
        let newest = self.files().len();
        if version > newest {
            return Err(Error::new(format!(
                "the tables {}* are at version {version}, and this program knows them up to version \
                 {newest}: a newer program has been here, so update this one",
                self.prefix
            )));
        }
        Ok(version == newest)
    }

    /// 0 where there are no tables. Changes nothing, so that a user who may not can ask, too.
    async fn version(&self, pool: &Pool) -> Result<usize, sqlx::Error> {
        let exists = self.statement(match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => file!("sqlite/exists"),
            #[cfg(feature = "postgres")]
            Dialect::Postgres => file!("postgres/exists"),
        });
        if pool.fetch(&exists, &[]).await?.is_empty() {
            return Ok(0);
        }
        number(&pool.fetch(&self.statement(file!("schema/latest")), &[]).await?)
    }

    /// Begins a transaction in which nobody else changes the tables.
    async fn begin(&self, pool: &Pool) -> Result<Transaction, sqlx::Error> {
        match pool {
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(Transaction::Sqlite)
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => {
                let mut transaction = Transaction::Postgres(pool.begin().await?);
                transaction.execute(&self.statement(file!("postgres/lock")), &[]).await?;
                Ok(transaction)
            }
        }
    }

    async fn version_within(&self, transaction: &mut Transaction) -> Result<usize, sqlx::Error> {
        transaction.execute(&self.statement(file!("schema/versions")), &[]).await?;
        number(&transaction.fetch(&self.statement(file!("schema/latest"))).await?)
    }

    async fn apply(
        &self,
        version: usize,
        transaction: &mut Transaction,
    ) -> Result<(), sqlx::Error> {
        for (number, file) in (1..).zip(self.files()).skip(version) {
            for statement in file.split_terminator(";\n") {
                transaction.execute(&self.statement(statement), &[]).await?;
            }
            let values = [("version", Value::Count(number))];
            transaction.execute(&self.statement(file!("schema/record")), &values).await?;
        }
        Ok(())
    }
}

fn number(rows: &[Row]) -> Result<usize, sqlx::Error> {
    let text = rows.first().ok_or(sqlx::Error::RowNotFound)?.text("version")?;
    text.unwrap_or_default().parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// Rolled back, unless it is committed.
enum Transaction {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    async fn execute(
        &mut self,
        statement: &Statement,
        values: &Values<'_>,
    ) -> Result<(), sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(on) => query!(statement, values).execute(&mut **on).await.map(drop),
            #[cfg(feature = "postgres")]
            Self::Postgres(on) => query!(statement, values).execute(&mut **on).await.map(drop),
        }
    }

    async fn fetch(&mut self, statement: &Statement) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(on) => {
                let rows = query!(statement, &[]).fetch_all(&mut **on).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(on) => {
                let rows = query!(statement, &[]).fetch_all(&mut **on).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(transaction) => transaction.commit().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }
}
