//! Refusals as the exceptions that `PyJWT` and upstream raise, with their texts: the one place where
//! errors cross.

use std::fmt::Display;

use jwt_extended::{AuthError, ErrorKind};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use pyo3::{create_exception, import_exception, intern};

use crate::unverified::unverified;
use crate::verifier::add_defaults;

create_exception!(
    flask_jwt_extended_rs._engine,
    Unsupported,
    PyValueError,
    "The engine might answer otherwise than `PyJWT` here, which therefore has to be asked."
);
create_exception!(
    flask_jwt_extended_rs._engine,
    UnsupportedKey,
    Unsupported,
    "The engine cannot hold this key, or these rules, exactly as `PyJWT` would."
);

import_exception!(jwt, DecodeError);
import_exception!(jwt, ExpiredSignatureError);
import_exception!(jwt, ImmatureSignatureError);
import_exception!(jwt, InvalidAlgorithmError);
import_exception!(jwt, InvalidAudienceError);
import_exception!(jwt, InvalidIssuedAtError);
import_exception!(jwt, InvalidIssuerError);
import_exception!(jwt, InvalidSignatureError);
import_exception!(jwt, InvalidTokenError);
import_exception!(jwt, MissingRequiredClaimError);
import_exception!(jwt.exceptions, InvalidJTIError);
import_exception!(jwt.exceptions, InvalidSubjectError);
import_exception!(flask_jwt_extended.exceptions, CSRFError);
import_exception!(flask_jwt_extended.exceptions, JWTDecodeError);
import_exception!(flask_jwt_extended.exceptions, WrongTokenError);

pub(crate) fn unsupported(why: impl Display) -> PyErr {
    Unsupported::new_err(why.to_string())
}

pub(crate) fn unsupported_key(why: impl Display) -> PyErr {
    UnsupportedKey::new_err(why.to_string())
}

/// A `kid` to be signed is no text.
pub(crate) fn kid_is_no_text() -> PyErr {
    InvalidTokenError::new_err("Key ID header parameter must be a string")
}

/// Why `token` was refused, in the order of upstream, which first decodes without verifying.
pub(crate) fn refusal(token: &Bound<'_, PyAny>, error: &AuthError) -> PyErr {
    match unverified(token) {
        Ok((header, payload)) => of(error, &header, &payload).unwrap_or_else(|error| error),
        Err(error) => error,
    }
}

fn of(
    error: &AuthError,
    header: &Bound<'_, PyDict>,
    payload: &Bound<'_, PyDict>,
) -> PyResult<PyErr> {
    let py = payload.py();
    let claim = |name: &str| payload.get_item(name);
    Ok(match error.kind() {
        ErrorKind::AlgorithmNotAllowed => {
            InvalidAlgorithmError::new_err(if header.contains(intern!(py, "alg"))? {
                "The specified alg value is not allowed"
            } else {
                "Algorithm not specified"
            })
        }
        ErrorKind::InvalidSignature => {
            InvalidSignatureError::new_err("Signature verification failed")
        }
        ErrorKind::IssuedInTheFuture => {
            ImmatureSignatureError::new_err("The token is not yet valid (iat)")
        }
        ErrorKind::NotYetValid => {
            ImmatureSignatureError::new_err("The token is not yet valid (nbf)")
        }
        ErrorKind::InvalidClaim => {
            let name = error.claim().unwrap_or_default();
            // Python reads an integer out of more texts than the engine.
            if claim(name)?.is_some_and(|date| date.is_instance_of::<PyString>()) {
                return Ok(unsupported(error));
            }
            match name {
                "iat" => InvalidIssuedAtError::new_err("Issued At claim (iat) must be an integer."),
                "nbf" => DecodeError::new_err("Not Before claim (nbf) must be an integer."),
                "exp" => DecodeError::new_err("Expiration Time claim (exp) must be an integer."),
                _ => unsupported(error),
            }
        }
        ErrorKind::MissingClaim => match error.claim() {
            Some(name @ ("iss" | "aud")) => MissingRequiredClaimError::new_err(name.to_owned()),
            _ => JWTDecodeError::new_err(error.to_string()),
        },
        ErrorKind::InvalidIssuer => {
            let is_text = claim("iss")?.is_some_and(|issuer| issuer.is_instance_of::<PyString>());
            InvalidIssuerError::new_err(if is_text {
                "Invalid issuer"
            } else {
                "Payload Issuer (iss) must be a string"
            })
        }
        ErrorKind::InvalidAudience => match claim("aud")? {
            Some(audience) if audience.is_truthy()? => {
                InvalidAudienceError::new_err(if is_text_or_texts(&audience) {
                    "Audience doesn't match"
                } else {
                    "Invalid claim format in token"
                })
            }
            _ => MissingRequiredClaimError::new_err("aud"),
        },
        ErrorKind::InvalidSubject => InvalidSubjectError::new_err("Subject must be a string"),
        ErrorKind::InvalidTokenId => InvalidJTIError::new_err("JWT ID must be a string"),
        ErrorKind::WrongManager => JWTDecodeError::new_err(error.to_string()),
        ErrorKind::CsrfMismatch => CSRFError::new_err("CSRF double submit tokens do not match"),
        ErrorKind::TokenExpired => expired(header, payload)?,
        // PyJWT took the form of it, so that it may well take the rest.
        _ => unsupported(error),
    })
}

/// Why a token of an outside issuer was refused.
pub(crate) fn outside_refusal(token: &Bound<'_, PyAny>, error: &AuthError) -> PyErr {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::MalformedToken | ErrorKind::TokenTooLarge => DecodeError::new_err(text),
        ErrorKind::AlgorithmNotAllowed => InvalidAlgorithmError::new_err(text),
        ErrorKind::InvalidSignature => InvalidSignatureError::new_err(text),
        ErrorKind::IssuedInTheFuture | ErrorKind::NotYetValid => {
            ImmatureSignatureError::new_err(text)
        }
        ErrorKind::MissingClaim => {
            MissingRequiredClaimError::new_err(error.claim().unwrap_or_default().to_owned())
        }
        ErrorKind::InvalidIssuer => InvalidIssuerError::new_err(text),
        ErrorKind::InvalidAudience => InvalidAudienceError::new_err(text),
        ErrorKind::WrongTokenType => WrongTokenError::new_err(text),
        ErrorKind::TokenExpired => unverified(token)
            .and_then(|(header, payload)| expired(&header, &payload))
            .unwrap_or_else(|error| error),
        _ => InvalidTokenError::new_err(text),
    }
}

fn expired(header: &Bound<'_, PyDict>, payload: &Bound<'_, PyDict>) -> PyResult<PyErr> {
    let py = payload.py();
    let expired = ExpiredSignatureError::new_err("Signature has expired");
    add_defaults(payload)?;
    let value = expired.value(py);
    value.setattr(intern!(py, "jwt_header"), header)?;
    value.setattr(intern!(py, "jwt_data"), payload)?;
    Ok(expired)
}

fn is_text_or_texts(value: &Bound<'_, PyAny>) -> bool {
    let is_text = |value: &Bound<'_, PyAny>| value.is_instance_of::<PyString>();
    is_text(value)
        || value.cast::<PyList>().is_ok_and(|list| list.iter().all(|item| is_text(&item)))
}
