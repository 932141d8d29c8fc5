//! The rules of verification that are about a token's form, in both presets. `claims.rs` has the
//! others.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use jwt_extended::ErrorKind::*;
use jwt_extended::Policy;
use support::*;

#[test]
fn rule_1_the_form() {
    let token = forge(good().to_string());
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for (wrong, kind) in [
        (String::new(), MalformedToken),
        (format!("{header}.{payload}"), MalformedToken),
        (format!("{token}."), MalformedToken),
        (format!(".{payload}.{signature}"), MalformedToken),
        (format!("{header}.{payload}."), InvalidSignature),
        (format!("{header}.{payload}.{signature}!"), MalformedToken),
        (format!("{header}.{payload}.{}", "A".repeat(3000)), InvalidSignature),
        (format!("{header}.{payload}.{}", "A".repeat(3001)), MalformedToken),
        (format!("{header}!.{payload}.{signature}"), MalformedToken),
        (format!(" {token}"), MalformedToken),
        (format!("{token}\n"), MalformedToken),
        (forge_with(r#"["HS256"]"#, good().to_string()), MalformedToken),
        (forge_with("null", good().to_string()), MalformedToken),
        (forge_with(r#"{"alg":"HS256"}x"#, good().to_string()), MalformedToken),
        (forge_with(r#"{"alg":1}"#, good().to_string()), MalformedToken),
        (forge_with(r#"{"alg":null}"#, good().to_string()), MalformedToken),
        (forge_with(r#"{"alg":"HS256","kid":7}"#, good().to_string()), MalformedToken),
        (forge_with("{}", good().to_string()), AlgorithmNotAllowed),
        (forge_with(r#"{"alg":"none"}"#, good().to_string()), AlgorithmNotAllowed),
        (forge_with(r#"{"alg":"hs256"}"#, good().to_string()), AlgorithmNotAllowed),
        (forge_with(r#"{"alg":"HS384"}"#, good().to_string()), AlgorithmNotAllowed),
        (forge_with(r#"{"alg":"ES256"}"#, good().to_string()), AlgorithmNotAllowed),
        (forge_with(r#"{"alg":"HS256","crit":["exp"]}"#, good().to_string()), UnsupportedCritical),
        (forge_with(r#"{"alg":"HS256","crit":[]}"#, good().to_string()), UnsupportedCritical),
        (forge_with(r#"{"alg":"HS256","crit":null}"#, good().to_string()), UnsupportedCritical),
        (forge_with(r#"{"alg":"HS256","b64":false}"#, good().to_string()), UnsupportedCritical),
    ] {
        for config in [native(), flask()] {
            assert_eq!(says_to_token(config, &wrong, &Policy::required()), Err(kind), "{wrong}");
        }
    }
    let fits = native().max_token_size(token.len());
    assert_eq!(says_to_token(fits, &token, &Policy::required()), Ok(()));
    let small = native().max_token_size(token.len() - 1);
    assert_eq!(says_to_token(small, &token, &Policy::required()), Err(TokenTooLarge));
}

#[test]
fn rule_1_differs_in_padding_and_doubled_names() {
    let twice = forge_with(r#"{"alg":"HS512","alg":"HS256"}"#, good().to_string());
    let two_types = r#"{"alg":"HS256","typ":"at+jwt","typ":"JWT"}"#;
    let two_keys = r#"{"alg":"HS256","jwk":{},"jwk":null}"#;
    let deep = format!(r#"{{"alg":"HS256","x":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
    let deep = forge_with(deep, good().to_string());
    for (token, native_says, flask_says) in [
        (&twice, Err(MalformedToken), Ok(())),
        (&forge_with(two_types, good().to_string()), Err(MalformedToken), Ok(())),
        (&forge_with(two_keys, good().to_string()), Err(MalformedToken), Ok(())),
        (&forge_with(r#"{"alg":"HS256","x":1,"x":2}"#, good().to_string()), Ok(()), Ok(())),
        (&deep, Err(MalformedToken), Err(MalformedToken)),
        (&forge_with(r#"{"typ":"JWT","alg":"HS256"}"#, good().to_string()), Ok(()), Ok(())),
        (&forge_with(r#"{"alg":"HS256","b64":true}"#, good().to_string()), Ok(()), Ok(())),
        (&forge_with(r#"{"alg":"HS256","kid":"any"}"#, good().to_string()), Ok(()), Ok(())),
        (&format!("{}=", forge(good().to_string())), Err(MalformedToken), Ok(())),
    ] {
        assert_eq!(says_to_token(native(), token, &Policy::required()), native_says, "{token}");
        assert_eq!(says_to_token(flask(), token, &Policy::required()), flask_says, "{token}");
    }
}

#[test]
fn rule_3_the_payload_is_an_object() {
    let malformed = Err(MalformedToken);
    let nested = |depth| {
        good_with("x", 0)
            .replace("\"x\":0", &format!("\"x\":{}{}", "[".repeat(depth), "]".repeat(depth)))
    };
    for payload in [
        "",
        "[]",
        "null",
        "7",
        "\"sub\"",
        "{",
        "{}}",
        "{\"exp\":1e400}",
        "{\"exp\":-1e400}",
        "{'a':1}",
    ] {
        both(payload, malformed, malformed);
    }
    both(b"{\"sub\":\"\xff\"}", malformed, malformed);
    both(nested(100), Ok(()), Ok(()));
    both(nested(5_000), malformed, malformed);
    for config in [native(), flask()] {
        assert_eq!(says(config.max_token_size(1_000_000_usize), nested(10_000)), malformed);
    }
    for name in ["exp", "sub", "aud", "type"] {
        let deep = good_without(name).replacen(
            '{',
            &format!("{{\"{name}\":{}{},", "[".repeat(6_000), "]".repeat(6_000)),
            1,
        );
        assert_eq!(says(flask().max_token_size(1_000_000_usize), &deep), malformed);
    }
    for name in ["exp", "sub", "jti", "type", "mgr", "csrf"] {
        let twice = good_with(name, "first").replacen('{', &format!("{{\"{name}\":\"zero\","), 1);
        assert_eq!(says(native(), &twice), malformed, "{twice}");
    }
    let twice = format!("{{\"exp\":1,{}", &good().to_string()[1..]);
    both(twice, malformed, Ok(()));
    both(good_with("role", 1).replacen('{', "{\"role\":2,", 1), Ok(()), Ok(()));
}
