//! Keys: parsed once, bound to the algorithms they may be used with, never shown.
//!
//! [`SigningKey`] makes signatures with exactly one algorithm, [`VerifyingKey`] checks them with one
//! or several of the same family, and a [`Keyring`] is what a service holds: at most one to sign, any
//! number to verify. A [`PublicKey`] is what others may be told of a key, a [`JwkSet`] what they may be
//! told of a ring, and a [`GeneratedKey`] a new key that can still be written down. The token's `alg` only chooses among what a key was bound to (RFC 8725 section
//! 3.1); keys that travel inside a token (`jwk`, `jku`, `x5u`, `x5c`) are never looked at.

mod ed25519;
mod generate;
mod hmac;
mod jwk;
mod jwk_set;
mod pem;
mod public;
mod ring;
mod rsa;
mod signing;
mod verifying;

pub use generate::GeneratedKey;
pub use jwk_set::JwkSet;
pub use public::PublicKey;
pub use ring::Keyring;
pub use signing::SigningKey;
pub use verifying::VerifyingKey;

use std::borrow::Cow;
use std::fmt;

use crate::algorithm::Algorithm;

/// A key could not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(Cow<'static, str>);

impl KeyError {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeyError {}

/// The elliptic curve algorithms' parameters.
struct Curve {
    /// Its name in a JWK (RFC 7518 section 6.2.1.1, RFC 8812).
    name: &'static str,
    /// Bytes of a coordinate and of a private scalar.
    size: usize,
    signing: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm,
    verifying: &'static aws_lc_rs::signature::EcdsaVerificationAlgorithm,
}

fn curve(algorithm: Algorithm) -> Option<Curve> {
    use aws_lc_rs::signature as s;
    Some(match algorithm {
        Algorithm::ES256 => Curve {
            name: "P-256",
            size: 32,
            signing: &s::ECDSA_P256_SHA256_FIXED_SIGNING,
            verifying: &s::ECDSA_P256_SHA256_FIXED,
        },
        Algorithm::ES384 => Curve {
            name: "P-384",
            size: 48,
            signing: &s::ECDSA_P384_SHA384_FIXED_SIGNING,
            verifying: &s::ECDSA_P384_SHA384_FIXED,
        },
        Algorithm::ES512 => Curve {
            name: "P-521",
            size: 66,
            signing: &s::ECDSA_P521_SHA512_FIXED_SIGNING,
            verifying: &s::ECDSA_P521_SHA512_FIXED,
        },
        Algorithm::ES256K => Curve {
            name: "secp256k1",
            size: 32,
            signing: &s::ECDSA_P256K1_SHA256_FIXED_SIGNING,
            verifying: &s::ECDSA_P256K1_SHA256_FIXED,
        },
        _ => return None,
    })
}

/// What kind of key `algorithm` needs, in words for an error.
fn wanted(algorithm: Algorithm) -> &'static str {
    use crate::algorithm::Family;
    match algorithm.family() {
        Family::Hmac => "a secret",
        Family::Rsa => "an RSA key",
        Family::Ed25519 => "an Ed25519 key",
        Family::Ec => match algorithm {
            Algorithm::ES256 => "an EC key on the curve P-256",
            Algorithm::ES384 => "an EC key on the curve P-384",
            Algorithm::ES512 => "an EC key on the curve P-521",
            _ => "an EC key on the curve secp256k1",
        },
    }
}

#[cfg(test)]
pub(crate) mod tests;
