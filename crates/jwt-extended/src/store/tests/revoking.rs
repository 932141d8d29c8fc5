//! Tokens and sessions.

use super::*;

pub(super) async fn nothing_is_revoked_at_first(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    is_active(status(store, access(anna, "a", Some("s"))).await);
    is_active(status(store, refresh(anna, "r", Some("s"))).await);
    is_active(status(store, TokenRef::new(anna, at(0.0))).await);
    assert_eq!(store.list(&anna, at(0.0)).await.unwrap(), []);
    for what in [token("a"), session("s"), cutoff(0.0, None)] {
        assert!(!restore(store, anna, what).await, "there is nothing to take back");
    }
}

pub(super) async fn a_token(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    revoke(store, anna, token("a")).await;
    is_revoked(status(store, access(anna, "a", None)).await);
    is_revoked(status(store, access(anna, "a", Some("s"))).await);
    is_revoked(status(store, refresh(anna, "a", Some("s"))).await);
    is_active(status(store, access(anna, "b", Some("s"))).await);
    is_active(status(store, access(anna, "A", None)).await);
    revoke(store, anna, token("a")).await;
    is_revoked(status(store, access(anna, "a", None)).await);
}

pub(super) async fn a_session(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    revoke(store, anna, session("s")).await;
    is_revoked(status(store, access(anna, "a", Some("s"))).await);
    is_revoked(status(store, refresh(anna, "r", Some("s"))).await);
    let mut nameless = access(anna, "", Some("s"));
    nameless.jti = None;
    is_revoked(status(store, nameless).await);
    is_active(status(store, access(anna, "a", Some("t"))).await);
    is_active(status(store, access(anna, "a", None)).await);
    revoke(store, anna, session("s")).await;
    is_revoked(status(store, access(anna, "a", Some("s"))).await);
}

pub(super) async fn a_session_that_is_named_as_a_token(
    store: &impl RevocationStore,
    subject: &str,
) {
    let anna = main(subject);
    revoke(store, anna, token("x")).await;
    is_active(status(store, access(anna, "a", Some("x"))).await);
    revoke(store, anna, session("y")).await;
    is_active(status(store, access(anna, "y", Some("s"))).await);
    is_active(status(store, access(anna, "y", None)).await);
    is_active(status(store, refresh(anna, "y", Some("s"))).await);
    // Without a session, a refresh token is one itself.
    is_revoked(status(store, refresh(anna, "y", None)).await);
}

pub(super) async fn subjects_and_managers_are_apart(store: &impl RevocationStore, subject: &str) {
    let other = format!("{subject}-other");
    let anna = main(subject);
    let others = [main(&other), Subject::new(subject).of_manager("partners")];
    for what in [token("a"), session("s"), cutoff(50.0, None)] {
        revoke(store, anna, what).await;
        is_revoked(status(store, access(anna, "a", Some("s"))).await);
        for owner in others {
            is_active(status(store, access(owner, "a", Some("s"))).await);
            assert_eq!(store.list(&owner, at(0.0)).await.unwrap(), []);
            assert!(!restore(store, owner, what).await, "not theirs");
        }
        assert!(restore(store, anna, what).await);
    }
    // Both in turn, for a store that keeps the last one only.
    revoke(store, others[1], token("a")).await;
    is_active(status(store, access(anna, "a", None)).await);
    is_revoked(status(store, access(others[1], "a", None)).await);
}

pub(super) async fn tokens_without_names(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    // No name is not the empty name, nor any other.
    for what in [token(""), session(""), token("a"), session("s")] {
        revoke(store, anna, what).await;
    }
    let mut nameless = TokenRef::new(anna, at(100.0));
    is_active(status(store, nameless).await);
    nameless.token_type = Some("refresh");
    is_active(status(store, nameless).await);
    is_revoked(status(store, access(anna, "", None)).await);
    is_revoked(status(store, access(anna, "b", Some(""))).await);
}

pub(super) async fn taking_back(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let all = [token("a"), session("s"), cutoff(50.0, None)];
    for what in all {
        revoke(store, anna, what).await;
    }
    for what in all {
        is_revoked(status(store, access(anna, "a", Some("s"))).await);
        assert!(restore(store, anna, what).await, "{what:?} was revoked");
        assert!(!restore(store, anna, what).await, "{what:?} is no longer");
    }
    is_active(status(store, access(anna, "a", Some("s"))).await);
    assert_eq!(store.list(&anna, at(0.0)).await.unwrap(), []);
    // What was taken back can be revoked again.
    revoke(store, anna, token("a")).await;
    is_revoked(status(store, access(anna, "a", Some("s"))).await);
}
