//! Names are whatever somebody once signed.

use super::*;
use crate::store::RevokedRecord;

fn hostile() -> Vec<String> {
    let mut names: Vec<String> = [
        "",
        " ",
        "a",
        "A",
        "a ",
        " a",
        "a\n",
        "a\r\n",
        "\t",
        "a'b",
        "a''b",
        "a\"b",
        "a\\b",
        "a`b",
        "a%",
        "a_",
        "%",
        "_",
        "*",
        "?",
        "[a-z]",
        "{a}",
        "{",
        "}",
        "a:b",
        "a::b",
        "a/b",
        "a|b",
        "a,b",
        "a;b",
        "'; DROP TABLE jwt_revoked; --",
        "' OR '1'='1",
        "$1",
        "$$",
        ":name",
        "?1",
        "@a",
        "redis.call('FLUSHALL')",
        "null",
        "NULL",
        "None",
        "0",
        "00",
        "1",
        "1.0",
        "1e3",
        "true",
        "é",
        "e\u{301}",
        "ß",
        "ss",
        "SS",
        "İ",
        "i\u{307}",
        "\u{3a9}",
        "\u{2126}",
        "\u{feff}a",
        "\u{200b}",
        "a\u{200b}",
        "\u{202e}a",
        "😀",
        "👨\u{200d}👩\u{200d}👧",
        "\u{fffd}",
        "\u{ffff}",
        "\u{10ffff}",
        "\u{7f}",
        "\u{1}",
    ]
    .map(str::to_owned)
    .to_vec();
    // Of the same beginning, for a store that cuts.
    for length in [63, 64, 255, 256, 1023, 1024] {
        names.push("x".repeat(length));
    }
    names
}

pub(super) async fn are_taken_to_the_letter(store: &impl RevocationStore, subject: &str) {
    let names = hostile();
    let anna = main(subject);
    // Every second one is revoked, so that each has a like one that is not.
    for which in [0, 1] {
        for name in names.iter().skip(which).step_by(2) {
            revoke(store, anna, token(name)).await;
            revoke(store, anna, session(name)).await;
        }
        for (n, name) in names.iter().enumerate() {
            let (one, of) = (access(anna, name, None), access(anna, "-", Some(name)));
            for token in [one, of] {
                assert_eq!(status(store, token).await, revoked_if(n % 2 == which), "{name:?}");
            }
        }
        for record in store.list(&anna, at(0.0)).await.unwrap() {
            let (RevokedRecord::Token { jti: name } | RevokedRecord::Session { id: name }) =
                &record.what
            else {
                panic!("nobody was cut off")
            };
            assert!(names.contains(name), "{name:?} is no name that was revoked");
            assert!(restore(store, anna, record.what.as_revoked()).await, "{name:?}");
        }
        assert_eq!(store.list(&anna, at(0.0)).await.unwrap(), []);
    }

    // The same as subjects, and as what rotation is told.
    for (n, name) in names.iter().enumerate() {
        let owner = format!("{subject}.{name}");
        if n % 2 == 0 {
            revoke(store, main(&owner), token("a")).await;
            revoke(store, main(&owner), cutoff(50.0, Some(name))).await;
        }
        let family = refresh(anna, name, Some(name));
        let next = format!("{name}+");
        assert_eq!(rotate(store, family, &next).await, RotationOutcome::Rotated, "{name:?}");
        assert_eq!(rotate(store, family, "-").await, repeated(&next), "{name:?}");
    }
    for (n, name) in names.iter().enumerate() {
        let owner = format!("{subject}.{name}");
        for (jti, session) in [("a", name.as_str()), ("b", "other")] {
            let token = access(main(&owner), jti, Some(session));
            assert_eq!(status(store, token).await, revoked_if(n % 2 == 0), "{name:?}");
        }
        is_active(status(store, access(main(&owner), "b", Some(name))).await);
    }
}

fn revoked_if(condition: bool) -> RevocationStatus {
    if condition { RevocationStatus::Revoked } else { RevocationStatus::Active }
}

/// Some databases cannot hold it. They may refuse it, and must not cut the name there.
pub(super) async fn with_a_null_byte(store: &impl RevocationStore, subject: &str) {
    for (owner, jti) in
        [(subject.to_owned(), "a\0b"), (format!("{subject}\0"), "a"), (subject.to_owned(), "\0")]
    {
        let owner = main(&owner);
        let what = Revocation::new(owner, token(jti), Some(at(END)), at(0.0));
        let is_held = store.revoke(&what).await.is_ok();
        match store.status(&access(owner, jti, None)).await {
            Ok(RevocationStatus::Active) => assert!(!is_held, "it was to be revoked"),
            Ok(status) => is_revoked(status),
            Err(_) => assert!(!is_held, "it was revoked"),
        }
        let anna = main(subject);
        for innocent in ["", "b", "ab", "a\u{fffd}b"] {
            is_active(status(store, access(anna, innocent, Some("\u{fffd}"))).await);
        }
        is_active(status(store, access(anna, "a", None)).await);
    }
}

pub(super) async fn do_not_run_together(store: &impl RevocationStore, subject: &str) {
    for separator in [":", "/", "|", ".", "-", "_", " ", ""] {
        let one = format!("{subject}{separator}a");
        let manager = "m".to_owned();
        let glued = format!("m{separator}{one}");
        revoke(store, Subject::new(&one).of_manager(&manager), token("b")).await;
        revoke(store, Subject::new(&one).of_manager(&manager), session("b")).await;
        revoke(store, Subject::new(&one).of_manager(&manager), cutoff(50.0, None)).await;
        let owners =
            [main(&one), main(&glued), Subject::new(subject).of_manager(&manager), main(subject)];
        let names = [format!("a{separator}b"), format!("{one}{separator}b"), "b".to_owned()];
        for owner in owners {
            for name in &names {
                is_active(status(store, access(owner, name, Some(name))).await);
            }
        }
        is_revoked(status(store, access(Subject::new(&one).of_manager(&manager), "b", None)).await);
    }
}
