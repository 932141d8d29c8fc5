//! Attacks by way of names and values in a token that is well signed: what two readers might read
//! differently, what is too large to be read, and what only looks like what is expected.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use jwt_extended::ErrorKind::*;
use jwt_extended::{ConfigBuilder, Policy};
use serde_json::{Value, json};
use support::*;

/// Two readers of one token must not see different ones: whichever of two a reader takes, the other
/// may have been what was meant.
#[test]
fn names_that_stand_twice() {
    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "type",
        "fresh",
        "csrf",
        "sid",
        "auth_time",
        "mgr",
    ] {
        let escaped = name.bytes().map(|b| format!("\\u{b:04x}")).collect::<Vec<_>>().concat();
        for second in [name, &escaped] {
            let payload = format!(
                r#"{{"{name}":{}, "{second}":{}}}"#,
                good().get(name).unwrap_or(&json!("x")),
                good().get(name).unwrap_or(&json!("y")),
            );
            assert_eq!(says(native(), payload), Err(MalformedToken), "{name} {second}");
        }
    }
    for header in [
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","typ":"JWT"}"#,
        r#"{"alg":"HS256","typ":null,"t\u0079p":"JWT"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
    ] {
        refused([native()], &forge_with(header, good().to_string()));
    }
    // The last one counts, under the preset that must agree with PyJWT.
    refused([flask()], &forge_with(r#"{"alg":"HS256","alg":"none"}"#, good().to_string()));
}

/// Escapes spell the same names and values, and nothing else does.
#[test]
fn names_in_other_spellings() {
    let escaped = good().to_string().replace("\"exp\":", "\"\\u0065x\\u0070\":");
    taken([native(), flask()], &forge(&escaped));
    let expired = good_with("exp", NOW - 1.0).replace("\"exp\":", "\"\\u0065x\\u0070\":");
    both(expired, Err(TokenExpired), Err(TokenExpired));
    // Cyrillic, full width, upper case, an invisible letter: other names, so there is no `type`.
    for name in ["typ\u{435}", "\u{ff54}ype", "Type", "TYPE", "type\u{200b}", "type ", "t\u{0}ype"]
    {
        let mut claims = good();
        let kind = claims.as_object_mut().unwrap().remove("type").unwrap();
        claims[name] = kind;
        both(claims.to_string(), Err(WrongTokenType), Ok(()));
    }
}

#[test]
fn bombs_of_depth_length_and_number() {
    let nested = |open: &str, close: &str, depth: usize| {
        let mut text = good_with("x", "HERE");
        let bomb = format!("{}{}", open.repeat(depth), close.repeat(depth));
        text = text.replace("\"HERE\"", &bomb);
        text
    };
    let large = |config: ConfigBuilder| config.max_token_size(1 << 20);
    for payload in [
        nested("[", "]", 100_000),
        nested("{\"a\":", "}", 1000).replace(":}", ":1}"),
        nested("[", "", 100_000),
        "[".repeat(100_000),
    ] {
        assert_eq!(says(large(native()), &payload), Err(MalformedToken));
        assert_eq!(says(large(flask()), &payload), Err(MalformedToken));
    }
    for header in ["[".repeat(10_000), format!(r#"{{"alg":"HS256","x":{}"#, "[".repeat(10_000))] {
        let token = forge_with(header, good().to_string());
        refused([large(native()), large(flask())], &token);
    }
    for number in ["1e400", "-1e400", "1e99999999999999999999", &"9".repeat(5000)] {
        let payload = good().to_string().replace("1700000900", number);
        assert!(says(native(), payload).is_err(), "{number}");
    }
    assert_eq!(says(native(), good_with("x", "y".repeat(100_000))), Err(TokenTooLarge));
}

#[test]
fn dates_at_the_ends_of_time() {
    for (name, value, answer) in [
        ("exp", json!(1e300), Ok(())),
        ("exp", json!(u64::MAX), Ok(())),
        ("exp", json!(-1), Err(TokenExpired)),
        ("exp", json!(0), Err(TokenExpired)),
        ("exp", json!(-1e300), Err(TokenExpired)),
        ("exp", json!(i64::MIN), Err(TokenExpired)),
        ("nbf", json!(1e300), Err(NotYetValid)),
        ("nbf", json!(u64::MAX), Err(NotYetValid)),
        ("nbf", json!(-1e300), Ok(())),
        ("iat", json!(1e300), Err(IssuedInTheFuture)),
        ("iat", json!(-1), Ok(())),
    ] {
        both(good_with(name, value), answer, answer);
    }
    // With a fraction, to the moment.
    both(good_with("exp", NOW + 0.5), Ok(()), Err(TokenExpired));
    both(good_with("exp", NOW), Err(TokenExpired), Err(TokenExpired));
}

#[test]
fn audiences_that_only_look_like_ours() {
    let ours = "https://api.example";
    for audience in [
        json!("https://api.example.evil"),
        json!("https://api.exampl"),
        json!("https://API.example"),
        json!(["https://api.example "]),
        json!([["https://api.example"]]),
        json!({"0": ours}),
        json!([{"aud": ours}]),
        json!([ours, 1]),
        json!([]),
        json!([""]),
        json!(""),
        json!(null),
        json!(true),
        json!("https://other.example https://api.example"),
        json!("https://other.example,https://api.example"),
    ] {
        for config in [native(), flask()] {
            let answer = says(config.decode_audience([ours]), good_with("aud", audience.clone()));
            assert!(answer.is_err(), "{audience}");
        }
        // RFC 7519 section 4.1.3: who expects none is not meant by any.
        assert!(says(native(), good_with("aud", audience.clone())).is_err(), "{audience}");
    }
    for audience in [json!(ours), json!(["other", ours])] {
        for config in [native(), flask()] {
            let answer = says(config.decode_audience([ours]), good_with("aud", audience.clone()));
            assert_eq!(answer, Ok(()), "{audience}");
        }
    }
}

#[test]
fn identities_of_other_types() {
    for sub in [json!(1), json!(true), json!(null), json!(["anna"]), json!({"id": "anna"})] {
        for config in [native(), flask()] {
            assert_eq!(says(config, good_with("sub", sub.clone())), Err(InvalidSubject), "{sub}");
        }
    }
    // One that may be anything is known by one text, in which a string and a number differ.
    let lax = || native().verify_sub(false);
    let identity = |sub: Value| {
        let token = forge(good_with("sub", sub));
        check(&engine(lax()), &token, &Policy::required()).unwrap().identity().to_owned()
    };
    assert_eq!(identity(json!({"b": 1, "a": 2})), r#"{"a":2,"b":1}"#);
    assert_ne!(identity(json!(["anna"])), identity(json!("anna")));
}

/// One kind of token for another: what was made for refreshing must not open doors, and the reverse.
#[test]
fn a_token_of_one_kind_in_place_of_another() {
    let (access, refresh) = (Policy::required(), Policy::required().refresh());
    for (kind, as_access, as_refresh) in [
        (json!("access"), true, false),
        (json!("refresh"), false, true),
        (json!("Refresh"), false, false),
        (json!("refresh "), false, false),
        (json!("refresh\u{0}"), false, false),
        (json!("id"), false, false),
        (json!(""), false, false),
        (json!(["refresh"]), false, false),
        (json!(null), false, false),
    ] {
        let token = forge(good_with("type", kind.clone()));
        assert_eq!(says_to_token(native(), &token, &access).is_ok(), as_access, "{kind}");
        assert_eq!(says_to_token(native(), &token, &refresh).is_ok(), as_refresh, "{kind}");
        // What else is an access token to Flask-JWT-Extended is never a refresh token.
        assert_eq!(says_to_token(flask(), &token, &refresh).is_ok(), as_refresh, "{kind}");
    }
}

/// RFC 8725 section 3.7: UTF-8, and nothing else.
#[test]
fn text_that_is_no_utf_8() {
    let text = good().to_string();
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let in_text = |bytes: &[u8]| {
        let (begin, end) = text.split_once("anna").unwrap();
        [begin.as_bytes(), bytes, end.as_bytes()].concat()
    };
    for payload in [
        utf_16,
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        in_text(b"\xff"),
        in_text(b"\xc0\xae"),
        in_text(b"\xed\xa0\x80"),
        in_text(b"\\ud800"),
        in_text(b"\0"),
        in_text(b"\n"),
    ] {
        both(payload, Err(MalformedToken), Err(MalformedToken));
    }
}
