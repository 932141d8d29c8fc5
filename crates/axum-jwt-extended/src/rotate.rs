//! Rotation: a refresh token for a new pair of tokens, once.

use std::fmt;
use std::time::Duration;

use jwt_extended::store::{RevocationStore, RotationOutcome, TokenRef};
use jwt_extended::{AuthError, RotationBuilder, TokenPair, VerifiedToken};
use serde::Serialize;

use crate::error::Error;
use crate::manager::{JwtManager, Main};

/// Exchanges a refresh token for a new pair of tokens; [`JwtManager::rotate`] starts it.
#[must_use = "a builder does nothing until `encode` is called"]
pub struct Rotate<'a, M = Main> {
    jwt: &'a JwtManager<M>,
    builder: RotationBuilder<'a>,
}

impl<M: 'static> JwtManager<M> {
    /// Returns a builder for the pair of tokens for which `refresh` is exchanged, with `JWT_REFRESH_ROTATION` on: for
    /// the same identity and audience, in the same session, not fresh. Claims of the application's own
    /// are not copied, since they may have changed; add them again, or set
    /// [`JwtManagerBuilder::claims_hook`](crate::JwtManagerBuilder::claims_hook).
    ///
    /// A refresh token is good for it once. For `JWT_REFRESH_ROTATION_GRACE` it is answered with the very
    /// same pair again, as an honest second click or a second tab wants it; after that somebody else must
    /// have it too, so the whole session is revoked (RFC 9700 section 4.14.2), which is logged.
    ///
    /// ```
    /// # use axum::{Json, extract::State};
    /// # use axum_jwt_extended::{Error, JwtManager, RefreshToken, TokenPair};
    /// async fn refresh(State(jwt): State<JwtManager>, token: RefreshToken) -> Result<Json<TokenPair>, Error> {
    ///     Ok(Json(jwt.rotate(&token).claim("role", "admin").encode().await?))
    /// }
    /// ```
    ///
    /// With cookies, [`JwtManager::set_cookies`] takes the pair as at the login.
    pub fn rotate<'a>(&'a self, refresh: &VerifiedToken) -> Rotate<'a, M> {
        Rotate { jwt: self, builder: self.inner.engine.rotate(refresh) }
    }

    /// Revokes the session of a refresh token that was used up before and shows up again.
    pub(crate) async fn burn(&self, token: &TokenRef<'_>) -> Result<(), AuthError> {
        let Some((revocation, store)) =
            self.engine().revocation_of_reused(token).zip(self.inner.revocation.store.as_ref())
        else {
            return Ok(());
        };
        audit(token);
        self.inner.revocation.in_time(store.revoke(&revocation)).await
    }
}

macro_rules! forward {
    ($($(#[$doc:meta])* $method:ident($($argument:ident: $type:ty),*);)+) => {$(
        $(#[$doc])*
        pub fn $method(mut self, $($argument: $type),*) -> Self {
            self.builder = self.builder.$method($($argument),*);
            self
        }
    )+};
}

impl<M: 'static> Rotate<'_, M> {
    forward! {
        /// Adds a claim of the application's own; see [`CustomClaims::claim`](crate::CustomClaims::claim).
        claim(name: impl Into<String>, value: impl Serialize);
        /// Adds every field of a struct or map; see [`CustomClaims::claims`](crate::CustomClaims::claims).
        claims(claims: impl Serialize);
        /// Adds a header parameter; see [`CustomClaims::header`](crate::CustomClaims::header).
        header(name: impl Into<String>, value: impl Serialize);
        /// Who the tokens are for (`aud`), instead of those that the old one was for.
        audience(audience: impl IntoIterator<Item = impl Into<String>>);
        /// How long the access token lives, instead of what the configuration says.
        access_expires_in(lifetime: Duration);
        /// How long the refresh token lives, instead of what the configuration says; no longer than that.
        refresh_expires_in(lifetime: Duration);
    }

    /// Makes the pair, and uses the old token up. After a 503 the same token can be tried again: it was
    /// used up or it was not, and within the grace either is good.
    pub async fn encode(self) -> Result<TokenPair, Error> {
        let jwt = self.jwt;
        let pending = self.builder.prepare().map_err(|error| jwt.error(error))?;
        let question = pending.question();
        let outcome = jwt.inner.revocation.in_time(jwt.store()?.rotate(&question)).await;
        let outcome = outcome.map_err(|error| jwt.error(error))?;
        if outcome == RotationOutcome::Reused {
            audit(&question.token);
        }
        pending.answer(outcome).map_err(|error| jwt.error(error))
    }
}

/// Tells whom it may concern: which session, but nobody's name and no token.
fn audit(token: &TokenRef<'_>) {
    tracing::warn!(
        code = "refresh_token_reuse",
        manager = token.owner.manager,
        session = token.family(),
        "a refresh token was used again: its session is revoked"
    );
}

impl<M> fmt::Debug for Rotate<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotate").finish_non_exhaustive()
    }
}
