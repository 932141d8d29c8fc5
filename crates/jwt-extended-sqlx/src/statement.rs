//! The files of `sql/`, as a database takes them.

use std::sync::Arc;

use jwt_extended::Timestamp;
use sqlx::AssertSqlSafe;

use crate::TablePrefix;

/// Which SQL a database speaks, where there are two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

macro_rules! statements {
    ($($name:ident)+; $($own:ident)+) => {
        /// All that a store says to its database, each file under its own name.
        pub(crate) struct Statements {
            $(pub(crate) $name: Statement,)+
            $(pub(crate) $own: Statement,)+
        }

        impl Statements {
            pub(crate) fn new(dialect: Dialect, prefix: &TablePrefix) -> Self {
                Self {
                    $($name: Statement::new(
                        include_str!(concat!("../sql/", stringify!($name), ".sql")),
                        prefix,
                    ),)+
                    $($own: Statement::new(
                        match dialect {
                            #[cfg(feature = "sqlite")]
                            Dialect::Sqlite => {
                                include_str!(concat!("../sql/sqlite/", stringify!($own), ".sql"))
                            }
                            #[cfg(feature = "postgres")]
                            Dialect::Postgres => {
                                include_str!(concat!("../sql/postgres/", stringify!($own), ".sql"))
                            }
                        },
                        prefix,
                    ),)+
                }
            }

            #[cfg(test)]
            fn all(&self) -> Vec<(&'static str, &Statement)> {
                vec![
                    $((stringify!($name), &self.$name),)+
                    $((stringify!($own), &self.$own),)+
                ]
            }
        }
    };
}

statements! {
    status
    rotate rotate_refused
    revoke_token revoke_session revoke_subject
    list
    restore_token restore_session forget_session restore_subject;
    // Each database its own.
    purge_tokens purge_sessions purge_subjects
}

/// One statement, whose values have names.
pub(crate) struct Statement {
    /// With `$1`, `$2`, ... in place of the names.
    sql: Arc<str>,
    /// Each once, in the order of its number.
    pub(crate) names: Vec<&'static str>,
}

/// A value for a name.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(Option<&'a str>),
    Seconds(f64),
    Count(i32),
}

pub(crate) type Values<'a> = [(&'static str, Value<'a>)];

impl Statement {
    pub(crate) fn new(file: &'static str, prefix: &TablePrefix) -> Self {
        let mut sql = String::with_capacity(file.len());
        let mut names: Vec<&'static str> = Vec::new();
        let lines = file.lines().filter(|line| !line.trim_start().starts_with("--"));
        for line in lines {
            // What stands before the first colon, and after each one a name.
            let mut parts = line.split(':');
            sql.push_str(parts.next().unwrap_or_default());
            for part in parts {
                let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '_');
                let (name, rest) = part.split_at(end.unwrap_or(part.len()));
                let known = names.iter().position(|known| *known == name);
                let place = known.unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                });
                sql.push('$');
                sql.push_str(&(place + 1).to_string());
                sql.push_str(rest);
            }
            sql.push('\n');
        }
        let sql = sql.replace("{prefix}", &prefix.to_string());
        Self { sql: sql.trim().into(), names }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn writes(&self) -> bool {
        !self.sql.starts_with("SELECT")
    }

    /// Safe, since nothing came into it but a file of ours and a prefix that is a name.
    pub(crate) fn sql(&self) -> AssertSqlSafe<Arc<str>> {
        AssertSqlSafe(Arc::clone(&self.sql))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Seconds(time.as_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECTS: &[Dialect] = &[
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite,
        #[cfg(feature = "postgres")]
        Dialect::Postgres,
    ];

    #[test]
    fn each_file_becomes_one_statement_with_numbers() {
        for dialect in DIALECTS {
            for (name, statement) in Statements::new(*dialect, &TablePrefix::default()).all() {
                let sql = &*statement.sql;
                assert!(
                    !sql.contains([':', '{', '}', ';']) && !sql.contains("--"),
                    "{name}: {sql}"
                );
                assert!(sql.contains(" jwt_"), "{name}: {sql}");
                let asks = ["status", "rotate_refused", "list"].contains(&name);
                assert_eq!(sql.starts_with("SELECT"), asks, "{name}");
                for number in 1..=statement.names.len() {
                    assert!(sql.contains(&format!("${number}")), "{name}: {sql}");
                }
                assert!(!sql.contains(&format!("${}", statement.names.len() + 1)), "{name}: {sql}");
            }
        }
    }

    #[test]
    fn a_name_has_one_number_wherever_it_stands() {
        let text = "-- a note: nothing\nSELECT :a_b, (:c) WHERE :a_b=1";
        let statement = Statement::new(text, &TablePrefix::default());
        assert_eq!(&*statement.sql, "SELECT $1, ($2) WHERE $1=1");
        assert_eq!(statement.names, ["a_b", "c"]);
    }
}
