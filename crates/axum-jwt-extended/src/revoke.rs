//! Revoking tokens, sessions, and all of somebody's.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;

use jwt_extended::store::{
    Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked, SharedStore,
    StoreError,
};
use jwt_extended::{AuthError, ErrorKind, Identity, Timestamp, VerifiedToken};

use crate::error::Error;
use crate::manager::{JwtManager, Main};

/// Revokes a token or its session when it is awaited; [`JwtManager::revoke`] and
/// [`JwtManager::revoke_session`] start it.
#[must_use = "nothing is revoked until this is awaited"]
pub struct Revoke<'a, M = Main> {
    jwt: &'a JwtManager<M>,
    token: &'a VerifiedToken,
    whole_session: bool,
    by: Option<String>,
    reason: Option<String>,
}

/// Logs somebody out everywhere when it is awaited; [`JwtManager::revoke_all`] starts it.
#[must_use = "nothing is revoked until this is awaited"]
pub struct RevokeAll<'a, M = Main> {
    jwt: &'a JwtManager<M>,
    identity: Identity,
    keep: Option<String>,
    until: Option<Timestamp>,
    for_ever: bool,
    by: Option<String>,
    reason: Option<String>,
}

impl<M: 'static> JwtManager<M> {
    /// Revokes this one token.
    ///
    /// ```
    /// # use axum_jwt_extended::{AccessToken, Error, JwtManager};
    /// # async fn logout(jwt: JwtManager, token: AccessToken) -> Result<(), Error> {
    /// jwt.revoke(&token).await?;
    /// jwt.revoke_session(&token).by("support").reason("device lost").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn revoke<'a>(&'a self, token: &'a VerifiedToken) -> Revoke<'a, M> {
        Revoke { jwt: self, token, whole_session: false, by: None, reason: None }
    }

    /// Revokes every token of this token's session: the access tokens of one login and the refresh
    /// tokens that yield them. A token without session (`sid`) is a fault of the caller's: 500.
    pub fn revoke_session<'a>(&'a self, token: &'a VerifiedToken) -> Revoke<'a, M> {
        Revoke { whole_session: true, ..self.revoke(token) }
    }

    /// Revokes every token that this identity was given until now.
    ///
    /// It is remembered for as long as tokens live by the configuration of today. Where some live longer, since
    /// they were made with [`expires_in`](crate::TokenBuilder::expires_in), with
    /// [`never_expires`](crate::TokenBuilder::never_expires) or before the lifetimes were made shorter, say so
    /// with [`until`](RevokeAll::until) or [`for_ever`](RevokeAll::for_ever): such a token would come back.
    ///
    /// Tokens tell their age in whole seconds, so those that are made later within this second are
    /// revoked too. Whoever is to stay logged in is in the session that is kept:
    ///
    /// ```
    /// # use axum_jwt_extended::{Error, JwtManager, TokenPair};
    /// # async fn change_password(jwt: JwtManager) -> Result<TokenPair, Error> {
    /// let pair = jwt.create_token_pair("anna").fresh(true).encode()?;
    /// jwt.revoke_all("anna").keep(pair.session_id()).reason("new password").await?;
    /// # Ok(pair)
    /// # }
    /// ```
    pub fn revoke_all(&self, identity: impl Into<Identity>) -> RevokeAll<'_, M> {
        let identity = identity.into();
        let (keep, until, by, reason) = (None, None, None, None);
        RevokeAll { jwt: self, identity, keep, until, for_ever: false, by, reason }
    }

    /// What is revoked of this identity's, and has not ended.
    pub async fn revocations(
        &self,
        identity: impl Into<Identity>,
    ) -> Result<Vec<RevocationRecord>, Error> {
        let identity = identity.into();
        let (subject, store) = (identity.text(), self.store()?);
        self.ask(store.list(&self.engine().owner(&subject), self.now())).await
    }

    /// Takes a revocation back, such as one of the [`JwtManager::revocations`]; whether there was one.
    ///
    /// Of [`Revoked::Subject`], **all of them are taken back**, whatever moment is named: each token that only
    /// [`revoke_all`](JwtManager::revoke_all) had ended is good again, be it of a login that was stolen years ago and
    /// still lives. Tokens and sessions that were revoked by themselves stay so.
    pub async fn restore(
        &self,
        identity: impl Into<Identity>,
        what: Revoked<'_>,
    ) -> Result<bool, Error> {
        let identity = identity.into();
        let (subject, store) = (identity.text(), self.store()?);
        self.ask(store.restore(&self.engine().owner(&subject), &what)).await
    }

    /// Deletes what the store need not remember any more; how much that was. For a task that runs
    /// now and then. With a large store it may take longer than a request may, so there is no
    /// [timeout](crate::JwtManagerBuilder::store_timeout) but the store's own.
    pub async fn purge(&self) -> Result<u64, Error> {
        let purged = self.store()?.purge(self.now()).await;
        purged.map_err(|error| self.error(AuthError::store_unavailable(error)))
    }

    /// Whether a token that was let in would still not be called revoked.
    pub(crate) async fn is_active(&self, token: &VerifiedToken) -> Result<bool, AuthError> {
        let status = self.inner.revocation.status(&token.token_ref(self.now())).await?;
        Ok(status == RevocationStatus::Active)
    }

    pub(crate) fn store(&self) -> Result<&SharedStore, Error> {
        self.inner.revocation.store.as_ref().ok_or_else(|| {
            self.error(AuthError::new(
                ErrorKind::Misconfigured,
                "there is no store to revoke tokens in: give the manager one with `.store(...)`",
            ))
        })
    }

    async fn remember<'a>(
        &self,
        mut revocation: Revocation<'a>,
        by: Option<&'a str>,
        reason: Option<&'a str>,
    ) -> Result<(), Error> {
        (revocation.by, revocation.reason) = (by, reason);
        self.ask(self.store()?.revoke(&revocation)).await
    }

    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, Error> {
        self.inner.revocation.in_time(answer).await.map_err(|error| self.error(error))
    }
}

