//! The JSON of a payload, member by member. What may need escapes is written by `serde_json`; what a token
//! of ours mostly consists of needs none.

use serde::Serialize;
use serde_json::{Error, Value};

use super::custom::Named;
use crate::json::needs_no_escape;

/// More than most payloads need.
const USUAL: usize = 384;

/// A name of ours, which needs no escapes.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) name: &'static str,
    /// The same as a member begins: in quotation marks, between a comma and a colon.
    pub(super) beginning: &'static str,
}

macro_rules! known {
    ($name:literal) => {
        $crate::create::members::Known { name: $name, beginning: concat!(",\"", $name, "\":") }
    };
}
pub(super) use known;

pub(super) struct Members<'o> {
    /// Each member behind a comma.
    json: Vec<u8>,
    overrides: &'o Named,
}

impl<'o> Members<'o> {
    /// None yet. Members of these names are written once, at the end.
    pub(super) fn new(overrides: &'o Named) -> Self {
        Self { json: Vec::with_capacity(USUAL), overrides }
    }

    /// A member with a name of ours and a value that is JSON already.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "so that the length of its beginning is known")]
    pub(super) fn put_ready(&mut self, known: Known, json: &str) {
        if self.begins(known) {
            self.json.extend_from_slice(json.as_bytes());
        }
    }

    /// A member with a name of ours.
    pub(super) fn put<T: Serialize + ?Sized>(
        &mut self,
        known: Known,
        value: &T,
    ) -> Result<(), Error> {
        if self.begins(known) { serde_json::to_writer(&mut self.json, value) } else { Ok(()) }
    }

    /// A member with a name of ours and any text.
    #[inline]
    pub(super) fn put_text(&mut self, known: Known, text: &str) -> Result<(), Error> {
        if self.begins(known) { self.text(text) } else { Ok(()) }
    }

    /// A member with a name of ours and a text that needs no escapes either, such as a UUID.
    #[inline]
    pub(super) fn put_plain(&mut self, known: Known, text: &str) {
        debug_assert!(needs_no_escape::<false>(text));
        if self.begins(known) {
            self.plain(text);
        }
    }

    /// A member with any name.
    pub(super) fn put_any<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), Error> {
        if self.is_overridden(name) {
            return Ok(());
        }
        self.name(name)?;
        serde_json::to_writer(&mut self.json, value)
    }

    /// A member with any name and any value.
    pub(super) fn put_value(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        if self.is_overridden(name) { Ok(()) } else { self.write(name, value) }
    }

    /// Members that [`into_members`](Self::into_members) of others gave, none of which is overridden.
    #[inline]
    pub(super) fn put_members(&mut self, members: &[u8]) {
        self.json.extend_from_slice(members);
    }

    /// Each member behind a comma.
    pub(super) fn into_members(self) -> Vec<u8> {
        self.json
    }

    /// The object, with what overrides its members.
    pub(super) fn end(mut self) -> Result<Vec<u8>, Error> {
        for (name, value) in self.overrides {
            self.write(name, value)?;
        }
        match self.json.first_mut() {
            Some(comma) => *comma = b'{',
            None => self.json.push(b'{'),
        }
        self.json.push(b'}');
        Ok(self.json)
    }

    /// Writes the beginning of a member, unless it is overridden.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a beginning of known length takes a move or two")]
    fn begins(&mut self, known: Known) -> bool {
        let is_ours = !self.is_overridden(known.name);
        if is_ours {
            self.json.extend_from_slice(known.beginning.as_bytes());
        }
        is_ours
    }

    #[inline]
    fn is_overridden(&self, name: &str) -> bool {
        !self.overrides.is_empty() && self.overrides.get(name).is_some()
    }

    fn write(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        self.name(name)?;
        match value {
            Value::String(text) => self.text(text),
            other => serde_json::to_writer(&mut self.json, other),
        }
    }

    fn name(&mut self, name: &str) -> Result<(), Error> {
        self.json.push(b',');
        self.text(name)?;
        self.json.push(b':');
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        if !needs_no_escape::<false>(text) {
            return serde_json::to_writer(&mut self.json, text);
        }
        self.plain(text);
        Ok(())
    }

    fn plain(&mut self, text: &str) {
        self.json.push(b'"');
        self.json.extend_from_slice(text.as_bytes());
        self.json.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<const N: usize>(values: [(&str, Value); N]) -> Named {
        let mut named = Named::default();
        for (name, value) in values {
            named.insert(name.to_owned(), value);
        }
        named
    }

    #[test]
    fn the_object_is_json_and_overrides_come_last() {
        let overrides = named([("x\"", "\n".into()), ("jti", 1.into())]);
        let mut members = Members::new(&overrides);
        members.put_text(known!("jti"), "a").unwrap();
        members.put_text(known!("type"), "access").unwrap();
        members.put(known!("exp"), &1.5).unwrap();
        members.put(known!("jti"), &2).unwrap();
        members.put_any("x\"", &3).unwrap();
        members.put_value("jti", &4.into()).unwrap();
        members.put_any("a\\\u{1}", &["é\u{7f}"]).unwrap();
        assert_eq!(
            String::from_utf8(members.end().unwrap()).unwrap(),
            "{\"type\":\"access\",\"exp\":1.5,\"a\\\\\\u0001\":[\"é\u{7f}\"],\"jti\":1,\"x\\\"\":\"\\n\"}"
        );
    }

    #[test]
    fn no_members_are_an_object_too() {
        let none = Named::default();
        assert_eq!(Members::new(&none).end().unwrap(), b"{}");
        let one = named([("a", Value::Null)]);
        assert_eq!(Members::new(&one).end().unwrap(), b"{\"a\":null}");
    }

    #[test]
    fn every_text_is_written_as_the_parser_reads_it() {
        let none = Named::default();
        for char in (0..=0x80).filter_map(char::from_u32).chain(['é', '\u{2028}', '𝄞']) {
            for text in [format!("{char}"), format!("a text of some length, {char}, and a rest")] {
                let mut members = Members::new(&none);
                members.put_value(&text, &text.clone().into()).unwrap();
                let json = members.end().unwrap();
                let read: serde_json::Map<String, Value> = serde_json::from_slice(&json).unwrap();
                assert_eq!(read.get(&text), Some(&text.into()));
            }
        }
    }
}
