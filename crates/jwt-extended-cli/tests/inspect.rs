//! `jwt-extended inspect`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fmt::Write as _;
use std::time::Duration;

use base64_simd::URL_SAFE_NO_PAD;
use common::{Folder, shared_key};
use jwt_extended::{Algorithm, Config, JwtEngine};

const SECRET: &str = "a-secret-of-at-least-32-random-bytes";
const UNVERIFIED: &str =
    "UNVERIFIED: anybody may have written this token. Believe nothing below.\n";

fn token() -> String {
    let engine = JwtEngine::new(Config::builder().secret_key(SECRET).build().unwrap());
    let builder = engine.create_access_token("anna").claim("role", "admin");
    builder.expires_in(Duration::from_secs(3590)).encode().unwrap().as_str().to_owned()
}

fn written(header: &str, claims: &str) -> String {
    let encode = |json: &str| URL_SAFE_NO_PAD.encode_to_string(json);
    format!("{}.{}.AAAA", encode(header), encode(claims))
}

#[test]
fn header_claims_and_times() {
    let (folder, token) = (Folder::new(), token());
    let shown = folder.run_with(&["inspect"], token.as_bytes()).good();
    assert!(shown.starts_with(UNVERIFIED), "{shown}");
    for part in [
        "\nHeader (UNVERIFIED)\n{\n  \"alg\": \"HS256\",\n  \"typ\": \"JWT\"\n}\n",
        "\nClaims (UNVERIFIED)\n{\n  \"fresh\": false,\n  \"iat\": ",
        "  \"role\": \"admin\"\n}\n",
        "\nTimes (UNVERIFIED)\n  iat        issued ",
        " UTC, in 59 minutes ",
    ] {
        assert!(shown.contains(part), "{shown}\n{part}");
    }
}

#[test]
fn a_token_comes_in_many_ways() {
    let (folder, token) = (Folder::new(), token());
    let header = format!("Authorization: Bearer {token}\r\n");
    for (arguments, input) in [
        (&["inspect"][..], &*token),
        (&["inspect", "-"], &token),
        (&["inspect", &token], ""),
        (&["inspect", &format!("bearer {token}")], ""),
        (&["inspect"], &header),
        (&["inspect"], &format!("\n  {token}\n\n")),
    ] {
        let shown = folder.run_with(arguments, input.as_bytes()).good();
        assert!(shown.contains("\"sub\": \"anna\""), "{shown}");
    }
}

#[test]
fn a_signature_is_checked_on_request() {
    let (folder, token) = (Folder::new(), token());
    folder.write("secret", format!("{SECRET}\n"));
    let jwk = |name: &str, secret: &str| {
        let k = URL_SAFE_NO_PAD.encode_to_string(secret);
        folder.write(name, format!("{{\"kty\":\"oct\",\"k\":\"{k}\",\"kid\":\"x\"}}"));
    };
    jwk("jwk", SECRET);
    jwk("other", "another-secret-of-at-least-32-bytes!");
    folder.write("pem", shared_key("p256.pem"));
    for good in ["secret", "jwk"] {
        let shown = folder.run_with(&["inspect", "--verify", good], token.as_bytes()).good();
        assert!(shown.starts_with("The signature is good. Neither times nor"), "{shown}");
        assert!(!shown.contains("UNVERIFIED"));
    }
    for bad in ["other", "pem"] {
        let answer = folder.run_with(&["inspect", "--verify", bad], token.as_bytes());
        assert_eq!(answer.code, 3, "{answer:?}");
        assert!(answer.out.starts_with("NOT VERIFIED: ") && answer.out.contains(UNVERIFIED));
        assert!(answer.out.contains("\"sub\": \"anna\""));
        assert!(answer.err.starts_with("error: the signature is not good"));
    }
    folder.run_with(&["inspect", "--verify", "nothing"], token.as_bytes()).refused("cannot read");
    folder.run(&["inspect", "--verify", "-"]).refused("cannot be both");
    folder.write("empty", "");
    folder
        .run_with(&["inspect", "--verify", "empty"], token.as_bytes())
        .refused("empty: the secret is empty");
}

#[test]
fn keys_of_every_form_verify() {
    let folder = Folder::new();
    let key = |name: &str| folder.write(name, shared_key(name));
    ["rsa.pem", "rsa.pub.pem", "rsa_other.pem"].into_iter().for_each(key);
    folder.write("set", folder.run(&["jwks", "rsa_other.pem", "rsa.pem"]).good());
    for algorithm in [Algorithm::RS256, Algorithm::PS512] {
        let config = Config::builder().algorithm(algorithm).private_key(shared_key("rsa.pem"));
        let token = JwtEngine::new(config.build().unwrap()).create_access_token("anna").encode();
        let token = token.unwrap();
        for (file, code) in [("rsa.pem", 0), ("rsa.pub.pem", 0), ("set", 0), ("rsa_other.pem", 3)] {
            let answer = folder.run_with(&["inspect", "--verify", file], token.as_str().as_bytes());
            assert_eq!(answer.code, code, "{file}: {answer:?}");
        }
    }
}

