//! RSA public keys: read, and refused where they are weak.

use aws_lc_rs::rsa::PublicKey;
use aws_lc_rs::signature::{self as s, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};

use super::KeyError;
use crate::algorithm::Algorithm;

/// Modulus and public exponent, big-endian without leading zeros.
pub(super) struct RsaPublic {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
}

impl RsaPublic {
    /// From a `SubjectPublicKeyInfo` or PKCS#1 `RSAPublicKey`, in DER.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let key =
            PublicKey::from_der(der).map_err(|_| KeyError::new("this is no RSA public key"))?;
        Self::from_components(
            key.modulus().big_endian_without_leading_zero(),
            key.exponent().big_endian_without_leading_zero(),
        )
    }

    pub(super) fn from_components(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let strip =
            |bytes: &[u8]| -> Vec<u8> { bytes.iter().copied().skip_while(|b| *b == 0).collect() };
        let (n, e) = (strip(n), strip(e));
        let length = |number: &[u8]| {
            number.len() * 8 - number.first().map_or(0, |b| b.leading_zeros() as usize)
        };
        let bits = length(&n);
        if bits < 2048 {
            return Err(KeyError::new(format!(
                "the RSA key has {bits} bits, at least 2048 are needed (RFC 7518 section 3.3)"
            )));
        }
        if bits > 8192 {
            return Err(KeyError::new(format!(
                "the RSA key has {bits} bits, at most 8192 are taken"
            )));
        }
        let odd = |number: &[u8]| number.last().is_some_and(|b| b & 1 == 1);
        if !odd(&n) || !odd(&e) || e == [1] {
            return Err(KeyError::new("the RSA key's modulus or exponent is none"));
        }
        // The library would take the key, and then no signature: a check takes longer with each bit.
        if length(&e) > 33 {
            return Err(KeyError::new("the RSA key's exponent is longer than 33 bits"));
        }
        if is_roca(&n) {
            return Err(KeyError::new(
                "the RSA key was made by a generator with the ROCA weakness (CVE-2017-15361)",
            ));
        }
        Ok(Self { n, e })
    }

    pub(super) fn parse(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, KeyError> {
        RsaPublicKeyComponents { n: &self.n, e: &self.e }
            .to_parsed_public_key(parameters(algorithm)?)
            .map_err(|_| KeyError::new("the RSA key's modulus or exponent is none"))
    }
}

fn parameters(algorithm: Algorithm) -> Result<&'static RsaParameters, KeyError> {
    Ok(match algorithm {
        Algorithm::RS256 => &s::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &s::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &s::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &s::RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &s::RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &s::RSA_PSS_2048_8192_SHA512,
        other => return Err(KeyError::new(format!("{other} does not work with an RSA key"))),
    })
}

/// The fingerprint of CVE-2017-15361 (Nemec et al., CCS 2017): moduli made by the faulty library are,
/// modulo each of these primes, a power of 65537. A random modulus passes all of them with a chance
/// of about 2^-27.
fn is_roca(n: &[u8]) -> bool {
    const PRIMES: [u64; 17] =
        [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
    PRIMES.iter().all(|&p| {
        let residue = n.iter().fold(0u64, |r, &byte| (r * 256 + u64::from(byte)) % p);
        let mut power = 1;
        (0..p).any(|_| {
            power = power * 65537 % p;
            power == residue
        })
    })
}
