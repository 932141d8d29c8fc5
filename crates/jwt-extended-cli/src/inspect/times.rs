//! The times of a token, in words.

use jiff::Timestamp;
use serde_json::Value;

/// The claims that hold times, and what they say of the past and of the future.
const CLAIMS: [(&str, &str, &str); 5] = [
    ("iat", "issued", "is issued"),
    ("auth_time", "logged in", "logs in"),
    ("nbf", "valid since", "not valid before"),
    ("fresh", "was fresh until", "fresh until"),
    ("exp", "EXPIRED", "expires"),
];

pub(super) fn now() -> f64 {
    Timestamp::now().as_duration().as_secs_f64()
}

/// A line for each time among `claims`.
pub(super) fn lines(claims: &Value, now: f64) -> Vec<String> {
    let stated = CLAIMS.into_iter().filter_map(|(name, past, future)| {
        let claim = claims.get(name).filter(|claim| !claim.is_null() && !claim.is_boolean())?;
        let Some(seconds) = claim.as_f64() else {
            return Some(format!("  {name:<10} is no number, and so no time"));
        };
        // At its very second, a token has expired already.
        let what = if seconds <= now { past } else { future };
        Some(format!("  {name:<10} {what:<17} {}", moment(seconds, now)))
    });
    let mut lines: Vec<_> = stated.collect();
    if claims.get("exp").is_none() {
        lines.push("  exp        is not there: this token never expires".to_owned());
    }
    lines
}

/// `2026-11-22 05:10:00 UTC, 3 minutes ago`
fn moment(seconds: f64, now: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "what is too far away saturates")]
    let date = Timestamp::from_second(seconds.floor() as i64);
    let date = match date {
        Ok(date) => date.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => return "at no date that a calendar has".to_owned(),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is positive, and within the calendar"
    )]
    let distance = words((seconds - now).abs() as u64);
    match distance {
        None => format!("{date}, now"),
        Some(distance) if seconds > now => format!("{date}, in {distance}"),
        Some(distance) => format!("{date}, {distance} ago"),
    }
}

/// The two greatest units of a span; `None`: less than a second.
fn words(seconds: u64) -> Option<String> {
    const UNITS: [(u64, &str); 5] =
        [(31_556_952, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let greatest = UNITS.iter().position(|(unit, _)| seconds >= *unit)?;
    let mut rest = seconds;
    let parts = UNITS.iter().skip(greatest).take(2).filter_map(|(unit, name)| {
        let count = rest / unit;
        rest %= unit;
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {name}{plural}"))
    });
    Some(parts.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: f64 = 1_763_787_600.5;

    fn only(claims: &Value) -> String {
        lines(claims, NOW).remove(0)
    }

    #[test]
    fn past_and_future() {
        for (claims, line) in [
            (
                json!({"iat": 1_763_787_420}),
                "  iat        issued            2025-11-22 04:57:00 UTC, 3 minutes ago",
            ),
            (
                json!({"exp": 1_763_788_500}),
                "  exp        expires           2025-11-22 05:15:00 UTC, in 14 minutes 59 seconds",
            ),
            (
                json!({"exp": 1_763_614_740}),
                "  exp        EXPIRED           2025-11-20 04:59:00 UTC, 2 days ago",
            ),
            (json!({"nbf": NOW}), "  nbf        valid since       2025-11-22 05:00:00 UTC, now"),
            (
                json!({"fresh": NOW + 3600.0}),
                "  fresh      fresh until       2025-11-22 06:00:00 UTC, in 1 hour",
            ),
        ] {
            assert!(only(&claims).starts_with(line), "{}\n{line}", only(&claims));
        }
    }

    #[test]
    fn what_is_no_time() {
        assert_eq!(only(&json!({"exp": "soon"})), "  exp        is no number, and so no time");
        for far in [1e300, -1e300, 1e15, 253_402_300_800.0] {
            assert!(
                only(&json!({"exp": far})).ends_with("at no date that a calendar has"),
                "{far}"
            );
        }
        let none = lines(&json!({"fresh": true, "iat": null}), NOW);
        assert_eq!(none, ["  exp        is not there: this token never expires"]);
    }

    #[test]
    fn spans_in_words() {
        for (seconds, text) in [
            (0, None),
            (1, Some("1 second")),
            (61, Some("1 minute 1 second")),
            (7200, Some("2 hours")),
            (86_400 * 3 + 59, Some("3 days")),
            (31_556_952 * 2 + 86_400, Some("2 years 1 day")),
        ] {
            assert_eq!(words(seconds).as_deref(), text);
        }
    }
}
