//! The members of a JSON object, one after the other: for payloads, of which the parser would cost more
//! than the signature.
//!
//! Values of the forms that nearly all have (texts without escapes, short integers, `true`, `false`,
//! `null`) are read here; all else is left to `serde_json`, value by value. What is accepted, and what it
//! means, is what `serde_json` says of the whole.
//!
//! Beside that stands what writers of payloads ask of a text. No part of the public interface: it is for the
//! binding to Python.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error as _};
use serde_json::Error;

use crate::json::{self, Skip};

/// As deep as `serde_json` goes.
const MAX_DEPTH: usize = 127;

/// One in each byte.
const EACH: u64 = u64::from_le_bytes([1; 8]);

fn wrong(why: &'static str) -> Error {
    Error::custom(why)
}

/// What is left to read of an object.
#[derive(Debug)]
pub struct Members<'t> {
    text: &'t str,
    rest: &'t [u8],
    is_begun: bool,
    is_plain: bool,
    /// Whether the whole is known not to be too deep.
    is_bounded: bool,
}

/// A value that takes no parser.
#[derive(Clone, Copy, Debug)]
pub enum Plain<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Of at most 15 digits, so that a floating-point number holds it exactly.
    Integer(u64),
    /// A text without escapes.
    Text(&'t str),
}

impl<'t> Members<'t> {
    /// Begins with a text that must be one object.
    pub fn new(text: &'t str) -> Self {
        let rest = text.as_bytes();
        Self { text, rest, is_begun: false, is_plain: is_plain(rest), is_bounded: false }
    }

    /// The name of the next member, whose value is to be read then; `None` at the end of object and text.
    #[inline]
    pub fn next_name(&mut self) -> Result<Option<Cow<'t, str>>, Error> {
        let is_first = !self.is_begun;
        let is_end = match self.next() {
            Some(b'{') if is_first => {
                self.is_begun = true;
                self.peek() == Some(b'}') && self.next().is_some()
            }
            Some(b',') if !is_first => false,
            Some(b'}') if !is_first => true,
            _ => return Err(wrong("this is no object")),
        };
        if is_end {
            return match self.peek() {
                None => Ok(None),
                Some(_) => Err(wrong("there is something behind the object")),
            };
        }
        if self.peek() != Some(b'"') {
            return Err(wrong("a name was expected"));
        }
        let name = match self.plain_text() {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(self.parse(PhantomData::<String>)?),
        };
        if self.next() != Some(b':') {
            return Err(wrong("a colon was expected"));
        }
        Ok(Some(name))
    }

    /// Reads a value of one of the forms that nearly all have; `None`, and nothing is read, where it takes
    /// the parser to say what it is.
    #[inline]
    pub fn plain_value(&mut self) -> Option<Plain<'t>> {
        match self.peek()? {
            b'"' => self.plain_text().map(Plain::Text),
            b'0'..=b'9' => self.plain_integer().map(Plain::Integer),
            b't' => self.literal(b"true", Plain::Bool(true)),
            b'f' => self.literal(b"false", Plain::Bool(false)),
            b'n' => self.literal(b"null", Plain::Null),
            _ => None,
        }
    }

    /// Leaves a value to the parser.
    #[cold]
    pub fn parse<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let mut parser =
            serde_json::Deserializer::from_str(self.text.get(self.at()..).unwrap_or_default());
        let value = seed.deserialize(&mut parser)?;
        let (read, rest) = self
            .rest
            .split_at_checked(parser.into_iter::<Skip>().byte_offset())
            .unwrap_or_default();
        self.rest = rest;
        // The parser does not know that an object is around it. No value is deeper than it has brackets.
        if !self.is_bounded && brackets(read) > MAX_DEPTH - 1 {
            json::check(self.text.as_bytes())?;
            self.is_bounded = true;
        }
        Ok(value)
    }

    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// What comes next.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.rest.first() {
            Some(next) if *next > b' ' => Some(*next),
            _ => self.peek_behind_spaces(),
        }
    }

    // Few payloads have any.
    #[cold]
    fn peek_behind_spaces(&mut self) -> Option<u8> {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Takes what comes next.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        let next = self.peek()?;
        self.rest = self.rest.get(1..)?;
        Some(next)
    }

    #[inline]
    fn literal(&mut self, literal: &[u8], value: Plain<'t>) -> Option<Plain<'t>> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(value)
    }

    /// A text without escapes, at whose quotation mark this stands.
    #[inline]
    fn plain_text(&mut self) -> Option<&'t str> {
        let inside = self.rest.get(1..)?;
        let end = quotation_mark(inside)?;
        let start = self.at() + 1;
        let text = self.text.get(start..start + end)?;
        if !self.is_plain && !is_plain(text.as_bytes()) {
            return None;
        }
        self.rest = inside.get(end + 1..)?;
        Some(text)
    }

    /// A number without sign, fraction or exponent.
    #[inline]
    fn plain_integer(&mut self) -> Option<u64> {
        let (mut rest, mut number) = (self.rest, 0_u64);
        if let Some((eight, behind)) = rest.split_first_chunk()
            && let Some(value) = eight_digits(*eight)
        {
            (rest, number) = (behind, value);
        }
        while let [digit @ b'0'..=b'9', behind @ ..] = rest {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            rest = behind;
        }
        let len = self.rest.len() - rest.len();
        let is_usual = len == 1 || self.rest.first() != Some(&b'0');
        if !is_usual || len > f64::DIGITS as usize || matches!(rest, [b'.' | b'e' | b'E', ..]) {
            return None;
        }
        self.rest = rest;
        Some(number)
    }
}

