//! Why a request was refused: one opaque error, a kind to match on, a stable code, a sentence.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

/// The result of everything that can refuse a token.
pub type Result<T, E = AuthError> = std::result::Result<T, E>;

/// A boxed error of an application's own code or of a store.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// What went wrong. New kinds may come in a minor release, so matches need a `_` arm; for the common
/// questions there are predicates on [`AuthError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No token in any of the places that were looked at.
    TokenMissing,
    /// Something is where the token should be, but not in the form that was asked for.
    RequestMalformed,
    /// The token is no JWS in compact form, or its header or payload is no JSON object.
    MalformedToken,
    /// The token is longer than `JWT_MAX_TOKEN_SIZE`.
    TokenTooLarge,
    /// The header's `alg` is missing or not among the accepted ones.
    AlgorithmNotAllowed,
    /// No key is known under the header's `kid`.
    UnknownKey,
    /// The header lists extensions as critical (`crit`), and none is understood.
    UnsupportedCritical,
    /// The signature does not fit the key.
    InvalidSignature,
    /// `nbf` lies in the future.
    NotYetValid,
    /// `iat` lies in the future.
    IssuedInTheFuture,
    /// `exp` has come.
    TokenExpired,
    /// A claim that must be there is missing.
    MissingClaim,
    /// A registered claim has the wrong JSON type or stands there twice.
    InvalidClaim,
    /// `iss` is not an accepted issuer.
    InvalidIssuer,
    /// `aud` names nobody that this service is, or is there though none is expected.
    InvalidAudience,
    /// `sub` is not a string.
    InvalidSubject,
    /// `jti` is not a string.
    InvalidTokenId,
    /// The token was made by a manager of another name (claim `mgr`).
    WrongManager,
    /// A refresh token where an access token is wanted, or the other way round.
    WrongTokenType,
    /// The token is not fresh, or no longer.
    FreshTokenRequired,
    /// The token came by cookie and the CSRF value is missing.
    CsrfMissing,
    /// The CSRF value is not the token's.
    CsrfMismatch,
    /// The token was revoked.
    TokenRevoked,
    /// The application's own verification of the claims refused them.
    ClaimsRejected,
    /// The token lacks a scope or role.
    InsufficientScope,
    /// The token's user does not exist (any more).
    UserNotFound,
    /// The store of revocations, users or keys did not answer.
    StoreUnavailable,
    /// A token could not be made: no signing key, claims that are no JSON object, no randomness.
    TokenNotCreated,
    /// The application is misconfigured, which shows only now.
    Misconfigured,
}

impl ErrorKind {
    /// A stable, machine-readable code for clients to switch on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::RequestMalformed => "request_malformed",
            Self::MalformedToken
            | Self::TokenTooLarge
            | Self::AlgorithmNotAllowed
            | Self::UnknownKey
            | Self::UnsupportedCritical
            | Self::InvalidSignature
            | Self::NotYetValid
            | Self::IssuedInTheFuture
            | Self::MissingClaim
            | Self::InvalidClaim
            | Self::InvalidIssuer
            | Self::InvalidAudience
            | Self::InvalidSubject
            | Self::InvalidTokenId
            | Self::WrongManager => "token_invalid",
            Self::TokenExpired => "token_expired",
            Self::WrongTokenType => "wrong_token_type",
            Self::FreshTokenRequired => "fresh_token_required",
            Self::CsrfMissing => "csrf_missing",
            Self::CsrfMismatch => "csrf_mismatch",
            Self::TokenRevoked => "token_revoked",
            Self::ClaimsRejected => "claims_rejected",
            Self::InsufficientScope => "insufficient_scope",
            Self::UserNotFound => "user_not_found",
            Self::StoreUnavailable => "store_unavailable",
            Self::TokenNotCreated => "token_not_created",
            Self::Misconfigured => "misconfigured",
        }
    }

    /// The HTTP status of the native answers: RFC 6750 section 3.1, RFC 9470.
    pub const fn status(self) -> u16 {
        match self {
            Self::RequestMalformed => 400,
            Self::CsrfMissing
            | Self::CsrfMismatch
            | Self::ClaimsRejected
            | Self::InsufficientScope => 403,
            Self::StoreUnavailable => 503,
            Self::TokenNotCreated | Self::Misconfigured => 500,
            _ => 401,
        }
    }
}

/// Why a token was refused, or could not be made.
///
/// Neither its text nor its `Debug` form holds any part of a token. Where the token's signature was
/// good, its header and claims can be had with [`AuthError::header`] and [`AuthError::claims`], for an
/// application's own answer.
///
/// ```
/// use jwt_extended::{AuthError, ErrorKind};
///
/// let error = AuthError::new(ErrorKind::FreshTokenRequired, "Fresh token required");
/// assert!(error.is_not_fresh() && !error.is_expired());
/// assert_eq!(error.code(), "fresh_token_required");
/// assert_eq!(error.to_string(), "Fresh token required");
/// ```
#[must_use = "nobody is refused until the error is returned"]
pub struct AuthError(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    claim: Option<Box<str>>,
    token: Option<TokenJson>,
    scopes: Vec<String>,
    source: Option<BoxError>,
    context: Option<ErrorContext>,
}

/// A value of an adapter's own that travels with errors, for example what renders them: see
/// [`JwtEngine::with_error_context`](crate::JwtEngine::with_error_context).
pub type ErrorContext = Arc<dyn Any + Send + Sync>;

/// Header and payload of a token whose signature is good, as JSON text.
#[derive(Clone)]
pub(crate) struct TokenJson {
    pub(crate) header: Arc<[u8]>,
    pub(crate) claims: Arc<[u8]>,
}

