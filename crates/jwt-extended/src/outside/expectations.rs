//! What is expected of an issuer's tokens, and whether one fulfils it.

use std::time::Duration;

use serde::Deserialize;

use super::OutsideToken;
use crate::algorithm::{Algorithm, Algorithms};
use crate::claims::{Name, Value};
use crate::clock::Timestamp;
use crate::config::{Preset, Settings};
use crate::error::{AuthError, ErrorKind, Result};
use crate::key::{KeyError, Keyring};
use crate::token::{Facts, Revocation, Signed, VerifiedToken};
use crate::unverified::UnverifiedToken;
use crate::verify;

/// What is expected of the tokens of one issuer.
///
/// A token is refused unless, in this order:
///
/// 1. it has the right form, an accepted algorithm, and a good signature by a key of this issuer
///    ([`JwtEngine`](crate::JwtEngine)'s own rules, in the native preset);
/// 2. `typ` is the expected one, or what an access token may have ([`token_type`](Self::token_type));
/// 3. `iat` and `nbf`, where they are there, do not lie in the future, and `exp` is there;
/// 4. `iss` is the issuer, whole and exact;
/// 5. `aud` names this service;
/// 6. `sub` and `jti`, where they are there, are texts;
/// 7. `exp` has not come.
#[derive(Clone, Debug)]
pub struct Expectations {
    issuer: String,
    /// The engine's own rules, as far as they apply here.
    settings: Settings,
    algorithms: Algorithms,
    token_type: Option<String>,
}

