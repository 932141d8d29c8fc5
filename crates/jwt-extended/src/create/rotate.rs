//! Rotation: a refresh token for a new pair of tokens, once.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::encode::{Draft, draft, write};
use super::successor::Successor;
use super::{Order, Session};
use crate::clock::Timestamp;
use crate::config::Lifetime;
use crate::encoded::TokenPair;
use crate::engine::{JwtEngine, session_span};
use crate::error::{AuthError, ErrorKind, Result};
use crate::revoke::later;
use crate::store::{Rotation, RotationOutcome};
use crate::token::{TokenKind, VerifiedToken};

/// Makes the pair of tokens that comes after a refresh token; [`JwtEngine::rotate`] starts it.
#[must_use = "a builder does nothing until `prepare` is called"]
pub struct RotationBuilder<'e> {
    engine: &'e JwtEngine,
    token: VerifiedToken,
    order: Order,
    access: Option<Lifetime>,
    refresh: Option<Lifetime>,
}

/// A pair of tokens that waits for the store: the refresh token that was presented is not used up yet.
#[must_use = "the store has to be asked"]
pub struct PendingRotation<'e> {
    engine: &'e JwtEngine,
    token: VerifiedToken,
    order: Order,
    pair: TokenPair,
    successor: String,
    now: Timestamp,
}

impl<'e> RotationBuilder<'e> {
    pub(crate) fn new(engine: &'e JwtEngine, token: &VerifiedToken) -> Self {
        let mut order = Order::new(token.into());
        order.is_rotated = true;
        order.audience = token.claim::<Value>("aud").ok().flatten().and_then(|aud| match aud {
            Value::String(one) => Some(vec![one]),
            several => serde_json::from_value(several).ok(),
        });
        Self { engine, token: token.clone(), order, access: None, refresh: None }
    }

    shared_methods!();

    pair_methods!();

    /// Makes the pair, so that nothing can go wrong any more once the old token is used up.
    pub fn prepare(self) -> Result<PendingRotation<'e>> {
        let engine = self.engine;
        self.prepare_here().map_err(|error| engine.own(error))
    }

    fn prepare_here(mut self) -> Result<PendingRotation<'e>> {
        let (engine, now) = (self.engine, self.engine.now());
        if !engine.config().refresh_rotation {
            return Err(AuthError::new(
                ErrorKind::Misconfigured,
                "JWT_REFRESH_ROTATION is off: turn it on, or use refresh_access_token",
            ));
        }
        engine.may_refresh(&self.token)?;
        let presented = self.token.token_ref(now);
        let (Some(_), Some(family)) = (presented.jti, presented.family()) else {
            return Err(AuthError::new(ErrorKind::MissingClaim, "Missing claim: jti"));
        };
        self.order.session = Some(Session::of(&self.token, family, now));

        let ordered = |kind, lifetime| draft(engine, kind, &self.order, lifetime, now);
        let access = ordered(TokenKind::Access, self.access)?;
        let refresh = ordered(TokenKind::Refresh, self.refresh)?;
        let successor = Successor::new(access, refresh);
        let pair = sign(engine, &self.order, &successor)?;
        let (token, order, successor) = (self.token, self.order, successor.to_text());
        Ok(PendingRotation { engine, token, order, pair, successor, now })
    }
}

impl PendingRotation<'_> {
    /// What to ask the store.
    pub fn question(&self) -> Rotation<'_> {
        let token = self.token.token_ref(self.now);
        let leeway = self.engine.config().decode_leeway;
        let next_end = self.pair.refresh_token.expires_at().map(|end| end + leeway);
        let until = later(token.remember_until, next_end);
        Rotation {
            token,
            // It has both, or there would be nothing pending.
            jti: token.jti.unwrap_or_default(),
            family: token.family().unwrap_or_default(),
            next_jti: self.pair.refresh_token.jti().unwrap_or_default(),
            successor: &self.successor,
            until,
            burnt_until: later(self.engine.session_end(), until),
        }
    }

    /// Goes on with the store's answer: to the new pair, or to the very same one that the token was
    /// exchanged for just before.
    pub fn answer(self, outcome: RotationOutcome) -> Result<TokenPair> {
        match outcome {
            RotationOutcome::Rotated => Ok(self.pair),
            RotationOutcome::Repeated { successor } => {
                let successor = Successor::parse(&successor).filter(|s| self.is_plausible(s));
                let pair = match successor {
                    Some(successor) => sign(self.engine, &self.order, &successor),
                    None => Err(AuthError::store_unavailable(
                        "the store gave a successor that nobody here wrote",
                    )),
                };
                pair.map_err(|error| self.engine.own(error))
            }
            RotationOutcome::Reused | RotationOutcome::Revoked => {
                Err(self.token.refuse(ErrorKind::TokenRevoked))
            }
        }
    }

    /// Whether a token like this can have been made here just before. Who can write to the store must
    /// not be able to have tokens made that outlive all others.
    fn is_plausible(&self, successor: &Successor) -> bool {
        let settings = self.engine.config();
        // As far as the clocks of several machines may differ.
        let latest = self.now + settings.decode_leeway + Duration::from_secs(60);
        let session_end = self.order.session.as_ref().and_then(|session| session.end(settings));
        let is_plausible = |draft: &Draft| {
            let ends_by = |end: Option<Timestamp>| {
                end.is_none_or(|end| draft.expires_at.is_some_and(|expires| expires <= end))
            };
            draft.issued_at <= latest
                && ends_by(session_end)
                && ends_by(session_span(settings).map(|span| draft.issued_at + span))
        };
        is_plausible(&successor.access) && is_plausible(&successor.refresh)
    }
}

fn sign(engine: &JwtEngine, order: &Order, successor: &Successor) -> Result<TokenPair> {
    Ok(TokenPair {
        access_token: write(engine, TokenKind::Access, order, &successor.access)?,
        refresh_token: write(engine, TokenKind::Refresh, order, &successor.refresh)?,
    })
}

impl fmt::Debug for PendingRotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingRotation").field("token", &self.token).finish_non_exhaustive()
    }
}
