//! What once went wrong, found by the fuzz targets.
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
