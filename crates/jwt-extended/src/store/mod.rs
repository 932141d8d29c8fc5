//! Revocation: what a store is asked, and the store that lives in memory.

mod answer;
#[cfg(feature = "cache")]
mod cached;
mod memory;
mod question;
mod shared;
#[cfg(feature = "store-tests")]
pub mod tests;

pub use answer::{RevocationRecord, RevocationStatus, RevokedRecord, RotationOutcome, StoreError};
#[cfg(feature = "cache")]
pub use cached::CachedStore;
pub use memory::MemoryStore;
pub use question::{Revocation, Revoked, Rotation, Subject, TokenRecord, TokenRef};
pub use shared::SharedStore;

use crate::clock::Timestamp;

/// Remembers what was revoked, and which refresh tokens were used up.
///
/// Every method must answer in one round trip and within a time of the store's own choosing, and fail
/// with a [`StoreError`] when it cannot: there is no default that lets a token pass. What was
/// acknowledged is in force for every question that is asked later. Implementors write `async fn`.
///
/// A store keeps four kinds of facts, apart for each [`Subject`], and each until its end:
///
/// 1. A token is revoked. Of several ends the latest counts.
/// 2. A session is revoked. Of several ends the latest counts, and it ends no sooner than the session's
///    rotation state (4).
/// 3. All that a subject was issued up to a moment is revoked, but one session. What one such cutoff
///    hits, no other one brings back. Two say what all together do: the latest one, and the latest of
///    those with another session to keep, or none. Of several ends the latest counts.
/// 4. How far a family of refresh tokens has come: the current `jti`, the one before, the successor that
///    was given for it, and when. Of several ends the latest counts, or a token that was used up long
///    ago would look like the first of its family.
///
/// An end is the first moment at which nobody needs the fact; a store may keep it longer, but does not
/// [list](Self::list) it. Where a store records who, when and why, the words of the first revocation of a
/// token or session stay, and those of the latest cutoff.
///
/// Names (`jti`, `sid`, subjects) are whatever text somebody once signed: of any length, with quotes, line
/// breaks and NUL. What a store cannot hold as it is must be an error, never another name.
pub trait RevocationStore: Send + Sync + 'static {
    /// Whether `token` is good, by all that the store knows:
    ///
    /// 1. [`Revoked`](RevocationStatus::Revoked), if its `jti` is; if its [family](TokenRef::family) is
    ///    a revoked session; or if a cutoff of its subject hits it: `iat <= issued_until`, or no `iat` at
    ///    all, and its session is not the one to keep.
    /// 2. [`Reused`](RevocationStatus::Reused), for a [refresh token](TokenRef::is_refresh) whose family
    ///    has rotation state in which it is neither the current one, nor the previous one while
    ///    `now <= at + grace`.
    /// 3. Otherwise [`Active`](RevocationStatus::Active).
    fn status(
        &self,
        token: &TokenRef<'_>,
    ) -> impl Future<Output = Result<RevocationStatus, StoreError>> + Send;

    /// Revokes a token, a session, or all of a subject.
    fn revoke(
        &self,
        revocation: &Revocation<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Uses a refresh token up, in one atomic step: of any number of calls with one token at the same
    /// time, exactly one is [`Rotated`](RotationOutcome::Rotated). In this order:
    ///
    /// 1. The token is [revoked](Self::status): `Revoked`.
    /// 2. Its family has no state yet, or has it as the current one: it becomes the previous one, with
    ///    the successor and `now`; `next_jti` becomes the current one: `Rotated`.
    /// 3. It is the previous one, and `now <= at + grace`: `Revoked` if the current one's `jti` is
    ///    revoked, otherwise `Repeated` with the successor that was stored.
    /// 4. Anything else is a reuse. The session of the family's name is revoked until `burnt_until`, or
    ///    the state's own end if that is later, with the reason [`Rotation::REUSE`]: `Reused`.
    fn rotate(
        &self,
        rotation: &Rotation<'_>,
    ) -> impl Future<Output = Result<RotationOutcome, StoreError>> + Send;

    /// What is revoked of a subject and has not ended, in any order.
    fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<RevocationRecord>, StoreError>> + Send;

    /// Takes a revocation back, whatever its details: of a subject's cutoffs all, not only the one that is
    /// named. Whether there was one. Families stay where they
    /// are: a refresh token that was used up stays so.
    fn restore(
        &self,
        owner: &Subject<'_>,
        what: &Revoked<'_>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes every fact that has ended; how many. A store whose facts end by themselves has nothing
    /// to do.
    fn purge(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
