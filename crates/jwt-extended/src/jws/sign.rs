//! From a payload to a compact JWS.

use crate::base64url;
use crate::key::{KeyError, SigningKey};

/// For most signatures, and for the texts that [`EncodedToken`](crate::EncodedToken) puts behind them.
const USUAL_REST: usize = 96 + 3 * 36;

/// Signs `payload`. `header` is the JSON text of a header that names the key's algorithm and whatever
/// else belongs there; `None`: `alg`, the key's `kid` and `"typ":"JWT"`.
///
/// ```
/// use jwt_extended::{Algorithm, Keyring, SigningKey, jws};
///
/// let key = SigningKey::hmac(Algorithm::HS256, b"0123456789abcdef0123456789abcdef")?;
/// let token = jws::sign(&key, None, b"any octets")?;
/// let jws = jws::verify(token.as_bytes(), &Keyring::new(key), Algorithm::HS256)?;
/// assert_eq!(jws.header, br#"{"alg":"HS256","typ":"JWT"}"#);
/// assert_eq!(jws.payload, b"any octets");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign(key: &SigningKey, header: Option<&[u8]>, payload: &[u8]) -> Result<String, KeyError> {
    let header_len = header.map_or(key.header_segment().len(), |header| header.len() * 4 / 3 + 3);
    let room = header_len + payload.len() * 4 / 3 + USUAL_REST;
    let mut token = String::with_capacity(room);
    match header {
        None => token.push_str(key.header_segment()),
        Some(header) => base64url::encode_append(header, &mut token),
    }
    token.push('.');
    base64url::encode_append(payload, &mut token);
    let signature = key.signature(token.as_bytes())?;
    token.push('.');
    base64url::encode_append(signature.as_ref(), &mut token);
    Ok(token)
}
