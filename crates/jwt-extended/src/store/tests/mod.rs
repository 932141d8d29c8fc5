//! What every store must do, as tests (feature `store-tests`, for dev-dependencies).
//!
//! ```
//! use jwt_extended::store::{MemoryStore, tests};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! tests::run(|| async { MemoryStore::new() }).await;
//! # }
//! ```
//!
//! Each case asks for a store and uses subjects of its own, so that all may lie in one database, in
//! which other data is. [`RevocationStore::purge`] is called with made-up times, though: whatever ends
//! before the year 2002 may be gone afterwards. A store that looks at a clock of its own where it is
//! given the time will fail. A case that fails panics, at a line that tells what it wanted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::wildcard_imports,
    reason = "these are tests, and to panic is their business; what they share is in this file"
)]

mod cutoffs;
mod lists;
mod model;
mod names;
mod plain;
mod races;
mod revoking;
mod rotating;

pub use model::model;

use super::{
    Revocation, RevocationStatus, RevocationStore, Revoked, Rotation, RotationOutcome, Subject,
    TokenRef,
};
use crate::clock::Timestamp;
use crate::random::{SystemRandom, uuids};

/// Runs every case: each rule by itself, hostile names, races, and random histories against a
/// [`model`].
pub async fn run<S, F>(make: impl Fn() -> F)
where
    S: RevocationStore,
    F: Future<Output = S>,
{
    macro_rules! cases {
        ($($file:ident: $($case:ident)+;)+) => {$($(
            let (store, subject) = (make().await, unique());
            $file::$case(&store, &subject).await;
        )+)+};
    }
    cases! {
        revoking:
            nothing_is_revoked_at_first
            a_token
            a_session
            a_session_that_is_named_as_a_token
            subjects_and_managers_are_apart
            tokens_without_names
            taking_back;
        cutoffs:
            up_to_the_very_second
            one_session_is_kept
            the_later_one_counts
            what_one_hits_no_other_keeps
            of_two_at_once_nothing_is_kept;
        lists:
            all_that_has_not_ended
            the_latest_end_counts
            the_first_words_stay
            purging;
        names:
            are_taken_to_the_letter
            with_a_null_byte
            do_not_run_together;
        rotating:
            a_chain
            once_more_within_the_grace
            a_reuse_burns_the_family
            one_of_long_ago_and_one_that_never_was
            asking_is_not_using
            what_is_revoked_does_not_rotate
            no_repetition_of_a_revoked_successor
            a_family_without_session
            families_last_as_long_as_their_longest_token
            a_burnt_family_taken_back
            families_are_apart
            successors_come_back_to_the_letter;
        races:
            of_many_one_wins
            many_families_at_once
            a_revocation_beside_rotations
            a_reuse_beside_a_rotation;
    }
    model(&make, 0..200).await;
}

/// All times are at about this one, long before any clock's.
const NOW: f64 = 1_000_000_000.0;

/// So many seconds after [`NOW`].
fn at(seconds: f64) -> Timestamp {
    Timestamp::from_seconds(NOW + seconds)
}

/// The end of all tokens here.
const END: f64 = 10_000.0;

/// A subject that no other case or run has.
fn unique() -> String {
    let [id] = uuids(&SystemRandom).unwrap();
    format!("anna-{id}")
}

fn main(subject: &str) -> Subject<'_> {
    Subject::new(subject)
}

/// An access token, issued at 0 and looked at 100 seconds later.
fn access<'a>(owner: Subject<'a>, jti: &'a str, session: Option<&'a str>) -> TokenRef<'a> {
    let mut token = TokenRef::new(owner, at(100.0));
    token.jti = Some(jti);
    token.session = session;
    token.token_type = Some("access");
    token.issued_at = Some(at(0.0));
    token.expires_at = Some(at(END));
    token.remember_until = Some(at(END));
    token.grace = std::time::Duration::from_secs(10);
    token
}

/// A refresh token, of the same times.
fn refresh<'a>(owner: Subject<'a>, jti: &'a str, session: Option<&'a str>) -> TokenRef<'a> {
    let mut token = access(owner, jti, session);
    token.token_type = Some("refresh");
    token
}

/// Looked at at another time.
fn later(mut token: TokenRef<'_>, seconds: f64) -> TokenRef<'_> {
    token.now = at(seconds);
    token
}

fn token(jti: &str) -> Revoked<'_> {
    Revoked::Token { jti }
}

fn session(id: &str) -> Revoked<'_> {
    Revoked::Session { id }
}

fn cutoff(seconds: f64, keep: Option<&str>) -> Revoked<'_> {
    Revoked::Subject { issued_until: at(seconds), keep }
}

#[track_caller]
fn is_active(status: RevocationStatus) {
    assert_eq!(status, RevocationStatus::Active);
}

#[track_caller]
fn is_revoked(status: RevocationStatus) {
    assert_eq!(status, RevocationStatus::Revoked);
}

async fn status(store: &impl RevocationStore, token: TokenRef<'_>) -> RevocationStatus {
    store.status(&token).await.expect("the store answers")
}

async fn revoke(store: &impl RevocationStore, owner: Subject<'_>, what: Revoked<'_>) {
    let revocation = Revocation::new(owner, what, Some(at(END)), at(50.0));
    store.revoke(&revocation).await.expect("the store remembers");
}

async fn restore(store: &impl RevocationStore, owner: Subject<'_>, what: Revoked<'_>) -> bool {
    store.restore(&owner, &what).await.expect("the store forgets")
}

/// The successor of `next` is named after it.
async fn rotate(store: &impl RevocationStore, token: TokenRef<'_>, next: &str) -> RotationOutcome {
    let successor = format!("after {next}");
    let mut rotation = Rotation::new(token, next, &successor).expect("it has a jti");
    rotation.until = Some(at(END));
    rotation.burnt_until = Some(at(END));
    store.rotate(&rotation).await.expect("the store answers")
}

fn repeated(next: &str) -> RotationOutcome {
    RotationOutcome::Repeated { successor: format!("after {next}") }
}