impl Expectations {
    /// Tokens of `issuer` for `audience`, which is the name that this service has there. With all
    /// asymmetric algorithms, a leeway of a minute, and no longer than 16 KiB.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let issuer = issuer.into();
        let mut settings = Settings::preset(Preset::Native);
        settings.decode_issuer = vec![issuer.clone()];
        settings.decode_audience = vec![audience.into()];
        settings.decode_leeway = Duration::from_secs(60);
        let algorithms = Algorithm::ALL.into_iter().filter(|a| !a.is_symmetric()).collect();
        Self { issuer, settings, algorithms, token_type: None }
    }

    /// Another name of this service there; a token for one of them is enough.
    pub fn or_audience(mut self, audience: impl Into<String>) -> Self {
        self.settings.decode_audience.push(audience.into());
        self
    }

    /// Takes only these algorithms. None with a shared secret: who checks could then make tokens too, and
    /// a published key could be taken for a secret.
    pub fn algorithms(mut self, algorithms: impl Into<Algorithms>) -> Result<Self, KeyError> {
        let algorithms = algorithms.into();
        if algorithms.is_empty() {
            return Err(KeyError::new("no algorithm is accepted: name those of the issuer's keys"));
        }
        if let Some(symmetric) = algorithms.iter().find(|a| a.is_symmetric()) {
            return Err(KeyError::new(format!(
                "{symmetric} works with a shared secret, which no issuer publishes: name \
                 asymmetric algorithms, such as RS256 or ES256"
            )));
        }
        self.algorithms = algorithms;
        Ok(self)
    }

    /// How far the issuer's clock may differ from this one.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.settings.decode_leeway = leeway;
        self
    }

    /// Takes only tokens with this `typ` in their header, in any case and with or without
    /// `application/` before it: `at+jwt` for access tokens by RFC 9068. It tells them from ID tokens,
    /// which are for the client and open no API.
    ///
    /// Unless set, a token with this `typ`, with `JWT` or with none is taken. Any other one stands for
    /// something that is no access token (RFC 8725 section 3.11).
    pub fn token_type(mut self, typ: impl Into<String>) -> Self {
        self.token_type = Some(typ.into());
        self
    }

    /// The longest token that is looked at, in bytes.
    pub fn max_token_size(mut self, bytes: usize) -> Self {
        self.settings.max_token_size = bytes;
        self
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The algorithms that are accepted: those that [`Keyring::from_jwk_set`] should bind keys to.
    pub fn accepted_algorithms(&self) -> Algorithms {
        self.algorithms
    }

    /// The longest token that is looked at, for [`UnverifiedToken::read`](crate::UnverifiedToken::read).
    pub fn longest_token(&self) -> usize {
        self.settings.max_token_size
    }

    /// Checks a token with the keys of this issuer, as of `now`.
    pub fn verify(&self, token: &str, keys: &Keyring, now: Timestamp) -> Result<OutsideToken> {
        let signed = verify::signed(token, &self.settings, keys, None)?;
        self.check_header(&signed)?;
        self.check_claims(&signed, now)?;
        let facts = Facts { location: None, revocation: Revocation::Skipped };
        Ok(OutsideToken::new(VerifiedToken { signed, facts }))
    }

    /// Whether a token that was refused with `error` may be signed with a key of the issuer's that is newer
    /// than `keys`, so that it is worth fetching them again. It is not where a key of the token's `kid` is
    /// held, and where the token is bad in another way.
    pub fn wants_newer_keys(
        &self,
        token: &UnverifiedToken,
        keys: &Keyring,
        error: &AuthError,
    ) -> bool {
        let may_be = match error.kind() {
            ErrorKind::UnknownKey => true,
            ErrorKind::InvalidSignature | ErrorKind::AlgorithmNotAllowed => {
                let named = |kid| keys.verifying_keys().iter().any(|key| key.kid() == Some(kid));
                !token.unverified_kid().is_some_and(named)
            }
            _ => false,
        };
        may_be && self.algorithms.contains(token.unverified_algorithm())
    }

    fn check_header(&self, token: &Signed) -> Result<()> {
        #[derive(Deserialize)]
        struct Header {
            alg: String,
            typ: Option<String>,
        }
        let header: Header = serde_json::from_slice(&token.header()).map_err(|_| {
            AuthError::new(ErrorKind::MalformedToken, "The token's header has the wrong form")
        })?;
        let accepts = |algorithm| self.algorithms.contains(algorithm);
        if !header.alg.parse().is_ok_and(accepts) {
            return Err(ErrorKind::AlgorithmNotAllowed.into());
        }
        // RFC 7515 section 4.1.9: a media type, of which `application/` may be left out.
        let bare = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map_or_else(|| typ.clone(), str::to_owned)
        };
        let typ = header.typ.as_deref().map(bare);
        let (fits, wanted) = match &self.token_type {
            Some(wanted) => (typ == Some(bare(wanted)), wanted.as_str()),
            None => (matches!(typ.as_deref(), None | Some("jwt" | "at+jwt")), "at+jwt"),
        };
        if !fits {
            let message = format!("A token of the type {wanted} is needed");
            return Err(AuthError::new(ErrorKind::WrongTokenType, message));
        }
        Ok(())
    }

    fn check_claims(&self, token: &Signed, now: Timestamp) -> Result<()> {
        let (settings, seconds) = (&self.settings, now.as_seconds());
        let leeway = settings.decode_leeway.as_secs_f64();
        let date = |name| verify::date(token, name, true);
        if date(Name::IssuedAt)?.is_some_and(|iat| iat > seconds + leeway) {
            return Err(ErrorKind::IssuedInTheFuture.into());
        }
        if date(Name::NotBefore)?.is_some_and(|nbf| nbf > seconds + leeway) {
            return Err(ErrorKind::NotYetValid.into());
        }
        let expires = date(Name::Expires)?.ok_or_else(|| verify::missing("exp"))?;
        verify::check_issuer(token, settings)?;
        verify::check_audience(token, settings)?;
        for (name, kind) in
            [(Name::Subject, ErrorKind::InvalidSubject), (Name::TokenId, ErrorKind::InvalidTokenId)]
        {
            if !matches!(token.claims.get(name), Value::Absent | Value::Text(_)) {
                return Err(kind.into());
            }
        }
        if expires <= seconds - leeway {
            return Err(AuthError::from(ErrorKind::TokenExpired).with_token(token.json()));
        }
        Ok(())
    }
}
