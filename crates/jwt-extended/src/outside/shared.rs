//! Any verifier as one type.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{OutsideToken, OutsideVerifier};
use crate::error::Result;

/// Any [`OutsideVerifier`]. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct SharedOutsideVerifier(Arc<dyn Erased>);

impl SharedOutsideVerifier {
    /// Takes a verifier in.
    pub fn new(verifier: impl OutsideVerifier) -> Self {
        Self(Arc::new(verifier))
    }
}

type Boxed<'a> = Pin<Box<dyn Future<Output = Result<OutsideToken>> + Send + 'a>>;

/// The boxed twin of [`OutsideVerifier`].
trait Erased: Send + Sync {
    fn verify<'a>(&'a self, token: &'a str) -> Boxed<'a>;
}

impl<V: OutsideVerifier> Erased for V {
    fn verify<'a>(&'a self, token: &'a str) -> Boxed<'a> {
        Box::pin(OutsideVerifier::verify(self, token))
    }
}

impl OutsideVerifier for SharedOutsideVerifier {
    async fn verify(&self, token: &str) -> Result<OutsideToken> {
        self.0.verify(token).await
    }
}

impl<V: OutsideVerifier> OutsideVerifier for Arc<V> {
    async fn verify(&self, token: &str) -> Result<OutsideToken> {
        OutsideVerifier::verify(&**self, token).await
    }
}

impl fmt::Debug for SharedOutsideVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedOutsideVerifier(..)")
    }
}
