use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use jwt_extended::store::StoreError;

/// Why a store could not be opened. What goes wrong later is a [`StoreError`].
///
/// It names no password, though the URL may hold one.
pub struct Error {
    what: Cow<'static, str>,
    source: Option<sqlx::Error>,
}

impl Error {
    pub(crate) fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), source: None }
    }

    pub(crate) fn from_sql(what: impl Into<Cow<'static, str>>, source: sqlx::Error) -> Self {
        Self { what: what.into(), source: Some(source) }
    }

    /// Whether somebody else has locked the SQLite file. PostgreSQL's codes have five characters.
    pub(crate) fn is_busy(&self) -> bool {
        const SQLITE_BUSY: u32 = 5;
        let code = self.source.as_ref().and_then(|error| error.as_database_error()?.code());
        let code = code.filter(|code| code.len() < 5).and_then(|code| code.parse::<u32>().ok());
        // The extended codes, such as that of a recovery, have it in their last byte.
        code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// What a [`StoreError`] of these stores comes from.
#[derive(Debug)]
pub(crate) enum Failure {
    Sql(sqlx::Error),
    Late(Duration),
    Nonsense,
    Name(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(error) => error.fmt(f),
            Self::Late(timeout) => write!(f, "the database took longer than {timeout:?}"),
            Self::Nonsense => f.write_str("the database answered what the tables cannot hold"),
            Self::Name(why) => f.write_str(why),
        }
    }
}

impl StdError for Failure {}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Sql(error) => Self::new(error),
            failure => Self::new(failure),
        }
    }
}
