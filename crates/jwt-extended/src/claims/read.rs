//! The one pass through a payload, which keeps places and builds nothing.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{Claims, Name, NamePlace, Names, Text, Value};
use crate::json::{Skip, check_name};

/// Where texts stand in a buffer while it is being read.
pub(super) struct Places {
    /// The buffer's address.
    pub(super) base: usize,
    /// The buffer's length.
    pub(super) end: usize,
    /// What will stand behind it.
    pub(super) unescaped: String,
    pub(super) texts: Vec<Text>,
}

impl Places {
    /// The place of a text of the buffer; `None` in one of more than 4 GiB.
    fn of(&self, text: &str) -> Option<Text> {
        let start = (text.as_ptr() as usize).checked_sub(self.base)?;
        Self::at(start, text.len())
    }

    fn append(&mut self, text: &str) -> Option<Text> {
        let start = self.end + self.unescaped.len();
        self.unescaped.push_str(text);
        Self::at(start, text.len())
    }

    fn at(start: usize, len: usize) -> Option<Text> {
        Some(Text { start: start.try_into().ok()?, end: (start + len).try_into().ok()? })
    }
}

fn too_long<E: serde::de::Error>() -> E {
    E::custom("the payload is too long")
}

/// Reads a payload's members into `claims`.
pub(super) fn read(
    payload: &str,
    claims: &mut Claims,
    places: &mut Places,
    identity: &str,
    strict: bool,
) -> Result<(), serde_json::Error> {
    let Claims { values, names, .. } = claims;
    let mut parser = serde_json::Deserializer::from_str(payload);
    parser.deserialize_map(Members { values, names, places, identity, strict })?;
    parser.end()
}

/// All members of the payload.
struct Members<'p> {
    values: &'p mut [Value; Name::COUNT],
    names: &'p mut Names,
    places: &'p mut Places,
    identity: &'p str,
    strict: bool,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { values, names, places, identity, strict } = self;
        while let Some(name) = map.next_key_seed(NameSeed { identity, names, places })? {
            let Some(slot) = name.and_then(|ours| values.get_mut(ours as usize)) else {
                map.next_value::<Skip>()?;
                continue;
            };
            if strict && !slot.is_absent() {
                return Err(A::Error::custom("a registered claim stands there twice"));
            }
            map.next_value_seed(ValueSeed { slot, places })?;
        }
        Ok(())
    }
}

/// Notes where a member's name stands, and tells what it means to us.
struct NameSeed<'p> {
    identity: &'p str,
    names: &'p mut Names,
    places: &'p Places,
}

impl NameSeed<'_> {
    #[inline]
    fn ours<E: serde::de::Error>(&self, name: &str) -> Result<Option<Name>, E> {
        if let Some(ours) = Name::of(name) {
            return Ok(Some(ours));
        }
        check_name(name)?;
        Ok((name == self.identity).then_some(Name::Identity))
    }
}

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<Name>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed<'_> {
    type Value = Option<Name>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim's name")
    }

    #[inline]
    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        let ours = self.ours(name)?;
        match (self.names.places.get_mut(self.names.count), self.places.of(name)) {
            (Some(slot), Some(text)) => {
                *slot = NamePlace { text, name: ours };
                self.names.count += 1;
            }
            _ => self.names.is_partial = true,
        }
        Ok(ours)
    }

    /// Written with escapes, so that nobody could find it where it stands.
    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        self.names.is_partial = true;
        self.ours(name)
    }
}

/// Writes a value into its place: to hand it over would cost more than to read it.
struct ValueSeed<'p> {
    slot: &'p mut Value,
    places: &'p mut Places,
}

impl ValueSeed<'_> {
    fn set(self, value: Value) {
        *self.slot = value;
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim's value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(Value::Bool(value));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 seconds need no precision")]
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(Value::Number(value as f64));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(Value::Integer(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(Value::Number(value));
        Ok(())
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<(), E> {
        let place = self.places.of(value).ok_or_else(too_long)?;
        self.set(Value::Text(place));
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        let place = self.places.append(value).ok_or_else(too_long)?;
        self.set(Value::Text(place));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.set(Value::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { slot, places } = self;
        let from = places.texts.len();
        let (mut is_text, mut item) = (true, Value::Absent);
        while seq.next_element_seed(ValueSeed { slot: &mut item, places })?.is_some() {
            match item {
                Value::Text(text) if is_text => places.texts.push(text),
                _ => is_text = false,
            }
        }
        let count = places.texts.len() - from;
        *slot = match (u32::try_from(count), u32::try_from(from)) {
            (Ok(count), Ok(from)) if is_text => Value::Texts(count, from),
            _ => {
                places.texts.truncate(from);
                Value::Compound
            }
        };
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // Where some crate of the build turns serde_json's `arbitrary_precision` on, this is how
        // numbers arrive.
        let mut number = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            check_name(&key)?;
            if key == "$serde_json::private::Number" {
                number = map.next_value_seed(Digits)?;
            } else {
                map.next_value::<Skip>()?;
            }
        }
        match number {
            Some(number) if number.is_finite() => self.set(Value::Number(number)),
            Some(_) => return Err(A::Error::custom("a number is out of range")),
            None => self.set(Value::Compound),
        }
        Ok(())
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
