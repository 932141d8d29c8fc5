use std::time::Duration;

use jwt_extended::outside::{Expectations, OutsideToken};
use jwt_extended::{AuthError, Keyring, Timestamp, UnverifiedToken};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::outside_refusal;
use crate::verifier::add_defaults;
use crate::{read, unverified};

/// The keys of an outside issuer, and what its tokens have to fulfil; immutable, and shareable between
/// threads.
#[pyclass(frozen, module = "flask_jwt_extended_rs._engine")]
pub(crate) struct OutsideKeys {
    expectations: Expectations,
    keys: Keyring,
}

type HeaderAndClaims<'py> = (Bound<'py, PyDict>, Bound<'py, PyDict>);

#[pymethods]
impl OutsideKeys {
    #[new]
    #[pyo3(signature = (jwks, *, issuer, audiences, algorithms=None, token_type=None, may_be_empty=false))]
    fn new(
        jwks: &str,
        issuer: String,
        audiences: Vec<String>,
        algorithms: Option<Vec<String>>,
        token_type: Option<String>,
        may_be_empty: bool,
    ) -> PyResult<Self> {
        let mut audiences = audiences.into_iter();
        let first = audiences.next().ok_or_else(|| fault("there is no audience"))?;
        let mut expectations = Expectations::new(issuer, first);
        for audience in audiences {
            expectations = expectations.or_audience(audience);
        }
        if let Some(names) = algorithms {
            let algorithms: Result<Vec<_>, _> = names.iter().map(|name| name.parse()).collect();
            let algorithms =
                algorithms.map_err(fault)?.into_iter().collect::<jwt_extended::Algorithms>();
            expectations = expectations.algorithms(algorithms).map_err(fault)?;
        }
        if let Some(typ) = token_type {
            expectations = expectations.token_type(typ);
        }
        let keys = match Keyring::from_jwk_set(expectations.accepted_algorithms(), jwks) {
            Err(_) if may_be_empty => Keyring::default(),
            keys => keys.map_err(fault)?,
        };
        Ok(Self { expectations, keys })
    }

    /// Checks a token and returns its header and payload; `None` where none of these keys has signed it,
    /// and a newer one may have. Raises `PyJWT`'s exceptions.
    fn decode<'py>(
        &self,
        token: &Bound<'py, PyAny>,
        now: f64,
        leeway: f64,
    ) -> PyResult<Option<HeaderAndClaims<'py>>> {
        let py = token.py();
        let text = unverified::text(token)?.unwrap_or_default();
        let leeway = Duration::try_from_secs_f64(leeway).map_err(fault)?;
        let verify = || -> Result<Option<OutsideToken>, AuthError> {
            let unverified = UnverifiedToken::read(text, self.expectations.longest_token())?;
            let expectations = self.expectations.clone().leeway(leeway);
            match expectations.verify(text, &self.keys, Timestamp::from_seconds(now)) {
                Err(error) if expectations.wants_newer_keys(&unverified, &self.keys, &error) => {
                    Ok(None)
                }
                verified => verified.map(Some),
            }
        };
        let Some(verified) = py.detach(verify).map_err(|error| outside_refusal(token, &error))?
        else {
            return Ok(None);
        };
        let (header, _) = unverified::unverified(token)?;
        let claims = read::object(py, verified.claims_json())?;
        add_defaults(&claims)?;
        Ok(Some((header, claims)))
    }
}

fn fault(why: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(why.to_string())
}
