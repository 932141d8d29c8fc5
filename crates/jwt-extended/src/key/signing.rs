use std::fmt;
use std::sync::Arc;

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self as s, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair,
};

use super::hmac::{HmacKey, Tag};
use super::pem::Private;
use super::rsa::RsaPublic;
use super::{KeyError, VerifyingKey, curve, jwk, pem, wanted};
use crate::algorithm::{Algorithm, Algorithms, Family};
use crate::base64url;

/// A key that makes signatures with exactly one algorithm. Cheap to clone.
///
/// ```
/// use jwt_extended::{Algorithm, SigningKey};
///
/// let pem = "-----BEGIN PRIVATE KEY-----
/// MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
/// -----END PRIVATE KEY-----";
/// let key = SigningKey::from_pem(Algorithm::EdDSA, pem)?;
/// let public = key.verifying_key();
/// assert!(public.verify(Algorithm::EdDSA, b"message", &key.sign(b"message")?));
///
/// let error = SigningKey::from_pem(Algorithm::RS256, pem).unwrap_err();
/// assert_eq!(error.to_string(), "RS256 needs an RSA key, and this PKCS#8 private key is none");
/// # Ok::<(), jwt_extended::KeyError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    algorithm: Algorithm,
    secret: Secret,
    public: VerifyingKey,
    kid: Option<Arc<str>>,
    /// The first segment of each token that this key signs, when nobody asks for more headers.
    header: String,
}

#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "keys are few, and a box is one more miss per token")]
enum Secret {
    Hmac(HmacKey),
    Rsa(Arc<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(Arc<EcdsaKeyPair>),
    Ed25519(Arc<Ed25519KeyPair>),
}

/// The octets of a signature.
pub(crate) enum Signature {
    Hmac(Tag),
    Asymmetric(Vec<u8>),
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Hmac(tag) => tag.as_ref(),
            Self::Asymmetric(octets) => octets,
        }
    }
}

impl SigningKey {
    /// A shared secret for HS256, HS384 or HS512. At least as long as the hash (RFC 7518 section
    /// 3.2): 32, 48, 64 bytes. Random bytes, not a password.
    pub fn hmac(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        let key = HmacKey::new(algorithm, secret)?;
        Ok(Self::new(algorithm, Secret::Hmac(key), VerifyingKey::hmac(algorithm, secret)?))
    }

    /// As [`SigningKey::hmac`], with a secret of any length: a short one can be guessed from a
    /// single token.
    pub fn insecure_hmac(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        let key = HmacKey::insecure_any_length(algorithm, secret)?;
        Ok(Self::new(algorithm, Secret::Hmac(key), VerifyingKey::insecure_hmac(algorithm, secret)?))
    }

