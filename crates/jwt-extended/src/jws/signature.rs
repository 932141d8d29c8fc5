//! Steps 1 and 2 of [`crate::verify`], and the door to them alone.

use std::fmt;

use super::{Compact, FormRules, Header};
use crate::algorithm::Algorithms;
use crate::base64url;
use crate::config::Settings;
use crate::error::{AuthError, ErrorKind, Result};
use crate::key::Keyring;

/// The longest signature: RSA with 8192 bits.
const MAX_SIGNATURE: usize = 1024;

/// A JWS whose signature is good.
///
/// Its `Debug` form shows nothing.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedJws {
    /// The header: a JSON object.
    pub header: Vec<u8>,
    /// The payload: any octets.
    pub payload: Vec<u8>,
}

impl fmt::Debug for VerifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws").finish_non_exhaustive()
    }
}

/// Checks form and signature of a compact JWS, as the native preset does it for a token, and nothing
/// else: whatever its payload says of times, issuers and audiences is for the caller to read.
///
/// `algorithms` narrows what the keys of `keys` are bound to; it never widens it.
///
/// ```
/// use jwt_extended::{Algorithm, Keyring, VerifyingKey, jws};
///
/// // RFC 7515 appendix A.1
/// let key = r#"{"kty":"oct",
///     "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
/// let keys = Keyring::verify_only(VerifyingKey::from_jwk(Algorithm::HS256, key)?);
/// let token = concat!(
///     "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.",
///     "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
///     "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
/// );
/// let jws = jws::verify(token.as_bytes(), &keys, Algorithm::HS256)?;
/// assert!(jws.payload.starts_with(br#"{"iss":"joe""#));
/// assert!(jws::verify(token.as_bytes(), &keys, Algorithm::HS512).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify(
    token: &[u8],
    keys: &Keyring,
    algorithms: impl Into<Algorithms>,
) -> Result<VerifiedJws> {
    let settings = Settings::preset(crate::config::Preset::Native);
    let rules = FormRules { max_size: settings.max_token_size, strict: settings.strict_claims };
    let compact = Compact::split(token, rules)?;
    let payload = base64url::decode(compact.payload).ok_or_else(|| compact.no_payload())?;
    let header = compact.header(keys, rules)?;
    if !algorithms.into().contains(header.algorithm) {
        return Err(ErrorKind::AlgorithmNotAllowed.into());
    }
    compact.check(&header, keys)?;
    // It has been read.
    let header = base64url::decode(compact.header).unwrap_or_default();
    Ok(VerifiedJws { header, payload })
}

impl Compact<'_> {
    /// Checks the signature with the keys that `header` means.
    pub(crate) fn check(&self, header: &Header<'_>, keys: &Keyring) -> Result<()> {
        let kid = header.kid.as_deref();
        if !keys.knows(kid) {
            return Err(ErrorKind::UnknownKey.into());
        }
        let mut candidates = keys.candidates(header.algorithm, kid).peekable();
        if candidates.peek().is_none() {
            return Err(ErrorKind::AlgorithmNotAllowed.into());
        }
        let mut room = base64url::room::<MAX_SIGNATURE>();
        let Some(signature) = base64url::decode_into(self.signature, &mut room) else {
            // One that is too long for the room is longer than any key's.
            return Err(match base64url::decode(self.signature) {
                Some(_) => ErrorKind::InvalidSignature.into(),
                None => AuthError::new(
                    ErrorKind::MalformedToken,
                    "The token's signature is no base64url",
                ),
            });
        };
        // Only a signature that does not fit moves on to the next key.
        if candidates.any(|key| key.verify(header.algorithm, self.signed, signature)) {
            Ok(())
        } else {
            Err(ErrorKind::InvalidSignature.into())
        }
    }
}
