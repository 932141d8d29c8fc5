//! The registered claims of a payload, found in one pass and kept as places in its buffer.
//!
//! Nothing is judged here but the payload's form; whether a claim's type and value are right is for
//! the rules of [`crate::verify`] to say.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::json::Skip;

/// The claims that have a meaning to us: RFC 7519 section 4.1, upstream's, and the session's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Name {
    Issuer,
    Subject,
    Audience,
    Expires,
    NotBefore,
    IssuedAt,
    TokenId,
    Type,
    Fresh,
    Csrf,
    Session,
    AuthTime,
    Manager,
    /// The configured identity claim, where it is none of the above.
    Identity,
}

impl Name {
    const COUNT: usize = Self::Identity as usize + 1;

    /// The claims by the name they have in a payload.
    pub(crate) const REGISTERED: [(&'static str, Self); 13] = [
        ("iss", Self::Issuer),
        ("sub", Self::Subject),
        ("aud", Self::Audience),
        ("exp", Self::Expires),
        ("nbf", Self::NotBefore),
        ("iat", Self::IssuedAt),
        ("jti", Self::TokenId),
        ("type", Self::Type),
        ("fresh", Self::Fresh),
        ("csrf", Self::Csrf),
        ("sid", Self::Session),
        ("auth_time", Self::AuthTime),
        ("mgr", Self::Manager),
    ];

    pub(crate) fn of(name: &str) -> Option<Self> {
        // Spelled out, since this runs once for each claim of each token.
        Some(match name {
            "iss" => Self::Issuer,
            "sub" => Self::Subject,
            "aud" => Self::Audience,
            "exp" => Self::Expires,
            "nbf" => Self::NotBefore,
            "iat" => Self::IssuedAt,
            "jti" => Self::TokenId,
            "type" => Self::Type,
            "fresh" => Self::Fresh,
            "csrf" => Self::Csrf,
            "sid" => Self::Session,
            "auth_time" => Self::AuthTime,
            "mgr" => Self::Manager,
            _ => return None,
        })
    }
}

/// A claim's value: scalars as they are, texts as places in the payload.
#[derive(Clone, Debug, Default)]
pub(crate) enum Value {
    #[default]
    Absent,
    Null,
    Bool(bool),
    /// A number, and whether it was written without a fraction and fits 64 bits.
    Number(f64),
    Text(Text),
    /// A list in which everything is text.
    Texts(Vec<Text>),
    /// An object, or a list of other things.
    Compound,
}

/// Text of the payload: where it stands, or itself if it was written with escapes.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    At(Range<u32>),
    Owned(Box<str>),
}

/// The registered claims of one payload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    values: [Value; Name::COUNT],
    identity: Option<Name>,
}

impl Claims {
    /// Reads `payload`, whose identity stands in the claim `identity`. With `strict`, a registered
    /// claim that stands there twice is an error; otherwise the last one counts.
    pub(crate) fn parse(
        payload: &str,
        identity: &str,
        strict: bool,
    ) -> Result<Self, serde_json::Error> {
        let mut claims = Self {
            identity: Some(Name::of(identity).unwrap_or(Name::Identity)),
            ..Self::default()
        };
        let mut deserializer = serde_json::Deserializer::from_str(payload);
        deserializer.deserialize_map(PayloadVisitor {
            claims: &mut claims,
            identity,
            strict,
            base: payload.as_ptr() as usize,
        })?;
        deserializer.end()?;
        Ok(claims)
    }

    pub(crate) fn get(&self, name: Name) -> &Value {
        self.values.get(name as usize).unwrap_or(&Value::Absent)
    }

    pub(crate) fn identity(&self) -> &Value {
        self.identity.map_or(&Value::Absent, |name| self.get(name))
    }

    /// The claim's text, where it is text.
    pub(crate) fn text<'p>(&'p self, name: Name, payload: &'p str) -> Option<&'p str> {
        match self.get(name) {
            Value::Text(text) => Some(text.of(payload)),
            _ => None,
        }
    }

    /// The claim's number, where it is one.
    pub(crate) fn number(&self, name: Name) -> Option<f64> {
        match self.get(name) {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl Value {
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Text {
    pub(crate) fn of<'p>(&'p self, payload: &'p str) -> &'p str {
        match self {
            // It was read out of this very buffer.
            Self::At(place) => {
                payload.get(place.start as usize..place.end as usize).unwrap_or_default()
            }
            Self::Owned(text) => text,
        }
    }
}

struct PayloadVisitor<'c> {
    claims: &'c mut Claims,
    identity: &'c str,
    strict: bool,
    base: usize,
}

impl<'de> Visitor<'de> for PayloadVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(NameSeed { identity: self.identity })? {
            let Some(name) = name else {
                map.next_value::<Skip>()?;
                continue;
            };
            let value = map.next_value_seed(ValueSeed { base: self.base })?;
            if let Some(slot) = self.claims.values.get_mut(name as usize) {
                if self.strict && !slot.is_absent() {
                    return Err(A::Error::custom("a registered claim stands there twice"));
                }
                *slot = value;
            }
        }
        Ok(())
    }
}

struct NameSeed<'c> {
    identity: &'c str,
}

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<Name>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<Name>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Name::of(name).or_else(|| (name == self.identity).then_some(Name::Identity)))
    }
}

