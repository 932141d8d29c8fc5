//! Values of keys and arguments of scripts, as `lua/facts.lua` has them.

use jwt_extended::Timestamp;
use jwt_extended::store::{Revocation, RevocationRecord, RevokedRecord, StoreError};
use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// In full, so that it is the same number when it is read.
pub(crate) fn time(time: Timestamp) -> String {
    time.as_seconds().to_string()
}

pub(crate) fn maybe(text: Option<&str>) -> String {
    text.map(|text| format!("={text}")).unwrap_or_default()
}

pub(crate) fn maybe_time(moment: Option<Timestamp>) -> String {
    moment.map(|moment| format!("={}", time(moment))).unwrap_or_default()
}

/// For how many milliseconds to keep what has this end.
pub(crate) fn life(end: Option<Timestamp>, now: Timestamp) -> String {
    const MARGIN: f64 = 3_600_000.0;
    const LONGEST: f64 = 3_155_760_000_000.0;
    let left = end.map_or(LONGEST, |end| ((end.as_seconds() - now.as_seconds()) * 1000.0).ceil());
    (left.max(1000.0) + MARGIN).min(LONGEST).to_string()
}

/// The words on a revocation, as JSON.
pub(crate) fn words(revocation: &Revocation<'_>) -> String {
    let Revocation { at, by, reason, .. } = *revocation;
    let words = Words { at: time(at), by: by.map(Into::into), reason: reason.map(Into::into) };
    serde_json::to_string(&words).unwrap_or_default()
}

/// Of a family of refresh tokens.
pub(crate) struct Family {
    pub(crate) current: String,
    pub(crate) previous: String,
    pub(crate) at: Timestamp,
}

pub(crate) fn family(text: &str) -> Result<Family, StoreError> {
    #[derive(Deserialize)]
    struct Raw {
        current: String,
        previous: String,
        at: String,
    }
    let Raw { current, previous, at } = parse(text)?;
    Ok(Family { current, previous, at: parse_time(&at)? })
}

/// The words on a revocation.
#[derive(Serialize, Deserialize)]
struct Words {
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// An entry of the index.
pub(crate) fn entry(name: &str, text: &str) -> Result<RevocationRecord, StoreError> {
    let what = match name.split_at_checked(2) {
        Some(("t:", jti)) => RevokedRecord::Token { jti: jti.to_owned() },
        Some(("s:", id)) => RevokedRecord::Session { id: id.to_owned() },
        _ => return Err(nonsense()),
    };
    let (ends, words) = text.split_once(' ').ok_or_else(nonsense)?;
    record(what, Some(ends).filter(|ends| !ends.is_empty()), parse(words)?)
}

/// The value of a cutoff's key: the latest cutoff, and what of its session to keep another one has hit.
pub(crate) fn cutoffs(text: &str) -> Result<Vec<RevocationRecord>, StoreError> {
    #[derive(Deserialize)]
    struct Raw {
        issued_until: String,
        keep: Option<String>,
        kept_after: Option<String>,
        until: Option<String>,
        #[serde(flatten)]
        words: Words,
    }
    let Raw { issued_until, keep, kept_after, until, words } = parse(text)?;
    let issued_until = parse_time(&issued_until)?;
    let kept_after =
        kept_after.filter(|_| keep.is_some()).as_deref().map(parse_time).transpose()?;
    let latest = record(RevokedRecord::Subject { issued_until, keep }, until.as_deref(), words)?;
    let hit = kept_after.map(|issued_until| {
        let what = RevokedRecord::Subject { issued_until, keep: None };
        RevocationRecord::new(what, latest.until)
    });
    Ok([latest].into_iter().chain(hit).collect())
}

pub(crate) fn nonsense() -> StoreError {
    StoreError::new(Fault::Nonsense)
}

fn record(
    what: RevokedRecord,
    until: Option<&str>,
    words: Words,
) -> Result<RevocationRecord, StoreError> {
    let mut record = RevocationRecord::new(what, until.map(parse_time).transpose()?);
    record.at = Some(parse_time(&words.at)?);
    (record.by, record.reason) = (words.by, words.reason);
    Ok(record)
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| nonsense())
}

fn parse_time(text: &str) -> Result<Timestamp, StoreError> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => Ok(Timestamp::from_seconds(seconds)),
        _ => Err(nonsense()),
    }
}
