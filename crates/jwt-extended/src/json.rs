//! JSON that is walked but not kept, and texts that stand in it as they are.
//!
//! No part of the public interface: `needs_no_escape` is for the binding to Python.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Any JSON value, walked through the parser's recursion so that its depth limit (128) counts; serde's
/// own `IgnoredAny` skips a value of any depth.
pub(crate) struct Skip;

impl<'de> Deserialize<'de> for Skip {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SkipVisitor)
    }
}

struct SkipVisitor;

impl<'de> Visitor<'de> for SkipVisitor {
    type Value = Skip;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_str<E>(self, _: &str) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_unit<E>(self) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Skip, A::Error> {
        while seq.next_element::<Skip>()?.is_some() {}
        Ok(Skip)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Skip, A::Error> {
        while map.next_entry::<Key, Skip>()?.is_some() {}
        Ok(Skip)
    }
}

/// The name of an object's member.
struct Key;

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Key, E> {
        check_name(name).map(|()| Key)
    }
}

/// Refuses the name under which `serde_json` hides a text that it reads as JSON once more, when a
/// [`serde_json::Value`] is wanted: to others it would say something else.
pub(crate) fn check_name<E: serde::de::Error>(name: &str) -> Result<(), E> {
    match name {
        "$serde_json::private::RawValue" => Err(E::custom("a name is the parser's own")),
        _ => Ok(()),
    }
}

/// Whether `json` starts as an object. A derived `Deserialize` takes a list of its fields too.
pub(crate) fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

/// Whether `json` is one JSON value of bearable depth that means the same to everybody.
pub(crate) fn check(json: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Skip>(json).map(|_| ())
}

/// One in each byte.
const EACH: u64 = u64::from_le_bytes([1; 8]);

/// Whether a text stands in JSON as it is (RFC 8259 section 7). With `ASCII`, only what is of `' '` to `'~'`
/// does, as Python's `json.dumps` has it.
#[inline]
pub fn needs_no_escape<const ASCII: bool>(text: &str) -> bool {
    let marks = |word: &[u8; 8]| {
        // In a byte above one that is marked, the mark may be wrong: of the borrow or carry.
        let word = u64::from_le_bytes(*word);
        let below = |limit: u8, word: u64| word.wrapping_sub(EACH * u64::from(limit)) & !word;
        let is = |byte: u8| below(1, word ^ (EACH * u64::from(byte)));
        let beyond = if ASCII { word | word.wrapping_add(EACH) } else { 0 };
        (below(b' ', word) | is(b'"') | is(b'\\') | beyond) & (EACH << 7)
    };
    let stands =
        |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\' && !(ASCII && *byte > b'~');
    let bytes = text.as_bytes();
    // By words, the last of which may overlap the one before.
    let Some(last) = bytes.last_chunk() else { return bytes.iter().all(stands) };
    let (words, _) = bytes.as_chunks();
    words.iter().fold(marks(last), |all, word| all | marks(word)) == 0
}
