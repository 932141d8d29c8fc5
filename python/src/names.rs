//! Names that stand in every token, as strings that Python keeps.

use pyo3::prelude::*;
use pyo3::{intern, types::PyString};

use crate::write::append_text;

macro_rules! each_usual {
    ($use:ident) => {
        $use!("sub" "iat" "exp" "nbf" "jti" "type" "fresh" "csrf" "iss" "aud" "sid" "auth_time" "mgr"
            "alg" "typ" "kid")
    };
}

/// A name of a claim or header parameter, if it is a usual one.
pub(crate) fn usual<'py>(py: Python<'py>, text: &str) -> Option<&'py Bound<'py, PyString>> {
    macro_rules! known {
        ($($known:literal)+) => {
            match text {
                $($known => Some(intern!(py, $known)),)+
                _ => None,
            }
        };
    }
    each_usual!(known)
}

/// Appends what a member of this name begins with: a comma, the name and a colon.
pub(crate) fn append_beginning(name: &str, json: &mut Vec<u8>) {
    macro_rules! known {
        ($($known:literal)+) => {
            match name {
                $($known => json.extend_from_slice(concat!(",\"", $known, "\":").as_bytes()),)+
                _ => {
                    json.push(b',');
                    append_text(name, json);
                    json.push(b':');
                }
            }
        };
    }
    each_usual!(known);
}
