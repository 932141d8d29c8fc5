//! New keys.

use std::fmt;

use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair};
use serde_json::Value;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{AnyRef, UintRef};
use zeroize::Zeroizing;

use super::{KeyError, PublicKey, SigningKey, curve, pem};
use crate::algorithm::{Algorithm, Family};
use crate::base64url;
use crate::random::{Random as _, SystemRandom};

/// A new key, which can be written down: once it is a [`SigningKey`], its private part is not told again.
///
/// An asymmetric key is named by its thumbprint (RFC 7638), unless it is given another name; a secret has
/// no name but a given one.
///
/// ```
/// use jwt_extended::{Algorithm, GeneratedKey, SigningKey};
///
/// let new = GeneratedKey::new(Algorithm::EdDSA)?;
/// let pem = new.private_pem()?;
/// let key = SigningKey::from_pem(Algorithm::EdDSA, &*pem)?;
/// let public = new.public_key().ok_or("a secret")?;
/// assert_eq!(key.verifying_key().public_key().ok_or("a secret")?.thumbprint(), public.kid());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct GeneratedKey {
    signing: SigningKey,
    private: Private,
}

/// The private parts, in the forms in which they are written.
struct Private {
    /// Of a secret, which PEM knows no form for, there is none.
    pkcs8: Option<Zeroizing<Vec<u8>>>,
    /// The members of a JWK besides the public ones: `"d":"..."`.
    members: Zeroizing<String>,
}

impl GeneratedKey {
    /// Bits of an RSA key, where nobody says otherwise: NIST SP 800-57 takes 2048 until 2030.
    pub const RSA_BITS: usize = 3072;

    /// A key for this algorithm. Secrets are as long as the hash; RSA keys have
    /// [`GeneratedKey::RSA_BITS`].
    pub fn new(algorithm: Algorithm) -> Result<Self, KeyError> {
        match algorithm.family() {
            Family::Hmac => Self::secret(algorithm),
            Family::Rsa => Self::rsa(algorithm, Self::RSA_BITS),
            Family::Ec => Self::ec(algorithm),
            Family::Ed25519 => Self::ed25519(),
        }
    }

