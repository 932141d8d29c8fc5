//! Tokens that were just made.

use std::fmt;
use std::ops::Range;

use serde::{Serialize, Serializer};

use crate::clock::Timestamp;

/// A token that was made: text to send, and what a cookie needs to know of it.
///
/// Serializes as the token's text; its `Debug` form shows nothing.
#[derive(Clone, PartialEq)]
pub struct EncodedToken {
    /// The token, and behind it the texts of its claims.
    buffer: String,
    token_len: usize,
    jti: Option<Range<usize>>,
    csrf: Option<Range<usize>>,
    session: Option<Range<usize>>,
    expires_at: Option<Timestamp>,
}

impl EncodedToken {
    pub(crate) fn new(
        token: String,
        jti: Option<&str>,
        csrf: Option<&str>,
        session: Option<&str>,
        expires_at: Option<Timestamp>,
    ) -> Self {
        let (token_len, mut buffer) = (token.len(), token);
        let [jti, csrf, session] = [jti, csrf, session].map(|text| {
            let start = buffer.len();
            buffer.push_str(text?);
            Some(start..buffer.len())
        });
        Self { buffer, token_len, jti, csrf, session, expires_at }
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        self.buffer.get(..self.token_len).unwrap_or_default()
    }

    /// The CSRF double submit value, where cookies are protected by one.
    pub fn csrf(&self) -> Option<&str> {
        self.buffer.get(self.csrf.clone()?)
    }

    /// The token's identifier.
    pub fn jti(&self) -> Option<&str> {
        self.buffer.get(self.jti.clone()?)
    }

    /// `sid`: the session of which it is part.
    pub fn session_id(&self) -> Option<&str> {
        self.buffer.get(self.session.clone()?)
    }

    /// When it ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl AsRef<str> for EncodedToken {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<EncodedToken> for String {
    fn from(mut token: EncodedToken) -> Self {
        token.buffer.truncate(token.token_len);
        token.buffer
    }
}

impl Serialize for EncodedToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Debug for EncodedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncodedToken(..)")
    }
}

/// The tokens of one login. Serializes as `{"access_token": ..., "refresh_token": ...}`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TokenPair {
    /// For each request.
    pub access_token: EncodedToken,
    /// For the next access token.
    pub refresh_token: EncodedToken,
}

impl TokenPair {
    /// `sid`: the session that the two share.
    pub fn session_id(&self) -> Option<&str> {
        self.refresh_token.session_id()
    }
}
