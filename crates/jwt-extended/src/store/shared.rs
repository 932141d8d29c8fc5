//! Any store as one type.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{
    Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked, Rotation,
    RotationOutcome, StoreError, Subject, TokenRef,
};
use crate::clock::Timestamp;

/// Any store. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct SharedStore(Arc<dyn Erased>);

impl SharedStore {
    /// Takes a store in.
    pub fn new(store: impl RevocationStore) -> Self {
        Self(Arc::new(store))
    }
}

impl fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedStore(..)")
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Makes the boxed twin of [`RevocationStore`], and of whatever points to a store one itself. Before the
/// semicolon of each method stand the arguments that are borrowed.
macro_rules! twin {
    ($(fn $method:ident($($by_ref:ident: $borrowed:ident),*; $($by_value:ident: $owned:ident),*) -> $output:ty;)+) => {
        #[allow(clippy::elidable_lifetime_names, reason = "of the methods, one borrows nothing")]
        trait Erased: Send + Sync {
            $(fn $method<'a>(&'a self, $($by_ref: &'a $borrowed<'a>,)* $($by_value: $owned),*) -> Boxed<'a, $output>;)+
        }

        #[allow(clippy::elidable_lifetime_names, reason = "of the methods, one borrows nothing")]
        impl<S: RevocationStore> Erased for S {
            $(fn $method<'a>(&'a self, $($by_ref: &'a $borrowed<'a>,)* $($by_value: $owned),*) -> Boxed<'a, $output> {
                Box::pin(RevocationStore::$method(self, $($by_ref,)* $($by_value),*))
            })+
        }

        impl RevocationStore for SharedStore {
            $(async fn $method(&self, $($by_ref: &$borrowed<'_>,)* $($by_value: $owned),*) -> Result<$output, StoreError> {
                self.0.$method($($by_ref,)* $($by_value),*).await
            })+
        }

        impl<S: RevocationStore> RevocationStore for Arc<S> {
            $(async fn $method(&self, $($by_ref: &$borrowed<'_>,)* $($by_value: $owned),*) -> Result<$output, StoreError> {
                RevocationStore::$method(&**self, $($by_ref,)* $($by_value),*).await
            })+
        }
    };
}

twin! {
    fn status(token: TokenRef;) -> RevocationStatus;
    fn revoke(revocation: Revocation;) -> ();
    fn rotate(rotation: Rotation;) -> RotationOutcome;
    fn list(owner: Subject; now: Timestamp) -> Vec<RevocationRecord>;
    fn restore(owner: Subject, what: Revoked;) -> bool;
    fn purge(; now: Timestamp) -> u64;
}
