use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use redis::RedisError;

/// Why a store could not be opened, and what to do about it. What goes wrong later is a
/// [`StoreError`](jwt_extended::store::StoreError).
pub struct Error {
    what: String,
    source: Option<RedisError>,
}

impl Error {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: None }
    }

    pub(crate) fn from_server(what: impl Into<String>, source: RedisError) -> Self {
        Self { what: what.into(), source: Some(source) }
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

/// The source of a `StoreError` where the server itself named no error.
#[derive(Debug)]
pub(crate) enum Fault {
    /// No answer within the time that is set.
    Late(Duration),
    /// An answer that no script gives, or a record that none wrote.
    Nonsense,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late(timeout) => write!(f, "Redis did not answer within {timeout:?}"),
            Self::Nonsense => f.write_str("Redis holds something that is no revocation"),
        }
    }
}

impl StdError for Fault {}
