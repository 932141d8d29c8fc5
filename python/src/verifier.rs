use std::sync::OnceLock;
use std::time::Duration;

use jwt_extended::{
    Algorithm, Algorithms, Config, DecodeOptions, JwtEngine, Keyring, Timestamp, VerifiedToken,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::errors::{refusal, unsupported, unsupported_key};
use crate::read::{self, Shape};
use crate::{keys, unverified};

/// Keys and rules for decoding, parsed once; immutable, and shareable between threads.
#[pyclass(frozen, module = "flask_jwt_extended_rs._engine")]
pub(crate) struct Verifier {
    engine: JwtEngine,
    /// Whether its signatures take long enough to let other threads run meanwhile.
    is_slow: bool,
    /// The header of the first token that was good. Most have the same.
    usual_header: OnceLock<(Box<str>, Py<PyDict>)>,
    /// The names in the payload of the first token that was good and had all that upstream gives one.
    usual_names: OnceLock<Shape>,
}

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (keys, algorithms, *, audience, issuer, leeway, verify_sub, identity_claim, manager=None))]
    #[expect(clippy::too_many_arguments, reason = "they are upstream's, by keyword")]
    fn new(
        keys: &Bound<'_, PyAny>,
        algorithms: &Bound<'_, PyAny>,
        audience: Option<Bound<'_, PyAny>>,
        issuer: Option<Bound<'_, PyAny>>,
        leeway: f64,
        verify_sub: bool,
        identity_claim: String,
        manager: Option<String>,
    ) -> PyResult<Self> {
        let leeway = Duration::try_from_secs_f64(leeway).map_err(unsupported_key)?;
        let algorithms = keys::algorithms(algorithms)?;
        let config = Config::flask()
            .keyring(keyring(keys, algorithms)?)
            .decode_audience(expected(audience)?)
            .decode_issuer(expected(issuer)?)
            .decode_leeway(leeway)
            .verify_sub(verify_sub)
            .identity_claim(identity_claim)
            .manager_name(manager)
            .max_token_size(usize::MAX)
            .build()
            .map_err(unsupported_key)?;
        Ok(Self {
            is_slow: !algorithms.iter().all(Algorithm::is_symmetric),
            engine: JwtEngine::new(config),
            usual_header: OnceLock::new(),
            usual_names: OnceLock::new(),
        })
    }

    /// Checks a token and returns its header and payload. Raises what upstream raises.
    #[pyo3(signature = (token, now, csrf_value=None, allow_expired=false))]
    fn decode<'py>(
        &self,
        token: &Bound<'py, PyAny>,
        now: f64,
        csrf_value: Option<&Bound<'py, PyString>>,
        allow_expired: bool,
    ) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let py = token.py();
        let verified = self.check(token, now, csrf_value, allow_expired)?;
        let payload = self.payload(py, &verified)?;
        Ok((self.header(py, &verified)?, payload))
    }

    /// Checks a token as [`decode`](Self::decode) does, and returns its payload alone.
    #[pyo3(signature = (token, now, csrf_value=None, allow_expired=false))]
    fn claims<'py>(
        &self,
        token: &Bound<'py, PyAny>,
        now: f64,
        csrf_value: Option<&Bound<'py, PyString>>,
        allow_expired: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        self.payload(token.py(), &self.check(token, now, csrf_value, allow_expired)?)
    }
}

/// Upstream gives tokens of others the claims that its own have. Tells whether this one had them.
pub(crate) fn add_defaults(payload: &Bound<'_, PyDict>) -> PyResult<bool> {
    let (py, count) = (payload.py(), payload.len());
    let (kind, fresh, jti) = (intern!(py, "type"), intern!(py, "fresh"), intern!(py, "jti"));
    if !payload.contains(kind)? {
        payload.set_item(kind, intern!(py, "access"))?;
    }
    if !payload.contains(fresh)? {
        payload.set_item(fresh, false)?;
    }
    if !payload.contains(jti)? {
        payload.set_item(jti, py.None())?;
    }
    Ok(payload.len() == count)
}

impl Verifier {
    fn check(
        &self,
        token: &Bound<'_, PyAny>,
        now: f64,
        csrf_value: Option<&Bound<'_, PyString>>,
        allow_expired: bool,
    ) -> PyResult<VerifiedToken> {
        let Some(text) = unverified::text(token)? else {
            return unverified::unverified(token).and_then(|_| Err(unsupported("it is no text")));
        };
        let mut options = DecodeOptions::default().at(Timestamp::from_seconds(now));
        options.allow_expired = allow_expired;
        options.csrf_value = csrf_value
            .map(|value| value.to_string_lossy().into_owned())
            .filter(|value| !value.is_empty());
        let decode = || self.engine.decode(text, &options);
        let decoded = if self.is_slow { token.py().detach(decode) } else { decode() };
        decoded.map_err(|error| refusal(token, &error))
    }

    fn payload<'py>(&self, py: Python<'py>, token: &VerifiedToken) -> PyResult<Bound<'py, PyDict>> {
        let Some(usual) = self.usual_names.get() else {
            let payload = read::object(py, token.claims_json())?;
            if add_defaults(&payload)? {
                let _ = self.usual_names.set(Shape::of(&payload)?);
            }
            return Ok(payload);
        };
        let (payload, is_usual) = usual.claims(py, token)?;
        if !is_usual {
            add_defaults(&payload)?;
        }
        Ok(payload)
    }

    fn header<'py>(&self, py: Python<'py>, token: &VerifiedToken) -> PyResult<Bound<'py, PyDict>> {
        let segment = token.header_segment();
        if let Some((usual, header)) = self.usual_header.get()
            && **usual == *segment
        {
            return header.bind(py).copy();
        }
        // The engine has read it as text.
        let header = read::object(py, &String::from_utf8_lossy(&token.header_json()))?;
        // A copy shares what is nested, so that is not kept.
        if header.values().iter().all(|value| value.is_instance_of::<PyString>()) {
            let _ = self.usual_header.set((segment.into(), header.copy()?.unbind()));
        }
        Ok(header)
    }
}

fn keyring(keys: &Bound<'_, PyAny>, algorithms: Algorithms) -> PyResult<Keyring> {
    let keys: Vec<Bound<'_, PyAny>> = keys.extract()?;
    if keys.len() > Keyring::MAX_TRIES {
        return Err(unsupported_key(format!("more than {} keys", Keyring::MAX_TRIES)));
    }
    let mut keys = keys.iter().map(|key| keys::verifying(algorithms, key));
    let first = keys.next().ok_or_else(|| unsupported_key("there is no key"))??;
    keys.try_fold(Keyring::verify_only(first), |ring, key| {
        ring.also_verify(key?).map_err(unsupported_key)
    })
}

/// The expected values; none where nothing is expected. An empty list expects what nobody has.
fn expected(values: Option<Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    let Some(values) = values else {
        return Ok(Vec::new());
    };
    let values: Vec<String> =
        values.extract().map_err(|_| unsupported_key("what is expected is no list of texts"))?;
    if values.is_empty() { Err(unsupported_key("nothing is expected")) } else { Ok(values) }
}
