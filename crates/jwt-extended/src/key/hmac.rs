//! HMAC with a kept key state: the two compressions of the padded key are done once.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::KeyError;
use crate::algorithm::Algorithm;

/// One secret, ready for one of the HMAC algorithms. Its state is wiped when dropped.
#[derive(Clone)]
pub(super) enum HmacKey {
    S256(Hmac<Sha256>),
    S384(Hmac<Sha384>),
    S512(Hmac<Sha512>),
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

    /// Appends the MAC of `message` to `out`.
    pub(super) fn sign(&self, message: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::S256(state) => out.extend(mac(state, message).finalize().into_bytes()),
            Self::S384(state) => out.extend(mac(state, message).finalize().into_bytes()),
            Self::S512(state) => out.extend(mac(state, message).finalize().into_bytes()),
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

/// Whether a "secret" is text that is meant as another form of key: the classic confusion, in which a
/// public key that everybody knows would become the secret.
fn looks_asymmetric(secret: &[u8]) -> bool {
    // Tools put comments and attributes before a PEM, so its first line may stand anywhere.
    let has_pem = secret.windows(10).any(|place| place == b"----BEGIN " || place == b"---- BEGIN");
    let text = secret.trim_ascii_start();
    let has_jwk = text.starts_with(b"{") && text.windows(5).any(|place| place == b"\"kty\"");
    has_pem || has_jwk || [b"ssh-".as_slice(), b"ecdsa-sha2-"].iter().any(|p| text.starts_with(p))
}
