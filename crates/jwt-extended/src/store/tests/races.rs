//! Many at once.

use futures_util::future::{join, join_all};

use super::RotationOutcome::{Reused, Rotated};
use super::*;

const MANY: usize = 64;

pub(super) async fn of_many_one_wins(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let mut presented = "r0".to_owned();
    for round in 1..=4 {
        let token = refresh(anna, &presented, Some("s"));
        let names: Vec<_> = (0..MANY).map(|n| format!("r{round}-{n}")).collect();
        let outcomes = join_all(names.iter().map(|next| rotate(store, token, next))).await;
        let winners: Vec<_> = (0..MANY).filter(|n| outcomes[*n] == Rotated).collect();
        assert_eq!(winners.len(), 1, "exactly one rotates");
        let winner = &names[winners[0]];
        for (n, outcome) in outcomes.into_iter().enumerate().filter(|(n, _)| *n != winners[0]) {
            assert_eq!(outcome, repeated(winner), "call {n} gets what the winner got");
        }
        presented.clone_from(winner);
    }
    is_active(status(store, refresh(anna, &presented, Some("s"))).await);
    assert_eq!(store.list(&anna, at(0.0)).await.unwrap(), []);
}

pub(super) async fn many_families_at_once(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let families: Vec<_> = (0..MANY).map(|n| format!("s{n}")).collect();
    let tokens = families.iter().map(|family| refresh(anna, "r0", Some(family)));
    let outcomes = join_all(tokens.map(|token| rotate(store, token, "r1"))).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Rotated), "{outcomes:?}");
}

pub(super) async fn a_revocation_beside_rotations(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let names: Vec<_> = (0..MANY).map(|n| format!("r1-{n}")).collect();
    let token = refresh(anna, "r0", Some("s"));
    let logout = revoke(store, anna, session("s"));
    let rotations = join_all(names.iter().map(|next| rotate(store, token, next)));
    let (outcomes, ()) = join(rotations, logout).await;
    assert!(outcomes.iter().filter(|outcome| **outcome == Rotated).count() <= 1);
    for name in names.iter().map(String::as_str).chain(["r0"]) {
        let token = refresh(anna, name, Some("s"));
        assert_eq!(rotate(store, token, "x").await, RotationOutcome::Revoked);
    }
}

pub(super) async fn a_reuse_beside_a_rotation(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    for round in 0..8 {
        let family = format!("s{round}");
        let [first, second] = ["r0", "r1"].map(|jti| refresh(anna, jti, Some(&family)));
        assert_eq!(rotate(store, first, "r1").await, Rotated);
        // The thief comes with the old one while its owner goes on with the new one.
        let (thief, owner) =
            join(rotate(store, later(first, 200.0), "x"), rotate(store, second, "r2")).await;
        assert_eq!(thief, Reused);
        assert!(matches!(owner, Rotated | RotationOutcome::Revoked), "{owner:?}");
        for jti in ["r0", "r1", "r2", "x"] {
            is_revoked(status(store, refresh(anna, jti, Some(&family))).await);
        }
    }
}
