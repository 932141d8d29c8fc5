//! The first revocation of a token or a session, as nearly every one is, without a script: what
//! `lua/revoke.lua` does where nothing is known yet, for half of what that costs the server. Where something
//! is known, or any of it fails, the script has the last word.
//!
//! A revocation is in force with the first command; what comes between that and the others finds no
//! less revoked.

use jwt_extended::Timestamp;
use jwt_extended::store::Revocation;
use redis::{Pipeline, Value};

use crate::keys::Named;
use crate::record::{life, maybe_time, words};

/// The commands. `family` is the key of the session's refresh tokens, where it is one.
pub(crate) fn question(
    revocation: &Revocation<'_>,
    Named { key, name }: &Named,
    index: &str,
    family: Option<&str>,
) -> Pipeline {
    let Revocation { until, at, .. } = *revocation;
    let life = life(until, at);
    let end = until.map(Timestamp::as_seconds).map(|end| end.to_string()).unwrap_or_default();
    let mut pipeline = redis::pipe();
    pipeline.ignore_errors();
    pipeline.cmd("SET").arg(key).arg(maybe_time(until)).arg("PX").arg(&life).arg("NX");
    pipeline.cmd("HSETNX").arg(index).arg(name).arg(format!("{end} {}", words(revocation)));
    // An index lives as long as its longest entry: it gets a life where it has none, and a longer one.
    pipeline.cmd("PEXPIRE").arg(index).arg(&life).arg("NX");
    pipeline.cmd("PEXPIRE").arg(index).arg(&life).arg("GT");
    pipeline.cmd("HLEN").arg(index);
    if let Some(family) = family {
        pipeline.cmd("EXISTS").arg(family);
    }
    pipeline
}

/// Whether it was the first one, and there is nothing left to do.
pub(crate) fn is_done(answer: &[Value]) -> bool {
    use Value::{Int, Okay};
    match answer {
        [Okay, Int(1), Int(_), Int(_), Int(size), family @ ..] => {
            !is_tidied(*size) && matches!(family, [] | [Int(0)])
        }
        _ => false,
    }
}

/// Whether the script would look for ended entries of an index, as `lua/facts.lua` says.
fn is_tidied(size: i64) -> bool {
    size % if size > 512 { 8 } else { 32 } == 0
}
