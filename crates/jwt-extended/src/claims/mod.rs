//! The registered claims of a payload, found in one pass and kept as places in its buffer.
//!
//! Nothing is judged here but the payload's form; whether a claim's type and value are right is for
//! the rules of [`crate::verify`] to say.

mod read;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use read::Places;

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

    pub(crate) fn of(name: impl AsRef<[u8]>) -> Option<Self> {
        // Most have three letters, which are compared at once: this runs once for each claim of each token.
        const fn word([a, b, c]: [u8; 3]) -> u32 {
            u32::from_le_bytes([a, b, c, 0])
        }
        const ISS: u32 = word(*b"iss");
        const SUB: u32 = word(*b"sub");
        const AUD: u32 = word(*b"aud");
        const EXP: u32 = word(*b"exp");
        const NBF: u32 = word(*b"nbf");
        const IAT: u32 = word(*b"iat");
        const JTI: u32 = word(*b"jti");
        const SID: u32 = word(*b"sid");
        const MGR: u32 = word(*b"mgr");
        Some(match name.as_ref() {
            &[a, b, c] => match word([a, b, c]) {
                ISS => Self::Issuer,
                SUB => Self::Subject,
                AUD => Self::Audience,
                EXP => Self::Expires,
                NBF => Self::NotBefore,
                IAT => Self::IssuedAt,
                JTI => Self::TokenId,
                SID => Self::Session,
                MGR => Self::Manager,
                _ => return None,
            },
            b"type" => Self::Type,
            b"csrf" => Self::Csrf,
            b"fresh" => Self::Fresh,
            b"auth_time" => Self::AuthTime,
            _ => return None,
        })
    }
}

/// A claim's value: scalars as they are, texts as places.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Value {
    #[default]
    Absent,
    Null,
    Bool(bool),
    Integer(u64),
    /// Any other number.
    Number(f64),
    Text(Text),
    /// A list in which everything is text: how many, from which of the claims' texts on.
    Texts(u32, u32),
    /// An object, or a list of other things.
    Compound,
}

/// A text: where it stands in the buffer of the claims.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Text {
    start: u32,
    end: u32,
}

/// The registered claims of one payload, and where the names of all claims stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    values: [Value; Name::COUNT],
    identity: Option<Name>,
    names: Names,
    /// Those of all lists.
    texts: Vec<Text>,
}

/// Where the names of the claims stand, in their order, so that one can be read without a walk through all.
#[derive(Clone, Debug, Default)]
struct Names {
    places: [NamePlace; 16],
    count: usize,
    /// There are more, or some that are written with escapes.
    is_partial: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct NamePlace {
    text: Text,
    name: Option<Name>,
}

impl Claims {
    /// Reads the payload that stands in `buffer` from `start` on, and whose identity stands in the claim
    /// `identity`. With `strict`, a registered claim that stands there twice is an error; otherwise the
    /// last one counts. Texts that were written with escapes are appended to the buffer.
    pub(crate) fn read(
        &mut self,
        buffer: &mut String,
        start: usize,
        identity: &str,
        strict: bool,
    ) -> Result<(), serde_json::Error> {
        self.identity = Some(Name::of(identity).unwrap_or(Name::Identity));
        let payload = buffer.get(start..).unwrap_or_default();
        let mut places = Places {
            base: buffer.as_ptr() as usize,
            end: buffer.len(),
            unescaped: String::new(),
            texts: Vec::new(),
        };
        read::read(payload, self, &mut places, identity, strict)?;
        self.texts = places.texts;
        buffer.push_str(&places.unescaped);
        Ok(())
    }

    /// What it needs of memory besides itself, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.texts.capacity() * size_of::<Text>()
    }

    pub(crate) fn get(&self, name: Name) -> &Value {
        self.values.get(name as usize).unwrap_or(&Value::Absent)
    }

    pub(crate) fn identity(&self) -> &Value {
        self.identity.map_or(&Value::Absent, |name| self.get(name))
    }

    /// The claim's text, where it is text.
    pub(crate) fn text<'b>(&self, name: Name, buffer: &'b str) -> Option<&'b str> {
        match self.get(name) {
            Value::Text(text) => Some(text.of(buffer)),
            _ => None,
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, value: &Value) -> &[Text] {
        match *value {
            Value::Texts(count, from) => {
                let (count, from) = (count as usize, from as usize);
                self.texts.get(from..from + count).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// The claim's number, where it is one.
    pub(crate) fn number(&self, name: Name) -> Option<f64> {
        self.get(name).number()
    }

    /// The payload's text from the value of a claim on; of several, the last one's.
    pub(crate) fn place_of_value<'b>(&self, name: &str, buffer: &'b str) -> Place<'b> {
        let Some(places) = self.places() else { return Place::Unknown };
        match places.iter().rfind(|place| place.text.of(buffer) == name) {
            Some(place) => place.text.value_behind(buffer).map_or(Place::Unknown, Place::From),
            None => Place::Nowhere,
        }
    }

    /// All members in their order, where it is known where they stand.
    pub(crate) fn members<'b>(
        &self,
        buffer: &'b str,
    ) -> Option<impl Iterator<Item = (&'b str, Member<'b>)>> {
        Some(self.places()?.iter().map(move |place| {
            let member = match place.name.map_or(&Value::Absent, |name| self.get(name)) {
                Value::Null => Member::Null,
                Value::Bool(value) => Member::Bool(*value),
                Value::Integer(value) => Member::Integer(*value),
                Value::Text(text) => Member::Text(text.of(buffer)),
                _ => Member::Other(place.text.value_behind(buffer).unwrap_or_default()),
            };
            (place.text.of(buffer), member)
        }))
    }

    fn places(&self) -> Option<&[NamePlace]> {
        self.names.places.get(..self.names.count).filter(|_| !self.names.is_partial)
    }
}

/// Where a claim's value stands.
pub(crate) enum Place<'b> {
    /// Here, with the rest of the payload behind it.
    From(&'b str),
    /// There is none.
    Nowhere,
    /// One has to look.
    Unknown,
}

/// What stands behind a name.
///
/// No part of the public interface: it is for the binding to Python.
#[derive(Clone, Copy, Debug)]
pub enum Member<'b> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without sign, fraction and exponent.
    Integer(u64),
    /// A text.
    Text(&'b str),
    /// Something else: its JSON text, with the rest of the payload behind it.
    Other(&'b str),
}

impl Value {
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    #[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 seconds need no precision")]
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl Text {
    pub(crate) fn of(self, buffer: &str) -> &str {
        // It was read out of this very buffer.
        buffer.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Of a name: the buffer from its value on.
    fn value_behind(self, buffer: &str) -> Option<&str> {
        let behind = buffer.get(self.end as usize + 1..)?;
        behind.trim_start().strip_prefix(':')
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
mod tests;
