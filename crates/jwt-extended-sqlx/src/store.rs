use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwt_extended::Timestamp;
use jwt_extended::store::{
    Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked, RevokedRecord,
    Rotation, RotationOutcome, StoreError, Subject, TokenRef,
};

use crate::error::Failure;
use crate::pool::{Pool, Row};
use crate::statement::{Statement, Statements, Value, Values};
use crate::{Error, SqlStoreOptions, TablePrefix};

/// Revocations and rotation in SQLite or PostgreSQL. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct SqlStore(Arc<Inner>);

struct Inner {
    pool: Pool,
    statements: Statements,
    timeout: Duration,
}

/// What PostgreSQL can index, with a little for its own use. The same on SQLite, so that a database can
/// move.
const LONGEST_NAMES: usize = 2600;

/// How many rows one statement deletes at most.
const PURGED_AT_ONCE: i32 = 1000;

/// How often a rotation may find that what was in its way has gone: it takes a purge or an un-revoking
/// each time.
const TURNS: usize = 3;

impl SqlStore {
    /// Opens the database of a URL, with [options](SqlStoreOptions) that fit most.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::options().connect(url).await
    }

    /// To be said before it is opened.
    pub fn options() -> SqlStoreOptions {
        SqlStoreOptions::default()
    }

    pub(crate) fn new(pool: Pool, prefix: &TablePrefix, timeout: Duration) -> Self {
        let statements = Statements::new(pool.dialect(), prefix);
        Self(Arc::new(Inner { pool, statements, timeout }))
    }

    async fn fetch(&self, statement: &Statement, values: &Values<'_>) -> Result<Vec<Row>, Failure> {
        self.in_time(self.0.pool.fetch(statement, values)).await
    }

    async fn execute(&self, statement: &Statement, values: &Values<'_>) -> Result<u64, Failure> {
        self.in_time(self.0.pool.execute(statement, values)).await
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.0.timeout, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Failure::Late(self.0.timeout)),
        }
    }
}

impl RevocationStore for SqlStore {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        let rows = self.fetch(&self.0.statements.status, &of_token(token)).await?;
        match word(&rows, "status")?.as_str() {
            "active" => Ok(RevocationStatus::Active),
            "revoked" => Ok(RevocationStatus::Revoked),
            "reused" => Ok(RevocationStatus::Reused),
            _ => Err(Failure::Nonsense.into()),
        }
    }

    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<(), StoreError> {
        let statements = &self.0.statements;
        let Revocation { owner, what, until, at, by, reason, .. } = *revocation;
        let (statement, name, issued_until) = match what {
            Revoked::Token { jti } => (&statements.revoke_token, Some(jti), None),
            Revoked::Session { id } => (&statements.revoke_session, Some(id), None),
            Revoked::Subject { issued_until, keep } => {
                (&statements.revoke_subject, keep, Some(issued_until))
            }
        };
        // A session to keep is no part of a key.
        let named = if issued_until.is_some() { None } else { name };
        check_names(&[owner.manager, owner.subject, named.unwrap_or_default()])?;
        let values = [
            ("manager", owner.manager.into()),
            ("subject", owner.subject.into()),
            ("jti", name.into()),
            ("session", name.into()),
            ("keep_session", name.into()),
            ("issued_until", issued_until.unwrap_or_default().into()),
            ("ends_at", end(until)),
            ("revoked_at", at.into()),
            ("revoked_by", by.into()),
            ("reason", reason.into()),
        ];
        self.execute(statement, &values).await?;
        Ok(())
    }

    async fn rotate(&self, rotation: &Rotation<'_>) -> Result<RotationOutcome, StoreError> {
        let Rotation { token, family, .. } = rotation;
        check_names(&[token.owner.manager, token.owner.subject, family])?;
        let mut values = of_token(token).to_vec();
        values.extend([
            ("next_jti", rotation.next_jti.into()),
            ("successor", rotation.successor.into()),
            ("ends_at", end(rotation.until)),
        ]);
        for _ in 0..TURNS {
            if !self.fetch(&self.0.statements.rotate, &values).await?.is_empty() {
                return Ok(RotationOutcome::Rotated);
            }
            let rows = self.fetch(&self.0.statements.rotate_refused, &values).await?;
            match word(&rows, "outcome")?.as_str() {
                "again" => continue,
                "rotated" => return Ok(RotationOutcome::Rotated),
                "revoked" => return Ok(RotationOutcome::Revoked),
                "repeated" => {
                    return Ok(RotationOutcome::Repeated { successor: word(&rows, "successor")? });
                }
                "reused" => {}
                _ => return Err(Failure::Nonsense.into()),
            }
            let what = Revoked::Session { id: family };
            let mut burnt = Revocation::new(token.owner, what, rotation.burnt_until, token.now);
            burnt.reason = Some(Rotation::REUSE);
            self.revoke(&burnt).await?;
            return Ok(RotationOutcome::Reused);
        }
        Err(Failure::Nonsense.into())
    }

    async fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        let values = [
            ("manager", owner.manager.into()),
            ("subject", owner.subject.into()),
            ("now", now.into()),
        ];
        let rows = self.fetch(&self.0.statements.list, &values).await?;
        Ok(rows.iter().map(record).collect::<Result<_, Failure>>()?)
    }

    async fn restore(&self, owner: &Subject<'_>, what: &Revoked<'_>) -> Result<bool, StoreError> {
        let statements = &self.0.statements;
        let (tries, name): (&[&Statement], _) = match *what {
            Revoked::Token { jti } => (&[&statements.restore_token], jti),
            Revoked::Session { id } => {
                (&[&statements.forget_session, &statements.restore_session], id)
            }
            Revoked::Subject { .. } => (&[&statements.restore_subject], ""),
        };
        let values = [
            ("manager", owner.manager.into()),
            ("subject", owner.subject.into()),
            ("jti", name.into()),
            ("session", name.into()),
        ];
        for statement in tries {
            if self.execute(statement, &values).await? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// In small steps, each of which may take as long as any other call.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let statements = &self.0.statements;
        let values = [("now", now.into()), ("most", Value::Count(PURGED_AT_ONCE))];
        let mut purged = 0;
        for statement in
            [&statements.purge_tokens, &statements.purge_sessions, &statements.purge_subjects]
        {
            loop {
                let rows = self.execute(statement, &values).await?;
                purged += rows;
                if rows < PURGED_AT_ONCE.unsigned_abs().into() {
                    break;
                }
            }
        }
        Ok(purged)
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore")
            .field("database", &self.0.pool.dialect())
            .field("timeout", &self.0.timeout)
            .finish_non_exhaustive()
    }
}

