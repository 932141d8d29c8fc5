//! The types of options, and how each reads the text of an environment variable or a value of a
//! configuration file.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;
use zeroize::ZeroizeOnDrop;

use crate::algorithm::Algorithm;

/// A type that an option can have.
pub(crate) trait Setting: Sized {
    /// What a value must be, for an error: "must be ...".
    const EXPECTED: &'static str;

    /// Reads a value; texts in every form an environment variable can give them.
    fn read(value: &Value) -> Option<Self>;
}

/// A secret or a key in text form: wiped when dropped, never shown.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Secret(pub(super) Vec<u8>);

impl Secret {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Setting for Option<Secret> {
    const EXPECTED: &'static str = "a text";

    fn read(value: &Value) -> Option<Self> {
        Some(value_text(value)?.map(|text| Secret(text.as_bytes().to_vec())))
    }
}

impl Setting for Vec<Secret> {
    const EXPECTED: &'static str = "a list of keys, or a text with one on each line";

    fn read(value: &Value) -> Option<Self> {
        let secret = |text: &str| Secret(text.as_bytes().to_vec());
        Some(match value {
            Value::Null => Self::new(),
            Value::Array(items) => {
                let texts: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
                texts?.into_iter().filter(|text| !text.is_empty()).map(secret).collect()
            }
            Value::String(text) if text.contains("-----BEGIN ") => pems(text).map(secret).collect(),
            Value::String(text) if text.trim_start().starts_with('{') => vec![secret(text)],
            Value::String(text) => {
                text.lines().filter(|line| !line.is_empty()).map(secret).collect()
            }
            _ => return None,
        })
    }
}

/// The PEMs in a text, whatever its line ends are.
fn pems(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let pem = rest.get(rest.find("-----BEGIN ")?..)?;
        // Behind the END line, or where there is none behind all, for the parser to complain of.
        let end = pem.find("-----END ").and_then(|end| {
            let dashes = end + "-----END ".len();
            Some(dashes + pem.get(dashes..)?.find("-----")? + 5)
        });
        let (pem, behind) = pem.split_at_checked(end.unwrap_or(pem.len()))?;
        rest = behind;
        Some(pem)
    })
}

/// The `kid` that new tokens get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyId {
    /// The thumbprint of the public key (RFC 7638). A secret has none.
    Thumbprint,
    /// This name.
    Name(String),
}

impl KeyId {
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "" => None,
            "thumbprint" => Some(Self::Thumbprint),
            name => Some(Self::Name(name.to_owned())),
        }
    }
}

impl Setting for Option<KeyId> {
    const EXPECTED: &'static str = "a name, or \"thumbprint\"";

    fn read(value: &Value) -> Option<Self> {
        Some(value_text(value)?.and_then(KeyId::of))
    }
}

/// How long a token lives. In the environment and in files: seconds (`900`), a number with a unit
/// (`90s`, `15m`, `12h`, `30d`, `2w`), or `false` for no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// The token gets no `exp`: it is good until it is revoked or its key is withdrawn.
    Never,
    /// The token expires this long after it was made.
    After(Duration),
}

impl Lifetime {
    /// The lifetime, or `None` where there is no end.
    pub fn duration(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::After(duration) => Some(duration),
        }
    }
}

impl Setting for Lifetime {
    const EXPECTED: &'static str =
        "a number of seconds, a number with a unit (90s, 15m, 12h, 30d, 2w), or false for no end";

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(false) => Some(Self::Never),
            Value::String(text) if matches!(text.trim(), "false" | "False" | "never") => {
                Some(Self::Never)
            }
            _ => duration(value).map(Self::After),
        }
    }
}

impl Setting for Duration {
    const EXPECTED: &'static str =
        "a number of seconds or a number with a unit (90s, 15m, 12h, 30d, 2w)";

    fn read(value: &Value) -> Option<Self> {
        duration(value)
    }
}

impl Setting for Option<Duration> {
    const EXPECTED: &'static str = Duration::EXPECTED;

    fn read(value: &Value) -> Option<Self> {
        if value.is_null() || value.as_str() == Some("") {
            return Some(None);
        }
        duration(value).map(Some)
    }
}

fn duration(value: &Value) -> Option<Duration> {
    let text = match value {
        Value::Number(number) => return Duration::try_from_secs_f64(number.as_f64()?).ok(),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match text.get(digits.len()..)?.trim() {
        "" | "s" | "sec" | "seconds" => 1,
        "m" | "min" | "minutes" => 60,
        "h" | "hours" => 3600,
        "d" | "days" => 86_400,
        "w" | "weeks" => 604_800,
        _ => return None,
    };
    Some(Duration::from_secs(digits.trim().parse::<u64>().ok()?.checked_mul(unit)?))
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            Value::Number(number) => match number.as_u64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(true),
                "false" | "0" | "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Setting for usize {
    const EXPECTED: &'static str = "a whole number";

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_u64()?.try_into().ok(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

impl Setting for String {
    const EXPECTED: &'static str = "a text";

    fn read(value: &Value) -> Option<Self> {
        Some(value_text(value)?.unwrap_or_default().to_owned())
    }
}

impl Setting for Option<String> {
    const EXPECTED: &'static str = "a text";

    fn read(value: &Value) -> Option<Self> {
        Some(value_text(value)?.map(str::to_owned))
    }
}

/// Outer `None`: no text at all; inner: nothing, or the empty text.
#[expect(clippy::option_option, reason = "wrong and absent are two answers")]
fn value_text(value: &Value) -> Option<Option<&str>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.as_str()).filter(|text| !text.is_empty())),
        _ => None,
    }
}

