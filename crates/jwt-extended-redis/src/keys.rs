//! The names of keys.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jwt_extended::store::{Revoked, Subject};
use sha2::Sha256;

/// Makes names of keys, in which nobody reads whose they are.
pub(crate) struct Keys {
    prefix: Box<str>,
    mac: Hmac<Sha256>,
}

/// The names of one subject's keys, all in one slot of a cluster.
pub(crate) struct SubjectKeys<'k> {
    keys: &'k Keys,
    /// Up to the second colon.
    stem: String,
}

/// A token's or a session's key, and its name in the index.
pub(crate) struct Named {
    pub(crate) key: String,
    pub(crate) name: String,
}

impl Keys {
    pub(crate) fn new(prefix: &str, secret: &[u8]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes any key");
        Self { prefix: prefix.into(), mac }
    }

    /// Where a fingerprint of the secret lies, so that two that differ are noticed.
    pub(crate) fn marker(&self) -> String {
        format!("{}:subject-key", self.prefix)
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.digest(&[b"fingerprint"])
    }

    pub(crate) fn of(&self, owner: &Subject<'_>) -> SubjectKeys<'_> {
        let Subject { manager, subject, .. } = *owner;
        // With the length in front, no two pairs are one text.
        let start = format!("subject:{}:", manager.len());
        let tag = self.digest(&[start.as_bytes(), manager.as_bytes(), subject.as_bytes()]);
        SubjectKeys { keys: self, stem: format!("{}:{{{tag}}}:", self.prefix) }
    }

    /// HMAC-SHA-256, cut to 128 bits, in hexadecimal.
    fn digest(&self, parts: &[&[u8]]) -> String {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(part);
        }
        let digest = mac.finalize().into_bytes();
        let halves = digest.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
        halves.filter_map(|half| DIGITS.get(usize::from(half))).collect()
    }
}

impl SubjectKeys<'_> {
    pub(crate) fn token(&self, jti: Option<&str>) -> String {
        self.key('t', jti)
    }

    pub(crate) fn session(&self, id: Option<&str>) -> String {
        self.key('s', id)
    }

    pub(crate) fn family(&self, id: Option<&str>) -> String {
        self.key('f', id)
    }

    pub(crate) fn cutoff(&self) -> String {
        format!("{}c", self.stem)
    }

    pub(crate) fn index(&self) -> String {
        format!("{}i", self.stem)
    }

    pub(crate) fn named(&self, what: &Revoked<'_>) -> Named {
        match what {
            Revoked::Token { jti } => {
                Named { key: self.token(Some(jti)), name: format!("t:{jti}") }
            }
            Revoked::Session { id } => {
                Named { key: self.session(Some(id)), name: format!("s:{id}") }
            }
            Revoked::Subject { .. } => Named { key: self.cutoff(), name: "c".to_owned() },
        }
    }

    /// A script wants a name for each of its keys; the one of what is absent names nothing, since no
    /// id is written as an empty one.
    fn key(&self, kind: char, id: Option<&str>) -> String {
        let stem = &self.stem;
        match id {
            None => format!("{stem}{kind}:"),
            Some(id) if is_plain(id) => format!("{stem}{kind}:{id}"),
            Some(id) => {
                let digest = self.keys.digest(&[b"id:", id.as_bytes()]);
                format!("{stem}{kind}:#{digest}")
            }
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// What stands in a key as it is: a UUID, for one. Everything else is hashed, be it long, with braces,
/// or somebody's address.
fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&id.len()) && id.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The same file is for every other implementation of the layout.
    #[test]
    fn names_are_those_of_the_table() {
        let table: Value = serde_json::from_str(include_str!("../lua/keys.json")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let secret = text(&table["subject_key"]);
        let keys = Keys::new(&text(&table["prefix"]), secret.as_bytes());
        assert_eq!(keys.marker(), text(&table["marker"]));
        assert_eq!(keys.fingerprint(), text(&table["fingerprint"]));
        for row in table["subjects"].as_array().unwrap() {
            let (manager, subject) = (text(&row["manager"]), text(&row["subject"]));
            let keys = keys.of(&Subject::new(&subject).of_manager(&manager));
            assert_eq!(keys.cutoff(), text(&row["cutoff"]));
            assert_eq!(keys.index(), text(&row["index"]));
        }
        let anna = Subject::new("anna");
        let keys = keys.of(&anna);
        for row in table["ids"].as_array().unwrap() {
            let id = text(&row["id"]);
            assert_eq!(keys.token(Some(&id)), text(&row["token"]), "{id}");
            assert_eq!(keys.session(Some(&id)), text(&row["session"]), "{id}");
            assert_eq!(keys.family(Some(&id)), text(&row["family"]), "{id}");
        }
    }

    #[test]
    fn no_two_things_have_one_key() {
        let keys = Keys::new("jwt", b"0123456789abcdef");
        let mut names = Vec::new();
        for (manager, subject) in [("", "a"), ("a", ""), ("a", "a"), ("", "aa"), ("1", ":a")] {
            let owner = Subject::new(subject).of_manager(manager);
            let keys = keys.of(&owner);
            names.extend([keys.cutoff(), keys.index()]);
            let long = "x".repeat(65);
            for id in ["", "a", "c", "a}", "{a", "a\0", "a\n", "#a", "ä", &long, &long[..64]] {
                names.extend([keys.token(Some(id)), keys.session(Some(id)), keys.family(Some(id))]);
            }
            names.extend([keys.token(None), keys.session(None), keys.family(None)]);
        }
        let all = names.len();
        assert!(names.iter().all(|name| name.matches(['{', '}']).count() == 2 && name.len() < 120));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
