//! Compact JWS (RFC 7515): its three segments, its header, and its signature.
//!
//! [`sign`] and [`verify`] are for what is signed and no JWT; tokens go through
//! [`JwtEngine`](crate::JwtEngine).

mod sign;
mod signature;

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::{AuthError, ErrorKind, Result};
use crate::json::{self, Skip};
use crate::key::Keyring;
pub use sign::sign;
pub use signature::{VerifiedJws, verify};

/// What is refused of a token's form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormRules {
    /// The longest token that is looked at, in bytes.
    pub(crate) max_size: usize,
    /// Refuse padded segments and registered names that stand twice; otherwise the padding is ignored and the
    /// last of the two counts, as `PyJWT` has it.
    pub(crate) strict: bool,
}

/// A token in its three segments, still in base64url.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'t> {
    /// Header and payload with the dot between them: what the signature covers.
    pub(crate) signed: &'t [u8],
    pub(crate) header: &'t [u8],
    pub(crate) payload: &'t [u8],
    pub(crate) signature: &'t [u8],
}

impl<'t> Compact<'t> {
    pub(crate) fn split(token: &'t [u8], rules: FormRules) -> Result<Self> {
        if token.len() > rules.max_size {
            return Err(AuthError::new(
                ErrorKind::TokenTooLarge,
                format!("The token is longer than {} bytes", rules.max_size),
            ));
        }
        // From both ends, where they are near. One more between them makes the payload no base64url, which
        // whoever calls this decodes first of all.
        let (first, second) = (memchr::memchr(b'.', token), memchr::memrchr(b'.', token));
        let (Some(first), Some(second), true) = (first, second, first != second) else {
            return Err(not_three());
        };
        let signed = token.get(..second).unwrap_or_default();
        let [header, payload, signature] =
            [token.get(..first), token.get(first + 1..second), token.get(second + 1..)].map(
                |segment| {
                    let segment = segment.unwrap_or_default();
                    if rules.strict { segment } else { unpadded(segment) }
                },
            );
        Ok(Self { signed, header, payload, signature })
    }

    /// The header: known where it is the one that the ring's own tokens have, as most have it.
    pub(crate) fn header<'k>(&self, keys: &'k Keyring, rules: FormRules) -> Result<Header<'k>> {
        match keys.signing_key() {
            Some(key) if key.header_segment().as_bytes() == self.header => {
                Ok(Header { algorithm: key.algorithm(), kid: key.kid().map(Into::into) })
            }
            _ => Header::parse(self.header, rules),
        }
    }

    /// Why the payload cannot be decoded.
    pub(crate) fn no_payload(&self) -> AuthError {
        if self.payload.contains(&b'.') {
            return not_three();
        }
        AuthError::new(ErrorKind::MalformedToken, "The token's payload is no base64url")
    }
}

fn not_three() -> AuthError {
    let why = "A token has three segments with a dot between each two";
    AuthError::new(ErrorKind::MalformedToken, why)
}

/// The segment without its padding, where it has the right amount of it.
fn unpadded(segment: &[u8]) -> &[u8] {
    if !segment.len().is_multiple_of(4) {
        return segment;
    }
    let once = segment.strip_suffix(b"=").unwrap_or(segment);
    once.strip_suffix(b"=").unwrap_or(once)
}

/// The parts of a header that matter to a verifier. Keys that travel in it are never looked at.
pub(crate) struct Header<'k> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<Cow<'k, str>>,
}

/// The registered parameters (RFC 7515 section 4.1, RFC 7797): none may stand there twice.
#[derive(Deserialize)]
struct Fields {
    #[serde(default, deserialize_with = "present")]
    alg: Option<String>,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "present")]
    b64: Option<serde_json::Value>,
    // Their values are nobody's business.
    #[serde(rename = "typ")]
    _typ: Option<Skip>,
    #[serde(rename = "cty")]
    _cty: Option<Skip>,
    #[serde(rename = "jwk")]
    _jwk: Option<Skip>,
    #[serde(rename = "jku")]
    _jku: Option<Skip>,
    #[serde(rename = "x5u")]
    _x5u: Option<Skip>,
    #[serde(rename = "x5c")]
    _x5c: Option<Skip>,
    #[serde(rename = "x5t")]
    _x5t: Option<Skip>,
    #[serde(rename = "x5t#S256")]
    _x5t_s256: Option<Skip>,
}

/// Takes a value where there is one: unlike a plain `Option`, `null` is no value.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

impl Header<'static> {
    /// Reads a header segment.
    pub(crate) fn parse(segment: &[u8], rules: FormRules) -> Result<Self> {
        if let Some(algorithm) = usual(segment) {
            return Ok(Self { algorithm, kid: None });
        }
        let malformed = |why| AuthError::new(ErrorKind::MalformedToken, why);
        let json = base64url::decode(segment)
            .ok_or_else(|| malformed("The token's header is no base64url"))?;
        let wrong = || malformed("The token's header is no JSON object of the right form");
        if !json::is_object(&json) {
            return Err(wrong());
        }
        let fields = json::check(&json).and_then(|()| {
            if rules.strict {
                serde_json::from_slice(&json)
            } else {
                serde_json::from_slice(&json).and_then(serde_json::from_value)
            }
        });
        let fields: Fields = fields.map_err(|_| wrong())?;
        if rules.strict && fields.b64.as_ref().is_some_and(|b64| !b64.is_boolean()) {
            return Err(wrong());
        }
        if fields.crit.is_some() || fields.b64 == Some(false.into()) {
            return Err(ErrorKind::UnsupportedCritical.into());
        }
        let Some(alg) = fields.alg else {
            return Err(AuthError::new(
                ErrorKind::AlgorithmNotAllowed,
                "The token's header names no algorithm",
            ));
        };
        let algorithm = alg.parse().map_err(|_| AuthError::from(ErrorKind::AlgorithmNotAllowed))?;
        Ok(Self { algorithm, kid: fields.kid.map(Cow::Owned) })
    }
}

/// The algorithm, where the header is the shortest usual one: most tokens have it, and it need not be
/// read each time.
fn usual(segment: &[u8]) -> Option<Algorithm> {
    static USUAL: LazyLock<[(String, Algorithm); Algorithm::ALL.len()]> = LazyLock::new(|| {
        Algorithm::ALL.map(|algorithm| {
            let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#);
            (base64url::encode(header.as_bytes()), algorithm)
        })
    });
    let (_, algorithm) = USUAL.iter().find(|(usual, _)| usual.as_bytes() == segment)?;
    Some(*algorithm)
}
