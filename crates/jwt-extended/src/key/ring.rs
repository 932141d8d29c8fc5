use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{KeyError, SigningKey, VerifyingKey};
use crate::algorithm::Family::{Ec, Ed25519, Hmac, Rsa};
use crate::algorithm::{Algorithm, Algorithms};
use crate::json;

/// What a service holds: at most one key to sign with, any number to verify with.
///
/// A token's `kid` chooses the key. A key without a name takes tokens of any `kid`, and a token
/// without `kid` may be for any key; then each key whose algorithm fits is tried, at most
/// [`Keyring::MAX_TRIES`] of them.
///
/// ```
/// use jwt_extended::{Algorithm, Keyring, SigningKey, VerifyingKey};
///
/// let new = SigningKey::hmac(Algorithm::HS256, b"this-year's-secret-of-32-bytes-!")?.with_kid("2026");
/// let old = VerifyingKey::hmac(Algorithm::HS256, b"last-year's-secret-of-32-bytes-!")?.with_kid("2025");
/// let ring = Keyring::new(new).also_verify(old)?;
/// # Ok::<(), jwt_extended::KeyError>(())
/// ```
#[derive(Clone, Default)]
pub struct Keyring {
    signing: Option<SigningKey>,
    verifying: Vec<VerifyingKey>,
}

impl Keyring {
    /// How many keys are tried on one token at most.
    pub const MAX_TRIES: usize = 8;

    /// A ring that signs with `key` and verifies with its counterpart.
    pub fn new(key: SigningKey) -> Self {
        Self { verifying: vec![key.verifying_key()], signing: Some(key) }
    }

    /// A ring of a key that signs, and one that verifies its tokens and perhaps others.
    pub(crate) fn of(signing: Option<SigningKey>, verifying: VerifyingKey) -> Self {
        Self { signing, verifying: vec![verifying] }
    }

    /// A ring that only verifies: for a service that takes another's tokens.
    pub fn verify_only(key: VerifyingKey) -> Self {
        Self { signing: None, verifying: vec![key] }
    }

    /// Adds a key that verifies too, of the last rotation for example. Two different keys of one
    /// name are refused.
    pub fn also_verify(mut self, key: VerifyingKey) -> Result<Self, KeyError> {
        if key.kid().is_some() && self.verifying.iter().any(|k| k.kid() == key.kid()) {
            return Err(KeyError::new(format!(
                "two keys have the `kid` {:?}",
                key.kid().unwrap_or_default()
            )));
        }
        self.verifying.push(key);
        Ok(self)
    }

    /// A ring that verifies with the keys of a JWK Set (RFC 7517 section 5). Keys that cannot be used
    /// with one of `algorithms` are passed over, as the RFC asks; that none is left is an error, and
    /// so are two of one kind and `kid`, whether they can be used or not.
    pub fn from_jwk_set(algorithms: impl Into<Algorithms>, json: &str) -> Result<Self, KeyError> {
        #[derive(Deserialize)]
        struct JwkSet<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct Named {
            kty: String,
            kid: Option<String>,
        }
        let algorithms = algorithms.into();
        if !json::is_object(json.as_bytes()) {
            return Err(KeyError::new("this is no JWK Set but some other text"));
        }
        let set: JwkSet<'_> = serde_json::from_str(json).map_err(|e| {
            KeyError::new(format!("this is no JWK Set (line {}, column {})", e.line(), e.column()))
        })?;
        let mut ring = Self::default();
        let mut names = HashSet::new();
        for jwk in set.keys {
            // Before anything is passed over: which of two keys is meant must not hang on that.
            let name = serde_json::from_str::<Named>(jwk.get()).ok();
            if let Some((kid, kty)) = name.and_then(|name| Some((name.kid?, name.kty)))
                && !names.insert((kid.clone(), kty))
            {
                return Err(KeyError::new(format!("two keys have the `kid` {kid:?}")));
            }
            let fitting = |family| {
                algorithms
                    .iter()
                    .filter(move |a: &Algorithm| a.family() == family)
                    .collect::<Algorithms>()
            };
            // One kind of key fits one family, and on curves one algorithm.
            let sets = [fitting(Hmac), fitting(Rsa), fitting(Ed25519)]
                .into_iter()
                .chain(algorithms.iter().filter(|a| a.family() == Ec).map(Algorithms::from));
            for set in sets.filter(|set| !set.is_empty()) {
                if let Ok(key) = VerifyingKey::from_jwk(set, jwk.get()) {
                    ring = ring.also_verify(key)?;
                    break;
                }
            }
        }
        if ring.verifying.is_empty() {
            return Err(KeyError::new(format!(
                "the JWK Set holds no key for any of {algorithms:?}"
            )));
        }
        Ok(ring)
    }

    /// The key that signs, if there is one.
    pub fn signing_key(&self) -> Option<&SigningKey> {
        self.signing.as_ref()
    }

    /// The keys that verify.
    pub fn verifying_keys(&self) -> &[VerifyingKey] {
        &self.verifying
    }

    /// Whether a key of this name is held, or one that takes any name.
    pub(crate) fn knows(&self, kid: Option<&str>) -> bool {
        kid.is_none() || self.verifying.iter().any(|k| k.kid().is_none() || k.kid() == kid)
    }

    /// The keys that a token with this header may be checked with: those of its `kid` first.
    pub(crate) fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a VerifyingKey> {
        let fits = move |key: &&VerifyingKey| key.algorithms().contains(algorithm);
        let named = self.verifying.iter().filter(move |key| kid.is_some() && key.kid() == kid);
        let open = self.verifying.iter().filter(move |key| kid.is_none() || key.kid().is_none());
        named.chain(open).filter(fits).take(Self::MAX_TRIES)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("signing", &self.signing)
            .field("verifying", &self.verifying)
            .finish()
    }
}
