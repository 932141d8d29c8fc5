//! Tokens that were verified, and those whose signature is good.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::base64url;
use crate::claims::{self, Claims, Member, Name, Place, Value};
use crate::clock::Timestamp;
use crate::config::{Location, Settings};
use crate::error::{AuthError, ErrorContext, ErrorKind, Result, TokenJson};
use crate::identity::canonical;
use crate::store::{Subject, TokenRef};

/// The two types of token that are made here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// Short-lived, sent with each request.
    Access,
    /// Long-lived, sent only to get a new access token.
    Refresh,
}

impl TokenKind {
    /// The value of the claim `type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// Whether a token may be used for what needs a recent login.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Freshness {
    /// It may not: it came from a refresh.
    NotFresh,
    /// It may, as long as it lives.
    Fresh,
    /// It may until then.
    Until(Timestamp),
}

/// A token of which everything was checked that a [`Policy`](crate::Policy) asked for. It owns what it
/// holds and is cheap to clone.
///
/// Its `Debug` form shows nothing of the token but where it came from.
#[derive(Clone)]
pub struct VerifiedToken {
    pub(crate) signed: Arc<Signed>,
    pub(crate) facts: Facts,
}

/// What was checked, for whoever finds the token in a request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) location: Option<Location>,
    pub(crate) revocation: Revocation,
}

/// What became of the question whether the token is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revocation {
    Checked,
    NoStore,
    Skipped,
}

/// A token whose signature is good and whose payload was read; nothing else is known of it.
#[derive(Default)]
pub(crate) struct Signed {
    /// The token as it was sent, behind it the decoded payload, and behind that what was written there
    /// with escapes.
    pub(crate) buffer: String,
    pub(crate) token_len: usize,
    pub(crate) header_len: usize,
    pub(crate) payload_len: usize,
    pub(crate) claims: Claims,
    /// The identity's JSON text, where it is no string.
    pub(crate) other_identity: Option<Box<str>>,
    pub(crate) leeway: Duration,
    pub(crate) grace: Duration,
    pub(crate) error_context: Option<ErrorContext>,
}

impl Signed {
    /// Fills one that is empty with a token and its payload. It is large, so it is made where it stays
    /// instead of being handed over.
    pub(crate) fn read(
        &mut self,
        token: &str,
        header_len: usize,
        payload: &str,
        settings: &Settings,
    ) -> Result<(), serde_json::Error> {
        let Self { buffer, claims, .. } = self;
        *buffer = String::with_capacity(token.len() + payload.len());
        buffer.push_str(token);
        buffer.push_str(payload);
        claims.read(buffer, token.len(), &settings.identity_claim, settings.strict_claims)?;
        self.other_identity = identity_text(claims, payload, &settings.identity_claim);
        self.token_len = token.len();
        self.header_len = header_len;
        self.payload_len = payload.len();
        self.leeway = settings.decode_leeway;
        self.grace = settings.refresh_rotation_grace;
        Ok(())
    }

    /// What it needs of memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        let identity = self.other_identity.as_ref().map_or(0, |text| text.len());
        size_of::<Self>() + self.buffer.capacity() + self.claims.memory() + identity
    }

    pub(crate) fn encoded(&self) -> &[u8] {
        self.buffer.as_bytes().get(..self.token_len).unwrap_or_default()
    }

    pub(crate) fn payload(&self) -> &str {
        self.buffer.get(self.token_len..self.token_len + self.payload_len).unwrap_or_default()
    }

    fn header_segment(&self) -> &str {
        self.buffer.get(..self.header_len).unwrap_or_default()
    }

    pub(crate) fn header(&self) -> Vec<u8> {
        base64url::decode(self.header_segment().as_bytes()).unwrap_or_default()
    }

    pub(crate) fn text(&self, name: Name) -> Option<&str> {
        self.claims.text(name, &self.buffer)
    }

    pub(crate) fn identity(&self) -> &str {
        match self.claims.identity() {
            Value::Text(text) => text.of(&self.buffer),
            _ => self.other_identity.as_deref().unwrap_or_default(),
        }
    }

    /// Header and claims for an error's receiver.
    pub(crate) fn json(&self) -> TokenJson {
        TokenJson { header: self.header().into(), claims: self.payload().as_bytes().into() }
    }

    fn date(&self, name: Name) -> Option<Timestamp> {
        self.claims.number(name).map(Timestamp::from_seconds)
    }

    pub(crate) fn token_ref(&self, now: Timestamp) -> TokenRef<'_> {
        let manager = self.text(Name::Manager).unwrap_or_default();
        TokenRef {
            jti: self.text(Name::TokenId),
            session: self.text(Name::Session),
            token_type: self.text(Name::Type),
            issued_at: self.date(Name::IssuedAt),
            expires_at: self.date(Name::Expires),
            remember_until: self.date(Name::Expires).map(|end| end + self.leeway),
            grace: self.grace,
            ..TokenRef::new(Subject::new(self.identity()).of_manager(manager), now)
        }
    }
}

