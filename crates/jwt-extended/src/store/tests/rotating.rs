//! Rotation, in the order of its rules.

use super::RotationOutcome::{Reused, Rotated};
use super::*;

pub(super) async fn a_chain(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let tokens = ["r0", "r1", "r2", "r3"].map(|jti| refresh(anna, jti, Some("s")));
    for token in tokens {
        is_active(status(store, token).await);
    }
    assert_eq!(rotate(store, tokens[0], "r1").await, Rotated);
    assert_eq!(rotate(store, tokens[1], "r2").await, Rotated);
    assert_eq!(rotate(store, later(tokens[2], 1000.0), "r3").await, Rotated);
    is_active(status(store, later(tokens[3], 2000.0)).await);
    assert_eq!(store.list(&anna, at(0.0)).await.unwrap(), []);
}

pub(super) async fn once_more_within_the_grace(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let first = refresh(anna, "r0", Some("s"));
    assert_eq!(rotate(store, later(first, 100.25), "r1").await, Rotated);
    // Also on a machine whose clock is a bit behind.
    for seconds in [100.25, 105.0, 100.0, 110.0, 110.25] {
        is_active(status(store, later(first, seconds)).await);
        assert_eq!(rotate(store, later(first, seconds), "x").await, repeated("r1"), "{seconds}");
    }
    // A repetition is no rotation: the current one is still that.
    is_active(status(store, later(refresh(anna, "r1", Some("s")), 111.0)).await);
    assert_eq!(rotate(store, later(first, 110.5), "x").await, Reused);

    // The longer grace is the asker's.
    let (mut first, mut second) = (refresh(anna, "q0", Some("t")), refresh(anna, "q1", Some("t")));
    assert_eq!(rotate(store, first, "q1").await, Rotated);
    first.grace = std::time::Duration::from_millis(1250);
    assert_eq!(rotate(store, later(first, 101.25), "x").await, repeated("q1"));
    first.grace = std::time::Duration::ZERO;
    assert_eq!(rotate(store, first, "x").await, repeated("q1"));
    second.now = at(200.0);
    assert_eq!(rotate(store, second, "q2").await, Rotated);
    assert_eq!(rotate(store, later(second, 205.0), "x").await, repeated("q2"));
    second.grace = std::time::Duration::ZERO;
    assert_eq!(rotate(store, later(second, 200.25), "x").await, Reused);
}

pub(super) async fn a_reuse_burns_the_family(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let [first, second] = ["r0", "r1"].map(|jti| refresh(anna, jti, Some("s")));
    assert_eq!(rotate(store, first, "r1").await, Rotated);
    assert_eq!(rotate(store, later(first, 110.25), "x").await, Reused);
    for token in [first, second, access(anna, "a", Some("s"))] {
        is_revoked(status(store, token).await);
    }
    for token in [first, second, later(first, 110.25)] {
        assert_eq!(rotate(store, token, "x").await, RotationOutcome::Revoked);
    }
    is_active(status(store, refresh(anna, "r9", Some("t"))).await);
    is_active(status(store, access(anna, "a", None)).await);
    let records = store.list(&anna, at(200.0)).await.unwrap();
    assert_eq!(records.len(), 1, "{records:?}");
    let record = &records[0];
    assert!(record.what.as_revoked() == session("s"), "{record:?}");
    assert_eq!(record.until, Some(at(END)));
    assert_eq!(record.by, None);
    if let Some(time) = record.at {
        assert_eq!((time, record.reason.as_deref()), (at(110.25), Some(Rotation::REUSE)));
    }
}

pub(super) async fn one_of_long_ago_and_one_that_never_was(
    store: &impl RevocationStore,
    subject: &str,
) {
    let anna = main(subject);
    for (family, jti) in [("s", "r0"), ("t", "never"), ("u", "")] {
        let tokens = ["r0", "r1", "r2"].map(|jti| refresh(anna, jti, Some(family)));
        assert_eq!(rotate(store, tokens[0], "r1").await, Rotated);
        assert_eq!(rotate(store, tokens[1], "r2").await, Rotated);
        // Its grace has not ended, but it is not the last one that was used.
        let presented = refresh(anna, jti, Some(family));
        assert_eq!(status(store, presented).await, RevocationStatus::Reused);
        assert_eq!(rotate(store, presented, "x").await, Reused, "{jti:?}");
        is_revoked(status(store, tokens[2]).await);
    }
}