impl AuthError {
    /// An error of `kind` with a sentence for the client.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            claim: None,
            token: None,
            scopes: Vec::new(),
            source: None,
            context: None,
        }))
    }

    /// 503: the store, the user database or the issuer did not answer. `source` goes to the log,
    /// never to the client. A source that is itself an `AuthError` is taken as it is: an application's
    /// function that is asked about a token may refuse it in its own way.
    pub fn store_unavailable(source: impl Into<BoxError>) -> Self {
        match source.into().downcast::<Self>() {
            Ok(own) => *own,
            Err(source) => Self::from(ErrorKind::StoreUnavailable).with_source(source),
        }
    }

    /// Adds what lies behind this error, for logs.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the context of whoever made this error, unless it has one.
    pub fn with_context(mut self, context: Option<&ErrorContext>) -> Self {
        self.0.context = self.0.context.or_else(|| context.cloned());
        self
    }

    /// The context of the engine that made this error.
    pub fn context(&self) -> Option<&ErrorContext> {
        self.0.context.as_ref()
    }

    pub(crate) fn with_claim(mut self, name: &str) -> Self {
        self.0.claim = Some(name.into());
        self
    }

    pub(crate) fn with_token(mut self, token: TokenJson) -> Self {
        self.0.token = Some(token);
        self
    }

    pub(crate) fn with_scopes(mut self, scopes: Vec<String>) -> Self {
        self.0.scopes = scopes;
        self
    }

    /// The name of the claim that is missing ([`ErrorKind::MissingClaim`]) or has the wrong form
    /// ([`ErrorKind::InvalidClaim`]).
    pub fn claim(&self) -> Option<&str> {
        self.0.claim.as_deref()
    }

    /// The scopes that would have done, where the token lacks one.
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable code of [`ErrorKind::code`].
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The status of the native answer, [`ErrorKind::status`].
    pub fn status(&self) -> u16 {
        self.0.kind.status()
    }

    /// The sentence for the client.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The header of the refused token, where its signature was good; `None` where it was not, or
    /// where the header does not fit `T`.
    pub fn header<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.0.token.as_ref()?.header).ok()
    }

    /// The claims of the refused token, where its signature was good; `None` where it was not, or
    /// where the claims do not fit `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.0.token.as_ref()?.claims).ok()
    }

    /// Nothing was sent, as opposed to something bad. Optional routes forgive only this.
    pub fn is_missing(&self) -> bool {
        self.kind() == ErrorKind::TokenMissing
    }

    /// The token was good and is too old: a client should refresh.
    pub fn is_expired(&self) -> bool {
        self.kind() == ErrorKind::TokenExpired
    }

    /// The token was revoked.
    pub fn is_revoked(&self) -> bool {
        self.kind() == ErrorKind::TokenRevoked
    }

    /// The token is good, the action wants a fresh one: a client should ask for the password.
    pub fn is_not_fresh(&self) -> bool {
        self.kind() == ErrorKind::FreshTokenRequired
    }

    /// The CSRF value is missing or wrong.
    pub fn is_csrf(&self) -> bool {
        matches!(self.kind(), ErrorKind::CsrfMissing | ErrorKind::CsrfMismatch)
    }

    /// Nobody can tell now: the client should come again later.
    pub fn is_unavailable(&self) -> bool {
        self.kind() == ErrorKind::StoreUnavailable
    }
}

impl From<ErrorKind> for AuthError {
    /// An error with the kind's usual sentence.
    #[cold]
    fn from(kind: ErrorKind) -> Self {
        let message = match kind {
            ErrorKind::TokenMissing => "Missing token",
            ErrorKind::RequestMalformed => "Malformed credentials",
            ErrorKind::MalformedToken => "The token is malformed",
            ErrorKind::TokenTooLarge => "The token is too large",
            ErrorKind::AlgorithmNotAllowed => "The token's algorithm is not allowed",
            ErrorKind::UnknownKey => "The token's key is not known",
            ErrorKind::UnsupportedCritical => {
                "The token asks for an extension that is not supported"
            }
            ErrorKind::InvalidSignature => "Signature verification failed",
            ErrorKind::NotYetValid => "The token is not yet valid (nbf)",
            ErrorKind::IssuedInTheFuture => "The token is not yet valid (iat)",
            ErrorKind::TokenExpired => "Token has expired",
            ErrorKind::MissingClaim => "The token lacks a claim",
            ErrorKind::InvalidClaim => "A claim of the token has the wrong form",
            ErrorKind::InvalidIssuer => "Invalid issuer",
            ErrorKind::InvalidAudience => "Invalid audience",
            ErrorKind::InvalidSubject => "Subject must be a string",
            ErrorKind::InvalidTokenId => "JWT ID must be a string",
            ErrorKind::WrongManager => "The token is not meant for this part of the service",
            ErrorKind::WrongTokenType => "Wrong token type",
            ErrorKind::FreshTokenRequired => "Fresh token required",
            ErrorKind::CsrfMissing => "Missing CSRF token",
            ErrorKind::CsrfMismatch => "CSRF double submit tokens do not match",
            ErrorKind::TokenRevoked => "Token has been revoked",
            ErrorKind::ClaimsRejected => "User claims verification failed",
            ErrorKind::InsufficientScope => {
                "The token does not carry the scope or role that this needs"
            }
            ErrorKind::UserNotFound => "The token's user does not exist",
            ErrorKind::StoreUnavailable => "The token cannot be checked at the moment",
            ErrorKind::TokenNotCreated => "The token could not be made",
            ErrorKind::Misconfigured => "The application is misconfigured",
        };
        Self::new(kind, message)
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthError")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for AuthError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}
