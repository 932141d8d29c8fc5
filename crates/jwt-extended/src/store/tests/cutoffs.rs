//! Logged out everywhere.

use super::*;

/// An access token of session `s`, issued at `seconds`.
fn issued(owner: Subject<'_>, seconds: f64) -> TokenRef<'_> {
    let mut token = access(owner, "a", Some("s"));
    token.issued_at = Some(at(seconds));
    token
}

pub(super) async fn up_to_the_very_second(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let nobody_knows_when = TokenRef { issued_at: None, ..issued(anna, 0.0) };
    is_active(status(store, nobody_knows_when).await);
    for (cut, revoked, active) in [
        (10.0, [0.0, 9.0, 10.0], [10.25, 11.0, 1e15]),
        (20.25, [-1e9, 20.0, 20.25], [20.5, 21.0, 99.0]),
    ] {
        revoke(store, anna, cutoff(cut, None)).await;
        for seconds in revoked {
            is_revoked(status(store, issued(anna, seconds)).await);
        }
        for seconds in active {
            is_active(status(store, issued(anna, seconds)).await);
        }
        is_revoked(status(store, nobody_knows_when).await);
    }
}

pub(super) async fn one_session_is_kept(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    revoke(store, anna, cutoff(50.0, Some("s"))).await;
    is_active(status(store, issued(anna, 0.0)).await);
    is_active(status(store, refresh(anna, "r", Some("s"))).await);
    is_active(status(store, TokenRef { issued_at: None, ..issued(anna, 0.0) }).await);
    is_revoked(status(store, access(anna, "a", Some("S"))).await);
    is_revoked(status(store, access(anna, "a", Some(""))).await);
    is_revoked(status(store, access(anna, "a", None)).await);
    is_revoked(status(store, access(anna, "s", None)).await);
    // It can be revoked all the same.
    revoke(store, anna, session("s")).await;
    is_revoked(status(store, issued(anna, 0.0)).await);
}

pub(super) async fn the_later_one_counts(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let (s, t) = (access(anna, "a", Some("s")), access(anna, "a", Some("t")));
    revoke(store, anna, cutoff(20.0, Some("s"))).await;
    revoke(store, anna, cutoff(10.0, Some("t"))).await;
    is_active(status(store, TokenRef { issued_at: Some(at(15.0)), ..s }).await);
    is_revoked(status(store, s).await);
    is_revoked(status(store, t).await);
    is_revoked(status(store, TokenRef { issued_at: Some(at(15.0)), ..t }).await);
    revoke(store, anna, cutoff(30.0, Some("t"))).await;
    is_revoked(status(store, s).await);
    is_revoked(status(store, TokenRef { issued_at: Some(at(25.0)), ..s }).await);
    is_active(status(store, TokenRef { issued_at: Some(at(25.0)), ..t }).await);
    revoke(store, anna, cutoff(40.0, None)).await;
    is_revoked(status(store, s).await);
    is_revoked(status(store, t).await);
    assert_eq!(store.list(&anna, at(50.0)).await.unwrap().len(), 1);
    assert!(restore(store, anna, cutoff(0.0, None)).await, "whatever its details");
    is_active(status(store, s).await);
}

/// Somebody is locked out, while a "log out my other sessions" of theirs is on its way.
pub(super) async fn what_one_hits_no_other_keeps(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let s = access(anna, "a", Some("s"));
    let undated = TokenRef { issued_at: None, ..s };
    let [locked, logout] = [cutoff(20.0, None), cutoff(30.0, Some("s"))];
    for [first, second] in [[locked, logout], [logout, locked]] {
        revoke(store, anna, first).await;
        revoke(store, anna, second).await;
        for token in [s, refresh(anna, "r", Some("s")), undated, issued(anna, 20.0)] {
            is_revoked(status(store, token).await);
        }
        assert_eq!(
            rotate(store, refresh(anna, "r", Some("s")), "x").await,
            RotationOutcome::Revoked
        );
        // What the session was issued since then was hit by neither.
        is_active(status(store, issued(anna, 20.25)).await);
        is_revoked(status(store, TokenRef { session: Some("t"), ..issued(anna, 20.25) }).await);
        // It is the same whoever plays it to another store.
        let list = store.list(&anna, at(50.0)).await.unwrap();
        let found: Vec<_> = list.iter().map(|record| record.what.as_revoked()).collect();
        assert_eq!(found.len(), 2, "{list:?}");
        assert!(found.contains(&locked) && found.contains(&logout), "{list:?}");
        for what in [cutoff(10.0, Some("t")), cutoff(40.0, Some("s"))] {
            revoke(store, anna, what).await;
            is_revoked(status(store, issued(anna, 20.0)).await);
            is_active(status(store, issued(anna, 20.25)).await);
        }
        revoke(store, anna, cutoff(35.0, Some("t"))).await;
        is_revoked(status(store, issued(anna, 35.0)).await);
        is_active(status(store, issued(anna, 35.25)).await);
        revoke(store, anna, cutoff(50.0, Some("t"))).await;
        is_revoked(status(store, issued(anna, 50.0)).await);
        let t = TokenRef { session: Some("t"), ..issued(anna, 40.0) };
        is_revoked(status(store, t).await);
        is_active(status(store, TokenRef { issued_at: Some(at(40.25)), ..t }).await);
        assert!(restore(store, anna, locked).await);
        is_active(status(store, s).await);
        assert_eq!(store.list(&anna, at(50.0)).await.unwrap(), []);
    }
}

pub(super) async fn of_two_at_once_nothing_is_kept(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let s = access(anna, "a", Some("s"));
    revoke(store, anna, cutoff(20.0, Some("s"))).await;
    revoke(store, anna, cutoff(20.0, Some("s"))).await;
    is_active(status(store, s).await);
    revoke(store, anna, cutoff(20.0, Some("t"))).await;
    is_revoked(status(store, s).await);
    is_revoked(status(store, access(anna, "a", Some("t"))).await);
    // What is revoked stays so.
    revoke(store, anna, cutoff(20.0, Some("s"))).await;
    is_revoked(status(store, s).await);
}