#[test]
fn nobody_signed_it_and_nothing_is_believed() {
    let folder = Folder::new();
    let token = written(r#"{"alg":"none"}"#, r#"{"sub":"root","exp":1}"#);
    let unsigned = token.trim_end_matches("AAAA");
    let shown = folder.run(&["inspect", unsigned]).good();
    assert!(shown.starts_with(UNVERIFIED), "{shown}");
    assert!(shown.contains("exp        EXPIRED           1970-01-01 00:00:01 UTC, "), "{shown}");
    folder.write("secret", SECRET);
    assert_eq!(folder.run(&["inspect", unsigned, "--verify", "secret"]).code, 3);
}

#[test]
fn what_is_no_token_is_told_apart() {
    let folder = Folder::new();
    let not_utf8 = format!("{}.e30.", URL_SAFE_NO_PAD.encode_to_string(b"{\"a\":\"\xff\"}"));
    for (token, why) in [
        ("", "there is no token"),
        ("abc", "three segments with a dot between each two, and this has 1"),
        ("a.b", "this has 2"),
        ("a.b.c.d", "this has 4"),
        ("a.b.c.d.e", "is encrypted (a JWE)"),
        ("?.e30.", "header is no base64url"),
        ("e30.e3.", "payload is no base64url"),
        (&*not_utf8, "header is no UTF-8"),
        (&written("[]", "{}"), "header is JSON, but no object"),
        (&written("{}", "\"text\""), "payload is JSON, but no object"),
        (&written("{}", "{"), "payload is no JSON"),
        (&written("{}", ""), "payload is no JSON"),
        (&written("{}", &"[".repeat(100_000)), "payload is no JSON: recursion limit"),
        (&"a".repeat((1 << 20) + 1), "too long to be a token"),
    ] {
        folder.run_with(&["inspect"], token.as_bytes()).refused(why);
    }
    folder.run_with(&["inspect"], b"\xff\xfe").refused("cannot read standard input");
}

#[test]
fn a_terminal_is_told_nothing_by_a_token() {
    let folder = Folder::new();
    let mut claims = String::from("{\"exp\":1e300,\"nbf\":\"\u{9b}31m\",\"iat\":-1e300");
    for (n, c) in ('\u{0}'..='\u{ffff}').chain('\u{e0000}'..='\u{e01ff}').enumerate() {
        if n % 64 == 0 {
            let _ = write!(claims, "{}\"{n}\":\"", if n == 0 { "," } else { "\"," });
        }
        // Escaped where JSON wants it, and as it is everywhere else.
        match c {
            '"' | '\\' => claims.extend(['\\', c]),
            c if c < ' ' => drop(write!(claims, "\\u{:04x}", u32::from(c))),
            c => claims.push(c),
        }
    }
    claims.push_str("\"}");
    let token = written("{\"alg\":\"\u{202e}\u{7f}\",\"kid\":\"\\u001b[2J\"}", &claims);
    let shown = folder.run_with(&["inspect"], token.as_bytes()).good();
    for c in shown.chars().filter(|c| *c != '\n') {
        let bad = c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        assert!(!bad, "U+{:04X} is shown as it is", u32::from(c));
    }
    assert!(shown.contains(r#""kid": "\u001b[2J""#) && shown.contains(r"\u202e\u007f"));
    // It is still the same JSON.
    let start = shown.find("Claims (UNVERIFIED)\n").unwrap() + 20;
    let end = shown.find("\n\nTimes (UNVERIFIED)").unwrap();
    let again: serde_json::Value = serde_json::from_str(&shown[start..end]).unwrap();
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(&claims).unwrap());
    assert!(shown.contains("exp        expires           at no date that a calendar has"));
    assert!(shown.contains("nbf        is no number"));
}

/// Any bytes, a token's parts exchanged, cut and doubled: an answer every time, never a panic (101).
#[test]
fn nothing_makes_it_panic() {
    let (folder, token) = (Folder::new(), token());
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    };
    for _ in 0..300 {
        let mut bytes = token.clone().into_bytes();
        for _ in 0..=random() % 8 {
            let place = random() % bytes.len();
            match random() % 4 {
                0 => bytes[place] = u8::try_from(random() % 256).unwrap(),
                1 => bytes.insert(place, b"._-={}\"\\"[random() % 8]),
                2 => drop(bytes.drain(place..(place + random() % 16).min(bytes.len()))),
                _ => bytes.extend_from_within(place..),
            }
            bytes.push(b'.');
        }
        bytes.pop();
        let answer = folder.run_with(&["inspect"], &bytes);
        assert!(matches!(answer.code, 0 | 1), "{answer:?} of {bytes:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let folder = Folder::new();
    let claims = format!("{{\"a\":\"{}\"}}", "x".repeat(500_000));
    folder.write("token", written("{}", &claims));
    let script = format!("set -o pipefail; '{}' inspect < token | head -c 1 > start", common::TOOL);
    let mut shell = std::process::Command::new("bash");
    let status = shell.args(["-c", &script]).current_dir(folder.path("")).status().unwrap();
    assert!(status.success());
    assert_eq!(folder.read("start"), "U");
}
