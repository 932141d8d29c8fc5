//! Keys from Python: `PyJWT` says whether it takes one, and the engine reads what it took.
//!
//! So nothing is a key here that would be none to `PyJWT`, and whichever forms of PEM it knows are
//! known. Without the package `cryptography` it has no asymmetric algorithms; then the engine reads the
//! PEM itself.

use jwt_extended::{Algorithm, Algorithms, SigningKey, VerifyingKey};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::errors::unsupported_key;

/// Names to algorithms.
pub(crate) fn algorithms(names: &Bound<'_, PyAny>) -> PyResult<Algorithms> {
    let names: Vec<String> =
        names.extract().map_err(|_| unsupported_key("the algorithms are no list of names"))?;
    names.iter().map(|name| algorithm(name)).collect()
}

/// The algorithm of this name.
pub(crate) fn algorithm(name: &str) -> PyResult<Algorithm> {
    name.parse().map_err(unsupported_key)
}

/// The key that checks tokens of these algorithms.
pub(crate) fn verifying(algorithms: Algorithms, key: &Bound<'_, PyAny>) -> PyResult<VerifyingKey> {
    let mut prepared = None;
    for algorithm in algorithms.iter() {
        prepared = Some(prepare(algorithm, key)?);
    }
    match prepared.ok_or_else(|| unsupported_key("there is no algorithm"))? {
        Prepared::Secret(secret) => VerifyingKey::insecure_hmac(algorithms, secret),
        Prepared::Text(pem) => VerifyingKey::from_pem(algorithms, pem),
        Prepared::Object(key) => VerifyingKey::from_der(algorithms, public_der(&key)?),
    }
    .map_err(unsupported_key)
}

/// The key that signs with this algorithm.
pub(crate) fn signing(algorithm: Algorithm, key: &Bound<'_, PyAny>) -> PyResult<SigningKey> {
    match prepare(algorithm, key)? {
        Prepared::Secret(secret) => SigningKey::insecure_hmac(algorithm, secret),
        Prepared::Text(pem) => SigningKey::from_pem(algorithm, pem),
        Prepared::Object(key) => SigningKey::from_der(algorithm, private_der(&key)?),
    }
    .map_err(unsupported_key)
}

/// A key as far as `PyJWT` has read it.
enum Prepared<'py> {
    Secret(Vec<u8>),
    /// One of the classes of `cryptography`.
    Object(Bound<'py, PyAny>),
    /// Nothing that it reads.
    Text(String),
}

fn prepare<'py>(algorithm: Algorithm, key: &Bound<'py, PyAny>) -> PyResult<Prepared<'py>> {
    let py = key.py();
    let module = py.import(intern!(py, "jwt.algorithms"))?;
    if !algorithm.is_symmetric() && !module.getattr(intern!(py, "has_crypto"))?.is_truthy()? {
        let pem = text(key).ok_or_else(|| unsupported_key("it is no text"))?;
        return Ok(Prepared::Text(pem.to_owned()));
    }
    let refused = |error: PyErr| unsupported_key(error.value(py));
    let object = py
        .import(intern!(py, "jwt"))?
        .call_method1(intern!(py, "get_algorithm_by_name"), (algorithm.name(),))
        .map_err(refused)?;
    // An application may have put another one in its place.
    if object.get_type().module()? != "jwt.algorithms" {
        return Err(unsupported_key(format!("{algorithm} is the application's own")));
    }
    let prepared = object.call_method1(intern!(py, "prepare_key"), (key,)).map_err(refused)?;
    if let Ok(secret) = prepared.cast::<PyBytes>() {
        return Ok(Prepared::Secret(secret.as_bytes().to_vec()));
    }
    // An application's own class stands for a key that is elsewhere, or does more than its key.
    if prepared.get_type().module()?.to_str()?.starts_with("cryptography.") {
        Ok(Prepared::Object(prepared))
    } else {
        Err(unsupported_key("the key is the application's own"))
    }
}

fn text<'k>(key: &'k Bound<'_, PyAny>) -> Option<&'k str> {
    match key.cast::<PyString>() {
        Ok(text) => text.to_str().ok(),
        Err(_) => std::str::from_utf8(key.cast::<PyBytes>().ok()?.as_bytes()).ok(),
    }
}

/// `SubjectPublicKeyInfo` of a public key, or of a private one where `PyJWT` would verify with it.
fn public_der(key: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let py = key.py();
    let export = || {
        let rsa = py.import("jwt.algorithms")?.getattr("RSAPrivateKey")?;
        if key.is_instance(&rsa)? {
            return Err(unsupported_key(
                "an RSA private key verifies nothing, the public one does",
            ));
        }
        let public = if key.hasattr(intern!(py, "private_bytes"))? {
            &key.call_method0(intern!(py, "public_key"))?
        } else {
            key
        };
        let forms = serialization(py)?;
        let (der, spki) = (
            forms.getattr("Encoding")?.getattr("DER")?,
            forms.getattr("PublicFormat")?.getattr("SubjectPublicKeyInfo")?,
        );
        public.call_method1(intern!(py, "public_bytes"), (der, spki))?.extract()
    };
    export().map_err(|error: PyErr| unsupported_key(error.value(py)))
}

/// PKCS#8 of a private key. One that lies in a device has none.
fn private_der(key: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let py = key.py();
    let export = || {
        let forms = serialization(py)?;
        let (der, pkcs8, open) = (
            forms.getattr("Encoding")?.getattr("DER")?,
            forms.getattr("PrivateFormat")?.getattr("PKCS8")?,
            forms.getattr("NoEncryption")?.call0()?,
        );
        key.call_method1(intern!(py, "private_bytes"), (der, pkcs8, open))?.extract()
    };
    export().map_err(|error: PyErr| unsupported_key(error.value(py)))
}

fn serialization(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import(intern!(py, "cryptography.hazmat.primitives.serialization"))
}