struct ValueSeed {
    base: usize,
}

impl ValueSeed {
    fn place(&self, text: &str) -> Text {
        let place = || {
            let start = u32::try_from((text.as_ptr() as usize).checked_sub(self.base)?).ok()?;
            Some(start..start.checked_add(u32::try_from(text.len()).ok()?)?)
        };
        place().map_or_else(|| Text::Owned(text.into()), Text::At)
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim's value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 seconds need no precision")]
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 seconds need no precision")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Value, E> {
        Ok(Value::Text(self.place(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(Text::Owned(value.into())))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut texts = Some(Vec::new());
        while let Some(value) = seq.next_element_seed(ValueSeed { base: self.base })? {
            match (&mut texts, value) {
                (Some(texts), Value::Text(text)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(Value::Compound, Value::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        // Where some crate of the build turns serde_json's `arbitrary_precision` on, this is how
        // numbers arrive.
        let mut number = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "$serde_json::private::Number" {
                number = map.next_value_seed(Digits)?;
            } else {
                map.next_value::<Skip>()?;
            }
        }
        match number {
            Some(number) if number.is_finite() => Ok(Value::Number(number)),
            Some(_) => Err(A::Error::custom("a number is out of range")),
            None => Ok(Value::Compound),
        }
    }
}

/// The digits of a number that arrives as a map. The parser hands them over as an owned text, which it
/// never does with the payload's own: an object that looks the same stays an object.
struct Digits;

impl<'de> DeserializeSeed<'de> for Digits {
    type Value = Option<f64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_string(self)
    }
}

impl Visitor<'_> for Digits {
    type Value = Option<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_string<E>(self, digits: String) -> Result<Self::Value, E> {
        Ok(digits.parse().ok())
    }
}

/// The JSON text of one claim of `payload`, for values that are not kept: `None` where the claim is
/// missing or the payload is no object. The last one counts, as for registered claims.
pub(crate) fn find_raw<'p>(payload: &'p str, name: &str) -> Option<&'p str> {
    struct Find<'n>(&'n str);

    /// Whether a member has that name; to keep the names would cost an allocation each.
    struct Is<'n>(&'n str);

    impl<'de> DeserializeSeed<'de> for Is<'_> {
        type Value = bool;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
            deserializer.deserialize_identifier(self)
        }
    }

    impl Visitor<'_> for Is<'_> {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a claim's name")
        }

        fn visit_str<E>(self, name: &str) -> Result<bool, E> {
            Ok(name == self.0)
        }
    }

    impl<'de> Visitor<'de> for Find<'_> {
        type Value = Option<&'de serde_json::value::RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(is_wanted) = map.next_key_seed(Is(self.0))? {
                let value = map.next_value::<&serde_json::value::RawValue>()?;
                if is_wanted {
                    found = Some(value);
                }
            }
            Ok(found)
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(payload);
    let found = deserializer.deserialize_map(Find(name)).ok()??;
    Some(found.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Claims, serde_json::Error> {
        Claims::parse(json, "sub", true)
    }

    #[test]
    fn texts_are_places_and_escapes_are_owned() {
        let json = r#" {"sub":"anna","iss":"a\u0062c","jti":"","type":"access"} "#;
        let claims = parse(json).unwrap();
        let text = |name| claims.text(name, json);
        assert_eq!(text(Name::Subject), Some("anna"));
        assert_eq!(text(Name::Issuer), Some("abc"));
        assert_eq!(text(Name::TokenId), Some(""));
        assert_eq!(text(Name::Csrf), None);
        assert!(matches!(claims.identity(), Value::Text(Text::At(_))));
    }

    #[test]
    fn duplicates_count_by_the_rules() {
        assert!(parse(r#"{"exp":1,"exp":2}"#).is_err());
        assert!(parse(r#"{"role":1,"role":2}"#).is_ok());
        assert!(parse(r#"{"exp":1,"e\u0078p":2}"#).is_err(), "an escaped name is the same name");
        let last = Claims::parse(r#"{"exp":1,"exp":2}"#, "sub", false).unwrap();
        assert_eq!(last.number(Name::Expires), Some(2.0));
    }

    #[test]
    fn hostile_forms_are_errors() {
        let deep = |n: usize| format!("{{\"x\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&deep(100)).is_ok());
        assert!(parse(&deep(10_000)).is_err());
        for bad in
            ["", "[]", "1", "null", "{", "{}{}", "{}x", r#"{"exp":1e999}"#, "\"{}\"", "{\"a\":01}"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_identity_may_have_another_name() {
        let claims = Claims::parse(r#"{"sub":"a","user":"b"}"#, "user", true).unwrap();
        assert!(matches!(claims.identity(), Value::Text(_)));
        assert_eq!(find_raw(r#"{"user":{"id":1}}"#, "user"), Some(r#"{"id":1}"#));
        assert_eq!(find_raw(r#"{"user":1}"#, "id"), None);
    }

    #[test]
    fn registered_names_agree() {
        for (name, claim) in Name::REGISTERED {
            assert_eq!(Name::of(name), Some(claim));
        }
    }
}
