//! From the key options to a ring.

use std::fmt::Write as _;

use super::{Fault, Secret, Settings};
use crate::algorithm::{Algorithm, Algorithms, Family};
use crate::key::{KeyError, Keyring, SigningKey, VerifyingKey};

pub(super) fn keyring(settings: &Settings, warnings: &mut Vec<String>) -> Result<Keyring, Fault> {
    let (fitting, others): (Vec<_>, Vec<_>) = settings
        .decode_algorithms
        .iter()
        .copied()
        .partition(|a| shares_key(*a, settings.algorithm));
    if !others.is_empty() {
        let problem = format!(
            "has {others:?}, which need another kind of key than JWT_ALGORITHM's {}",
            settings.algorithm
        );
        if settings.strict_claims {
            return Err(Fault::new(
                "JWT_DECODE_ALGORITHMS",
                problem,
                "name only algorithms that work with the same key, and give further keys as a keyring",
            ));
        }
        warnings.push(format!("JWT_DECODE_ALGORITHMS {problem}; no token of theirs is accepted"));
    }
    let accepted: Algorithms = fitting.into_iter().chain([settings.algorithm]).collect();
    let unused = if settings.algorithm.is_symmetric() {
        settings.private_key.is_some() || settings.public_key.is_some()
    } else {
        settings.secret_key.is_some()
    };
    if unused {
        warnings.push(format!(
            "a key is set that JWT_ALGORITHM {} does not use: {}",
            settings.algorithm,
            if settings.algorithm.is_symmetric() {
                "JWT_PRIVATE_KEY or JWT_PUBLIC_KEY"
            } else {
                "JWT_SECRET_KEY"
            }
        ));
    }
    if settings.algorithm.is_symmetric() {
        symmetric(settings, accepted, warnings)
    } else {
        asymmetric(settings, accepted)
    }
}

/// Whether one key can serve both: secrets and RSA keys can, a curve has one algorithm.
fn shares_key(a: Algorithm, b: Algorithm) -> bool {
    a == b || (a.family() == b.family() && matches!(a.family(), Family::Hmac | Family::Rsa))
}

fn symmetric(
    settings: &Settings,
    accepted: Algorithms,
    warnings: &mut Vec<String>,
) -> Result<Keyring, Fault> {
    let algorithm = settings.algorithm;
    let Some(secret) = &settings.secret_key else {
        return Err(Fault::new(
            "JWT_SECRET_KEY",
            format!("is not set, and {algorithm} needs it"),
            "set it to random bytes that only your services know: `openssl rand -base64 48`",
        ));
    };
    let secret = secret.bytes();
    let shortest = accepted.iter().filter_map(Algorithm::min_secret_len).max().unwrap_or(0);
    let (signing, verifying) = if secret.len() < shortest && settings.insecure_short_secret {
        warnings.push(format!(
            "JWT_SECRET_KEY has {} bytes; with fewer than {shortest} it can be guessed from a token \
             (RFC 7518 section 3.2)",
            secret.len()
        ));
        (
            SigningKey::insecure_hmac(algorithm, secret),
            VerifyingKey::insecure_hmac(accepted, secret),
        )
    } else {
        (SigningKey::hmac(algorithm, secret), VerifyingKey::hmac(accepted, secret))
    };
    let fault = |error: KeyError| {
        let mut mend = "set it to random bytes: `openssl rand -base64 48`".to_owned();
        if !secret.is_empty() && secret.len() < shortest {
            let _ =
                write!(mend, ", or say JWT_INSECURE_SHORT_SECRET=true if it cannot be changed yet");
        }
        Fault::new("JWT_SECRET_KEY", format!("cannot be used: {error}"), mend)
    };
    Ok(Keyring::of(Some(signing.map_err(fault)?), verifying.map_err(fault)?))
}

fn asymmetric(settings: &Settings, accepted: Algorithms) -> Result<Keyring, Fault> {
    let algorithm = settings.algorithm;
    let private = (settings.private_key.as_ref())
        .map(|secret| signing(algorithm, secret).map_err(|e| unusable("JWT_PRIVATE_KEY", &e)))
        .transpose()?;
    let public = (settings.public_key.as_ref())
        .map(|secret| verifying(accepted, secret).map_err(|e| unusable("JWT_PUBLIC_KEY", &e)))
        .transpose()?;
    match (private, public) {
        (None, None) => Err(Fault::new(
            "JWT_PRIVATE_KEY",
            format!("is not set, and neither is JWT_PUBLIC_KEY; {algorithm} needs one of them"),
            "set JWT_PRIVATE_KEY to make tokens, or JWT_PUBLIC_KEY alone to check another's",
        )),
        (Some(signing), None) => {
            let public =
                signing.public_for(accepted).map_err(|e| unusable("JWT_PRIVATE_KEY", &e))?;
            Ok(Keyring::of(Some(signing), public))
        }
        (None, Some(public)) => Ok(Keyring::verify_only(public)),
        (Some(signing), Some(public)) => {
            let probe = b"do these two keys belong together?";
            let signature = signing.sign(probe).map_err(|e| unusable("JWT_PRIVATE_KEY", &e))?;
            if !public.verify(algorithm, probe, &signature) {
                return Err(Fault::new(
                    "JWT_PUBLIC_KEY",
                    "is not the public part of JWT_PRIVATE_KEY",
                    "leave it unset, or set both from one key pair",
                ));
            }
            if public.kid().is_some() && public.kid() != signing.kid() {
                return Err(Fault::new(
                    "JWT_PUBLIC_KEY",
                    "has another `kid` than JWT_PRIVATE_KEY, and would refuse its tokens",
                    "give both the same `kid`, or the public key none",
                ));
            }
            Ok(Keyring::of(Some(signing), public))
        }
    }
}

fn unusable(option: &'static str, error: &KeyError) -> Fault {
    Fault::new(
        option,
        format!("cannot be used: {error}"),
        "give it a PEM or a JWK of the kind that JWT_ALGORITHM needs",
    )
}

fn signing(algorithm: Algorithm, secret: &Secret) -> Result<SigningKey, KeyError> {
    let text = text(secret)?;
    if text.trim_start().starts_with('{') {
        SigningKey::from_jwk(algorithm, text)
    } else {
        SigningKey::from_pem(algorithm, text)
    }
}

fn verifying(algorithms: Algorithms, secret: &Secret) -> Result<VerifyingKey, KeyError> {
    let text = text(secret)?;
    if text.trim_start().starts_with('{') {
        VerifyingKey::from_jwk(algorithms, text)
    } else {
        VerifyingKey::from_pem(algorithms, text)
    }
}

fn text(secret: &Secret) -> Result<&str, KeyError> {
    std::str::from_utf8(secret.bytes()).map_err(|_| KeyError::new("it is neither PEM nor JWK text"))
}
