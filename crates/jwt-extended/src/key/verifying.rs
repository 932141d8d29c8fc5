use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{self as s, ParsedPublicKey};

use super::hmac::HmacKey;
use super::public::{Numbers, PublicKey};
use super::rsa::RsaPublic;
use super::{KeyError, curve, ed25519, jwk, pem, wanted};
use crate::algorithm::{Algorithm, Algorithms, Family};

/// A key that checks signatures, bound to the algorithms it may be used with. Cheap to clone.
///
/// ```
/// use jwt_extended::{Algorithm, VerifyingKey};
///
/// let key = VerifyingKey::hmac(Algorithm::HS256, b"0123456789abcdef0123456789abcdef")?.with_kid("2026");
/// assert_eq!(key.kid(), Some("2026"));
/// assert_eq!(format!("{key:?}"), r#"VerifyingKey { kid: Some("2026"), algorithms: {HS256}, .. }"#);
/// # Ok::<(), jwt_extended::KeyError>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Option<Arc<str>>,
    algorithms: Algorithms,
    checks: Arc<[(Algorithm, Check)]>,
    /// None of a secret.
    numbers: Option<Arc<Numbers>>,
}

#[expect(clippy::large_enum_variant, reason = "keys are few, and a box is one more miss per token")]
enum Check {
    Hmac(HmacKey),
    Asymmetric(ParsedPublicKey),
}

impl VerifyingKey {
    /// A shared secret for HS256, HS384 or HS512. At least as long as the hash (RFC 7518 section
    /// 3.2): 32, 48, 64 bytes.
    pub fn hmac(
        algorithms: impl Into<Algorithms>,
        secret: impl AsRef<[u8]>,
    ) -> Result<Self, KeyError> {
        Self::new(algorithms.into(), |a| HmacKey::new(a, secret.as_ref()).map(Check::Hmac))
    }

    /// As [`VerifyingKey::hmac`], with a secret of any length: a short one can be guessed from a
    /// single token.
    pub fn insecure_hmac(
        algorithms: impl Into<Algorithms>,
        secret: impl AsRef<[u8]>,
    ) -> Result<Self, KeyError> {
        Self::new(algorithms.into(), |a| {
            HmacKey::insecure_any_length(a, secret.as_ref()).map(Check::Hmac)
        })
    }

    /// A public key in PEM: `PUBLIC KEY` (SPKI), `RSA PUBLIC KEY` (PKCS#1) or `CERTIFICATE` (X.509).
    pub fn from_pem(
        algorithms: impl Into<Algorithms>,
        text: impl AsRef<str>,
    ) -> Result<Self, KeyError> {
        Self::from_spki(algorithms.into(), &pem::public(text.as_ref())?)
    }

    /// A public key in DER: SPKI, PKCS#1 or an X.509 certificate.
    pub fn from_der(
        algorithms: impl Into<Algorithms>,
        der: impl AsRef<[u8]>,
    ) -> Result<Self, KeyError> {
        let (algorithms, der) = (algorithms.into(), der.as_ref());
        match (pem::certificate(der), der.first(), algorithms.iter().next()) {
            (Ok(spki), ..) => Self::from_spki(algorithms, &spki),
            // A bare point would be read too, but it is no DER.
            (Err(_), first, Some(algorithm)) if first != Some(&0x30) => Err(KeyError::new(
                format!("{algorithm} needs {}, and this is no DER of one", wanted(algorithm)),
            )),
            (Err(_), ..) => Self::from_spki(algorithms, der),
        }
    }

    /// A key as a JSON Web Key (RFC 7517). Its `alg`, `use` and `key_ops` must allow what it is
    /// wanted for; its `kid` is taken over.
    pub fn from_jwk(
        algorithms: impl Into<Algorithms>,
        json: impl AsRef<str>,
    ) -> Result<Self, KeyError> {
        jwk::Jwk::parse(json.as_ref())?.verifying_key(algorithms.into())
    }

