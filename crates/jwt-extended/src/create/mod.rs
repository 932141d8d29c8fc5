//! Making tokens: the builders.

mod custom;
mod encode;
mod members;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::claims::Name;
use crate::clock::Timestamp;
use crate::config::{Lifetime, Settings};
use crate::encoded::{EncodedToken, TokenPair};
use crate::engine::JwtEngine;
use crate::error::{AuthError, ErrorKind, Result};
use crate::identity::Identity;
use crate::key::Keyring;
use crate::random::uuids;
use crate::token::{TokenKind, VerifiedToken};
pub use custom::CustomClaims;
pub(crate) use encode::SharedClaims;
use encode::encode;
pub use rotate::{PendingRotation, RotationBuilder};

/// Makes one token; [`JwtEngine::create_access_token`] starts it.
#[must_use = "a builder does nothing until `encode` is called"]
pub struct TokenBuilder<'e> {
    engine: &'e JwtEngine,
    kind: TokenKind,
    order: Order,
    lifetime: Option<Lifetime>,
    refused: Option<AuthError>,
}

/// Makes an access and a refresh token for one login; [`JwtEngine::create_token_pair`] starts it.
#[must_use = "a builder does nothing until `encode` is called"]
pub struct TokenPairBuilder<'e> {
    engine: &'e JwtEngine,
    order: Order,
    access: Option<Lifetime>,
    refresh: Option<Lifetime>,
}

/// For tokens made from credentials.
macro_rules! login_methods {
    () => {
        /// Whether the token is fresh: made from credentials just now, not from a refresh. Of a pair,
        /// the access token.
        pub fn fresh(mut self, fresh: bool) -> Self {
            self.order.freshness = if fresh { Fresh::Yes } else { Fresh::No };
            self
        }

        /// Fresh for this long only.
        pub fn fresh_for(mut self, duration: Duration) -> Self {
            self.order.freshness = Fresh::For(duration);
            self
        }

        /// Sets a claim whatever its name; see [`CustomClaims::override_claim`](crate::CustomClaims::override_claim).
        pub fn override_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.override_claim(name, value);
            self
        }
    };
}

/// For all tokens.
macro_rules! shared_methods {
    () => {
        /// Adds a claim of the application's own; see [`CustomClaims::claim`](crate::CustomClaims::claim).
        pub fn claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.claim(name, value);
            self
        }

        /// Adds every field of a struct or map; see [`CustomClaims::claims`](crate::CustomClaims::claims).
        pub fn claims(mut self, claims: impl Serialize) -> Self {
            self.order.custom = self.order.custom.claims(claims);
            self
        }

        /// Adds a header parameter; see [`CustomClaims::header`](crate::CustomClaims::header).
        pub fn header(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.header(name, value);
            self
        }

        /// Signs with the key of this ring, whatever an engine's hook would choose: for keys that had
        /// to be waited for.
        pub fn signed_with(mut self, keys: impl Into<std::sync::Arc<crate::Keyring>>) -> Self {
            self.order.keys = Some(keys.into());
            self
        }

        /// Who the token is for (`aud`): instead of `JWT_ENCODE_AUDIENCE`, or of those that a rotated
        /// token was for.
        pub fn audience(mut self, audience: impl IntoIterator<Item = impl Into<String>>) -> Self {
            self.order.audience = Some(audience.into_iter().map(Into::into).collect());
            self
        }
    };
}

/// For pairs.
macro_rules! pair_methods {
    () => {
        /// How long the access token lives, instead of what the configuration says.
        pub fn access_expires_in(mut self, lifetime: Duration) -> Self {
            self.access = Some(Lifetime::After(lifetime));
            self
        }

        /// How long the refresh token lives, instead of what the configuration says. Of a session, no
        /// longer than that: a revoked session is forgotten after that time, so a longer life is
        /// refused.
        pub fn refresh_expires_in(mut self, lifetime: Duration) -> Self {
            self.refresh = Some(Lifetime::After(lifetime));
            self
        }
    };
}

// Behind the macros, which they use.
mod rotate;
mod successor;

impl<'e> TokenBuilder<'e> {
    pub(crate) fn new(engine: &'e JwtEngine, kind: TokenKind, identity: Identity) -> Self {
        Self { engine, kind, order: Order::new(identity), lifetime: None, refused: None }
    }

    /// Makes `encode` fail with this error.
    pub(crate) fn refused(mut self, error: AuthError) -> Self {
        self.refused = Some(error);
        self
    }

    login_methods!();
    shared_methods!();

