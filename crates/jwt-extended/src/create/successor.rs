//! What a store keeps of the pair that a refresh token was exchanged for: enough to make the very same
//! pair again, and nothing that is one.
//!
//! Written as `1.JTI.CSRF.JTI.CSRF.IAT.EXP.EXP`: the version, what is random of the access token and then
//! of the refresh token as UUIDs, when both were made, and when each ends in whole seconds, `-` for
//! never. Whoever shares a store writes it to the letter like this.

use uuid::Uuid;

use super::encode::Draft;
use crate::clock::Timestamp;

/// An access and a refresh token that can be made again.
pub(super) struct Successor {
    pub(super) access: Draft,
    pub(super) refresh: Draft,
}

impl Successor {
    /// The drafts, of which only the whole seconds are kept.
    pub(super) fn new(access: Draft, refresh: Draft) -> Self {
        let whole = |draft: Draft| Draft {
            issued_at: seconds(draft.issued_at.as_whole_seconds()),
            expires_at: draft.expires_at.map(|end| seconds(end.as_whole_seconds())),
            ..draft
        };
        Self { access: whole(access), refresh: whole(refresh) }
    }

    pub(super) fn to_text(&self) -> String {
        let Self { access, refresh } = self;
        let end = |draft: &Draft| match draft.expires_at {
            Some(end) => end.as_whole_seconds().to_string(),
            None => "-".to_owned(),
        };
        format!(
            "1.{}.{}.{}.{}.{}.{}.{}",
            access.jti,
            access.csrf,
            refresh.jti,
            refresh.csrf,
            access.issued_at.as_whole_seconds(),
            end(access),
            end(refresh),
        )
    }

    /// Reads what [`Successor::to_text`] wrote; nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split('.').collect();
        let [
            "1",
            access_jti,
            access_csrf,
            refresh_jti,
            refresh_csrf,
            issued,
            access_end,
            refresh_end,
        ] = parts.as_slice()
        else {
            return None;
        };
        let issued_at = seconds(issued.parse().ok()?);
        let draft = |jti: &str, csrf: &str, end: &str| {
            let expires_at =
                if end == "-" { None } else { Some(seconds(end.parse::<i64>().ok()?)) };
            let [jti, csrf] = [Uuid::try_parse(jti).ok()?, Uuid::try_parse(csrf).ok()?];
            Some(Draft { jti, csrf, issued_at, expires_at })
        };
        let access = draft(access_jti, access_csrf, access_end)?;
        let refresh = draft(refresh_jti, refresh_csrf, refresh_end)?;
        let read = Self { access, refresh };
        // Numbers and UUIDs have other spellings, which are not ours.
        (read.to_text() == text).then_some(read)
    }
}

#[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 seconds need no precision")]
fn seconds(whole: i64) -> Timestamp {
    Timestamp::from_seconds(whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "1.6f1b2c3d-0000-4000-8000-000000000001.6f1b2c3d-0000-4000-8000-000000000002.\
                        6f1b2c3d-0000-4000-8000-000000000003.6f1b2c3d-0000-4000-8000-000000000004.\
                        1700000000.1700000900.-";

    #[test]
    fn it_is_read_as_it_was_written() {
        let read = Successor::parse(GOOD).unwrap();
        assert_eq!(read.to_text(), GOOD);
        assert_eq!(read.access.expires_at, Some(seconds(1_700_000_900)));
        assert_eq!(read.refresh.expires_at, None);
        assert_eq!(read.refresh.issued_at, seconds(1_700_000_000));
    }

    #[test]
    fn nothing_else_is_read() {
        let cut = |n: usize| GOOD[..n].to_owned();
        let mut bad: Vec<String> = (0..GOOD.len()).map(cut).collect();
        for (from, to) in [
            ("1.", "2."),
            ("1.6f", "1.6F"),
            ("6f1b2c3d-0000", "6f1b2c3d0000"),
            (".1700000900", ".+1700000900"),
            (".1700000900", ".01700000900"),
            (".1700000900", ".1700000900.5"),
            (".1700000900", ".1e9"),
            (".1700000900", ".-"),
            ("1700000000.", "-."),
            (".-", ". -"),
            (".-", ".--"),
            (".-", ".-0"),
            (".-", ".-.-"),
            (".-", ".99999999999999999999"),
            (".-", ".-\n"),
        ] {
            bad.push(GOOD.replacen(from, to, 1));
        }
        // That one is well formed, and means something else.
        bad.retain(|text| *text != GOOD.replacen(".1700000900", ".-", 1));
        for text in bad {
            assert!(Successor::parse(&text).is_none(), "{text}");
        }
    }
}