fn of_token<'a>(token: &TokenRef<'a>) -> [(&'static str, Value<'a>); 9] {
    [
        ("manager", token.owner.manager.into()),
        ("subject", token.owner.subject.into()),
        ("jti", token.jti.into()),
        ("session", token.session.into()),
        ("family", token.family().into()),
        ("is_refresh", Value::Count(token.is_refresh().into())),
        ("issued_at", token.issued_at.map_or(Value::Seconds(f64::NEG_INFINITY), Into::into)),
        ("now", token.now.into()),
        ("grace", Value::Seconds(token.grace.as_secs_f64())),
    ]
}

/// For ever is infinity, which both databases know.
fn end<'a>(until: Option<Timestamp>) -> Value<'a> {
    until.map_or(Value::Seconds(f64::INFINITY), Into::into)
}

fn word(rows: &[Row], column: &str) -> Result<String, Failure> {
    let row = rows.first().ok_or(Failure::Nonsense)?;
    row.text(column)?.ok_or(Failure::Nonsense)
}

fn record(row: &Row) -> Result<RevocationRecord, Failure> {
    let name = row.text("name")?;
    let what = match (row.text("kind")?.as_deref(), name) {
        (Some("token"), Some(jti)) => RevokedRecord::Token { jti },
        (Some("session"), Some(id)) => RevokedRecord::Session { id },
        (Some("subject"), keep) => {
            let issued_until = row.seconds("issued_until")?.ok_or(Failure::Nonsense)?;
            RevokedRecord::Subject { issued_until: Timestamp::from_seconds(issued_until), keep }
        }
        _ => return Err(Failure::Nonsense),
    };
    let until = row.seconds("ends_at")?.filter(|end| end.is_finite());
    let mut record = RevocationRecord::new(what, until.map(Timestamp::from_seconds));
    record.at = row.seconds("revoked_at")?.map(Timestamp::from_seconds);
    record.by = row.text("revoked_by")?;
    record.reason = row.text("reason")?;
    Ok(record)
}

/// What could not be stored is not to look like a database that is down for a moment.
fn check_names(names: &[&str]) -> Result<(), Failure> {
    if names.iter().map(|name| name.len()).sum::<usize>() > LONGEST_NAMES {
        return Err(Failure::Name(
            "the names of a token (manager, subject, jti or session) are longer than 2600 bytes \
             together, which no index holds",
        ));
    }
    Ok(())
}
