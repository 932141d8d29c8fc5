//! The credentials in a request's header.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// The token, where `value` is `kind`, one space and one word of ASCII: what nearly all clients send. `None`
/// where it is anything else.
#[pyfunction]
pub(crate) fn usual_token<'py>(
    value: &Bound<'py, PyString>,
    kind: &Bound<'py, PyString>,
) -> Option<Bound<'py, PyString>> {
    let (text, kind) = (value.to_str().ok()?, kind.to_str().ok()?);
    // Python knows white space beyond ASCII.
    let place = jwt_extended::usual_token(text.as_bytes(), kind.as_bytes());
    let token = text.get(place.filter(|_| text.is_ascii())?)?;
    Some(PyString::new(value.py(), token))
}
