//! Revocation: what a store is asked, and the store that lives in memory.

mod memory;

pub use memory::MemoryStore;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::error::BoxError;

/// What a store needs to know of a token. Never the token itself.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct TokenRef<'t> {
    /// `jti`, where the token has one that is a string.
    pub jti: Option<&'t str>,
    /// The identity claim; of an identity that is no string, its JSON text.
    pub subject: &'t str,
    /// `sid`: the session of which the token is part.
    pub session: Option<&'t str>,
    /// `type`.
    pub token_type: Option<&'t str>,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
    /// `exp`.
    pub expires_at: Option<Timestamp>,
    /// From then on nobody needs to remember the token: `exp` and the leeway with which it is judged.
    /// `None`: it never expires.
    pub remember_until: Option<Timestamp>,
}

impl fmt::Debug for TokenRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRef")
            .field("token_type", &self.token_type)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl TokenRef<'_> {
    /// The same, owned.
    pub fn to_record(&self) -> TokenRecord {
        TokenRecord {
            jti: self.jti.map(str::to_owned),
            subject: self.subject.to_owned(),
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
#[allow(missing_docs, reason = "the fields are those of TokenRef")]
pub struct TokenRecord {
    pub jti: Option<String>,
    pub subject: String,
    pub session: Option<String>,
    pub token_type: Option<String>,
    pub issued_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub remember_until: Option<Timestamp>,
}

impl fmt::Debug for TokenRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRecord").field("token_type", &self.token_type).finish_non_exhaustive()
    }
}

/// A store's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RevocationStatus {
    /// Nobody revoked the token.
    Active,
    /// The token, or all of its session, was revoked.
    Revoked,
}

/// The store did not answer, or not in time. Requests get 503, never "not revoked".
#[derive(Debug)]
pub struct StoreError(BoxError);

impl StoreError {
    /// Wraps the store's own error.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the revocation store did not answer")
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Remembers which tokens were revoked.
///
/// Every method must answer in one round trip and within a time of the store's own choosing, and fail
/// with a [`StoreError`] when it cannot: there is no default that lets a token pass. Implementors
/// write `async fn`.
pub trait RevocationStore: Send + Sync + 'static {
    /// Whether `token` was revoked, by itself or with its session.
    fn status(
        &self,
        token: &TokenRef<'_>,
    ) -> impl Future<Output = Result<RevocationStatus, StoreError>> + Send;

    /// Revokes one token, at least until [`TokenRef::remember_until`]. A token without `jti` cannot be named, which is
    /// an error.
    fn revoke(&self, token: &TokenRef<'_>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Revokes every token of the session `session`, at least until `until`, after which none of them
    /// lives; `None` where they may live for ever.
    fn revoke_session(
        &self,
        session: &str,
        until: Option<Timestamp>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The boxed twin of [`RevocationStore`], for those who hold any store.
trait Erased: Send + Sync {
    fn status<'a>(&'a self, token: &'a TokenRef<'a>) -> BoxFuture<'a, RevocationStatus>;
    fn revoke<'a>(&'a self, token: &'a TokenRef<'a>) -> BoxFuture<'a, ()>;
    fn revoke_session<'a>(
        &'a self,
        session: &'a str,
        until: Option<Timestamp>,
    ) -> BoxFuture<'a, ()>;
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

impl<S: RevocationStore> Erased for S {
    fn status<'a>(&'a self, token: &'a TokenRef<'a>) -> BoxFuture<'a, RevocationStatus> {
        Box::pin(RevocationStore::status(self, token))
    }

    fn revoke<'a>(&'a self, token: &'a TokenRef<'a>) -> BoxFuture<'a, ()> {
        Box::pin(RevocationStore::revoke(self, token))
    }

    fn revoke_session<'a>(
        &'a self,
        session: &'a str,
        until: Option<Timestamp>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(RevocationStore::revoke_session(self, session, until))
    }
}

/// Any store. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct SharedStore(Arc<dyn Erased>);

impl SharedStore {
    /// Takes a store in.
    pub fn new(store: impl RevocationStore) -> Self {
        Self(Arc::new(store))
    }
}

impl RevocationStore for SharedStore {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        self.0.status(token).await
    }

    async fn revoke(&self, token: &TokenRef<'_>) -> Result<(), StoreError> {
        self.0.revoke(token).await
    }

    async fn revoke_session(
        &self,
        session: &str,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.0.revoke_session(session, until).await
    }
}

impl<S: RevocationStore> RevocationStore for Arc<S> {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        (**self).status(token).await
    }

    async fn revoke(&self, token: &TokenRef<'_>) -> Result<(), StoreError> {
        (**self).revoke(token).await
    }

    async fn revoke_session(
        &self,
        session: &str,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        (**self).revoke_session(session, until).await
    }
}

impl fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedStore(..)")
    }
}
