//! What an application hangs into a manager, as the manager keeps it.

use std::pin::Pin;

use jwt_extended::store::{RevocationStatus, RevocationStore, SharedStore, TokenRecord, TokenRef};
use jwt_extended::{AuthError, BoxError, VerifiedToken};

/// Who is asked whether a token is revoked.
#[derive(Default)]
pub(crate) struct Revocation {
    pub(crate) store: Option<SharedStore>,
    pub(crate) blocklist: Option<Box<Blocklist>>,
}

impl Revocation {
    pub(crate) fn is_none(&self) -> bool {
        self.store.is_none() && self.blocklist.is_none()
    }

    /// Revoked is what one of the two calls revoked.
    pub(crate) async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, AuthError> {
        if let Some(blocklist) = &self.blocklist
            && blocklist(token.to_record()).await.map_err(AuthError::store_unavailable)?
        {
            return Ok(RevocationStatus::Revoked);
        }
        match &self.store {
            Some(store) => store.status(token).await.map_err(AuthError::store_unavailable),
            None => Ok(RevocationStatus::Active),
        }
    }
}

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
pub(crate) type VerifyClaims =
    dyn Fn(VerifiedToken) -> BoxFuture<Result<bool, BoxError>> + Send + Sync;
pub(crate) type Blocklist = dyn Fn(TokenRecord) -> BoxFuture<Result<bool, BoxError>> + Send + Sync;