/// Whether a text holds no backslash and no control character: then each quotation mark begins or ends
/// a text.
#[inline(never)]
fn is_plain(text: &[u8]) -> bool {
    // Without a way out of the loop, so that many are looked at at once.
    let is_other = |byte: u8| u8::from(byte < b' ') | u8::from(byte == b'\\');
    text.iter().fold(0, |found, byte| found | is_other(*byte)) == 0
}

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

/// The number that eight digits say, which most dates begin with.
#[inline]
fn eight_digits(bytes: [u8; 8]) -> Option<u64> {
    const ZEROS: u64 = EACH * b'0' as u64;
    let word = u64::from_le_bytes(bytes);
    // A digit's upper half is 3, and stays so when 6 is added.
    let are_digits = (word & (EACH * 0xf0)) | ((word.wrapping_add(EACH * 6) & (EACH * 0xf0)) >> 4);
    if are_digits != ZEROS | (ZEROS >> 4) {
        return None;
    }
    // The first digit is the lowest byte: each step makes one number of two neighbours.
    let ones = word - ZEROS;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// How many arrays and objects begin in a text, at most.
fn brackets(text: &[u8]) -> usize {
    text.iter().filter(|byte| matches!(byte, b'[' | b'{')).count()
}

/// How many bytes come before the first quotation mark: the nearest is near, so that a word is as many
/// bytes as it pays to look at at once.
#[inline]
fn quotation_mark(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks();
    for (n, word) in words.iter().enumerate() {
        // Zero where there is one; what is marked above the first zero may be marked for the borrow.
        let word = u64::from_le_bytes(*word) ^ (EACH * u64::from(b'"'));
        let zeros = word.wrapping_sub(EACH) & !word & (EACH << 7);
        if zeros != 0 {
            return Some(n * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    Some(words.len() * 8 + rest.iter().position(|byte| *byte == b'"')?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_their_number_and_nothing_else_is() {
        for number in [0, 1, 9, 10, 12_345_678, 87_654_321, 90_909_090, 9_090_909, 99_999_999_u64] {
            let digits = format!("{number:08}");
            let digits = *digits.as_bytes().first_chunk().unwrap();
            assert_eq!(eight_digits(digits), Some(number));
            for place in 0..8 {
                for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
                    let mut other = digits;
                    other[place] = byte;
                    assert_eq!(eight_digits(other), None, "{other:?}");
                }
            }
        }
    }

    #[test]
    fn an_integer_of_any_length_is_the_parsers() {
        for len in 1..=20 {
            for digits in
                ["12345678901234567890", "98765432109876543210", "00000000001", "10000000000"]
            {
                for end in ["}", ",\"b\":1}", ".5}", "e1}", "E+2}", "x}", " }"] {
                    let digits = digits.get(..len).unwrap_or(digits);
                    let text = format!("{{\"a\":{digits}{end}");
                    let mut members = Members::new(&text);
                    assert_eq!(members.next_name().unwrap().as_deref(), Some("a"));
                    let read = members.plain_value();
                    let Some(Plain::Integer(number)) = read else { continue };
                    assert!(members.next_name().is_err() || end != "x}");
                    if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                        assert_eq!(value["a"].as_u64(), Some(number), "{text}");
                        assert!(digits.len() <= 15);
                    } else {
                        assert_eq!(end, "x}", "{text}");
                    }
                }
            }
        }
    }
}