pub(super) async fn asking_is_not_using(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let [first, second] = ["r0", "r1"].map(|jti| refresh(anna, jti, Some("s")));
    assert_eq!(rotate(store, first, "r1").await, Rotated);
    is_active(status(store, first).await);
    is_active(status(store, later(first, 110.0)).await);
    for token in [later(first, 110.25), refresh(anna, "never", Some("s"))] {
        for _ in 0..2 {
            assert_eq!(status(store, token).await, RevocationStatus::Reused);
        }
    }
    // Nothing of the kind is asked of access tokens, and nothing was burnt.
    is_active(status(store, later(access(anna, "a", Some("s")), 200.0)).await);
    is_active(status(store, later(access(anna, "r0", Some("s")), 200.0)).await);
    is_active(status(store, later(second, 200.0)).await);
    let mut nameless = refresh(anna, "", Some("s"));
    nameless.jti = None;
    assert_eq!(
        status(store, nameless).await,
        RevocationStatus::Reused,
        "it is not the current one"
    );
    // What is revoked is that first of all.
    revoke(store, anna, token("r0")).await;
    is_revoked(status(store, later(first, 200.0)).await);
}

pub(super) async fn what_is_revoked_does_not_rotate(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let [first, second] = ["r0", "r1"].map(|jti| refresh(anna, jti, Some("s")));
    let all = [session("s"), cutoff(50.0, None), cutoff(50.0, Some("t"))];
    // As the first of its family, and as the current one.
    for (present, next) in [(first, "r1"), (second, "r2")] {
        let jti = present.jti.unwrap_or_default();
        for what in all.iter().copied().chain([token(jti)]) {
            revoke(store, anna, what).await;
            for _ in 0..2 {
                assert_eq!(rotate(store, present, next).await, RotationOutcome::Revoked);
            }
            assert!(restore(store, anna, what).await);
        }
        let mut undated = present;
        undated.issued_at = None;
        revoke(store, anna, cutoff(-1e6, None)).await;
        assert_eq!(rotate(store, undated, next).await, RotationOutcome::Revoked);
        assert_eq!(rotate(store, present, next).await, Rotated, "it is newer, and was not used");
        restore(store, anna, cutoff(0.0, None)).await;
    }
    // As one of long ago, too: what is revoked already needs no burning.
    revoke(store, anna, token("r0")).await;
    assert_eq!(rotate(store, later(first, 500.0), "x").await, RotationOutcome::Revoked);
    is_active(status(store, refresh(anna, "r2", Some("s"))).await);
    // A session that is kept rotates on.
    revoke(store, anna, cutoff(90.0, Some("s"))).await;
    assert_eq!(rotate(store, refresh(anna, "r2", Some("s")), "r3").await, Rotated);
}

pub(super) async fn no_repetition_of_a_revoked_successor(
    store: &impl RevocationStore,
    subject: &str,
) {
    let anna = main(subject);
    let first = refresh(anna, "r0", Some("s"));
    assert_eq!(rotate(store, first, "r1").await, Rotated);
    revoke(store, anna, token("r1")).await;
    assert_eq!(rotate(store, first, "x").await, RotationOutcome::Revoked);
    assert!(restore(store, anna, token("r1")).await);
    assert_eq!(rotate(store, first, "x").await, repeated("r1"));
}

pub(super) async fn a_family_without_session(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let first = refresh(anna, "r0", None);
    // Its successors are in the session of its name.
    let [second, third] = ["r1", "r2"].map(|jti| refresh(anna, jti, Some("r0")));
    assert_eq!(rotate(store, first, "r1").await, Rotated);
    assert_eq!(rotate(store, later(first, 110.0), "x").await, repeated("r1"));
    assert_eq!(rotate(store, second, "r2").await, Rotated);
    assert_eq!(status(store, first).await, RevocationStatus::Reused);
    assert_eq!(rotate(store, first, "x").await, Reused);
    for token in [first, second, third, access(anna, "a", Some("r0"))] {
        is_revoked(status(store, token).await);
    }
    is_active(status(store, refresh(anna, "r1", None)).await);
    is_active(status(store, access(anna, "r0", None)).await);
}