    /// A private key in PEM: `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY`
    /// (SEC 1), unencrypted.
    pub fn from_pem(algorithm: Algorithm, text: impl AsRef<str>) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            return Err(KeyError::new(format!(
                "{algorithm} needs {}, not a PEM",
                wanted(algorithm)
            )));
        }
        let no = |form| {
            move || {
                KeyError::new(format!(
                    "{algorithm} needs {}, and this {form} private key is none",
                    wanted(algorithm)
                ))
            }
        };
        match pem::private(text.as_ref())? {
            Private::Pkcs8(der) => Self::from_pkcs8(algorithm, &der).ok_or_else(no("PKCS#8")),
            Private::Pkcs1(der) => Self::from_pkcs1(algorithm, &der).ok_or_else(no("PKCS#1 RSA")),
            Private::Sec1(der) => Self::from_sec1(algorithm, &der).ok_or_else(no("SEC 1 EC")),
        }?
    }

    /// A private key in DER: PKCS#8, PKCS#1 or SEC 1, unencrypted.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let der = der.as_ref();
        Self::from_pkcs8(algorithm, der)
            .or_else(|| Self::from_pkcs1(algorithm, der))
            .or_else(|| Self::from_sec1(algorithm, der))
            .ok_or_else(|| {
                KeyError::new(format!(
                    "{algorithm} needs {}, and this DER holds no such private key",
                    wanted(algorithm)
                ))
            })?
    }

    /// A private key as a JSON Web Key (RFC 7517). Its `alg`, `use` and `key_ops` must allow signing
    /// with `algorithm`; its `kid` is taken over.
    pub fn from_jwk(algorithm: Algorithm, json: impl AsRef<str>) -> Result<Self, KeyError> {
        jwk::Jwk::parse(json.as_ref())?.signing_key(algorithm)
    }

    /// `None`: this is no PKCS#8 of the kind that `algorithm` needs.
    fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Option<Result<Self, KeyError>> {
        match algorithm.family() {
            Family::Hmac => None,
            Family::Rsa => Self::rsa_of(algorithm, RsaKeyPair::from_pkcs8(der)),
            Family::Ec => {
                let pair = EcdsaKeyPair::from_pkcs8(curve(algorithm)?.signing, der).ok()?;
                Some(Self::ec(algorithm, pair))
            }
            Family::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
                Some(Self::ed25519(pair))
            }
        }
    }

    fn from_pkcs1(algorithm: Algorithm, der: &[u8]) -> Option<Result<Self, KeyError>> {
        (algorithm.family() == Family::Rsa)
            .then(|| Self::rsa_of(algorithm, RsaKeyPair::from_der(der)))
            .flatten()
    }

    /// `None`: this is no RSA key; an RSA key of a length that is not taken is an error instead.
    fn rsa_of(
        algorithm: Algorithm,
        pair: Result<RsaKeyPair, KeyRejected>,
    ) -> Option<Result<Self, KeyError>> {
        match pair {
            Ok(pair) => Some(Self::rsa(algorithm, pair)),
            Err(error) => match error.description_() {
                "TooSmall" => Some(Err(KeyError::new(
                    "the RSA key is too short, at least 2048 bits are needed (RFC 7518 section 3.3)",
                ))),
                "TooLarge" => {
                    Some(Err(KeyError::new("the RSA key is too long, at most 8192 bits are taken")))
                }
                _ => None,
            },
        }
    }

    fn from_sec1(algorithm: Algorithm, der: &[u8]) -> Option<Result<Self, KeyError>> {
        let pair = EcdsaKeyPair::from_private_key_der(curve(algorithm)?.signing, der).ok()?;
        Some(Self::ec(algorithm, pair))
    }

    pub(super) fn rsa(algorithm: Algorithm, pair: RsaKeyPair) -> Result<Self, KeyError> {
        let encoding: &'static dyn RsaEncoding = match algorithm {
            Algorithm::RS256 => &s::RSA_PKCS1_SHA256,
            Algorithm::RS384 => &s::RSA_PKCS1_SHA384,
            Algorithm::RS512 => &s::RSA_PKCS1_SHA512,
            Algorithm::PS256 => &s::RSA_PSS_SHA256,
            Algorithm::PS384 => &s::RSA_PSS_SHA384,
            Algorithm::PS512 => &s::RSA_PSS_SHA512,
            other => return Err(KeyError::new(format!("{other} does not work with an RSA key"))),
        };
        let public = RsaPublic::from_der(pair.public_key().as_ref())?;
        let public = VerifyingKey::from_rsa(algorithm.into(), &public)?;
        Ok(Self::new(algorithm, Secret::Rsa(Arc::new(pair), encoding), public))
    }

    pub(super) fn ec(algorithm: Algorithm, pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let public = VerifyingKey::from_spki(algorithm.into(), pair.public_key().as_ref())?;
        Ok(Self::new(algorithm, Secret::Ec(Arc::new(pair)), public))
    }

    pub(super) fn ed25519(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = VerifyingKey::from_spki(Algorithm::EdDSA.into(), pair.public_key().as_ref())?;
        Ok(Self::new(Algorithm::EdDSA, Secret::Ed25519(Arc::new(pair)), public))
    }

    fn new(algorithm: Algorithm, secret: Secret, public: VerifyingKey) -> Self {
        let kid = public.kid().map(Into::into);
        Self::announcing(kid, algorithm, secret, public)
    }

    fn announcing(
        kid: Option<Arc<str>>,
        algorithm: Algorithm,
        secret: Secret,
        public: VerifyingKey,
    ) -> Self {
        let header = header_segment(algorithm, kid.as_deref());
        Self(Arc::new(Inner { algorithm, secret, public, kid, header }))
    }

    /// Names the key: the name stands as `kid` in the header of each token it signs.
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        let public = self.0.public.clone().with_kid(kid);
        Self::new(self.0.algorithm, self.0.secret.clone(), public)
    }

    /// Puts the thumbprint into the key's tokens as `kid`, unless it has a name or is a secret. Its
    /// counterpart stays without a name, and takes tokens of any `kid`.
    pub(crate) fn announce_thumbprint(self) -> Self {
        let thumbprint = self.0.public.public_key().map(|key| key.thumbprint().into());
        match (self.kid(), thumbprint) {
            (None, Some(thumbprint)) => Self::announcing(
                Some(thumbprint),
                self.0.algorithm,
                self.0.secret.clone(),
                self.0.public.clone(),
            ),
            _ => self,
        }
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The `kid` of its tokens, if they have one.
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// The counterpart that checks this key's signatures, under the same name. Of a secret it is the
    /// secret again.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.0.public.clone()
    }

    /// The counterpart, for several algorithms of the same kind of key.
    pub(crate) fn public_for(&self, algorithms: Algorithms) -> Result<VerifyingKey, KeyError> {
        let key = match &self.0.secret {
            Secret::Hmac(_) => return Ok(self.verifying_key()),
            Secret::Rsa(pair, _) => {
                VerifyingKey::from_spki(algorithms, pair.public_key().as_ref())?
            }
            Secret::Ec(pair) => VerifyingKey::from_spki(algorithms, pair.public_key().as_ref())?,
            Secret::Ed25519(pair) => {
                VerifyingKey::from_spki(algorithms, pair.public_key().as_ref())?
            }
        };
        Ok(match self.0.public.kid() {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// The signature over `message`, as its octets stand in a JWS (RFC 7518 section 3).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(match self.signature(message)? {
            Signature::Hmac(tag) => tag.as_ref().to_vec(),
            Signature::Asymmetric(octets) => octets,
        })
    }

    /// The same, without an allocation for a MAC.
    pub(crate) fn signature(&self, message: &[u8]) -> Result<Signature, KeyError> {
        Ok(match &self.0.secret {
            Secret::Hmac(key) => Signature::Hmac(key.sign(message)),
            Secret::Rsa(pair, encoding) => {
                let mut octets = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut octets)
                    .map_err(|_| KeyError::new("the RSA signature failed"))?;
                Signature::Asymmetric(octets)
            }
            Secret::Ec(pair) => {
                let made = pair.sign(&SystemRandom::new(), message);
                let made = made.map_err(|_| KeyError::new("the ECDSA signature failed"))?;
                Signature::Asymmetric(made.as_ref().to_vec())
            }
            Secret::Ed25519(pair) => {
                let made = pair.try_sign(message);
                let made = made.map_err(|_| KeyError::new("the Ed25519 signature failed"))?;
                Signature::Asymmetric(made.as_ref().to_vec())
            }
        })
    }

    /// The base64url header segment `{"alg":...,"kid":...,"typ":"JWT"}` of this key's tokens.
    pub(crate) fn header_segment(&self) -> &str {
        &self.0.header
    }
}

fn header_segment(algorithm: Algorithm, kid: Option<&str>) -> String {
    let mut header = serde_json::Map::new();
    header.insert("alg".into(), algorithm.name().into());
    if let Some(kid) = kid {
        header.insert("kid".into(), kid.into());
    }
    header.insert("typ".into(), "JWT".into());
    base64url::encode(serde_json::Value::Object(header).to_string().as_bytes())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid())
            .field("algorithm", &self.0.algorithm)
            .finish_non_exhaustive()
    }
}
