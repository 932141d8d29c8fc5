//! The rules of verification at their borders, in the order in which they are applied, and in both
//! presets.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use std::time::Duration;

use jwt_extended::ErrorKind::*;
use jwt_extended::{ConfigBuilder, DecodeOptions, Location, Policy};
use serde_json::{Value, json};
use support::*;

#[test]
fn rule_4_iat_and_nbf_have_come() {
    for (claim, kind) in [("iat", IssuedInTheFuture), ("nbf", NotYetValid)] {
        both(good_with(claim, NOW), Ok(()), Ok(()));
        both(good_with(claim, NOW - 1e9), Ok(()), Ok(()));
        both(good_with(claim, -1), Ok(()), Ok(()));
        both(good_with(claim, NOW + 1.0), Err(kind), Err(kind));
        both(good_with(claim, 1e300), Err(kind), Err(kind));
        both(good_without(claim), Ok(()), Ok(()));
        // PyJWT cuts to whole seconds.
        both(good_with(claim, NOW + 0.5), Err(kind), Ok(()));
        for config in [native(), flask()] {
            let lenient = config.decode_leeway(Duration::from_secs(10));
            assert_eq!(says(lenient.clone(), good_with(claim, NOW + 10.0)), Ok(()));
            assert_eq!(says(lenient, good_with(claim, NOW + 11.0)), Err(kind));
        }
    }
}

#[test]
fn rule_4_dates_are_numbers() {
    let wrong = Err(InvalidClaim);
    for claim in ["iat", "nbf", "exp"] {
        let date = if claim == "exp" { NOW + 900.0 } else { NOW };
        both(good_with(claim, format!(" {date} ")), wrong, Ok(()));
        for value in [json!(null), json!("soon"), json!([]), json!([NOW]), json!({})] {
            both(good_with(claim, value), wrong, wrong);
        }
    }
    both(good_with("iat", true), wrong, Ok(()));
    both(good_with("exp", true), wrong, Err(TokenExpired));
    both(good_with("exp", json!(u64::MAX)), Ok(()), Ok(()));
    let huge = good_without("exp").replacen('{', "{\"exp\":99999999999999999999999999,", 1);
    both(huge, Ok(()), Ok(()));
}

#[test]
fn rule_5_the_issuer() {
    let issuers = |config: ConfigBuilder| config.decode_issuer(["https://a", "https://b"]);
    for config in [native(), flask()] {
        for (issuer, answer) in [
            (json!("https://a"), Ok(())),
            (json!("https://b"), Ok(())),
            (json!("https://"), Err(InvalidIssuer)),
            (json!("https://a/"), Err(InvalidIssuer)),
            (json!("HTTPS://A"), Err(InvalidIssuer)),
            (json!(""), Err(InvalidIssuer)),
            (json!(null), Err(InvalidIssuer)),
            (json!(["https://a"]), Err(InvalidIssuer)),
            (json!(7), Err(InvalidIssuer)),
        ] {
            let payload = good_with("iss", issuer);
            assert_eq!(says(issuers(config.clone()), &payload), answer, "{payload}");
        }
        assert_eq!(says(issuers(config.clone()), good_without("iss")), Err(MissingClaim));
        assert_eq!(says(config, good_with("iss", "anybody")), Ok(()), "where none is asked for");
    }
    both(good_with("iss", 7), Err(InvalidClaim), Ok(()));
}

#[test]
fn rule_5_the_audience() {
    for config in [native(), flask()] {
        for (audience, answer) in [
            (json!("a"), Ok(())),
            (json!("b"), Ok(())),
            (json!(["x", "b"]), Ok(())),
            (json!("x"), Err(InvalidAudience)),
            (json!("ab"), Err(InvalidAudience)),
            (json!(["x", "y"]), Err(InvalidAudience)),
            (json!(["a", 1]), Err(InvalidAudience)),
            (json!({ "a": 1 }), Err(InvalidAudience)),
            (json!(7), Err(InvalidAudience)),
            (json!([]), Err(MissingClaim)),
            (json!(""), Err(MissingClaim)),
            (json!(null), Err(MissingClaim)),
        ] {
            let payload = good_with("aud", audience);
            let asked = config.clone().decode_audience(["a", "b"]);
            assert_eq!(says(asked, &payload), answer, "{payload}");
        }
        let asked = config.decode_audience(["a"]);
        assert_eq!(says(asked, good()["x"].to_string()), Err(MalformedToken));
    }
    assert_eq!(says(native().decode_audience(["a"]), good().to_string()), Err(MissingClaim));
    // RFC 7519 section 4.1.3, unlike upstream: a token for somebody is not for nobody.
    both(good_with("aud", "a"), Err(InvalidAudience), Ok(()));
    both(good_with("aud", json!([])), Err(InvalidAudience), Ok(()));
    let lax = native().reject_unexpected_audience(false);
    assert_eq!(says(lax, good_with("aud", "a")), Ok(()));
}