impl Setting for Vec<String> {
    const EXPECTED: &'static str = "a list of texts, or one text with commas";

    fn read(value: &Value) -> Option<Self> {
        list(value, |text| Some(text.to_owned()))
    }
}

/// The items of a list, of a text with commas, or of nothing.
fn list<T>(value: &Value, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::String(text) => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(item).collect()
        }
        Value::Array(values) => values.iter().map(|value| item(value.as_str()?)).collect(),
        _ => None,
    }
}

/// Defines an option type that is one of some names.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident: $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub(crate) const EXPECTED: &'static str = concat!("one of" $(, " \"", $text, "\"")+);

            /// The name as it stands in a configuration.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            fn named(text: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|v| v.name().eq_ignore_ascii_case(text.trim()))
            }
        }
    };
}

named! {
    /// A place in a request where a token may lie (`JWT_TOKEN_LOCATION`).
    Location:
    /// A header, by default `Authorization: Bearer <token>`.
    Headers = "headers",
    /// A cookie, with CSRF protection.
    Cookies = "cookies",
    /// The query string, which ends in logs and histories: for links that carry a short-lived token.
    QueryString = "query_string",
    /// A field of a JSON body.
    Json = "json"
}

named! {
    /// The `SameSite` attribute of the cookies (`JWT_COOKIE_SAMESITE`).
    SameSite:
    /// Sent only with requests that start on the same site.
    Strict = "Strict",
    /// Sent as well when a link from elsewhere is followed.
    Lax = "Lax",
    /// Sent with every request; browsers want `Secure` with it.
    None = "None"
}

named! {
    /// What error answers look like (`JWT_ERROR_STYLE`).
    ErrorStyle:
    /// `{"error": code, "msg": sentence}`, the statuses of RFC 6750, and `WWW-Authenticate`.
    Native = "native",
    /// Flask-JWT-Extended's: `{"msg": sentence}`, 422 for bad tokens.
    Flask = "flask"
}

named! {
    /// A set of defaults.
    Preset:
    /// Strict, with `Secure` cookies and `SameSite=Lax`.
    Native = "native",
    /// Exactly those of Flask-JWT-Extended 4.7.
    Flask = "flask"
}

macro_rules! named_setting {
    ($($name:ident),+) => {
        $(impl Setting for $name {
            const EXPECTED: &'static str = $name::EXPECTED;

            fn read(value: &Value) -> Option<Self> {
                Self::named(value.as_str()?)
            }
        })+
    };
}

named_setting!(ErrorStyle, Preset);

impl Setting for Option<SameSite> {
    const EXPECTED: &'static str = SameSite::EXPECTED;

    fn read(value: &Value) -> Option<Self> {
        match value_text(value)? {
            None => Some(None),
            Some(text) => SameSite::named(text).map(Some),
        }
    }
}

impl Setting for Vec<Location> {
    const EXPECTED: &'static str = Location::EXPECTED;

    fn read(value: &Value) -> Option<Self> {
        list(value, Location::named)
    }
}

impl Setting for Algorithm {
    const EXPECTED: &'static str = "one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, ES256K, EdDSA";

    fn read(value: &Value) -> Option<Self> {
        Self::from_str(value.as_str()?.trim()).ok()
    }
}

impl Setting for Vec<Algorithm> {
    const EXPECTED: &'static str = Algorithm::EXPECTED;

    fn read(value: &Value) -> Option<Self> {
        list(value, |text| text.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lifetimes_in_all_their_spellings() {
        let seconds = |s| Some(Lifetime::After(Duration::from_secs(s)));
        for (value, expected) in [
            (json!(900), seconds(900)),
            (json!("900"), seconds(900)),
            (json!("15m"), seconds(900)),
            (json!(" 15 m "), seconds(900)),
            (json!("30d"), seconds(30 * 86_400)),
            (json!("2w"), seconds(14 * 86_400)),
            (json!(0.5), Some(Lifetime::After(Duration::from_millis(500)))),
            (json!(false), Some(Lifetime::Never)),
            (json!("false"), Some(Lifetime::Never)),
            (json!(-1), None),
            (json!("-1"), None),
            (json!("m"), None),
            (json!("15 parsecs"), None),
            (json!("99999999999999999999d"), None),
            (json!("18446744073709551615w"), None),
            (json!(1e300), None),
            (json!(true), None),
            (json!([900]), None),
            (json!(null), None),
        ] {
            assert_eq!(Lifetime::read(&value), expected, "{value}");
        }
    }

    #[test]
    fn lists_come_as_lists_or_with_commas() {
        let both = vec![Location::Headers, Location::Cookies];
        assert_eq!(Vec::<Location>::read(&json!("headers, Cookies")), Some(both.clone()));
        assert_eq!(Vec::<Location>::read(&json!(["headers", "cookies"])), Some(both));
        assert_eq!(Vec::<Location>::read(&json!("headers,body")), None);
        assert_eq!(Vec::<Location>::read(&json!([1])), None);
    }
}
