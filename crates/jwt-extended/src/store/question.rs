//! What a store is asked and told. Never a token itself.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::token::TokenKind;

/// Whose tokens it is about. Stores keep everything apart by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Subject<'a> {
    /// The manager's name (`mgr`); empty for the main manager.
    pub manager: &'a str,
    /// The identity claim; of an identity that is no string, its JSON text.
    pub subject: &'a str,
}

impl<'a> Subject<'a> {
    /// The tokens of `subject` that the main manager makes.
    ///
    /// ```
    /// use jwt_extended::store::Subject;
    /// let partner = Subject::new("anna").of_manager("partners");
    /// assert_eq!((partner.subject, partner.manager), ("anna", "partners"));
    /// ```
    pub const fn new(subject: &'a str) -> Self {
        Self { manager: "", subject }
    }

    /// Those that the manager of this name makes; see [`JwtEngine::owner`](crate::JwtEngine::owner).
    pub const fn of_manager(self, manager: &'a str) -> Self {
        Self { manager, subject: self.subject }
    }
}

/// What a store needs to know of a token.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct TokenRef<'a> {
    /// Whose token it is.
    pub owner: Subject<'a>,
    /// `jti`, where the token has one that is a string.
    pub jti: Option<&'a str>,
    /// `sid`: the session of which the token is part.
    pub session: Option<&'a str>,
    /// `type`.
    pub token_type: Option<&'a str>,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
    /// `exp`.
    pub expires_at: Option<Timestamp>,
    /// From then on nobody needs to remember the token: `exp` and the leeway with which it is judged.
    /// `None`: it never expires.
    pub remember_until: Option<Timestamp>,
    /// The engine's clock. A store decides by it, never by a clock of its own.
    pub now: Timestamp,
    /// For how long a refresh token that was used up is answered once more.
    pub grace: Duration,
}

impl<'a> TokenRef<'a> {
    /// A token of which nothing else is known, at this moment; the fields are there to be set.
    ///
    /// ```
    /// use jwt_extended::{Timestamp, store::{Subject, TokenRef}};
    /// let mut token = TokenRef::new(Subject::new("anna"), Timestamp::from_seconds(1000.0));
    /// token.jti = Some("a");
    /// assert_eq!(token.family(), None);
    /// token.token_type = Some("refresh");
    /// assert_eq!(token.family(), Some("a"));
    /// token.session = Some("s");
    /// assert_eq!(token.family(), Some("s"));
    /// ```
    pub const fn new(owner: Subject<'a>, now: Timestamp) -> Self {
        Self {
            owner,
            jti: None,
            session: None,
            token_type: None,
            issued_at: None,
            expires_at: None,
            remember_until: None,
            now,
            grace: Duration::ZERO,
        }
    }

    /// Whether it is a refresh token; only those rotate.
    pub fn is_refresh(&self) -> bool {
        self.token_type == Some(TokenKind::Refresh.name())
    }

    /// The session, by which a token is revoked together with others. A refresh token without one
    /// begins a family of its own, named after it.
    pub fn family(&self) -> Option<&'a str> {
        self.session.or(if self.is_refresh() { self.jti } else { None })
    }

    /// The same, owned.
    pub fn to_record(&self) -> TokenRecord {
        TokenRecord {
            manager: self.owner.manager.to_owned(),
            subject: self.owner.subject.to_owned(),
            jti: self.jti.map(str::to_owned),
            session: self.session.map(str::to_owned),
            token_type: self.token_type.map(str::to_owned),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            remember_until: self.remember_until,
        }
    }
}

/// A [`TokenRef`] that owns what it holds, for functions that outlive the request's borrow.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are those of TokenRef and Subject")]
pub struct TokenRecord {
    pub manager: String,
    pub subject: String,
    pub jti: Option<String>,
    pub session: Option<String>,
    pub token_type: Option<String>,
    pub issued_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub remember_until: Option<Timestamp>,
}

