use std::sync::OnceLock;

use jwt_extended::{SigningKey, jws};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};

use crate::datetime::whole_seconds;
use crate::errors::{kid_is_no_text, unsupported};
use crate::keys;
use crate::names::append_beginning;
use crate::write::{self, NotPlain};

/// A key for encoding, parsed once; immutable, and shareable between threads.
#[pyclass(frozen, module = "flask_jwt_extended_rs._engine")]
pub(crate) struct Signer {
    key: SigningKey,
    /// Those of the first claims that it signed, in their order. Most have the same names, and these are the
    /// very same objects: constants of a program.
    usual_claims: OnceLock<Vec<UsualClaim>>,
}

struct UsualClaim {
    name: Py<PyString>,
    kind: Kind,
    /// What the member begins with: a comma, the name and a colon.
    beginning: Vec<u8>,
    /// The whole member, with a text that is the same in most.
    with_text: Option<(Py<PyString>, Vec<u8>)>,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Which one of [`DATES`].
    Date(usize),
    Issuer,
    Other,
}

const DATES: [&str; 3] = ["exp", "iat", "nbf"];

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "iss" => Self::Issuer,
            _ => DATES.iter().position(|date| *date == name).map_or(Self::Other, Self::Date),
        }
    }
}

#[pymethods]
impl Signer {
    #[new]
    fn new(key: &Bound<'_, PyAny>, algorithm: &str) -> PyResult<Self> {
        let key = keys::signing(keys::algorithm(algorithm)?, key)?;
        Ok(Self { key, usual_claims: OnceLock::new() })
    }

    /// The key's name by RFC 7638, under which it is published; `None` for a secret.
    #[getter]
    fn thumbprint(&self) -> Option<String> {
        let public = self.key.verifying_key().public_key()?;
        Some(public.thumbprint().to_owned())
    }

