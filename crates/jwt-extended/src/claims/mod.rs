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
        // Spelled out, since this runs once for each claim of each token.
        Some(match name.as_ref() {
            b"iss" => Self::Issuer,
            b"sub" => Self::Subject,
            b"aud" => Self::Audience,
            b"exp" => Self::Expires,
            b"nbf" => Self::NotBefore,
            b"iat" => Self::IssuedAt,
            b"jti" => Self::TokenId,
            b"type" => Self::Type,
            b"fresh" => Self::Fresh,
            b"csrf" => Self::Csrf,
            b"sid" => Self::Session,
            b"auth_time" => Self::AuthTime,
            b"mgr" => Self::Manager,
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

/// The registered claims of one payload, and where the names of the first others stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    values: [Value; Name::COUNT],
    identity: Option<Name>,
    others: Others,
    /// Those of all lists.
    texts: Vec<Text>,
}

/// Where the names of other claims stand, so that one can be read without a walk through all.
#[derive(Clone, Debug, Default)]
struct Others {
    names: [Text; 8],
    count: usize,
    /// There are more, or some that are written with escapes.
    is_partial: bool,
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
        match self.get(name) {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The payload's text from the value of another claim on, where its place is known: of several, the
    /// last one's.
    pub(crate) fn place_of_value<'b>(&self, name: &str, buffer: &'b str) -> Place<'b> {
        let known = self.others.names.get(..self.others.count).unwrap_or_default();
        match known.iter().rfind(|text| text.of(buffer) == name) {
            _ if self.others.is_partial || Name::of(name).is_some() => Place::Unknown,
            // It may be the claim that holds the identity, whose name is not kept.
            None => Place::Unknown,
            Some(text) => {
                let behind = buffer.get(text.end as usize + 1..).unwrap_or_default();
                behind.trim_start().strip_prefix(':').map_or(Place::Unknown, Place::From)
            }
        }
    }
}

/// Where a claim's value stands.
pub(crate) enum Place<'b> {
    /// Here, with the rest of the payload behind it.
    From(&'b str),
    /// One has to look.
    Unknown,
}

impl Value {
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Text {
    pub(crate) fn of(self, buffer: &str) -> &str {
        // It was read out of this very buffer.
        buffer.get(self.start as usize..self.end as usize).unwrap_or_default()
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
