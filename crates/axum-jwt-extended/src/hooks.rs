//! What an application hangs into a manager, as the manager keeps it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use jwt_extended::store::{RevocationStatus, RevocationStore, SharedStore, TokenRecord, TokenRef};
use jwt_extended::{AuthError, BoxError, KeyChoice, Keyring, UnverifiedToken, VerifiedToken};

/// Who is asked whether a token is revoked.
pub(crate) struct Blocklists {
    pub(crate) store: Option<SharedStore>,
    pub(crate) functions: Vec<Box<Blocklist>>,
    pub(crate) timeout: Duration,
}

impl Blocklists {
    pub(crate) fn is_none(&self) -> bool {
        self.store.is_none() && self.functions.is_empty()
    }

    /// Revoked is what one of them calls revoked.
    pub(crate) async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, AuthError> {
        for blocklist in &self.functions {
            if self.in_time(blocklist(token.to_record())).await? {
                return Ok(RevocationStatus::Revoked);
            }
        }
        match &self.store {
            Some(store) => self.in_time(store.status(token)).await,
            None => Ok(RevocationStatus::Active),
        }
    }

    /// What a store answers, or 503.
    pub(crate) async fn in_time<T, E: Into<BoxError>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, AuthError> {
        in_time(self.timeout, answer).await
    }
}

/// What somebody answers who is asked about a token, or 503.
pub(crate) async fn in_time<T, E: Into<BoxError>>(
    timeout: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, AuthError> {
    let mut answer = pin!(answer);
    // What is there at once, as with a store in memory, needs no timer and no runtime that has one.
    let first = poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await;
    if let Poll::Ready(answer) = first {
        return answer.map_err(AuthError::store_unavailable);
    }
    match tokio::time::timeout(timeout, answer).await {
        Ok(answer) => answer.map_err(AuthError::store_unavailable),
        Err(elapsed) => Err(AuthError::store_unavailable(elapsed)),
    }
}

impl Default for Blocklists {
    fn default() -> Self {
        Self { store: None, functions: Vec::new(), timeout: Duration::from_secs(5) }
    }
}

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
pub(crate) type VerifyClaims =
    dyn Fn(VerifiedToken) -> BoxFuture<Result<bool, BoxError>> + Send + Sync;
/// Whose keys check a token.
pub(crate) type DecodeKeys =
    dyn Fn(UnverifiedToken) -> BoxFuture<Result<KeyChoice, BoxError>> + Send + Sync;
/// Where keys are read from.
pub(crate) type KeySource = dyn Fn() -> Result<Keyring, BoxError> + Send + Sync;
pub(crate) type Blocklist = dyn Fn(TokenRecord) -> BoxFuture<Result<bool, BoxError>> + Send + Sync;
