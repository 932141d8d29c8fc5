//! Lists, ends, and words.

use super::*;
use crate::store::{RevocationRecord, RevokedRecord};

async fn list(
    store: &impl RevocationStore,
    owner: Subject<'_>,
    seconds: f64,
) -> Vec<RevocationRecord> {
    store.list(&owner, at(seconds)).await.expect("the store answers")
}

/// The end of the only revocation.
async fn end(store: &impl RevocationStore, owner: Subject<'_>) -> Option<Timestamp> {
    let found = list(store, owner, 0.0).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].until
}

async fn revoke_until(
    store: &impl RevocationStore,
    owner: Subject<'_>,
    what: Revoked<'_>,
    until: Option<f64>,
) {
    store.revoke(&Revocation::new(owner, what, until.map(at), at(0.0))).await.unwrap();
}

pub(super) async fn all_that_has_not_ended(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let mut all = [
        (token("a"), Some(1000.0)),
        (token("b"), None),
        (session("s"), Some(2000.25)),
        (session("t"), Some(4000.0)),
        (cutoff(20.25, Some("k")), Some(3000.0)),
    ];
    for (what, until) in all {
        revoke_until(store, anna, what, until).await;
    }
    for now in [0.0, 999.75, 1000.0, 2000.0, 2000.25, 3000.0, 1e6] {
        let found = list(store, anna, now).await;
        let expected = all.iter_mut().filter(|(_, until)| until.is_none_or(|until| until > now));
        let mut count = 0;
        for (what, until) in expected {
            count += 1;
            let record = found.iter().find(|record| record.what.as_revoked() == *what);
            let record = record.unwrap_or_else(|| panic!("{what:?} is missing at {now}"));
            assert_eq!(record.until, until.map(at));
        }
        assert_eq!(found.len(), count, "at {now}: {found:?}");
    }
}

pub(super) async fn the_latest_end_counts(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    for what in [token("a"), session("s"), cutoff(20.0, None)] {
        for (until, counts) in [
            (Some(2000.0), Some(2000.0)),
            (Some(1000.0), Some(2000.0)),
            (Some(3000.0), Some(3000.0)),
            (None, None),
            (Some(4000.0), None),
        ] {
            revoke_until(store, anna, what, until).await;
            assert_eq!(end(store, anna).await, counts.map(at), "{what:?}");
        }
        restore(store, anna, what).await;
    }
    // Whichever cutoff counts, the longer memory stays.
    revoke_until(store, anna, cutoff(20.0, None), Some(2000.0)).await;
    revoke_until(store, anna, cutoff(30.0, None), Some(1000.0)).await;
    assert_eq!(end(store, anna).await, Some(at(2000.0)));
    revoke_until(store, anna, cutoff(10.0, None), Some(3000.0)).await;
    assert_eq!(end(store, anna).await, Some(at(3000.0)));
    assert!(list(store, anna, 0.0).await[0].what.as_revoked() == cutoff(30.0, None));
}

/// A store that records when records who and why, too.
pub(super) async fn the_first_words_stay(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    for what in [token("a"), session("s"), cutoff(20.0, None)] {
        for (time, by, reason) in [(1.25, Some("éva; --"), None), (2.0, None, Some("it's \"x\""))]
        {
            let mut revocation = Revocation::new(anna, what, Some(at(END)), at(time));
            (revocation.by, revocation.reason) = (by, reason);
            store.revoke(&revocation).await.unwrap();
        }
        let records = list(store, anna, 50.0).await;
        assert_eq!(records.len(), 1, "{records:?}");
        let record = &records[0];
        let words = (record.at, record.by.as_deref(), record.reason.as_deref());
        let expected = match record.what {
            // Of two of the same moment the later one's words may be the ones.
            RevokedRecord::Subject { .. } if words.0 == Some(at(2.0)) => {
                (Some(at(2.0)), None, Some("it's \"x\""))
            }
            _ => (Some(at(1.25)), Some("éva; --"), None),
        };
        assert!(words == (None, None, None) || words == expected, "{words:?} of {what:?}");
        restore(store, anna, what).await;
    }
}

pub(super) async fn purging(store: &impl RevocationStore, subject: &str) {
    let anna = main(subject);
    let (live, dead) = (access(anna, "live", None), access(anna, "dead", None));
    revoke_until(store, anna, token("live"), Some(2000.0)).await;
    revoke_until(store, anna, token("dead"), Some(1000.0)).await;
    revoke_until(store, anna, token("for ever"), None).await;
    revoke_until(store, anna, session("s"), Some(2000.0)).await;
    store.purge(at(999.75)).await.unwrap();
    is_revoked(status(store, dead).await);
    store.purge(at(1999.75)).await.unwrap();
    is_revoked(status(store, live).await);
    is_revoked(status(store, access(anna, "for ever", None)).await);
    is_revoked(status(store, access(anna, "a", Some("s"))).await);
    assert_eq!(list(store, anna, 1999.75).await.len(), 3);
    store.purge(at(1e6)).await.unwrap();
    is_revoked(status(store, access(anna, "for ever", None)).await);
    assert_eq!(list(store, anna, 1e6).await.len(), 1);
}
