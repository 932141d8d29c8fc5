use jwt_extended::JwkSet;
use pyo3::prelude::*;

use crate::keys;

/// The public keys among `keys`, as the JSON of a JWK Set (RFC 7517 section 5), and a text that is another one
/// whenever that is. Each key stands beside the algorithms that it is for; secrets are passed over.
///
/// Raises `UnsupportedKey`.
#[pyfunction]
pub(crate) fn jwk_set(
    keys: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
) -> PyResult<(String, String)> {
    let mut public = Vec::new();
    for (key, algorithms) in keys {
        let key = keys::verifying(keys::algorithms(&algorithms)?, &key)?;
        public.extend(key.public_key());
    }
    let set: JwkSet = public.into_iter().collect();
    Ok((set.to_json(), set.version()))
}
