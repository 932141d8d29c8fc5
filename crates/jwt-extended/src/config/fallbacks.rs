//! Keys that only verify, after another one has taken their place.

use super::keys::{text, unusable};
use super::{Fault, Secret, Settings};
use crate::algorithm::{Algorithm, Algorithms, Family};
use crate::key::{KeyError, Keyring, VerifyingKey};

const SECRETS: &str = "JWT_SECRET_KEY_FALLBACKS";
const PUBLIC_KEYS: &str = "JWT_PUBLIC_KEY_FALLBACKS";

/// Whether there are keys to check tokens of `algorithm` with, besides the current one.
pub(super) fn has_key_for(settings: &Settings, algorithm: Algorithm) -> bool {
    !if algorithm.is_symmetric() {
        &settings.secret_key_fallbacks
    } else {
        &settings.public_key_fallbacks
    }
    .is_empty()
}

/// Adds the fallbacks to the ring of the current key.
pub(super) fn add(settings: &Settings, mut ring: Keyring) -> Result<Keyring, Fault> {
    let named = settings.decode_algorithms.iter().copied().chain([settings.algorithm]);
    let (secret, public): (Vec<_>, Vec<_>) = named.partition(|a| a.is_symmetric());
    let secret: Algorithms = secret.into_iter().collect();
    for fallback in &settings.secret_key_fallbacks {
        let key = if settings.insecure_short_secret {
            VerifyingKey::insecure_hmac(secret, fallback.bytes())
        } else {
            VerifyingKey::hmac(secret, fallback.bytes())
        };
        ring = key
            .map_err(|error| misfit(SECRETS, secret, &error))
            .and_then(|key| ring.also_verify(key).map_err(|error| unusable(SECRETS, &error)))?;
    }
    let public: Algorithms = public.into_iter().collect();
    for fallback in &settings.public_key_fallbacks {
        ring = add_public(ring, public, fallback)
            .map_err(|error| misfit(PUBLIC_KEYS, public, &error))?;
    }
    let fallbacks = settings.secret_key_fallbacks.len() + settings.public_key_fallbacks.len();
    if fallbacks > 0 && ring.verifying_keys().len() > Keyring::MAX_TRIES {
        let option = if settings.secret_key_fallbacks.is_empty() { PUBLIC_KEYS } else { SECRETS };
        let problem = format!(
            "makes it {} keys, of which no more than {} are tried on a token without a `kid`",
            ring.verifying_keys().len(),
            Keyring::MAX_TRIES
        );
        return Err(Fault::new(option, problem, "leave out those whose last token has expired"));
    }
    Ok(ring)
}

fn add_public(ring: Keyring, among: Algorithms, key: &Secret) -> Result<Keyring, KeyError> {
    let text = text(key)?;
    if text.trim_start().starts_with('{') && text.contains("\"keys\"") {
        let set = Keyring::from_jwk_set(among, text)?;
        return set.verifying_keys().iter().cloned().try_fold(ring, Keyring::also_verify);
    }
    let read = |algorithms| {
        if text.trim_start().starts_with('{') {
            VerifyingKey::from_jwk(algorithms, text)
        } else {
            VerifyingKey::from_pem(algorithms, text)
        }
    };
    // A key fits one family, and on curves one algorithm.
    let rsa: Algorithms = among.iter().filter(|a| a.family() == Family::Rsa).collect();
    let curves = among.iter().filter(|a| a.family() != Family::Rsa).map(Algorithms::from);
    let mut misfit = KeyError::new("no accepted algorithm works with a public key");
    for algorithms in [rsa].into_iter().chain(curves).filter(|set| !set.is_empty()) {
        match read(algorithms) {
            Ok(key) => return ring.also_verify(key),
            Err(error) => misfit = error,
        }
    }
    Err(misfit)
}

fn misfit(option: &'static str, among: Algorithms, error: &KeyError) -> Fault {
    Fault::new(
        option,
        format!("holds a key that is good for none of {among:?}: {error}"),
        "name its algorithm in JWT_DECODE_ALGORITHMS, or take the key out",
    )
}