impl VerifiedToken {
    /// Who the token is for: the identity claim (`JWT_IDENTITY_CLAIM`, by default `sub`). Of an
    /// identity that is no string, its JSON text: `42`, `{"id":1}`, with the names of objects in their
    /// order and without spaces.
    pub fn identity(&self) -> &str {
        self.signed.identity()
    }

    /// The identity as a type of the application's: a number, a UUID, a struct. A number may stand
    /// there as a number or as a string.
    pub fn identity_as<T: DeserializeOwned>(&self) -> Result<T> {
        let text = self.identity();
        let misfit = || {
            self.own(AuthError::new(
                ErrorKind::InvalidClaim,
                "The token's identity has the wrong form",
            ))
        };
        if matches!(self.signed.claims.identity(), Value::Text(_)) {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_integer = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            T::deserialize(serde::de::value::StrDeserializer::<serde_json::Error>::new(text))
                // A number may be spelled as a text; nothing else is read into one.
                .or_else(|error| if is_integer { serde_json::from_str(text) } else { Err(error) })
                .map_err(|_| misfit())
        } else {
            serde_json::from_str(text).map_err(|_| misfit())
        }
    }

    /// All claims, as a type of the application's; registered ones are passed over by types that do
    /// not name them.
    ///
    /// Fails where the claims do not fit the type: the token is good then, but not for this.
    pub fn claims<C: DeserializeOwned>(&self) -> Result<C> {
        serde_json::from_str(self.signed.payload()).map_err(|error| {
            self.own(
                AuthError::new(ErrorKind::InvalidClaim, "The token's claims have the wrong form")
                    .with_source(place(&error)),
            )
        })
    }

