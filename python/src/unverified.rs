//! What a token says, before anybody knows whether it is true.

use base64_simd::URL_SAFE_NO_PAD;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::read::plain_object;

/// Header and payload of a token, without looking at its signature. Raises what
/// `jwt.decode(token, options={"verify_signature": False})` raises.
#[pyfunction]
pub(crate) fn unverified<'py>(
    token: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let py = token.py();
    if let Some(parts) = text(token)?.and_then(|text| plain(py, text)) {
        return Ok(parts);
    }
    // Something is unusual, so that PyJWT has to say what it is.
    let options = PyDict::new(py);
    options.set_item(intern!(py, "verify_signature"), false)?;
    let arguments = PyDict::new(py);
    arguments.set_item(intern!(py, "options"), options)?;
    let decoded = py.import(intern!(py, "jwt.api_jwt"))?.call_method(
        intern!(py, "decode_complete"),
        (token,),
        Some(&arguments),
    )?;
    let part = |name| Ok::<_, PyErr>(decoded.get_item(name)?.cast_into::<PyDict>()?);
    Ok((part(intern!(py, "header"))?, part(intern!(py, "payload"))?))
}

/// The token's text; `None` where it is none.
pub(crate) fn text<'t>(token: &'t Bound<'_, PyAny>) -> PyResult<Option<&'t str>> {
    if let Ok(text) = token.cast::<PyString>() {
        return text.to_str().map(Some);
    }
    let bytes = token.cast::<PyBytes>().ok();
    Ok(bytes.and_then(|bytes| std::str::from_utf8(bytes.as_bytes()).ok()))
}

/// `None`: something of the form is wrong or unusual.
fn plain<'py>(py: Python<'py>, token: &str) -> Option<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let mut segments = token.splitn(3, '.').map(|s| URL_SAFE_NO_PAD.decode_to_vec(s).ok());
    let (header, payload, _signature) = (segments.next()??, segments.next()??, segments.next()??);
    let header = plain_object(py, str::from_utf8(&header).ok()?)?;
    let ruled = [intern!(py, "kid"), intern!(py, "crit"), intern!(py, "b64")];
    if ruled.into_iter().any(|name| header.contains(name).unwrap_or(true)) {
        let kid = header.get_item(intern!(py, "kid")).ok()??;
        let other = ruled.into_iter().skip(1).any(|name| header.contains(name).unwrap_or(true));
        if other || !kid.is_instance_of::<PyString>() {
            return None;
        }
    }
    Some((header, plain_object(py, str::from_utf8(&payload).ok()?)?))
}
