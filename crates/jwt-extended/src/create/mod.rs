//! Making tokens: the builders.

mod custom;
mod encode;

use std::time::Duration;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::config::Lifetime;
use crate::engine::JwtEngine;
use crate::error::{AuthError, ErrorKind, Result};
use crate::identity::Identity;
use crate::random::uuids;
use crate::token::{EncodedToken, TokenKind, TokenPair, VerifiedToken};
pub use custom::CustomClaims;
use encode::encode;

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

macro_rules! shared_methods {
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

        /// Adds a claim of the application's own; see [`CustomClaims::claim`].
        pub fn claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.claim(name, value);
            self
        }

        /// Adds every field of a struct or map; see [`CustomClaims::claims`].
        pub fn claims(mut self, claims: impl Serialize) -> Self {
            self.order.custom = self.order.custom.claims(claims);
            self
        }

        /// Sets a claim whatever its name; see [`CustomClaims::override_claim`].
        pub fn override_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.override_claim(name, value);
            self
        }

        /// Adds a header parameter; see [`CustomClaims::header`].
        pub fn header(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.header(name, value);
            self
        }

        /// Who the token is for (`aud`), instead of `JWT_ENCODE_AUDIENCE`.
        pub fn audience(mut self, audience: impl IntoIterator<Item = impl Into<String>>) -> Self {
            self.order.audience = Some(audience.into_iter().map(Into::into).collect());
            self
        }
    };
}

impl<'e> TokenBuilder<'e> {
    pub(crate) fn new(engine: &'e JwtEngine, kind: TokenKind, identity: Identity) -> Self {
        Self { engine, kind, order: Order::new(identity), lifetime: None, refused: None }
    }

    /// Makes `encode` fail with this error.
    pub(crate) fn refused(mut self, error: AuthError) -> Self {
        self.refused = Some(error);
        self
    }

    shared_methods!();

    /// How long the token lives, instead of what the configuration says.
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(Lifetime::After(lifetime));
        self
    }

    /// Makes a token that lives until it is revoked or its key is withdrawn.
    pub fn never_expires(mut self) -> Self {
        self.lifetime = Some(Lifetime::Never);
        self
    }

    /// Makes the token part of the session of `token`: it takes over `sid` and `auth_time`.
    pub fn in_session_of(mut self, token: &VerifiedToken) -> Self {
        self.order.session = token.session_id().map(|id| Session {
            id: id.to_owned(),
            began: token.auth_time().unwrap_or_else(|| self.engine.now()),
        });
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

    shared_methods!();

    /// How long the access token lives, instead of what the configuration says.
    pub fn access_expires_in(mut self, lifetime: Duration) -> Self {
        self.access = Some(Lifetime::After(lifetime));
        self
    }

    /// How long the refresh token lives, instead of what the configuration says. With
    /// `JWT_SESSION_CLAIMS` on, no longer than that: a revoked session is forgotten after that time, so
    /// `encode` refuses.
    pub fn refresh_expires_in(mut self, lifetime: Duration) -> Self {
        self.refresh = Some(Lifetime::After(lifetime));
        self
    }

    /// Signs both tokens.
    pub fn encode(mut self) -> Result<TokenPair> {
        let (engine, now) = (self.engine, self.engine.now());
        if engine.config().session_claims {
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
}

impl Order {
    fn new(identity: Identity) -> Self {
        Self {
            identity,
            custom: CustomClaims::default(),
            freshness: Fresh::No,
            audience: None,
            session: None,
        }
    }
}

fn not_created(source: impl Into<crate::error::BoxError>) -> AuthError {
    AuthError::from(ErrorKind::TokenNotCreated).with_source(source)
}