    /// One claim by its name; `None` where it is missing. One that does not fit `T` is an error, so
    /// that `suspended: "true"` is not taken for a missing `suspended: true`.
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let read = match self.signed.claims.place_of_value(name, &self.signed.buffer) {
            Place::From(text) => T::deserialize(&mut serde_json::Deserializer::from_str(text)),
            Place::Nowhere => return Ok(None),
            Place::Unknown => match claims::find_raw(self.signed.payload(), name) {
                Some(raw) => serde_json::from_str(raw),
                None => return Ok(None),
            },
        };
        read.map(Some).map_err(|error| {
            let message = format!("The token's claim {name} has the wrong form");
            self.own(AuthError::new(ErrorKind::InvalidClaim, message).with_source(place(&error)))
        })
    }

    /// The header, as a type of the application's, such as a map.
    pub fn header<H: DeserializeOwned>(&self) -> Result<H> {
        serde_json::from_slice(&self.signed.header()).map_err(|error| {
            self.own(
                AuthError::new(ErrorKind::InvalidClaim, "The token's header has the wrong form")
                    .with_source(place(&error)),
            )
        })
    }

    /// The claims as the JSON text that was signed.
    pub fn claims_json(&self) -> &str {
        self.signed.payload()
    }

    /// The claims in their order; `None` where only the parser can tell.
    #[doc(hidden)]
    pub fn members(&self) -> Option<impl Iterator<Item = (&str, Member<'_>)>> {
        self.signed.claims.members(&self.signed.buffer)
    }

    /// The header as the JSON text that was signed.
    pub fn header_json(&self) -> Vec<u8> {
        self.signed.header()
    }

    /// The header as its segment of the token, still in base64url.
    pub fn header_segment(&self) -> &str {
        self.signed.header_segment()
    }

    /// The token's own identifier, `jti`.
    pub fn jti(&self) -> Option<&str> {
        self.signed.text(Name::TokenId)
    }

    /// The claim `type`; upstream takes a token without one for an access token.
    pub fn token_type(&self) -> &str {
        self.signed.text(Name::Type).unwrap_or(TokenKind::Access.name())
    }

    /// Whether it is a refresh token.
    pub fn is_refresh(&self) -> bool {
        self.token_type() == TokenKind::Refresh.name()
    }

    /// The claim `fresh`.
    pub fn freshness(&self) -> Freshness {
        match self.signed.claims.get(Name::Fresh) {
            Value::Bool(true) => Freshness::Fresh,
            value => value.number().map_or(Freshness::NotFresh, |until| {
                Freshness::Until(Timestamp::from_seconds(until))
            }),
        }
    }

    /// Whether the token is fresh at this moment.
    pub fn is_fresh_at(&self, now: Timestamp) -> bool {
        match self.freshness() {
            Freshness::NotFresh => false,
            Freshness::Fresh => true,
            Freshness::Until(end) => end >= now,
        }
    }

    /// `exp`: when the token ends. Long-lived connections should look again then.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.signed.date(Name::Expires)
    }

    /// `iat`: when the token was made.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.signed.date(Name::IssuedAt)
    }

    /// `auth_time`: when the session began with credentials.
    pub fn auth_time(&self) -> Option<Timestamp> {
        self.signed.date(Name::AuthTime)
    }

    /// `sid`: the session, which access and refresh tokens of one login share.
    pub fn session_id(&self) -> Option<&str> {
        self.signed.text(Name::Session)
    }

    /// `iss`: who made the token.
    pub fn issuer(&self) -> Option<&str> {
        self.signed.text(Name::Issuer)
    }

    /// `csrf`: the double submit value.
    pub fn csrf(&self) -> Option<&str> {
        self.signed.text(Name::Csrf)
    }

    /// Where in the request it was; `None` for a token that came as text.
    pub fn location(&self) -> Option<Location> {
        self.facts.location
    }

    /// Whether a store was asked and said that it is not revoked.
    pub fn revocation_checked(&self) -> bool {
        self.facts.revocation == Revocation::Checked
    }

    /// Whether `other` is the same token out of the same check of its signature.
    pub fn is_same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.signed, &other.signed)
    }

    /// What a store needs to know of it, at this moment.
    pub fn token_ref(&self, now: Timestamp) -> TokenRef<'_> {
        self.signed.token_ref(now)
    }

    /// An error about this token, for an application's own checks; it carries header and claims on
    /// to the error answer.
    pub fn refuse(&self, kind: ErrorKind) -> AuthError {
        self.own(AuthError::from(kind).with_token(self.signed.json()))
    }

    fn own(&self, error: AuthError) -> AuthError {
        error.with_context(self.signed.error_context.as_ref())
    }
}

impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// What a parser says, less what it quotes: that would be a claim.
fn place(error: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
}

/// The text of an identity that is no string.
fn identity_text(claims: &Claims, payload: &str, name: &str) -> Option<Box<str>> {
    match claims.identity() {
        Value::Absent | Value::Text(_) => None,
        // One identity may be written in many ways, and a store is to know it by one.
        Value::Compound | Value::Texts(..) => {
            let value = serde_json::from_str(claims::find_raw(payload, name)?).ok()?;
            Some(canonical(&value).into())
        }
        _ => claims::find_raw(payload, name).map(Into::into),
    }
}
