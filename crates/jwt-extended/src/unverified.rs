//! A token of which nothing is known but what it says of itself.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claims;
use crate::config::Settings;
use crate::error::{AuthError, ErrorKind, Result};
use crate::json;
use crate::jws::{Compact, FormRules, Header};

/// What a token says of itself before anybody has checked it. **Anyone can write anything into it.** It
/// is for choosing the key with which the token is checked then, and for nothing else: no user, no
/// tenant and no right may be taken from it.
///
/// Whoever chooses the key by one thing must not believe another: if the key is that of the tenant in
/// the claim `tenant`, the checked token is that tenant's; if it was chosen by `kid`, the token's own
/// `tenant` can be any that the holder of this key likes.
///
/// ```
/// # use jwt_extended::{Config, JwtEngine, UnverifiedToken};
/// # let engine = JwtEngine::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
/// let token = engine.create_access_token("anna").claim("tenant", "acme").encode()?;
/// let token = UnverifiedToken::read(token.as_str(), 16 * 1024)?;
/// assert_eq!(token.unverified_claim::<String>("tenant")?.as_deref(), Some("acme"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct UnverifiedToken {
    header: Vec<u8>,
    payload: String,
    kid: Option<String>,
    algorithm: Algorithm,
}

impl UnverifiedToken {
    /// Reads a token whose form is right: at most `max_size` bytes, three segments, a header with an
    /// algorithm that is known and without critical extensions, a JSON object as payload.
    pub fn read(token: &str, max_size: usize) -> Result<Self> {
        Self::read_by(token.as_bytes(), FormRules { max_size, strict: true })
    }

    pub(crate) fn of(token: &[u8], settings: &Settings) -> Result<Self> {
        let (max_size, strict) = (settings.max_token_size, settings.strict_claims);
        Self::read_by(token, FormRules { max_size, strict })
    }

    fn read_by(token: &[u8], rules: FormRules) -> Result<Self> {
        let compact = Compact::split(token, rules)?;
        let payload = base64url::decode(compact.payload).ok_or_else(|| compact.no_payload())?;
        let Header { algorithm, kid } = Header::parse(compact.header, rules)?;
        let no_object = || {
            let why = "The token's payload is no JSON object of the right form";
            AuthError::new(ErrorKind::MalformedToken, why)
        };
        json::check(&payload).map_err(|_| no_object())?;
        let payload = String::from_utf8(payload).map_err(|_| no_object())?;
        if !json::is_object(payload.as_bytes()) {
            return Err(no_object());
        }
        let header = base64url::decode(compact.header).ok_or_else(no_object)?;
        Ok(Self { header, payload, kid: kid.map(Into::into), algorithm })
    }

    /// The `kid` that it claims to be signed with.
    pub fn unverified_kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that it claims to be signed with (`alg`).
    pub fn unverified_algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The issuer that it claims to come from (`iss`).
    pub fn unverified_issuer(&self) -> Option<String> {
        self.unverified_claim("iss").ok().flatten()
    }

    /// A claim by its name; `None` where it is missing. One that does not fit `T` is an error.
    pub fn unverified_claim<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        claims::find_raw(&self.payload, name)
            .map(|raw| serde_json::from_str(raw).map_err(|_| misfit("payload")))
            .transpose()
    }

    /// All claims, as a type of the application's, such as a map.
    pub fn unverified_claims<C: DeserializeOwned>(&self) -> Result<C> {
        serde_json::from_str(&self.payload).map_err(|_| misfit("payload"))
    }

    /// The header, as a type of the application's, such as a map.
    pub fn unverified_header<H: DeserializeOwned>(&self) -> Result<H> {
        serde_json::from_slice(&self.header).map_err(|_| misfit("header"))
    }
}

fn misfit(part: &str) -> AuthError {
    AuthError::new(ErrorKind::InvalidClaim, format!("The token's {part} has the wrong form"))
}

impl fmt::Debug for UnverifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedToken(..)")
    }
}
