//! Dates of `exp`, `iat` and `nbf` to whole seconds, as `timegm(date.utctimetuple())` makes them.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyInt};

/// Below this, a moment's microseconds are not lost in a float.
const EXACT: f64 = 4_294_967_296.0;

/// `None`: it is no `datetime`.
pub(crate) fn whole_seconds(value: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
    // Asking whether it is a date takes longer than writing it.
    if value.is_exact_instance_of::<PyInt>() {
        return Ok(None);
    }
    let Ok(date) = value.cast::<PyDateTime>() else {
        return Ok(None);
    };
    let py = value.py();
    if date.is_exact_instance_of::<PyDateTime>() && !date.getattr(intern!(py, "tzinfo"))?.is_none()
    {
        let seconds: f64 = date.call_method0(intern!(py, "timestamp"))?.extract()?;
        if (0.0..EXACT).contains(&seconds) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it lies in the range just asked for"
            )]
            return Ok(Some(seconds as i64));
        }
    }
    let timegm = py.import(intern!(py, "calendar"))?.getattr(intern!(py, "timegm"))?;
    timegm.call1((date.call_method0(intern!(py, "utctimetuple"))?,))?.extract().map(Some)
}