macro_rules! words {
    () => {
        /// Who revokes, for stores that record it.
        pub fn by(mut self, who: impl Into<String>) -> Self {
            self.by = Some(who.into());
            self
        }

        /// Why, for stores that record it.
        pub fn reason(mut self, why: impl Into<String>) -> Self {
            self.reason = Some(why.into());
            self
        }
    };
}

impl<M> Revoke<'_, M> {
    words!();
}

impl<M> RevokeAll<'_, M> {
    words!();

    /// Leaves one session (`sid`) good: the one at hand, or a new one. What an earlier call has
    /// revoked of it stays so.
    pub fn keep<'s>(mut self, session: impl Into<Option<&'s str>>) -> Self {
        self.keep = session.into().map(str::to_owned);
        self
    }

    /// Remembers it until then, where that is later than `JWT_ACCESS_TOKEN_EXPIRES` and
    /// `JWT_REFRESH_TOKEN_EXPIRES` from now: for applications that make tokens of a longer life.
    pub fn until(mut self, end: Timestamp) -> Self {
        self.until = Some(end);
        self
    }

    /// Remembers it without end: for applications that make tokens with
    /// [`never_expires`](crate::TokenBuilder::never_expires).
    pub fn for_ever(mut self) -> Self {
        self.for_ever = true;
        self
    }
}

type Revoking<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

impl<'a, M: 'static> IntoFuture for Revoke<'a, M> {
    type Output = Result<(), Error>;
    type IntoFuture = Revoking<'a>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (jwt, engine) = (self.jwt, self.jwt.engine());
            let revocation = if self.whole_session {
                engine.revocation_of_session(self.token)?
            } else {
                engine.revocation_of_token(self.token)?
            };
            jwt.remember(revocation, self.by.as_deref(), self.reason.as_deref()).await
        })
    }
}

impl<'a, M: 'static> IntoFuture for RevokeAll<'a, M> {
    type Output = Result<(), Error>;
    type IntoFuture = Revoking<'a>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let subject = self.identity.text();
            let mut revocation =
                self.jwt.engine().revocation_of_subject(&subject, self.keep.as_deref());
            revocation.until = match (revocation.until, self.until) {
                (Some(usual), Some(wanted)) if wanted > usual && !self.for_ever => Some(wanted),
                (usual, _) => usual.filter(|_| !self.for_ever),
            };
            self.jwt.remember(revocation, self.by.as_deref(), self.reason.as_deref()).await
        })
    }
}

impl<M> fmt::Debug for Revoke<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revoke").finish_non_exhaustive()
    }
}

impl<M> fmt::Debug for RevokeAll<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevokeAll").finish_non_exhaustive()
    }
}
