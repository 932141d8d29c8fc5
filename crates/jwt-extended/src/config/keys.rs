//! From the key options to a ring.

use std::fmt::Write as _;

use super::{Fault, KeyId, Secret, Settings, fallbacks};
use crate::algorithm::{Algorithm, Algorithms, Family};
use crate::key::{KeyError, Keyring, SigningKey, VerifyingKey};

pub(super) fn keyring(settings: &Settings, warnings: &mut Vec<String>) -> Result<Keyring, Fault> {
    let (fitting, others): (Vec<_>, Vec<_>) = settings
        .decode_algorithms
        .iter()
        .copied()
        .partition(|a| shares_key(*a, settings.algorithm));
    let others: Vec<_> =
        others.into_iter().filter(|a| !fallbacks::has_key_for(settings, *a)).collect();
    if !others.is_empty() {
        let problem = format!(
            "has {others:?}, which need another kind of key than JWT_ALGORITHM's {}",
            settings.algorithm
        );
        if settings.strict_claims {
            return Err(Fault::new(
                "JWT_DECODE_ALGORITHMS",
                problem,
                "name only algorithms that work with the same key or with one of \
                 JWT_SECRET_KEY_FALLBACKS and JWT_PUBLIC_KEY_FALLBACKS, or give the keys as a keyring",
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
    let keys = if settings.algorithm.is_symmetric() {
        symmetric(settings, accepted, warnings)
    } else {
        asymmetric(settings, accepted)
    };
    fallbacks::add(settings, keys?).map(|keys| announced(settings, keys))
}

/// A ring that the application made itself.
pub(super) fn given(settings: &Settings, keys: Keyring, warnings: &mut Vec<String>) -> Keyring {
    let named = [&settings.secret_key, &settings.private_key, &settings.public_key];
    let fallbacks = [&settings.secret_key_fallbacks, &settings.public_key_fallbacks];
    if named.iter().any(|key| key.is_some()) || fallbacks.iter().any(|keys| !keys.is_empty()) {
        warnings.push(
            "JWT_SECRET_KEY, JWT_PRIVATE_KEY, JWT_PUBLIC_KEY and their fallbacks are not used beside a keyring"
                .into(),
        );
    }
    if matches!(settings.key_id, Some(KeyId::Name(_))) {
        warnings.push(
            "JWT_KEY_ID names no key of a keyring, which is made of keys with names: `with_kid`"
                .into(),
        );
    }
    announced(settings, keys)
}

pub(super) fn announced(settings: &Settings, keys: Keyring) -> Keyring {
    match settings.key_id {
        Some(KeyId::Thumbprint) => keys.announce_thumbprint(),
        _ => keys,
    }
}

impl Settings {
    /// A key that signs, with the `kid` that `JWT_KEY_ID` asks for.
    pub(crate) fn announced(&self, key: &SigningKey) -> SigningKey {
        match self.key_id {
            Some(KeyId::Thumbprint) => key.clone().announce_thumbprint(),
            _ => key.clone(),
        }
    }
}

/// The name that `JWT_KEY_ID` gives to a key, which must not have another one.
fn name<'s>(settings: &'s Settings, own: Option<&str>) -> Result<Option<&'s str>, Fault> {
    let Some(KeyId::Name(name)) = &settings.key_id else { return Ok(None) };
    match own {
        Some(own) if own != name => Err(Fault::new(
            "JWT_KEY_ID",
            "is not the key's own `kid`",
            "leave it unset, or give the JWK the same `kid`",
        )),
        _ => Ok(Some(name)),
    }
}

fn named_signing(settings: &Settings, key: SigningKey) -> Result<SigningKey, Fault> {
    Ok(match name(settings, key.kid())? {
        Some(name) => key.with_kid(name),
        None => key,
    })
}

fn named_verifying(settings: &Settings, key: VerifyingKey) -> Result<VerifyingKey, Fault> {
    Ok(match name(settings, key.kid())? {
        Some(name) => key.with_kid(name),
        None => key,
    })
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
    let signing = named_signing(settings, signing.map_err(fault)?)?;
    Ok(Keyring::of(Some(signing), named_verifying(settings, verifying.map_err(fault)?)?))
}

fn asymmetric(settings: &Settings, accepted: Algorithms) -> Result<Keyring, Fault> {
    let algorithm = settings.algorithm;
    let private = (settings.private_key.as_ref())
        .map(|secret| signing(algorithm, secret).map_err(|e| unusable("JWT_PRIVATE_KEY", &e)))
        .transpose()?
        .map(|key| named_signing(settings, key))
        .transpose()?;
    let public = (settings.public_key.as_ref())
        .map(|secret| verifying(accepted, secret).map_err(|e| unusable("JWT_PUBLIC_KEY", &e)))
        .transpose()?
        .map(|key| named_verifying(settings, key))
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
            let name = public.kid().map(str::to_owned);
            let keys = announced(settings, Keyring::of(Some(signing), public));
            if name.is_some() && name.as_deref() != keys.signing_key().and_then(SigningKey::kid) {
                return Err(Fault::new(
                    "JWT_PUBLIC_KEY",
                    "has another `kid` than JWT_PRIVATE_KEY, and would refuse its tokens",
                    "say its `kid` in JWT_KEY_ID, give both the same one, or the public key none",
                ));
            }
            Ok(keys)
        }
    }
}

pub(super) fn unusable(option: &'static str, error: &KeyError) -> Fault {
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

pub(super) fn text(secret: &Secret) -> Result<&str, KeyError> {
    std::str::from_utf8(secret.bytes()).map_err(|_| KeyError::new("it is neither PEM nor JWK text"))
}
