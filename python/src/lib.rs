//! `flask_jwt_extended_rs._engine`: the engine, bound to Python.
//!
//! It binds and nothing else. What a token must be is for the engine to say, how a request is read and
//! answered for the Python modules around this one; here, keys and claims change languages, and
//! refusals become the exceptions that `PyJWT` and upstream raise.

use pyo3::prelude::*;

mod datetime;
mod errors;
mod header;
mod keys;
mod names;
mod outside;
mod publish;
mod read;
mod signer;
mod unverified;
mod verifier;
mod write;

/// The engine that `flask_jwt_extended` is made on.
#[pymodule]
mod _engine {
    use jwt_extended::{Random as _, SystemRandom};
    use pyo3::exceptions::PyOSError;
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::errors::{Unsupported, UnsupportedKey};
    #[pymodule_export]
    use super::header::usual_token;
    #[pymodule_export]
    use super::outside::OutsideKeys;
    #[pymodule_export]
    use super::publish::jwk_set;
    #[pymodule_export]
    use super::signer::Signer;
    #[pymodule_export]
    use super::unverified::unverified;
    #[pymodule_export]
    use super::verifier::Verifier;

    /// The doctor compares it with the Python files'.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "it is the name in Python")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// Two random UUIDs of version 4. The generator survives a fork: no two processes draw the same.
    #[pyfunction]
    fn uuids() -> PyResult<(String, String)> {
        let mut bytes = [[0; 16]; 2];
        SystemRandom
            .fill(bytes.as_flattened_mut())
            .map_err(|error| PyOSError::new_err(error.to_string()))?;
        let [first, second] =
            bytes.map(|bytes| uuid::Builder::from_random_bytes(bytes).into_uuid().to_string());
        Ok((first, second))
    }
}
