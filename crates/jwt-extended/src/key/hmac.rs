//! HMAC with a kept key state: the two compressions of the padded key are done once.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Sha256, Sha384, Sha512};
use x509_cert::der::Decode as _;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::{KeyError, pem};
use crate::algorithm::Algorithm;

/// One secret, ready for one of the HMAC algorithms. Its state is wiped when dropped.
#[derive(Clone)]
pub(super) enum HmacKey {
    S256(Hmac<Sha256>),
    S384(Hmac<Sha384>),
    S512(Hmac<Sha512>),
}

/// A MAC.
pub(crate) enum Tag {
    S256([u8; 32]),
    S384([u8; 48]),
    S512([u8; 64]),
}

impl AsRef<[u8]> for Tag {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::S256(bytes) => bytes,
            Self::S384(bytes) => bytes,
            Self::S512(bytes) => bytes,
        }
    }
}

impl HmacKey {
    /// Refuses secrets shorter than the hash (RFC 7518 section 3.2).
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let min = algorithm.min_secret_len().unwrap_or(0);
        if secret.len() < min {
            return Err(KeyError::new(format!(
                "the secret has {} bytes, {algorithm} needs at least {min} (RFC 7518 section 3.2)",
                secret.len()
            )));
        }
        Self::insecure_any_length(algorithm, secret)
    }

    /// Takes any secret but the empty one and a public key, which no secret can be.
    pub(super) fn insecure_any_length(
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<Self, KeyError> {
        if secret.is_empty() {
            return Err(KeyError::new("the secret is empty"));
        }
        if looks_asymmetric(secret) {
            return Err(KeyError::new(format!(
                "this is an asymmetric key, a certificate or a JWK, and {algorithm} needs a secret"
            )));
        }
        let unusable = |_| KeyError::new("the secret cannot be used");
        Ok(match algorithm {
            Algorithm::HS256 => Self::S256(KeyInit::new_from_slice(secret).map_err(unusable)?),
            Algorithm::HS384 => Self::S384(KeyInit::new_from_slice(secret).map_err(unusable)?),
            Algorithm::HS512 => Self::S512(KeyInit::new_from_slice(secret).map_err(unusable)?),
            other => return Err(KeyError::new(format!("{other} does not work with a secret"))),
        })
    }

    /// The MAC of `message`.
    pub(super) fn sign(&self, message: &[u8]) -> Tag {
        match self {
            Self::S256(state) => Tag::S256(mac(state, message).finalize().into_bytes().into()),
            Self::S384(state) => Tag::S384(mac(state, message).finalize().into_bytes().into()),
            Self::S512(state) => Tag::S512(mac(state, message).finalize().into_bytes().into()),
        }
    }

    /// Compares the MAC of `message` with `tag` in constant time.
    pub(super) fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::S256(state) => mac(state, message).verify_slice(tag).is_ok(),
            Self::S384(state) => mac(state, message).verify_slice(tag).is_ok(),
            Self::S512(state) => mac(state, message).verify_slice(tag).is_ok(),
        }
    }
}

fn mac<M: Mac + Clone>(state: &M, message: &[u8]) -> M {
    let mut mac = state.clone();
    mac.update(message);
    mac
}

/// Whether a "secret" is meant as another form of key: the classic confusion, in which a public key that
/// everybody knows would become the secret. Random bytes are none of these.
fn looks_asymmetric(secret: &[u8]) -> bool {
    // Tools put comments and attributes before a PEM, so its first line may stand anywhere.
    let has_pem = secret.windows(10).any(|place| place == b"----BEGIN " || place == b"---- BEGIN");
    let text = secret.trim_ascii_start();
    let is_ssh = [b"ssh-".as_slice(), b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    has_pem || is_ssh || is_jwk(text) || is_public_der(secret)
}

/// Whether it is a JWK or a JWK Set, or what somebody wrapped around one.
fn is_jwk(text: &[u8]) -> bool {
    fn has_kty(value: &Value) -> bool {
        match value {
            Value::Object(members) => members.contains_key("kty") || members.values().any(has_kty),
            Value::Array(items) => items.iter().any(has_kty),
            _ => false,
        }
    }
    // What is cut off, or not quite JSON, is still meant as a key.
    let looks_like_one = text.starts_with(b"{") && text.windows(5).any(|place| place == b"\"kty\"");
    looks_like_one || serde_json::from_slice(text).is_ok_and(|value| has_kty(&value))
}

/// Whether it is a public key (SPKI or PKCS#1) or a certificate in DER, bare or in base64, as which some
/// servers show their key.
fn is_public_der(secret: &[u8]) -> bool {
    let is_der = |bytes: &[u8]| {
        bytes.first() == Some(&0x30)
            && (SubjectPublicKeyInfoRef::from_der(bytes).is_ok()
                || aws_lc_rs::rsa::PublicKey::from_der(bytes).is_ok()
                || pem::certificate(bytes).is_ok())
    };
    let letters: Vec<u8> = secret.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    is_der(secret) || base64_simd::STANDARD.decode_to_vec(letters).is_ok_and(|bytes| is_der(&bytes))
}
