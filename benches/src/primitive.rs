//! The signature alone: a parsed key, a message, and nothing else. Nobody can be faster.

use std::hint::black_box;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
    RsaKeyPair, VerificationAlgorithm,
};
use jwt_extended::Algorithm;

use crate::{Contender, Result, SECRET, private_der};

const NAME: &str = "primitive";

pub(crate) fn rsa() -> Result<RsaKeyPair> {
    Ok(RsaKeyPair::from_der(&private_der(Algorithm::RS256)?)?)
}

pub(crate) fn ec() -> Result<EcdsaKeyPair> {
    let der = private_der(Algorithm::ES256)?;
    Ok(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)?)
}

pub(crate) fn ed25519() -> Result<Ed25519KeyPair> {
    Ok(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&private_der(Algorithm::EdDSA)?)?)
}

fn secret() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes())
}

/// Computes a token's MAC.
pub(crate) fn mac() -> impl Fn(&str) -> bool + Sync {
    let key = secret();
    move |token| {
        let message = token.rsplit_once('.').map(|(message, _)| message);
        message.is_some_and(|m| !hmac::sign(&key, m.as_bytes()).as_ref().is_empty())
    }
}

/// A token's signing input and its decoded signature.
fn split(token: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    let (message, signature) = token.rsplit_once('.').ok_or("no token")?;
    Ok((message.into(), base64_simd::URL_SAFE_NO_PAD.decode_to_vec(signature)?))
}

pub(crate) fn verify(algorithm: Algorithm, token: &str) -> Result<Contender> {
    let (message, signature) = split(token)?;
    let parsed = |parameters: &'static dyn VerificationAlgorithm, public: &[u8]| {
        ParsedPublicKey::new(parameters, public)
    };
    let key = match algorithm {
        Algorithm::RS256 => parsed(&RSA_PKCS1_2048_8192_SHA256, rsa()?.public_key().as_ref())?,
        Algorithm::ES256 => parsed(&ECDSA_P256_SHA256_FIXED, ec()?.public_key().as_ref())?,
        Algorithm::EdDSA => parsed(&ED25519, ed25519()?.public_key().as_ref())?,
        _ => {
            let key = secret();
            return Contender::new(NAME, move || {
                hmac::verify(&key, black_box(&message), black_box(&signature))?;
                Ok(0)
            });
        }
    };
    Contender::new(NAME, move || {
        key.verify_sig(black_box(&message), black_box(&signature))?;
        Ok(0)
    })
}

pub(crate) fn sign(algorithm: Algorithm, token: &str) -> Result<Contender> {
    let (message, _) = split(token)?;
    let random = SystemRandom::new();
    match algorithm {
        Algorithm::RS256 => {
            let (key, mut signature) = (rsa()?, Vec::new());
            signature.resize(key.public_modulus_len(), 0);
            Contender::new(NAME, move || {
                key.sign(&RSA_PKCS1_SHA256, &random, black_box(&message), &mut signature)?;
                Ok(signature.len())
            })
        }
        Algorithm::ES256 => {
            let key = ec()?;
            Contender::new(NAME, move || Ok(key.sign(&random, black_box(&message))?.as_ref().len()))
        }
        Algorithm::EdDSA => {
            let key = ed25519()?;
            Contender::new(NAME, move || Ok(key.sign(black_box(&message)).as_ref().len()))
        }
        _ => {
            let key = secret();
            Contender::new(NAME, move || Ok(hmac::sign(&key, black_box(&message)).as_ref().len()))
        }
    }
}