    /// An RSA key of 2048, 3072, 4096 or 8192 bits.
    pub fn rsa(algorithm: Algorithm, bits: usize) -> Result<Self, KeyError> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => {
                return Err(KeyError::new(format!(
                    "RSA keys are made with 2048, 3072, 4096 or 8192 bits, not with {bits}"
                )));
            }
        };
        if algorithm.family() != Family::Rsa {
            return Err(KeyError::new(format!("{algorithm} does not work with an RSA key")));
        }
        let pair = KeyPair::generate(size).map_err(failed)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        let pkcs8 = Zeroizing::new(der.as_ref().to_vec());
        let members = rsa_members(&pkcs8).ok_or_else(|| failed(()))?;
        let private = Private { pkcs8: Some(pkcs8), members };
        Ok(Self::named(SigningKey::rsa(algorithm, pair)?, private))
    }

    fn ec(algorithm: Algorithm) -> Result<Self, KeyError> {
        let curve = curve(algorithm).ok_or_else(|| failed(()))?;
        let pair = EcdsaKeyPair::generate(curve.signing).map_err(failed)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec();
        let d: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(failed)?;
        let private = Private { pkcs8: Some(pkcs8.into()), members: members(&[("d", d.as_ref())]) };
        Ok(Self::named(SigningKey::ec(algorithm, pair)?, private))
    }

    fn ed25519() -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::generate().map_err(failed)?;
        // The second version has the public key in it, which older tools do not read.
        let pkcs8 = pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec();
        let seed = pair.seed().map_err(failed)?;
        let d: Curve25519SeedBin<'_> = seed.as_be_bytes().map_err(failed)?;
        let private = Private { pkcs8: Some(pkcs8.into()), members: members(&[("d", d.as_ref())]) };
        Ok(Self::named(SigningKey::ed25519(pair)?, private))
    }

    fn secret(algorithm: Algorithm) -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new(vec![0; algorithm.min_secret_len().unwrap_or_default()]);
        SystemRandom.fill(&mut secret).map_err(|error| KeyError::new(error.to_string()))?;
        let private = Private { pkcs8: None, members: members(&[("k", &secret)]) };
        Ok(Self::named(SigningKey::hmac(algorithm, &secret)?, private))
    }

    fn named(signing: SigningKey, private: Private) -> Self {
        let key = Self { signing, private };
        match key.public_key() {
            Some(public) => key.with_kid(public.thumbprint()),
            None => key,
        }
    }

    /// Names the key.
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.signing = self.signing.with_kid(kid);
        self
    }

    /// The key, to sign with.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing
    }

    /// The public part. `None`: this is a secret.
    pub fn public_key(&self) -> Option<PublicKey> {
        self.signing.verifying_key().public_key()
    }

    /// The private key in PEM (`PRIVATE KEY`, PKCS#8, unencrypted), which has no room for its name. Of a
    /// secret there is no PEM.
    pub fn private_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        let Some(pkcs8) = &self.private.pkcs8 else {
            let algorithm = self.signing.algorithm();
            return Err(KeyError::new(format!(
                "{algorithm} works with a secret, and PEM has no form for one"
            )));
        };
        Ok(pem::encode("PRIVATE KEY", pkcs8).into())
    }

    /// The private key, or the secret, as a JWK with `use`, `alg` and its name as `kid`.
    pub fn private_jwk(&self) -> Zeroizing<String> {
        let public = self.public_key().map_or_else(|| self.secret_jwk(), |key| key.to_jwk());
        // At once as long as it will be, or a shorter copy would be left behind.
        let mut jwk = String::with_capacity(public.len() + self.private.members.len() + 1);
        jwk.push_str(public.strip_suffix('}').unwrap_or(&public));
        jwk.push(',');
        jwk.push_str(&self.private.members);
        jwk.push('}');
        jwk.into()
    }

    /// The JWK of a secret, without the secret.
    fn secret_jwk(&self) -> String {
        let kid = self.signing.kid().map(|kid| format!(r#","kid":{}"#, Value::from(kid)));
        let (kid, alg) = (kid.unwrap_or_default(), self.signing.algorithm());
        format!(r#"{{"kty":"oct"{kid},"use":"sig","alg":"{alg}"}}"#)
    }
}

impl fmt::Debug for GeneratedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeneratedKey").field("signing", &self.signing).finish_non_exhaustive()
    }
}

/// The private numbers of an RSA key (RFC 7518 section 6.3.2, RFC 8017 appendix A.1.2).
fn rsa_members(pkcs8: &[u8]) -> Option<Zeroizing<String>> {
    let [_version, _algorithm, key, ..] = &*Vec::<AnyRef<'_>>::from_der(pkcs8).ok()? else {
        return None;
    };
    let numbers = Vec::<UintRef<'_>>::from_der(key.value()).ok()?;
    let [_version, _n, _e, d, p, q, dp, dq, qi] = &*numbers else { return None };
    let all = [("d", d), ("p", p), ("q", q), ("dp", dp), ("dq", dq), ("qi", qi)];
    Some(members(&all.map(|(name, number)| (name, number.as_bytes()))))
}

fn members(named: &[(&str, &[u8])]) -> Zeroizing<String> {
    let length: usize = named.iter().map(|(name, value)| name.len() + 6 + value.len() * 2).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for (n, (name, value)) in named.iter().enumerate() {
        text.push_str(if n == 0 { "\"" } else { ",\"" });
        text.push_str(name);
        text.push_str("\":\"");
        base64url::encode_append(value, &mut text);
        text.push('"');
    }
    text
}

fn failed<E>(_: E) -> KeyError {
    KeyError::new("the key could not be made")
}
