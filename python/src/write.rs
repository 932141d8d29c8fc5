//! Python values to JSON, byte for byte as `json.dumps(value, separators=(",", ":"))` writes them.
//!
//! Only values of the plain types themselves; what a subclass, a `default` or a long number makes of it
//! is for Python's own encoder.

use std::io::Write as _;

use jwt_extended::json::needs_no_escape;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PyString, PyTuple, PyType};

/// The value is for Python's own encoder.
pub(crate) struct NotPlain;

type Result<T = (), E = NotPlain> = std::result::Result<T, E>;

/// Containers in containers, beyond which Python's encoder has its say about circles.
const MAX_DEPTH: u8 = 32;

/// Appends `value`. With `sort`, objects are written in the order of their names.
#[inline]
pub(crate) fn append(value: &Bound<'_, PyAny>, sort: bool, out: &mut Vec<u8>) -> Result {
    // Most are texts.
    match value.cast_exact::<PyString>() {
        Ok(text) => append_string(text, out),
        Err(_) => Writer { out, sort }.value(value, MAX_DEPTH),
    }
}

fn append_string(text: &Bound<'_, PyString>, out: &mut Vec<u8>) -> Result {
    // Half a surrogate pair is no UTF-8.
    append_text(text.to_str().map_err(|_| NotPlain)?, out);
    Ok(())
}

/// Appends one name or text.
#[inline]
pub(crate) fn append_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    if needs_no_escape::<true>(text) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        append_with_escapes(text, out);
    }
}

/// The rest of one that needs some.
#[cold]
fn append_with_escapes(text: &str, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(needs_escape) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let mut characters = special.chars();
        if let Some(character) = characters.next() {
            append_escaped(character, out);
        }
        rest = characters.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

/// Appends a whole number.
pub(crate) fn append_integer(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Whether values of plain types come out of `encoder` as they come out of `json.JSONEncoder`.
pub(crate) fn is_plain_encoder(encoder: &Bound<'_, PyAny>) -> PyResult<bool> {
    static PLAIN: PyOnceLock<[(Py<PyString>, Py<PyAny>); 3]> = PyOnceLock::new();
    let py = encoder.py();
    if !encoder.is_instance_of::<PyType>() {
        return Ok(false);
    }
    let plain = PLAIN.get_or_try_init(py, || {
        let plain = py.import("json")?.getattr("JSONEncoder")?;
        let method = |name: &str| {
            let name = PyString::intern(py, name);
            Ok::<_, PyErr>((name.clone().unbind(), plain.getattr(name)?.unbind()))
        };
        Ok::<_, PyErr>([method("__init__")?, method("encode")?, method("iterencode")?])
    })?;
    for (name, method) in plain {
        if !encoder.getattr(name.bind(py))?.is(method) {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    sort: bool,
}

impl Writer<'_> {
    fn value(&mut self, value: &Bound<'_, PyAny>, depth: u8) -> Result {
        if let Ok(text) = value.cast_exact::<PyString>() {
            append_string(text, self.out)?;
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            self.out.extend_from_slice(if flag.is_true() { b"true" } else { b"false" });
        } else if let Ok(number) = value.cast_exact::<PyInt>() {
            append_integer(number.extract().map_err(|_| NotPlain)?, self.out);
        } else if value.is_exact_instance_of::<PyNone>() {
            self.out.extend_from_slice(b"null");
        } else if let Ok(number) = value.cast_exact::<PyFloat>() {
            self.float(number)?;
        } else {
            let depth = depth.checked_sub(1).ok_or(NotPlain)?;
            if let Ok(dict) = value.cast_exact::<PyDict>() {
                self.dict(dict, depth)?;
            } else if let Ok(list) = value.cast_exact::<PyList>() {
                self.items(list.iter(), depth)?;
            } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
                self.items(tuple.iter(), depth)?;
            } else {
                return Err(NotPlain);
            }
        }
        Ok(())
    }

    /// Python's own digits: of two that are as short and as near, other languages may choose the other.
    fn float(&mut self, number: &Bound<'_, PyFloat>) -> Result {
        if !number.value().is_finite() {
            return Err(NotPlain);
        }
        let digits = number.repr().map_err(|_| NotPlain)?;
        self.out.extend_from_slice(digits.to_str().map_err(|_| NotPlain)?.as_bytes());
        Ok(())
    }

    fn dict(&mut self, dict: &Bound<'_, PyDict>, depth: u8) -> Result {
        let mut entries = Vec::new();
        for (key, value) in dict.iter() {
            let key = key.cast_into_exact::<PyString>().map_err(|_| NotPlain)?;
            entries.push((key, value));
        }
        let mut entries = entries
            .iter()
            .map(|(key, value)| Ok((key.to_str().map_err(|_| NotPlain)?, value)))
            .collect::<Result<Vec<_>>>()?;
        if self.sort {
            entries.sort_unstable_by_key(|(key, _)| *key);
        }
        self.out.push(b'{');
        for (n, (key, value)) in entries.into_iter().enumerate() {
            if n > 0 {
                self.out.push(b',');
            }
            append_text(key, self.out);
            self.out.push(b':');
            self.value(value, depth)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn items<'py>(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>, depth: u8) -> Result {
        self.out.push(b'[');
        for (n, item) in items.enumerate() {
            if n > 0 {
                self.out.push(b',');
            }
            self.value(&item, depth)?;
        }
        self.out.push(b']');
        Ok(())
    }
}

fn needs_escape(byte: u8) -> bool {
    !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\')
}

fn append_escaped(character: char, out: &mut Vec<u8>) {
    let short = match character {
        '"' | '\\' => Some(character),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    if let Some(short) = short {
        let _ = write!(out, "\\{short}");
    } else {
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
}
