//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037, RFC 8812).

use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair};
use serde::Deserialize;
use zeroize::ZeroizeOnDrop;

use super::rsa::RsaPublic;
use super::{KeyError, SigningKey, VerifyingKey, curve, wanted};
use crate::algorithm::{Algorithm, Algorithms, Family};
use crate::{base64url, json};

/// A key as it was read. What it is good for is checked when a key is made of it.
#[derive(Deserialize, ZeroizeOnDrop)]
pub(super) struct Jwk {
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    pub(super) kid: Option<String>,
    crv: Option<String>,
    k: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<String>,
    p: Option<String>,
    q: Option<String>,
    dp: Option<String>,
    dq: Option<String>,
    qi: Option<String>,
    #[zeroize(skip)]
    oth: Option<serde::de::IgnoredAny>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    pub(super) fn parse(json: &str) -> Result<Self, KeyError> {
        if !json::is_object(json.as_bytes()) {
            return Err(KeyError::new("this is no JWK but some other text"));
        }
        // The parser's own words may quote the key, so only the place is told.
        serde_json::from_str(json).map_err(|e| {
            KeyError::new(format!("this is no JWK (line {}, column {})", e.line(), e.column()))
        })
    }

    pub(super) fn verifying_key(&self, algorithms: Algorithms) -> Result<VerifyingKey, KeyError> {
        let algorithms = self.allowed(algorithms, "verify")?;
        let Some(first) = algorithms.iter().next() else {
            return Err(KeyError::new(
                "a key needs at least one algorithm that it may be used with",
            ));
        };
        self.expect_type(first)?;
        let key = match first.family() {
            Family::Hmac => VerifyingKey::hmac(algorithms, member(self.k.as_deref(), "k")?)?,
            Family::Rsa => VerifyingKey::from_rsa(algorithms, &self.rsa_public()?)?,
            Family::Ec | Family::Ed25519 => {
                VerifyingKey::from_spki(algorithms, &self.point(first)?)?
            }
        };
        Ok(match &self.kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    pub(super) fn signing_key(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        self.allowed(algorithm.into(), "sign")?;
        self.expect_type(algorithm)?;
        let private =
            |name, value: &Option<String>| -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
                member(value.as_deref(), name).map(Into::into)
            };
        let key = match algorithm.family() {
            Family::Hmac => SigningKey::hmac(algorithm, private("k", &self.k)?)?,
            Family::Rsa => {
                if self.oth.is_some() {
                    return Err(KeyError::new("RSA keys of more than two primes are not taken"));
                }
                let public = self.rsa_public()?;
                let pair = KeyPair::from_components(&KeyPairComponents {
                    public_key: PublicKeyComponents { n: &public.n, e: &public.e },
                    d: &private("d", &self.d)?,
                    p: &private("p", &self.p)?,
                    q: &private("q", &self.q)?,
                    dP: &private("dp", &self.dp)?,
                    dQ: &private("dq", &self.dq)?,
                    qInv: &private("qi", &self.qi)?,
                });
                let inconsistent = |_| KeyError::new("the RSA key's numbers do not fit each other");
                SigningKey::rsa(algorithm, pair.map_err(inconsistent)?)?
            }
            Family::Ec => {
                let (Some(curve), point) = (curve(algorithm), self.point(algorithm)?) else {
                    return Err(KeyError::new("the algorithm has no curve"));
                };
                let d = private("d", &self.d)?;
                expect_size(&d, curve.size, "d")?;
                let pair = EcdsaKeyPair::from_private_key_and_public_key(curve.signing, &d, &point)
                    .map_err(|_| KeyError::new("the EC key's numbers do not fit each other"))?;
                SigningKey::ec(algorithm, pair)?
            }
            Family::Ed25519 => {
                let (d, point) = (private("d", &self.d)?, self.point(algorithm)?);
                expect_size(&d, 32, "d")?;
                let pair = Ed25519KeyPair::from_seed_and_public_key(&d, &point).map_err(|_| {
                    KeyError::new("the Ed25519 key's numbers do not fit each other")
                })?;
                SigningKey::ed25519(pair)?
            }
        };
        Ok(match &self.kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// What is wanted, less what the key's own `alg`, `use` and `key_ops` forbid (RFC 7517 sections
    /// 4.2 to 4.4).
    fn allowed(&self, wanted: Algorithms, operation: &str) -> Result<Algorithms, KeyError> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(KeyError::new("the JWK's `use` is not `sig`"));
        }
        if self.key_ops.as_ref().is_some_and(|ops| {
            // A secret's owner may have listed only one of the two.
            !ops.iter().any(|op| op == operation || (self.kty == "oct" && op == "sign"))
        }) {
            return Err(KeyError::new(format!("the JWK's `key_ops` lacks `{operation}`")));
        }
        let Some(alg) = &self.alg else {
            return Ok(wanted);
        };
        // RFC 9864 names the curve. In tokens this name is no algorithm, as it is none for PyJWT.
        let own = if alg == "Ed25519" { Ok(Algorithm::EdDSA) } else { alg.parse() };
        match own {
            Ok(own) if wanted.contains(own) => Ok(own.into()),
            _ => Err(KeyError::new(format!("the JWK is for another algorithm than {wanted:?}"))),
        }
    }

    fn expect_type(&self, algorithm: Algorithm) -> Result<(), KeyError> {
        let (kty, crv) = match algorithm.family() {
            Family::Hmac => ("oct", None),
            Family::Rsa => ("RSA", None),
            Family::Ec => ("EC", curve(algorithm).map(|c| c.name)),
            Family::Ed25519 => ("OKP", Some("Ed25519")),
        };
        if self.kty != kty || (crv.is_some() && self.crv.as_deref() != crv) {
            return Err(KeyError::new(format!(
                "{algorithm} needs {}, and this JWK is none",
                wanted(algorithm)
            )));
        }
        Ok(())
    }

    fn rsa_public(&self) -> Result<RsaPublic, KeyError> {
        RsaPublic::from_components(
            &member(self.n.as_deref(), "n")?,
            &member(self.e.as_deref(), "e")?,
        )
    }

    /// The public point: uncompressed for the NIST curves (SEC 1 section 2.3.3), bare for Ed25519.
    fn point(&self, algorithm: Algorithm) -> Result<Vec<u8>, KeyError> {
        let x = member(self.x.as_deref(), "x")?;
        let Some(curve) = curve(algorithm) else {
            expect_size(&x, 32, "x")?;
            return Ok(x);
        };
        let y = member(self.y.as_deref(), "y")?;
        expect_size(&x, curve.size, "x")?;
        expect_size(&y, curve.size, "y")?;
        Ok([&[4], x.as_slice(), &y].concat())
    }
}

fn member(value: Option<&str>, name: &str) -> Result<Vec<u8>, KeyError> {
    let value = value.ok_or_else(|| KeyError::new(format!("the JWK lacks `{name}`")))?;
    base64url::decode(value.as_bytes())
        .ok_or_else(|| KeyError::new(format!("the JWK's `{name}` is no base64url")))
}

/// RFC 7518 section 6.2.1.2: the full size of a coordinate, no more and no less.
fn expect_size(bytes: &[u8], size: usize, name: &str) -> Result<(), KeyError> {
    if bytes.len() != size {
        return Err(KeyError::new(format!("the JWK's `{name}` must have {size} bytes")));
    }
    Ok(())
}