#[test]
fn rule_5_subject_and_token_id_are_texts() {
    for value in [json!(7), json!(null), json!(["anna"]), json!({ "id": 1 }), json!(true)] {
        both(good_with("sub", value.clone()), Err(InvalidSubject), Err(InvalidSubject));
        both(good_with("jti", value.clone()), Err(InvalidTokenId), Err(InvalidTokenId));
        for config in [native(), flask()] {
            let engine = engine(config.verify_sub(false));
            let token =
                check(&engine, &forge(good_with("sub", value.clone())), &Policy::required());
            assert_eq!(token.unwrap().identity(), value.to_string());
        }
    }
    both(good_with("sub", ""), Ok(()), Ok(()));
    both(good_without("sub"), Err(MissingClaim), Err(MissingClaim));
    for config in [native(), flask()] {
        let named = config.identity_claim("user");
        assert_eq!(says(named.clone(), good().to_string()), Err(MissingClaim));
        let token = forge(good_with("user", json!({ "id": 1 })));
        let token = check(&engine(named), &token, &Policy::required()).unwrap();
        assert_eq!(token.identity(), r#"{"id":1}"#);
        assert_eq!(token.identity_as::<Value>().unwrap(), json!({ "id": 1 }));
    }
}

#[test]
fn rule_5_the_types_of_the_other_registered_claims() {
    for name in ["type", "csrf", "sid", "mgr"] {
        assert_eq!(says(native(), good_with(name, 7)), Err(InvalidClaim), "{name}");
    }
    for (name, value) in
        [("fresh", json!("yes")), ("fresh", json!(null)), ("auth_time", json!("0"))]
    {
        both(good_with(name, value), Err(InvalidClaim), Ok(()));
    }
    both(good_with("type", 7), Err(InvalidClaim), Ok(()));
}

#[test]
fn rule_6_the_manager() {
    for config in [native(), flask()] {
        let named = config.clone().manager_name("admin");
        for (payload, plain, admin) in [
            (good().to_string(), Ok(()), Err(WrongManager)),
            (good_with("mgr", "admin"), Err(WrongManager), Ok(())),
            (good_with("mgr", "Admin"), Err(WrongManager), Err(WrongManager)),
            (good_with("mgr", ""), Err(WrongManager), Err(WrongManager)),
        ] {
            assert_eq!(says(config.clone(), &payload), plain, "{payload}");
            assert_eq!(says(named.clone(), &payload), admin, "{payload}");
        }
    }
    assert_eq!(says(flask(), good_with("mgr", json!(null))), Err(WrongManager));
}

#[test]
fn rule_7_the_csrf_value() {
    let asks = |csrf: Option<&'static str>, payload: &str| {
        let headers = [
            Some(("cookie", format!("access_token_cookie={}", forge(payload)))),
            csrf.map(|value| ("X-CSRF-TOKEN", value.to_owned())),
        ];
        let headers =
            headers.into_iter().flatten().map(|(name, value)| (name.into(), value.into()));
        let request = Request { method: "POST", headers: headers.collect(), ..Default::default() };
        [native(), flask()].map(|config| {
            let engine = engine(config.token_location([Location::Cookies]));
            let verdict = engine.check_request(&request, &Policy::required(), None);
            verdict.and_then(finish).map(|_| ()).map_err(|error| error.kind())
        })
    };
    let in_both = |answer| [answer, answer];
    let good = good().to_string();
    assert_eq!(asks(Some("c"), &good), in_both(Ok(())));
    for wrong in ["C", "cc", "d", " c"] {
        assert_eq!(asks(Some(wrong), &good), in_both(Err(CsrfMismatch)), "{wrong:?}");
    }
    assert_eq!(asks(Some(""), &good), in_both(Err(CsrfMissing)));
    assert_eq!(asks(None, &good), in_both(Err(CsrfMissing)));
    assert_eq!(asks(Some("c"), &good_without("csrf")), in_both(Err(MissingClaim)));
    assert_eq!(asks(Some("7"), &good_with("csrf", 7)), [Err(InvalidClaim), Err(CsrfMismatch)]);
    // Expired and wrong is wrong.
    assert_eq!(asks(Some("d"), &good_with("exp", 1)), in_both(Err(CsrfMismatch)));
    assert_eq!(asks(Some("c"), &good_with("exp", 1)), in_both(Err(TokenExpired)));

    let engine = engine(native());
    let decode = |value| engine.decode(&forge(&good), &DecodeOptions::default().csrf_value(value));
    assert!(decode("c").is_ok());
    assert_eq!(decode("d").unwrap_err().kind(), CsrfMismatch);
}

