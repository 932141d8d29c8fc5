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
    let kind = kind.to_str().ok()?;
    let token = value.to_str().ok()?.strip_prefix(kind)?.strip_prefix(' ')?;
    (is_one_word(token) && is_one_word(kind)).then(|| PyString::new(value.py(), token))
}

/// White space and the comma, which ends a credential, are among the bytes up to the comma.
fn is_one_word(text: &str) -> bool {
    // A fold looks at many bytes at a time.
    text.is_ascii() && text.bytes().fold(u8::MAX, u8::min) > b',' && !text.is_empty()
}
