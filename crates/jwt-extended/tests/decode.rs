//! What a caller learns from `JwtEngine::decode`, whatever its clock.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use jwt_extended::{DecodeOptions, ErrorKind, Timestamp};
use support::*;

#[test]
fn a_token_is_judged_as_of_the_moment_that_is_handed_in() {
    let token = forge(good().to_string());
    let at = |now| {
        let options = DecodeOptions::default().at(Timestamp::from_seconds(now));
        engine(native()).decode(&token, &options).map_err(|error| error.kind())
    };
    assert!(at(NOW).is_ok());
    assert!(at(NOW + 899.9).is_ok());
    assert_eq!(at(NOW + 900.0).unwrap_err(), ErrorKind::TokenExpired);
    assert_eq!(at(NOW - 1.0).unwrap_err(), ErrorKind::IssuedInTheFuture);
}

#[test]
fn an_error_about_a_claim_names_it() {
    let claim = |config, payload: String| {
        let error = engine(config).decode(&forge(payload), &DecodeOptions::default()).unwrap_err();
        error.claim().map(str::to_owned)
    };
    for name in ["iat", "nbf", "exp"] {
        assert_eq!(claim(native(), good_with(name, "soon")).as_deref(), Some(name));
        assert_eq!(claim(flask(), good_with(name, "soon")).as_deref(), Some(name));
    }
    assert_eq!(claim(flask().identity_claim("user"), good().to_string()).as_deref(), Some("user"));
    assert_eq!(claim(native().decode_issuer("a"), good().to_string()).as_deref(), Some("iss"));
    assert_eq!(claim(native(), good_with("exp", 1)), None);
}

#[test]
fn header_and_claims_come_as_they_were_signed() {
    let header = r#"{"typ":"JWT", "alg":"HS256"}"#;
    let payload = format!(" {}", good());
    let token = forge_with(header, &payload);
    let decoded = engine(native()).decode(&token, &DecodeOptions::default()).unwrap();
    assert_eq!(decoded.header_json(), header.as_bytes());
    assert_eq!(decoded.header_segment(), token.split('.').next().unwrap());
    assert_eq!(decoded.claims_json(), payload);
}
