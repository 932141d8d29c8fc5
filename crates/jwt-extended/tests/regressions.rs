//! What once went wrong, found by the fuzz targets or in reviews.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use jwt_extended::{DecodeOptions, ErrorKind};
use support::{engine, flask, forge, good_with, native};

/// `serde_json` hands numbers over as maps of this shape where its `arbitrary_precision` is on.
#[test]
fn an_object_that_looks_like_a_number_is_none() {
    for name in ["exp", "nbf", "iat", "fresh"] {
        for digits in ["1700000900", "1", "x", "1e999"] {
            let value = serde_json::json!({ "$serde_json::private::Number": digits });
            let token = forge(good_with(name, value));
            let error = engine(native()).decode(&token, &DecodeOptions::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidClaim, "{name} {digits}");
            let lax = engine(flask()).decode(&token, &DecodeOptions::default());
            assert_eq!(lax.is_ok(), name == "fresh", "{name} {digits}: as `PyJWT`");
        }
    }
}

/// `serde_json` reads the text in an object of this shape as JSON once more, where it makes a `Value`:
/// two identities would become one, and claims be others than were signed.
#[test]
fn a_text_that_the_parser_would_read_again_is_refused() {
    let hidden = |text: &str| serde_json::json!({ "$serde_json::private::RawValue": text });
    let objects = || native().verify_sub(false);
    for (name, value) in [
        ("sub", hidden("\"admin\"")),
        ("sub", hidden("x")),
        ("sub", serde_json::json!({ "id": hidden("1") })),
        ("role", hidden("\"admin\"")),
        ("roles", serde_json::json!([hidden("\"admin\"")])),
        ("$serde_json::private::RawValue", "{\"role\":\"admin\"}".into()),
    ] {
        let token = forge(good_with(name, value));
        for config in [objects(), flask().verify_sub(false)] {
            let error = engine(config).decode(&token, &DecodeOptions::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MalformedToken, "{name}");
        }
    }
    let object = forge(good_with("sub", serde_json::json!({ "id": 1 })));
    assert!(engine(objects()).decode(&object, &DecodeOptions::default()).is_ok());
}