    /// Signs `claims`, to the byte as `jwt.encode` does.
    #[pyo3(signature = (claims, headers=None, json_encoder=None))]
    fn encode(
        &self,
        claims: &Bound<'_, PyAny>,
        headers: Option<&Bound<'_, PyAny>>,
        json_encoder: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let py = claims.py();
        let Ok(claims) = claims.cast::<PyDict>() else {
            return Err(PyTypeError::new_err(
                "Expecting a dict object, as JWT only supports JSON objects as payloads.",
            ));
        };
        let is_plain = json_encoder.map_or(Ok(true), write::is_plain_encoder)?;
        let payload = match if is_plain { self.plain_claims(claims)? } else { None } {
            Some(json) => json,
            None => python_claims(claims, json_encoder)?,
        };
        let headers = match headers.map(|headers| headers.cast::<PyDict>()) {
            None => None,
            Some(Ok(headers)) => Some(headers).filter(|headers| !headers.is_empty()),
            Some(Err(_)) => return Err(unsupported("the headers are no dict")),
        };
        let header = if headers.is_some() || !is_plain {
            Some(self.header(py, headers, is_plain, json_encoder)?)
        } else {
            None
        };
        let sign = || jws::sign(&self.key, header.as_deref(), &payload);
        let signed = if self.key.algorithm().is_symmetric() { sign() } else { py.detach(sign) };
        signed.map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

impl Signer {
    /// The header's JSON, in the order of its names.
    fn header(
        &self,
        py: Python<'_>,
        headers: Option<&Bound<'_, PyDict>>,
        is_plain: bool,
        json_encoder: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<u8>> {
        let header = PyDict::new(py);
        let typ = intern!(py, "typ");
        header.set_item(typ, intern!(py, "JWT"))?;
        header.set_item(intern!(py, "alg"), self.key.algorithm().name())?;
        if let Some(headers) = headers {
            check(headers)?;
            header.update(headers.as_mapping())?;
        }
        if !header.get_item(typ)?.map_or(Ok(false), |typ| typ.is_truthy())? {
            header.del_item(typ)?;
        }
        let mut json = Vec::with_capacity(96);
        if is_plain && write::append(&header, true, &mut json).is_ok() {
            return Ok(json);
        }
        dumps(&header, json_encoder, true)
    }

    /// `None`: there is something in it that is for Python's own encoder.
    fn plain_claims(&self, claims: &Bound<'_, PyDict>) -> PyResult<Option<Vec<u8>>> {
        if !claims.is_exact_instance_of::<PyDict>() {
            return Ok(None);
        }
        let usual = self.usual_claims.get().map_or(&[][..], Vec::as_slice);
        let mut json = Vec::with_capacity(384);
        let mut end = append_claims(claims, usual, None, &mut json);
        if matches!(end, Err(Obstacle::Date)) {
            // A date can run an application's code, which must not meet a dict that is walked through.
            let dates = dates(claims)?;
            json.clear();
            end = append_claims(claims, usual, Some(dates), &mut json);
        }
        if end.is_ok() && self.usual_claims.get().is_none() {
            let usual = claims.iter().map(|(name, value)| UsualClaim::of(name, value));
            let _ = self.usual_claims.set(usual.collect::<PyResult<_>>()?);
        }
        Ok(end.is_ok().then_some(json))
    }
}

impl UsualClaim {
    /// Of claims that were signed.
    fn of(name: Bound<'_, PyAny>, value: Bound<'_, PyAny>) -> PyResult<Self> {
        let name = name.cast_into::<PyString>()?;
        let text = name.to_str()?;
        let mut beginning = Vec::new();
        append_beginning(text, &mut beginning);
        let with_text = match (text, value.cast_into_exact::<PyString>()) {
            ("type" | "iss" | "aud", Ok(value)) => {
                let mut whole = beginning.clone();
                write::append_text(value.to_str()?, &mut whole);
                Some((value.unbind(), whole))
            }
            // It is somebody's own, and nothing to keep.
            _ => None,
        };
        Ok(Self { kind: Kind::of(text), name: name.unbind(), beginning, with_text })
    }
}

/// Refuses what cannot stand in a header, or needs more than a header.
fn check(headers: &Bound<'_, PyDict>) -> PyResult<()> {
    let py = headers.py();
    for name in [intern!(py, "alg"), intern!(py, "b64"), intern!(py, "crit")] {
        if headers.contains(name)? {
            return Err(unsupported(format!("the header {name} changes how a token is signed")));
        }
    }
    match headers.get_item(intern!(py, "kid"))? {
        Some(kid) if !kid.is_instance_of::<PyString>() => Err(kid_is_no_text()),
        _ => Ok(()),
    }
}

enum Obstacle {
    /// A value that may be a date, and dates were not looked for yet.
    Date,
    NotPlain,
}

impl From<NotPlain> for Obstacle {
    fn from(_: NotPlain) -> Self {
        Self::NotPlain
    }
}

fn append_claims(
    claims: &Bound<'_, PyDict>,
    usual: &[UsualClaim],
    dates: Option<[Option<i64>; 3]>,
    json: &mut Vec<u8>,
) -> Result<(), Obstacle> {
    let mut usual = usual.iter();
    for (name, value) in claims {
        let kind = match usual.next() {
            Some(usual) if name.is(&usual.name) => {
                if let Some((text, whole)) = &usual.with_text
                    && value.is(text)
                {
                    json.extend_from_slice(whole);
                    continue;
                }
                json.extend_from_slice(&usual.beginning);
                usual.kind
            }
            _ => {
                let name = name.cast_exact::<PyString>().ok().and_then(|name| name.to_str().ok());
                let name = name.ok_or(NotPlain)?;
                append_beginning(name, json);
                Kind::of(name)
            }
        };
        let seconds = match (kind, dates) {
            (Kind::Issuer, _) if !value.is_instance_of::<PyString>() => {
                return Err(Obstacle::NotPlain);
            }
            (Kind::Date(date), Some(dates)) => dates.get(date).copied().flatten(),
            (Kind::Date(_), None) if !value.is_exact_instance_of::<PyInt>() => {
                return Err(Obstacle::Date);
            }
            _ => None,
        };
        match seconds {
            Some(seconds) => write::append_integer(seconds, json),
            None => write::append(&value, false, json)?,
        }
    }
    match json.first_mut() {
        Some(comma) => *comma = b'{',
        None => json.push(b'{'),
    }
    json.push(b'}');
    Ok(())
}

/// `exp`, `iat` and `nbf`, where they are dates: in the order of [`DATES`].
fn dates(claims: &Bound<'_, PyDict>) -> PyResult<[Option<i64>; 3]> {
    let py = claims.py();
    let mut dates = [None; 3];
    let mut last: Option<(Bound<'_, PyAny>, Option<i64>)> = None;
    for (date, name) in
        dates.iter_mut().zip([intern!(py, "exp"), intern!(py, "iat"), intern!(py, "nbf")])
    {
        let Some(value) = claims.get_item(name)? else { continue };
        *date = match &last {
            // A token's `iat` and `nbf` are usually the very same object.
            Some((last, seconds)) if last.is(&value) => *seconds,
            _ => whole_seconds(&value)?,
        };
        last = Some((value, *date));
    }
    Ok(dates)
}

/// As `jwt.encode` prepares a payload.
fn python_claims(
    claims: &Bound<'_, PyDict>,
    json_encoder: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<u8>> {
    let py = claims.py();
    let claims = claims.call_method0(intern!(py, "copy"))?;
    for name in [intern!(py, "exp"), intern!(py, "iat"), intern!(py, "nbf")] {
        let value = claims.call_method1(intern!(py, "get"), (name,))?;
        if let Some(seconds) = whole_seconds(&value)? {
            claims.set_item(name, seconds)?;
        }
    }
    let iss = intern!(py, "iss");
    if claims.contains(iss)? && !claims.get_item(iss)?.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("Issuer (iss) must be a string."));
    }
    dumps(&claims, json_encoder, false)
}

fn dumps(
    value: &Bound<'_, PyAny>,
    json_encoder: Option<&Bound<'_, PyAny>>,
    sort_keys: bool,
) -> PyResult<Vec<u8>> {
    let py = value.py();
    let options = PyDict::new(py);
    options.set_item(intern!(py, "separators"), (",", ":"))?;
    options.set_item(intern!(py, "cls"), json_encoder)?;
    options.set_item(intern!(py, "sort_keys"), sort_keys)?;
    let dumps = py.import(intern!(py, "json"))?.getattr(intern!(py, "dumps"))?;
    let text = dumps.call((value,), Some(&options))?;
    text.call_method0(intern!(py, "encode"))?.extract()
}
