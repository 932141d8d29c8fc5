//! What the stores' tests share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, of which not every test needs all"
)]

use std::fmt::Write as _;

use jwt_extended::Timestamp;
use jwt_extended::store::{
    Revocation, RevocationStatus, RevocationStore, Revoked, Rotation, RotationOutcome, StoreError,
    Subject, TokenRef,
};
use jwt_extended_sqlx::SqlStore;

pub(crate) const ANNA: Subject<'static> = Subject::new("anna");

pub(crate) fn at(seconds: f64) -> Timestamp {
    Timestamp::from_seconds(1_000_000_000.0 + seconds)
}

pub(crate) fn access(jti: &str) -> TokenRef<'_> {
    let mut token = TokenRef::new(ANNA, at(100.0));
    token.jti = Some(jti);
    token.session = Some("s");
    token.token_type = Some("access");
    token.issued_at = Some(at(0.0));
    token
}

pub(crate) fn refresh<'a>(jti: &'a str, session: &'a str) -> TokenRef<'a> {
    let mut token = access(jti);
    token.session = Some(session);
    token.token_type = Some("refresh");
    token.grace = std::time::Duration::from_secs(10);
    token
}

pub(crate) async fn revoke(store: &SqlStore, jti: &str, until: f64) -> Result<(), StoreError> {
    let what = Revoked::Token { jti };
    store.revoke(&Revocation::new(ANNA, what, Some(at(until)), at(50.0))).await
}

pub(crate) async fn is_revoked(store: &SqlStore, jti: &str) -> bool {
    store.status(&access(jti)).await.unwrap() == RevocationStatus::Revoked
}

pub(crate) async fn rotate(
    store: &SqlStore,
    token: TokenRef<'_>,
    next: &str,
) -> Result<RotationOutcome, StoreError> {
    let mut rotation = Rotation::new(token, next, next).unwrap();
    rotation.until = Some(at(10_000.0));
    rotation.burnt_until = Some(at(10_000.0));
    store.rotate(&rotation).await
}

/// An error with all that it comes from.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

/// The statements of `sql/` with values for all their names, to be explained by a database.
pub(crate) fn statements(database: &str) -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sql");
    let files = |folder| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files(folder.to_owned())
        .filter(|file| file.extension().is_some_and(|end| end == "sql"))
        .chain(files(format!("{folder}/{database}")))
        .filter(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap();
            !["0001", "exists", "lock"].contains(&name)
        });
    let mut all: Vec<_> = files
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("--")).collect();
            let mut sql = lines.join("\n");
            for (name, value) in [
                (":manager", "''"),
                (":subject", "'user7'"),
                (":session", "'s7'"),
                (":family", "'s7'"),
                (":jti", "'j7'"),
                (":next_jti", "'n'"),
                (":successor", "'n'"),
                (":is_refresh", "1"),
                (":issued_at", "5.0"),
                (":issued_until", "5.0"),
                (":keep_session", "NULL"),
                (":grace", "10.0"),
                (":ends_at", "5.0"),
                (":revoked_at", "5.0"),
                (":revoked_by", "NULL"),
                (":reason", "NULL"),
                (":now", "700.0"),
                (":most", "1000"),
                ("{prefix}", "jwt_"),
            ] {
                sql = sql.replace(name, value);
            }
            assert!(!sql.contains([':', '{']), "{sql}");
            (file.file_stem().unwrap().to_str().unwrap().to_owned(), sql)
        })
        .collect();
    all.sort();
    assert_eq!(all.len(), 14);
    all
}

/// `count` tokens, sessions and subjects, to make a planner think.
pub(crate) fn fill(count: u32, series: &str) -> [String; 3] {
    let rows = |table: &str, columns: &str, values: &str| {
        format!("INSERT INTO jwt_{table} ({columns}) SELECT {values} FROM {series}")
            .replace("{count}", &count.to_string())
    };
    [
        rows(
            "revoked_token",
            "manager, subject, jti, ends_at, revoked_at",
            "'', 'user' || (n % 1000), 'j' || n, n, 0",
        ),
        rows(
            "session",
            "manager, subject, session, ends_at, revoked_at",
            "'', 'user' || (n % 1000), 's' || n, n, 0",
        ),
        rows(
            "revoked_subject",
            "manager, subject, issued_until, ends_at, revoked_at",
            "'', 'other' || n, 0, n, 0",
        ),
    ]
}
