use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::PublicKey;
use crate::algorithm::Algorithms;
use crate::base64url;

/// Public keys to be published as a JWK Set (RFC 7517 section 5), for others to check tokens with.
///
/// ```
/// use jwt_extended::{Algorithm, GeneratedKey, Keyring, VerifyingKey};
///
/// let new = GeneratedKey::new(Algorithm::ES256)?;
/// let secret = VerifyingKey::hmac(Algorithm::HS256, b"a-secret-of-at-least-32-random-bytes")?;
/// let ring = Keyring::new(new.signing_key().clone()).also_verify(secret)?;
///
/// let published = ring.jwk_set();
/// assert_eq!(published.keys().len(), 1, "secrets stay out");
/// let theirs = Keyring::from_jwk_set(Algorithm::ES256, &published.to_json())?;
/// assert_eq!(theirs.verifying_keys()[0].kid(), new.signing_key().kid());
/// # Ok::<(), jwt_extended::KeyError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<PublicKey>,
}

impl JwkSet {
    /// The keys.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Whether there is no key in it.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The set as JSON, of the media type `application/jwk-set+json`.
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A short text that is another one whenever the JSON is: for an `ETag`.
    pub fn version(&self) -> String {
        base64url::encode(&Sha256::digest(self.to_json()))
    }
}

impl FromIterator<PublicKey> for JwkSet {
    /// The same key under the same name, for other algorithms, is one key for all of them.
    fn from_iter<I: IntoIterator<Item = PublicKey>>(all: I) -> Self {
        let mut keys: Vec<PublicKey> = Vec::new();
        for key in all {
            let same = |k: &&mut PublicKey| k.kid() == key.kid() && k.numbers == key.numbers;
            match keys.iter_mut().find(same) {
                Some(known) => {
                    let both = known.algorithms.iter().chain(key.algorithms.iter());
                    known.algorithms = both.collect::<Algorithms>();
                }
                None => keys.push(key),
            }
        }
        Self { keys }
    }
}
