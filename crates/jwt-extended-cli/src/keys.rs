//! Keys out of files, whatever their form.

use std::io::Read;
use std::path::Path;

use jwt_extended::{Algorithm, Algorithms, KeyError, Keyring, SigningKey, VerifyingKey};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::Failure;

/// Longer files hold no key.
const MAX_FILE: u64 = 1 << 20;

const SECRET: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

/// The algorithms that an RSA key can be used with.
pub(crate) const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// The algorithms that each kind of asymmetric key can be used with.
fn kinds() -> [Algorithms; 6] {
    use Algorithm::{ES256, ES256K, ES384, ES512, EdDSA};
    [RSA.into(), ES256.into(), ES384.into(), ES512.into(), ES256K.into(), EdDSA.into()]
}

/// The text of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_FILE + 1).read_to_string(&mut text)
    } else {
        let file = std::fs::File::open(path);
        file.and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text))
    };
    match read {
        Ok(length) if length as u64 > MAX_FILE => {
            Err(format!("{} is too long to be a key", path.display()).into())
        }
        Ok(_) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(format!("{} is no text: a key must be a PEM or a JWK", path.display()).into())
        }
        Err(error) => Err(format!("cannot read {}: {error}", path.display()).into()),
    }
}

/// The asymmetric key in `text`, to verify with: a PEM, a certificate or a JWK, private or public.
/// `alg` is what RSA keys are for, which may be used with several algorithms.
pub(crate) fn asymmetric(text: &str, alg: Option<Algorithm>) -> Result<VerifyingKey, Failure> {
    match Form::of(text)? {
        Form::Pem => of_pem(text, alg),
        Form::Jwk(jwk) => of_jwk(&jwk, alg),
        Form::Set => Err("this is a JWK Set, and not a single key".into()),
        Form::Secret => Err("this is neither PEM nor JWK; a secret cannot be published".into()),
    }
}

/// The keys in `text` to check a signature with: PEM, JWK, JWK Set, or a secret by itself.
pub(crate) fn ring(text: &str) -> Result<Keyring, Failure> {
    Ok(match Form::of(text)? {
        Form::Pem => Keyring::verify_only(of_pem(text, None)?),
        Form::Set => Keyring::from_jwk_set(Algorithm::ALL, text)?,
        Form::Jwk(jwk) if is_secret(&jwk) => {
            // Each hash wants its own length, so the secret is for those that it is long enough for.
            let made = successes(SECRET.map(|alg| VerifyingKey::from_jwk(alg, text)))?;
            let good: Algorithms = made.iter().flat_map(|key| key.algorithms().iter()).collect();
            Keyring::verify_only(VerifyingKey::from_jwk(good, text)?)
        }
        Form::Jwk(jwk) => Keyring::verify_only(of_jwk(&jwk, None)?),
        Form::Secret => {
            // As JWT_SECRET_KEY_FILE is read. The question is who signed, not whether that was wise.
            let secret = text.strip_suffix('\n').unwrap_or(text);
            let secret = secret.strip_suffix('\r').unwrap_or(secret);
            Keyring::verify_only(VerifyingKey::insecure_hmac(SECRET, secret)?)
        }
    })
}

fn is_secret(jwk: &Map<String, Value>) -> bool {
    jwk.get("kty").is_some_and(|kty| kty == "oct")
}

enum Form {
    Pem,
    Jwk(Map<String, Value>),
    Set,
    Secret,
}

impl Form {
    fn of(text: &str) -> Result<Self, Failure> {
        if text.contains("-----BEGIN ") {
            return Ok(Self::Pem);
        }
        if !text.trim_start().starts_with('{') {
            return Ok(Self::Secret);
        }
        // The parser's own words may quote the key.
        let jwk: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| "this is neither a JWK nor a JWK Set")?;
        Ok(if jwk.contains_key("keys") { Self::Set } else { Self::Jwk(jwk) })
    }
}

fn of_pem(text: &str, alg: Option<Algorithm>) -> Result<VerifyingKey, Failure> {
    let pem = if text.contains("PRIVATE KEY-----") {
        let signing = kinds().map(|kind| {
            let algorithm = kind.iter().next().unwrap_or(Algorithm::EdDSA);
            SigningKey::from_pem(algorithm, text)
        });
        let key = successes(signing)?.into_iter().next();
        let public = key.and_then(|key| key.verifying_key().public_key());
        public.ok_or("this private key has no public part")?.to_pem()
    } else {
        text.to_owned()
    };
    one(kinds().map(|kind| VerifyingKey::from_pem(narrowed(kind, alg), &pem)))
}

fn of_jwk(jwk: &Map<String, Value>, alg: Option<Algorithm>) -> Result<VerifyingKey, Failure> {
    const PUBLIC: [&str; 9] = ["kty", "crv", "n", "e", "x", "y", "kid", "use", "alg"];
    if is_secret(jwk) {
        return Err("this JWK is a secret (`oct`), which cannot be published".into());
    }
    let signs = |operations: &Value| {
        operations.as_array().is_some_and(|all| all.iter().any(|op| op == "sign" || op == "verify"))
    };
    if jwk.get("key_ops").is_some_and(|operations| !signs(operations)) {
        return Err("the JWK's `key_ops` has neither `sign` nor `verify`".into());
    }
    // Whatever is not known to be public stays here.
    let public = jwk.iter().filter(|(name, _)| PUBLIC.contains(&name.as_str()));
    let public: Map<_, _> = public.map(|(name, value)| (name.clone(), value.clone())).collect();
    let public = Value::Object(public).to_string();
    one(kinds().map(|kind| VerifyingKey::from_jwk(narrowed(kind, alg), &public)))
}

/// Only RSA keys have a choice.
fn narrowed(kind: Algorithms, alg: Option<Algorithm>) -> Algorithms {
    alg.filter(|alg| kind.contains(*alg)).map_or(kind, Algorithms::from)
}

fn one<const N: usize>(
    tried: [Result<VerifyingKey, KeyError>; N],
) -> Result<VerifyingKey, Failure> {
    successes(tried)?.into_iter().next().ok_or_else(|| "there is no key".into())
}

/// What could be made, or why nothing could be.
fn successes<T, const N: usize>(tried: [Result<T, KeyError>; N]) -> Result<Vec<T>, Failure> {
    let (mut made, mut reasons) = (Vec::new(), Vec::<String>::new());
    for result in tried {
        match result {
            Ok(key) => made.push(key),
            Err(error) if !reasons.contains(&error.to_string()) => reasons.push(error.to_string()),
            Err(_) => {}
        }
    }
    match &*reasons {
        _ if !made.is_empty() => Ok(made),
        [reason] => Err(reason.into()),
        _ => Err(format!("no algorithm takes this key:\n  {}", reasons.join("\n  ")).into()),
    }
}