/// What is revoked.
#[derive(Clone, Copy, PartialEq)]
pub enum Revoked<'a> {
    /// One token.
    Token {
        /// Its `jti`.
        jti: &'a str,
    },
    /// Every token of a session, and the family of refresh tokens that goes by the same name.
    Session {
        /// Its `sid`.
        id: &'a str,
    },
    /// Every token of the subject that was issued until then (`iat <= issued_until`), and every one
    /// that does not say when it was.
    Subject {
        /// The moment up to which.
        issued_until: Timestamp,
        /// The session that stays good.
        keep: Option<&'a str>,
    },
}

/// A revocation to be remembered.
#[derive(Clone, Copy)]
#[non_exhaustive]
#[must_use = "nothing is revoked until a store is given this, with `RevocationStore::revoke`"]
pub struct Revocation<'a> {
    /// Whose tokens.
    pub owner: Subject<'a>,
    /// Which of them.
    pub what: Revoked<'a>,
    /// From then on none of them lives, and nobody needs to remember. `None`: never.
    pub until: Option<Timestamp>,
    /// The present moment.
    pub at: Timestamp,
    /// Who revoked, where somebody said so.
    pub by: Option<&'a str>,
    /// Why, where somebody said so.
    pub reason: Option<&'a str>,
}

impl<'a> Revocation<'a> {
    /// A revocation, without a word on who and why.
    pub const fn new(
        owner: Subject<'a>,
        what: Revoked<'a>,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Self {
        Self { owner, what, until, at, by: None, reason: None }
    }
}

/// A refresh token that is to be used up, and what comes in its place.
#[derive(Clone, Copy)]
#[non_exhaustive]
#[must_use = "no token is used up until a store is given this, with `RevocationStore::rotate`"]
pub struct Rotation<'a> {
    /// The refresh token that was presented.
    pub token: TokenRef<'a>,
    /// Its `jti`.
    pub jti: &'a str,
    /// Its [family](TokenRef::family).
    pub family: &'a str,
    /// The `jti` of the refresh token that comes next.
    pub next_jti: &'a str,
    /// What the engine needs to make the next pair of tokens once more, to be given back as it is. At
    /// most [`Rotation::MAX_SUCCESSOR`] bytes of ASCII; no token.
    pub successor: &'a str,
    /// From then on neither the presented token nor its successor lives. `None`: never.
    pub until: Option<Timestamp>,
    /// How long to remember a family that is burnt. `None`: for ever.
    pub burnt_until: Option<Timestamp>,
}

impl<'a> Rotation<'a> {
    /// The longest [successor](Rotation::successor).
    pub const MAX_SUCCESSOR: usize = 1024;

    /// Why a family is burnt: the reason of the revocation that [`RotationOutcome::Reused`](super::RotationOutcome::Reused)
    /// leaves behind.
    pub const REUSE: &'static str = "refresh token reuse";

    /// A rotation that is remembered for ever; `None` for a token without `jti`, which cannot be told
    /// from others.
    pub fn new(token: TokenRef<'a>, next_jti: &'a str, successor: &'a str) -> Option<Self> {
        let jti = token.jti?;
        let family = token.session.unwrap_or(jti);
        Some(Self { token, jti, family, next_jti, successor, until: None, burnt_until: None })
    }
}

/// Formatters show of what kind a thing is, never whose.
macro_rules! discreet {
    ($($name:ident { $($field:ident),* })+) => {
        $(impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        })+
    };
}

discreet! {
    Subject {}
    TokenRef { token_type, issued_at, expires_at }
    Revocation { what, until, at }
    Rotation { token, until }
}

impl fmt::Debug for TokenRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRecord").field("token_type", &self.token_type).finish_non_exhaustive()
    }
}

impl fmt::Debug for Revoked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token { .. } => "Token { .. }",
            Self::Session { .. } => "Session { .. }",
            Self::Subject { .. } => "Subject { .. }",
        })
    }
}
