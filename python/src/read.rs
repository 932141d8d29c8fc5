//! JSON to Python values, exactly as Python's own `json` reads them.
//!
//! What the two parsers do not take alike (numbers beyond 64 bits or out of range, `NaN`, half a
//! surrogate pair, UTF-16, deep nesting) is left to Python's, which also says what is wrong.

use std::fmt;

use jwt_extended::{Member, VerifiedToken};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::names;

/// The object in `json`. The error is what `json.loads` raises, or a `TypeError` for another value.
pub(crate) fn object<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyDict>> {
    plain_object(py, json).map_or_else(|| others(py, json), Ok)
}

/// As [`object`]; `None` where only Python can tell what `json` is.
pub(crate) fn plain_object<'py>(py: Python<'py>, json: &str) -> Option<Bound<'py, PyDict>> {
    let mut parser = serde_json::Deserializer::from_str(json);
    let object = parser.deserialize_map(Value(py)).ok()?;
    parser.end().ok()?;
    object.cast_into().ok()
}

/// What one object has in common with most that a verifier reads: the names, in their order, and texts that
/// are the same in each.
pub(crate) struct Shape {
    members: Vec<Usual>,
    /// Has the names, and `None` as the value of each. To copy it takes less than to let a new one grow.
    empty: Py<PyDict>,
}

struct Usual {
    text: String,
    name: Py<PyString>,
    value: Option<(String, Py<PyString>)>,
}

impl Shape {
    /// That of `object`, whose names are texts.
    pub(crate) fn of(object: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = object.py();
        let empty = PyDict::new(py);
        let mut members = Vec::with_capacity(object.len());
        for (name, value) in object {
            let text: String = name.extract()?;
            let name = PyString::intern(py, &text);
            empty.set_item(&name, py.None())?;
            let value = match (&*text, value.cast_into::<PyString>()) {
                ("type" | "iss" | "aud", Ok(value)) => {
                    Some((value.to_str()?.to_owned(), value.unbind()))
                }
                // It is somebody's own, and nothing to keep.
                _ => None,
            };
            members.push(Usual { text, name: name.unbind(), value });
        }
        Ok(Self { members, empty: empty.unbind() })
    }

    /// The claims of a token, and whether they have these names.
    pub(crate) fn claims<'py>(
        &self,
        py: Python<'py>,
        token: &VerifiedToken,
    ) -> PyResult<(Bound<'py, PyDict>, bool)> {
        let known = token.members().map(|members| self.fill(py, members));
        match known.transpose()?.flatten() {
            Some(filled) => Ok(filled),
            None => Ok((object(py, token.claims_json())?, false)),
        }
    }

    /// Puts the members into an object that has these names, and tells whether it has no others then. From
    /// the first on that is another, those that are still expected are taken out. `None` where only Python
    /// can tell what a member is.
    fn fill<'py, 't>(
        &self,
        py: Python<'py>,
        members: impl Iterator<Item = (&'t str, Member<'t>)>,
    ) -> PyResult<Option<(Bound<'py, PyDict>, bool)>> {
        let (dict, mut is_alike) = (self.empty.bind(py).copy()?, true);
        let mut expected = self.members.iter();
        for (name, member) in members {
            let usual = expected.next();
            let found = usual.filter(|usual| usual.text == name);
            let same = found.and_then(|usual| usual.value.as_ref());
            let Some(value) = value(py, member, same) else { return Ok(None) };
            if let Some(usual) = found {
                dict.set_item(&usual.name, value)?;
                continue;
            }
            is_alike = false;
            take_out(&dict, usual.into_iter().chain(expected.by_ref()))?;
            match names::usual(py, name) {
                Some(name) => dict.set_item(name, value),
                None => dict.set_item(name, value),
            }?;
        }
        is_alike &= expected.as_slice().is_empty();
        take_out(&dict, expected)?;
        Ok(Some((dict, is_alike)))
    }
}

/// What the parsers may not take alike.
fn others<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyDict>> {
    let loads = py.import(intern!(py, "json"))?.getattr(intern!(py, "loads"))?;
    Ok(loads.call1((PyBytes::new(py, json.as_bytes()),))?.cast_into()?)
}

/// A member's value; where it is a text, perhaps the `same` that was made before. `None` where only Python can
/// tell what it is.
fn value<'py>(
    py: Python<'py>,
    member: Member<'_>,
    same: Option<&(String, Py<PyString>)>,
) -> Option<Bound<'py, PyAny>> {
    let read = match member {
        Member::Null => Value(py).visit_unit::<serde_json::Error>(),
        Member::Bool(value) => Value(py).visit_bool(value),
        Member::Integer(number) => Value(py).visit_u64(number),
        Member::Text(text) => match same {
            Some((same, value)) if same == text => Ok(value.bind(py).clone().into_any()),
            _ => Value(py).visit_str(text),
        },
        Member::Other(json) => Value(py).deserialize(&mut serde_json::Deserializer::from_str(json)),
    };
    read.ok()
}

fn take_out<'u>(
    dict: &Bound<'_, PyDict>,
    mut members: impl Iterator<Item = &'u Usual>,
) -> PyResult<()> {
    members.try_for_each(|usual| dict.del_item(&usual.name))
}

/// How numbers arrive where some crate of the build turns `serde_json`'s `arbitrary_precision` on.
const DIGITS: &str = "$serde_json::private::Number";

/// From here on a whole number arrives as one with a fraction.
const BEYOND_I64: f64 = 9_223_372_036_854_775_808.0;

#[derive(Clone, Copy)]
struct Value<'py>(Python<'py>);

impl<'de, 'py> DeserializeSeed<'de> for Value<'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'py> Visitor<'de> for Value<'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that Python reads alike")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(PyBool::new(self.0, value).to_owned().into_any())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(PyInt::new(self.0, value).into_any())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(PyInt::new(self.0, value).into_any())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        // `-0` and `-0.0` arrive alike, and so do a long integer and a large number.
        if value.abs() >= BEYOND_I64 || (value == 0.0 && value.is_sign_negative()) {
            return Err(E::custom("it may be an integer"));
        }
        Ok(PyFloat::new(self.0, value).into_any())
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(PyString::new(self.0, value).into_any())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let list = PyList::empty(self.0);
        while let Some(item) = items.next_element_seed(self)? {
            list.append(item).map_err(A::Error::custom)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let dict = PyDict::new(self.0);
        while let Some(key) = items.next_key_seed(Key(self.0))? {
            dict.set_item(key, items.next_value_seed(self)?).map_err(A::Error::custom)?;
        }
        Ok(dict.into_any())
    }
}

struct Key<'py>(Python<'py>);

impl<'de, 'py> DeserializeSeed<'de> for Key<'py> {
    type Value = Bound<'py, PyString>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'py> Visitor<'_> for Key<'py> {
    type Value = Bound<'py, PyString>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text == DIGITS {
            return Err(E::custom("it may be a number"));
        }
        Ok(names::usual(self.0, text).map_or_else(|| PyString::new(self.0, text), Bound::clone))
    }
}
