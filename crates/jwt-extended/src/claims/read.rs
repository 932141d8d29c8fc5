//! The one pass through a payload, which keeps places and builds nothing.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{Claims, Name, Others, Text, Value};
use crate::json::{Skip, check_name};
use crate::members::{Members, Plain};

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
    let Claims { values, others, .. } = claims;
    let mut members = Members::new(payload);
    while let Some(name) = members.next_name()? {
        let known = Name::of(&*name).or_else(|| (name == identity).then_some(Name::Identity));
        let mut nobodys = Value::Absent;
        let (slot, is_ours) = match known.and_then(|known| values.get_mut(known as usize)) {
            Some(slot) if strict && !slot.is_absent() => {
                return Err(serde_json::Error::custom("a registered claim stands there twice"));
            }
            Some(slot) => (slot, true),
            None => {
                check_name(&name)?;
                others.add(match name {
                    Cow::Borrowed(name) => places.of(name),
                    // Nobody could find it where it stands.
                    Cow::Owned(_) => None,
                });
                (&mut nobodys, false)
            }
        };
        match members.plain_value() {
            Some(Plain::Text(text)) => *slot = Value::Text(places.of(text).ok_or_else(too_long)?),
            #[expect(clippy::cast_precision_loss, reason = "it has no more digits than are kept")]
            Some(Plain::Integer(number)) => *slot = Value::Number(number as f64),
            Some(Plain::Bool(value)) => *slot = Value::Bool(value),
            Some(Plain::Null) => *slot = Value::Null,
            None if is_ours => members.parse(ValueSeed { slot, places })?,
            None => {
                members.parse(PhantomData::<Skip>)?;
            }
        }
    }
    Ok(())
}

impl Others {
    fn add(&mut self, place: Option<Text>) {
        match (self.names.get_mut(self.count), place) {
            (Some(slot), Some(place)) => {
                *slot = place;
                self.count += 1;
            }
            _ => self.is_partial = true,
        }
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

    #[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 seconds need no precision")]
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(Value::Number(value as f64));
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