    pub(super) fn from_spki(algorithms: Algorithms, der: &[u8]) -> Result<Self, KeyError> {
        Self::new(algorithms, |algorithm| match algorithm.family() {
            Family::Rsa => RsaPublic::from_der(der)
                .and_then(|key| key.parse(algorithm))
                .map(Check::Asymmetric)
                .map_err(|e| {
                    KeyError::new(format!("{algorithm} needs {}: {e}", wanted(algorithm)))
                }),
            _ => Self::parse(algorithm, der),
        })
    }

    pub(super) fn from_rsa(algorithms: Algorithms, key: &RsaPublic) -> Result<Self, KeyError> {
        Self::new(algorithms, |algorithm| key.parse(algorithm).map(Check::Asymmetric))
    }

    /// `bytes`: SPKI, or the bare point of an elliptic curve key.
    fn parse(algorithm: Algorithm, bytes: &[u8]) -> Result<Check, KeyError> {
        let parameters: &'static dyn s::VerificationAlgorithm = match curve(algorithm) {
            Some(curve) => curve.verifying,
            None if algorithm == Algorithm::EdDSA => &s::ED25519,
            None => {
                return Err(KeyError::new(format!("{algorithm} needs {}", wanted(algorithm))));
            }
        };
        ParsedPublicKey::new(parameters, bytes).map(Check::Asymmetric).map_err(|_| {
            KeyError::new(format!(
                "{algorithm} needs {}, and this public key is none",
                wanted(algorithm)
            ))
        })
    }

    fn new(
        algorithms: Algorithms,
        check: impl Fn(Algorithm) -> Result<Check, KeyError>,
    ) -> Result<Self, KeyError> {
        if algorithms.is_empty() {
            return Err(KeyError::new(
                "a key needs at least one algorithm that it may be used with",
            ));
        }
        let checks: Arc<[_]> =
            algorithms.iter().map(|a| Ok((a, check(a)?))).collect::<Result<_, KeyError>>()?;
        let numbers = match checks.first() {
            Some((algorithm, Check::Asymmetric(parsed))) => {
                let unwritable = || KeyError::new("the public key cannot be written down again");
                let numbers = Numbers::of(*algorithm, parsed).ok_or_else(unwritable)?;
                if *algorithm == Algorithm::EdDSA {
                    ed25519::check(numbers.ed25519_point())?;
                }
                Some(Arc::new(numbers))
            }
            _ => None,
        };
        Ok(Self { kid: None, algorithms, checks, numbers })
    }

    /// Names the key: only tokens with this `kid`, or without any, are checked with it.
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into().into());
        self
    }

    /// The key's name, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public key, to be told to others. `None`: this is a secret.
    pub fn public_key(&self) -> Option<PublicKey> {
        let numbers = Arc::clone(self.numbers.as_ref()?);
        Some(PublicKey { kid: self.kid.clone(), algorithms: self.algorithms, numbers })
    }

    /// The `kid` by which the key is meant: its name or, where it has none, its thumbprint.
    pub(super) fn called(&self) -> Option<&str> {
        self.kid().or_else(|| Some(self.numbers.as_ref()?.thumbprint.as_str()))
    }

    /// Whether this `kid` means the key.
    pub(super) fn is_called(&self, kid: &str) -> bool {
        self.called() == Some(kid)
    }

    /// What the key may be used with.
    pub fn algorithms(&self) -> Algorithms {
        self.algorithms
    }

    /// Whether `signature` over `message` was made with `algorithm` and this key's counterpart. An
    /// algorithm that the key is not bound to is never right.
    #[must_use = "a signature is refused only by whoever looks at the answer"]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.checks.iter().any(|(bound, check)| {
            *bound == algorithm
                && match check {
                    Check::Hmac(key) => key.verify(message, signature),
                    Check::Asymmetric(key) => key.verify_sig(message, signature).is_ok(),
                }
        })
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("kid", &self.kid)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}