#[test]
fn rule_8_exp_has_not_come() {
    let expired = Err(TokenExpired);
    both(good_with("exp", NOW + 1.0), Ok(()), Ok(()));
    both(good_with("exp", NOW), expired, expired);
    both(good_with("exp", NOW - 0.5), expired, expired);
    both(good_with("exp", NOW + 0.5), Ok(()), expired);
    both(good_with("exp", -1), expired, expired);
    both(good_without("exp"), Ok(()), Ok(()));
    for config in [native(), flask()] {
        let lenient = config.clone().decode_leeway(Duration::from_secs(10));
        assert_eq!(says(lenient.clone(), good_with("exp", NOW - 9.0)), Ok(()));
        assert_eq!(says(lenient, good_with("exp", NOW - 10.0)), expired);
        let late = at(config, NOW + 899.75);
        assert!(check(&late, &forge(good().to_string()), &Policy::required()).is_ok());
        let old = DecodeOptions::default().allow_expired();
        assert!(late.decode(&forge(good_with("exp", 1)), &old).is_ok());
    }
    let error = check(&engine(native()), &forge(good_with("exp", 1)), &Policy::required());
    let error = error.unwrap_err();
    assert_eq!(error.claims::<Value>().unwrap()["sub"], "anna");
    assert_eq!(error.header::<Value>().unwrap()["alg"], "HS256");
}

#[test]
fn rule_9_the_type() {
    let says =
        |config, payload: &str, policy: &Policy| says_to_token(config, &forge(payload), policy);
    for (payload, [access, access_flask, refresh]) in [
        (good_with("type", "access"), [true, true, false]),
        (good_with("type", "refresh"), [false, false, true]),
        (good_with("type", "Access"), [false, true, false]),
        (good_with("type", "Refresh"), [false, true, false]),
        (good_with("type", ""), [false, true, false]),
        (good_without("type"), [false, true, false]),
    ] {
        let answer = |ok| if ok { Ok(()) } else { Err(WrongTokenType) };
        let refreshing = Policy::required().refresh();
        assert_eq!(says(native(), &payload, &Policy::required()), answer(access), "{payload}");
        assert_eq!(says(flask(), &payload, &Policy::required()), answer(access_flask), "{payload}");
        for config in [native(), flask()] {
            assert_eq!(says(config.clone(), &payload, &refreshing), answer(refresh), "{payload}");
            assert_eq!(says(config, &payload, &Policy::required().any_type()), Ok(()));
        }
    }
}

#[test]
fn rule_9_freshness() {
    for (fresh, answer) in [
        (json!(true), Ok(())),
        (json!(false), Err(FreshTokenRequired)),
        (json!(NOW), Ok(())),
        (json!(NOW + 0.5), Ok(())),
        (json!(NOW - 0.5), Err(FreshTokenRequired)),
        (json!(0), Err(FreshTokenRequired)),
    ] {
        let token = forge(good_with("fresh", fresh));
        for config in [native(), flask()] {
            assert_eq!(says_to_token(config.clone(), &token, &Policy::required().fresh()), answer);
            assert_eq!(says_to_token(config, &token, &Policy::required()), Ok(()));
        }
    }
    for payload in [good_without("fresh"), good_with("fresh", "yes")] {
        let answer = says_to_token(flask(), &forge(payload), &Policy::required().fresh());
        assert_eq!(answer, Err(FreshTokenRequired));
    }
}

#[test]
fn rule_10_a_token_without_a_name_cannot_be_looked_up() {
    both(good_without("jti"), Err(MissingClaim), Ok(()));
    let lax = native().require_jti(false);
    assert_eq!(says(lax, good_without("jti")), Ok(()));
    let skipping = Policy::required().skip_revocation();
    assert_eq!(says_to_token(native(), &forge(good_without("jti")), &skipping), Ok(()));
}

/// Of several things that are wrong, the first in the order of the rules is told.
#[test]
fn the_order_of_the_rules() {
    let mut claims = good();
    for (name, wrong) in [
        ("fresh", json!(0)),
        ("type", json!("refresh")),
        ("exp", json!(1)),
        ("mgr", json!("x")),
        ("sub", json!(7)),
        ("aud", json!("x")),
        ("nbf", json!(NOW + 9.0)),
        ("iat", json!(NOW + 9.0)),
    ] {
        claims[name] = wrong;
    }
    for (kind, name, right) in [
        (IssuedInTheFuture, "iat", json!(NOW)),
        (NotYetValid, "nbf", json!(NOW)),
        (InvalidAudience, "aud", json!("me")),
        (InvalidSubject, "sub", json!("anna")),
        (WrongManager, "mgr", json!("admin")),
        (TokenExpired, "exp", json!(NOW + 9.0)),
        (WrongTokenType, "type", json!("access")),
        (FreshTokenRequired, "fresh", json!(true)),
    ] {
        for config in [native(), flask()] {
            let config = config.decode_audience(["me"]).manager_name("admin");
            let token = forge(claims.to_string());
            assert_eq!(says_to_token(config, &token, &Policy::required().fresh()), Err(kind));
        }
        claims[name] = right;
    }
    let config = native().decode_audience(["me"]).manager_name("admin");
    assert_eq!(
        says_to_token(config, &forge(claims.to_string()), &Policy::required().fresh()),
        Ok(())
    );
}