    /// How long the token lives, instead of what the configuration says.
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(Lifetime::After(lifetime));
        self
    }

    /// Makes a token that lives until it is revoked or its key is withdrawn. A revocation of all that somebody has
    /// must then be remembered without end, too: [`Revocation::until`](crate::store::Revocation::until) is `None`.
    pub fn never_expires(mut self) -> Self {
        self.lifetime = Some(Lifetime::Never);
        self
    }

    /// Makes the token part of the session of `token`: it takes over `sid` and `auth_time`. `encode` fails if that
    /// one is of another identity or manager, or has no session (`sid`): a logout would not reach both.
    pub fn in_session_of(self, token: &VerifiedToken) -> Self {
        let (same, engine) = (self.order.identity.text() == token.identity(), self.engine);
        let is_ours = engine.is_own(token);
        let fault = match token.session_id() {
            Some(_) if same && is_ours => return self.in_same_session(token),
            Some(_) => "`in_session_of` was given a token of another identity or manager",
            None => {
                "`in_session_of` was given a token without a session (`sid`): make it with \
                 `create_token_pair` while JWT_SESSION_CLAIMS is on, or leave `in_session_of` out"
            }
        };
        self.refused(engine.own(not_created(fault)))
    }

    /// As [`TokenBuilder::in_session_of`], for a successor of `token`; where that is in none, this is neither.
    pub(crate) fn in_same_session(mut self, token: &VerifiedToken) -> Self {
        let now = self.engine.now();
        self.order.session = token.session_id().map(|id| Session::of(token, id, now));
        self
    }

    /// Begins a session with this token, as [`JwtEngine::create_token_pair`] does: it gets a `sid` and
    /// an `auth_time`. For logins that make an access token alone.
    pub fn begin_session(mut self) -> Result<Self> {
        self.order.session = Some(Session::begin(self.engine)?);
        Ok(self)
    }

    /// Signs the token.
    pub fn encode(self) -> Result<EncodedToken> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        encode(self.engine, self.kind, &self.order, self.lifetime, self.engine.now())
            .map_err(|error| self.engine.own(error))
    }
}

impl<'e> TokenPairBuilder<'e> {
    pub(crate) fn new(engine: &'e JwtEngine, identity: Identity) -> Self {
        Self { engine, order: Order::new(identity), access: None, refresh: None }
    }

    login_methods!();
    shared_methods!();

    pair_methods!();

    /// Signs both tokens.
    pub fn encode(mut self) -> Result<TokenPair> {
        let (engine, now) = (self.engine, self.engine.now());
        if engine.config().session_claims || engine.config().refresh_rotation {
            self.order.session = Some(Session::begin(engine)?);
        }
        let access_token = encode(engine, TokenKind::Access, &self.order, self.access, now);
        let refresh_token = encode(engine, TokenKind::Refresh, &self.order, self.refresh, now);
        match (access_token, refresh_token) {
            (Ok(access_token), Ok(refresh_token)) => Ok(TokenPair { access_token, refresh_token }),
            (Err(error), _) | (_, Err(error)) => Err(engine.own(error)),
        }
    }
}

/// One login or refresh, as far as both its tokens share it.
#[derive(Clone)]
struct Order {
    identity: Identity,
    custom: CustomClaims,
    freshness: Fresh,
    audience: Option<Vec<String>>,
    session: Option<Session>,
    keys: Option<Arc<Keyring>>,
    /// Whether a store will know the token by what it is made of.
    is_rotated: bool,
}

#[derive(Clone, Copy)]
enum Fresh {
    No,
    Yes,
    For(Duration),
}

#[derive(Clone)]
struct Session {
    id: String,
    began: Timestamp,
}

impl Session {
    fn begin(engine: &JwtEngine) -> Result<Self> {
        let id = uuids::<1>(engine.random()).map_err(|error| engine.own(not_created(error)))?;
        Ok(Self { id: id.map(|id| id.to_string()).concat(), began: engine.now() })
    }

    /// The session `id` of a token, which began with the login if that is known.
    fn of(token: &VerifiedToken, id: &str, now: Timestamp) -> Self {
        let began = token.auth_time().or(token.issued_at()).unwrap_or(now);
        Self { id: id.to_owned(), began }
    }

    fn end(&self, settings: &Settings) -> Option<Timestamp> {
        Some(self.began + settings.session_lifetime.duration()?)
    }
}

impl Order {
    fn new(identity: Identity) -> Self {
        Self {
            identity,
            custom: CustomClaims::default(),
            freshness: Fresh::No,
            audience: None,
            session: None,
            keys: None,
            is_rotated: false,
        }
    }

    /// The name of an overridden claim that must be as the store was told it is.
    fn fixed_override<'c>(&self, custom: &'c CustomClaims, settings: &Settings) -> Option<&'c str> {
        let is_fixed = |name: &&str| match Name::of(name) {
            Some(Name::Audience | Name::Issuer | Name::NotBefore) => false,
            Some(_) => true,
            None => *name == settings.identity_claim,
        };
        custom.overrides.names().find(is_fixed).filter(|_| self.is_rotated)
    }
}

/// The earlier one of two ends, of which `None` is the latest.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other < one { other } else { one }),
        (one, other) => one.or(other),
    }
}

fn not_created(source: impl Into<crate::error::BoxError>) -> AuthError {
    AuthError::from(ErrorKind::TokenNotCreated).with_source(source)
}
