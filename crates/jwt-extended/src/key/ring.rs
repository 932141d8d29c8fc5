use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{JwkSet, KeyError, SigningKey, VerifyingKey};
use crate::algorithm::Family::{Ec, Ed25519, Hmac, Rsa};
use crate::algorithm::{Algorithm, Algorithms};
use crate::json;

/// What a service holds: at most one key to sign with, any number to verify with.
///
/// A token's `kid` chooses the key: the one of this name or, where it has none, of this thumbprint
/// (RFC 7638). A key without a name takes tokens of any `kid`, and a token without `kid` may be for any
/// key; then each key whose algorithm fits is tried, at most [`Keyring::MAX_TRIES`] of them.
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
#[must_use = "no engine knows this ring: `withdraw`, `rotate_to` and `also_verify` give a new one, to be handed to `replace_keys` or made in `update_keys`"]
pub struct Keyring {
    signing: Option<SigningKey>,
    verifying: Vec<VerifyingKey>,
    generation: Generation,
}

/// Tells rings apart: two with the same number hold the same keys.
#[derive(Clone)]
struct Generation {
    number: u64,
    /// Of these keys, made when it is first asked for.
    index: OnceLock<Index>,
}

/// Finds keys among many; by their place in the ring.
#[derive(Clone, Default)]
struct Index {
    /// By name or, where a key has none, by thumbprint.
    called: HashMap<String, Vec<usize>>,
    nameless: Vec<usize>,
}

impl Default for Generation {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed), index: OnceLock::new() }
    }
}

impl Keyring {
    /// How many keys are tried on one token at most.
    pub const MAX_TRIES: usize = 8;

    /// How many keys a JWK Set may have at most: more than any issuer needs, since others wrote it.
    pub const MAX_PUBLISHED: usize = 64;

    /// A ring that signs with `key` and verifies with its counterpart.
    pub fn new(key: SigningKey) -> Self {
        let public = key.verifying_key();
        Self::of(Some(key), public)
    }

    /// A ring of a key that signs, and one that verifies its tokens and perhaps others.
    pub(crate) fn of(signing: Option<SigningKey>, verifying: VerifyingKey) -> Self {
        Self { signing, verifying: vec![verifying], generation: Generation::default() }
    }

    /// A ring that only verifies: for a service that takes another's tokens.
    pub fn verify_only(key: VerifyingKey) -> Self {
        Self::of(None, key)
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
        self.generation = Generation::default();
        Ok(self)
    }

    /// A ring in which `key` signs, and all that this one verifies with stays good: the next step of a
    /// rotation. Where others read the published keys, add `key.verifying_key()` with
    /// [`Keyring::also_verify`] first, and let it sign when they have had time to fetch it.
    pub fn rotate_to(self, key: SigningKey) -> Result<Self, KeyError> {
        let probe = b"is this the key that was announced?";
        let signature = key.sign(probe)?;
        let mut ring = Self::new(key);
        for old in self.verifying {
            let is_new = ring.verifying.iter().any(|new| new.kid() == old.kid())
                && ring
                    .signing
                    .as_ref()
                    .is_some_and(|key| old.verify(key.algorithm(), probe, &signature));
            if is_new {
                // Perhaps bound to more algorithms.
                ring.verifying.splice(..1, [old]);
            } else {
                ring = ring.also_verify(old)?;
            }
        }
        Ok(ring)
    }

    /// A ring without the key of this `kid`, or thumbprint: its tokens are good no longer. The key that
    /// signs cannot go, and a `kid` that no key has is an error too, since somebody believes it gone.
    pub fn withdraw(mut self, kid: &str) -> Result<Self, KeyError> {
        if self.signing.as_ref().is_some_and(|key| key.verifying_key().is_called(kid)) {
            return Err(KeyError::new(format!(
                "the key {kid:?} signs: let another one sign first, with `rotate_to`"
            )));
        }
        let before = self.verifying.len();
        self.verifying.retain(|key| !key.is_called(kid));
        if self.verifying.len() == before {
            return Err(KeyError::new(format!("there is no key {kid:?} to withdraw")));
        }
        self.generation = Generation::default();
        Ok(self)
    }

    /// A ring that verifies with the keys of a JWK Set (RFC 7517 section 5). Keys that cannot be used
    /// with one of `algorithms` are passed over, as the RFC asks; that none is left is an error, and
    /// so are two of one `kty` and `kid`, whether they can be used or not. Of two with one `kid` and different
    /// `kty` (section 4.5), each checks the tokens of its own algorithms.
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
        if set.keys.len() > Self::MAX_PUBLISHED {
            return Err(KeyError::new(format!(
                "the JWK Set has {} keys, and {} are the most",
                set.keys.len(),
                Self::MAX_PUBLISHED
            )));
        }
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
                    ring.verifying.push(key);
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

    /// The public keys among those that verify, to be published: secrets stay out.
    pub fn jwk_set(&self) -> JwkSet {
        self.verifying.iter().filter_map(VerifyingKey::public_key).collect()
    }

    /// Puts the signing key's thumbprint into its tokens as `kid`, unless it has a name or is a secret.
    pub(crate) fn announce_thumbprint(mut self) -> Self {
        self.signing = self.signing.map(SigningKey::announce_thumbprint);
        self
    }

    /// A number that no ring with other keys has in this process: what was found out with a ring holds
    /// for one of the same number, and for no other.
    pub fn generation(&self) -> u64 {
        self.generation.number
    }

    fn index(&self) -> &Index {
        self.generation.index.get_or_init(|| {
            let mut index = Index::default();
            for (place, key) in self.verifying.iter().enumerate() {
                if key.kid().is_none() {
                    index.nameless.push(place);
                }
                if let Some(name) = key.called() {
                    index.called.entry(name.to_owned()).or_default().push(place);
                }
            }
            index
        })
    }

    /// Whether a key of this name is held, or one that takes any name.
    pub(crate) fn knows(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| {
            !self.index().nameless.is_empty() || self.index().called.contains_key(kid)
        })
    }

    /// The keys that a token with this header may be checked with: those of its `kid` first.
    pub(crate) fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> impl Iterator<Item = &'a VerifyingKey> {
        let (meant, nameless, any): (&[usize], &[usize], &[_]) = match kid {
            Some(kid) => {
                let index = self.index();
                (index.called.get(kid).map_or(&[], Vec::as_slice), &index.nameless, &[])
            }
            None => (&[], &[], &self.verifying),
        };
        let open = nameless.iter().filter(|place| !meant.contains(place));
        let named = meant.iter().chain(open).filter_map(|place| self.verifying.get(*place));
        let fits = move |key: &&VerifyingKey| key.algorithms().contains(algorithm);
        named.chain(any).filter(fits).take(Self::MAX_TRIES)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("signing", &self.signing)
            .field("verifying", &self.verifying)
            .finish_non_exhaustive()
    }
}