pub(super) async fn families_last_as_long_as_their_longest_token(
    store: &impl RevocationStore,
    subject: &str,
) {
    async fn rotate_until(
        store: &impl RevocationStore,
        token: TokenRef<'_>,
        next: &str,
        until: Option<f64>,
    ) -> RotationOutcome {
        let mut rotation = Rotation::new(token, next, "").unwrap();
        (rotation.until, rotation.burnt_until) = (until.map(at), Some(at(300.0)));
        store.rotate(&rotation).await.unwrap()
    }
    let anna = main(subject);
    for (family, longest) in [("s", Some(5000.0)), ("t", None)] {
        let [first, second] = ["r0", "r1"].map(|jti| refresh(anna, jti, Some(family)));
        assert_eq!(rotate_until(store, first, "r1", longest).await, Rotated);
        assert_eq!(rotate_until(store, second, "r2", Some(600.0)).await, Rotated);
        store.purge(at(4999.75)).await.unwrap();
        assert_eq!(status(store, first).await, RevocationStatus::Reused);
        // And so is the memory of its burning, or of its logout.
        if family == "t" {
            store
                .revoke(&Revocation::new(anna, session("t"), Some(at(60.0)), at(0.0)))
                .await
                .unwrap();
        } else {
            assert_eq!(rotate_until(store, first, "x", None).await, Reused);
        }
        let records = store.list(&anna, at(50.0)).await.unwrap();
        let record = records.iter().find(|record| record.what.as_revoked() == session(family));
        assert_eq!(record.expect("it was revoked").until, longest.map(at));
    }
}

pub(super) async fn a_burnt_family_taken_back(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let [first, second] = ["r0", "r1"].map(|jti| refresh(anna, jti, Some("s")));
    assert_eq!(rotate(store, first, "r1").await, Rotated);
    for _ in 0..2 {
        assert_eq!(rotate(store, later(first, 200.0), "x").await, Reused);
        assert!(restore(store, anna, session("s")).await);
    }
    is_active(status(store, second).await);
    assert_eq!(rotate(store, second, "r2").await, Rotated);
}

pub(super) async fn families_are_apart(store: &impl RevocationStore, subject: &str) {
    let other = format!("{subject}-other");
    let owners = [main(subject), main(&other), Subject::new(subject).of_manager("partners")];
    for (n, owner) in owners.into_iter().enumerate() {
        for family in ["s", "t"] {
            let next = format!("r1-{n}-{family}");
            assert_eq!(rotate(store, refresh(owner, "r0", Some(family)), &next).await, Rotated);
        }
    }
    let burnt = later(refresh(owners[0], "r0", Some("s")), 500.0);
    assert_eq!(rotate(store, burnt, "x").await, Reused);
    for (n, owner) in owners.into_iter().enumerate() {
        for family in ["s", "t"] {
            let first = refresh(owner, "r0", Some(family));
            if n == 0 && family == "s" {
                is_revoked(status(store, first).await);
            } else {
                let next = format!("r1-{n}-{family}");
                assert_eq!(rotate(store, first, "x").await, repeated(&next));
            }
        }
    }
}

pub(super) async fn successors_come_back_to_the_letter(
    store: &impl RevocationStore,
    subject: &str,
) {
    let anna = main(subject);
    let long = "x".repeat(Rotation::MAX_SUCCESSOR);
    let all: String = (' '..='~').collect();
    for (n, successor) in ["", " ", "0", r#"{"v":1,"a":["b'c\\"]}"#, &all, &long].iter().enumerate()
    {
        let family = n.to_string();
        let rotation = Rotation::new(refresh(anna, "r0", Some(&family)), "r1", successor).unwrap();
        assert_eq!(store.rotate(&rotation).await.unwrap(), Rotated);
        let again = Rotation::new(refresh(anna, "r0", Some(&family)), "x", "x").unwrap();
        let RotationOutcome::Repeated { successor: answer } = store.rotate(&again).await.unwrap()
        else {
            panic!("it is within its grace")
        };
        assert_eq!(answer, **successor);
    }
}
