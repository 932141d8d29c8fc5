//! Public keys, to be told to others.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::ParsedPublicKey;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::UintRef;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::{curve, pem};
use crate::algorithm::{Algorithm, Algorithms, Family};
use crate::base64url;

/// The public part of an asymmetric key, for others to check signatures with: as a JWK, in PEM, by its
/// thumbprint. No secret can become one. Cheap to clone.
///
/// ```
/// use jwt_extended::{Algorithm, SigningKey};
///
/// // RFC 8037 appendix A.1 to A.3
/// let key = SigningKey::from_jwk(Algorithm::EdDSA, r#"{"kty":"OKP","crv":"Ed25519",
///     "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
/// let public = key.verifying_key().public_key().ok_or("a secret")?;
/// assert_eq!(public.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// assert_eq!(public.kid(), public.thumbprint());
/// assert!(!public.to_jwk().contains(r#""d""#));
///
/// let secret = SigningKey::hmac(Algorithm::HS256, b"a-secret-of-at-least-32-random-bytes")?;
/// assert!(secret.verifying_key().public_key().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub(super) kid: Option<Arc<str>>,
    pub(super) algorithms: Algorithms,
    pub(super) numbers: Arc<Numbers>,
}

impl PublicKey {
    /// The key's name: the one it was given, or else its thumbprint.
    pub fn kid(&self) -> &str {
        self.kid.as_deref().unwrap_or(&self.numbers.thumbprint)
    }

    /// The SHA-256 thumbprint of RFC 7638, in base64url: the same for this key wherever it is computed.
    pub fn thumbprint(&self) -> &str {
        &self.numbers.thumbprint
    }

    /// What the key may be used with.
    pub fn algorithms(&self) -> Algorithms {
        self.algorithms
    }

    /// The key as a JWK (RFC 7517), with `kid` and `use`, and with `alg` where there is only one.
    pub fn to_jwk(&self) -> String {
        // Nothing in it can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The key in PEM (`PUBLIC KEY`, SPKI).
    pub fn to_pem(&self) -> String {
        pem::encode("PUBLIC KEY", &self.numbers.spki)
    }
}

impl Serialize for PublicKey {
    /// As a JWK.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Jwk<'k> {
            #[serde(flatten)]
            members: &'k Members,
            kid: &'k str,
            #[serde(rename = "use")]
            usage: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            alg: Option<&'static str>,
        }
        let mut algorithms = self.algorithms.iter();
        let alg = algorithms.next().filter(|_| algorithms.next().is_none()).map(Algorithm::name);
        Jwk { members: &self.numbers.members, kid: self.kid(), usage: "sig", alg }
            .serialize(serializer)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("kid", &self.kid())
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

/// What makes a public key the key it is.
#[derive(PartialEq, Eq)]
pub(super) struct Numbers {
    members: Members,
    spki: Vec<u8>,
    pub(super) thumbprint: String,
}

/// The members of a JWK without which there is no key, in base64url. Secrets have no variant.
#[derive(Serialize, PartialEq, Eq)]
#[serde(tag = "kty")]
enum Members {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { crv: &'static str, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: &'static str, x: String },
}

impl Numbers {
    /// The numbers of a key that was read for `algorithm`. `None`: the library cannot write what it read.
    pub(super) fn of(algorithm: Algorithm, parsed: &ParsedPublicKey) -> Option<Self> {
        // Written anew, so that each number and each point is in its one canonical form.
        let spki = parsed.as_der().ok()?.as_ref().to_vec();
        let info = SubjectPublicKeyInfoRef::from_der(&spki).ok()?;
        let key = info.subject_public_key.as_bytes()?;
        let members = match algorithm.family() {
            Family::Hmac => return None,
            Family::Rsa => {
                let [n, e] = &*Vec::<UintRef<'_>>::from_der(key).ok()? else { return None };
                let [n, e] = [n, e].map(|number| base64url::encode(number.as_bytes()));
                Members::Rsa { n, e }
            }
            Family::Ec => {
                let curve = curve(algorithm)?;
                let (x, y) = key.strip_prefix(&[4])?.split_at_checked(curve.size)?;
                Members::Ec { crv: curve.name, x: base64url::encode(x), y: base64url::encode(y) }
            }
            Family::Ed25519 => Members::Okp { crv: "Ed25519", x: base64url::encode(key) },
        };
        let thumbprint = members.thumbprint();
        Some(Self { members, spki, thumbprint })
    }

    /// The octets that end an Ed25519 key's SPKI: its point.
    pub(super) fn ed25519_point(&self) -> &[u8] {
        self.spki.split_last_chunk::<32>().map_or(&[], |(_, point)| point)
    }
}

impl Members {
    fn thumbprint(&self) -> String {
        // RFC 7638 section 3.3: this order, no white space. Nothing in the values needs an escape.
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        };
        base64url::encode(&Sha256::digest(canonical))
    }
}
