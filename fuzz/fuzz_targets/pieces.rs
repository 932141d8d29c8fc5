//! What is read apart from tokens and keys: segments of base64url, and what a store gives back of a pair
//! of tokens.
//!
//! - `B`: a segment. It is read as the crate `base64` reads it, and nothing else is.
//! - `R`: edits of a good successor, three bytes each.
//! - anything else: a successor as it is.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_extended::request::{find_cookie, find_query};
use jwt_extended::store::RotationOutcome;
use jwt_extended::{
    Algorithm, Config, DecodeOptions, JwtEngine, Keyring, SigningKey, VerifiedToken, jws,
};
use jwt_extended_fuzz::{NOW, SECRET, engine};
use libfuzzer_sys::fuzz_target;

struct World {
    engine: JwtEngine,
    refresh: VerifiedToken,
    successor: String,
    key: SigningKey,
    ring: Keyring,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let engine = engine(Config::builder().secret_key(SECRET).refresh_rotation(true));
    let pair = engine.create_token_pair("anna").encode().expect("tokens");
    let refresh =
        engine.decode(pair.refresh_token.as_str(), &DecodeOptions::default()).expect("a good one");
    let pending = engine.rotate(&refresh).prepare().expect("a refresh token");
    let successor = pending.question().successor.to_owned();
    let key = SigningKey::hmac(Algorithm::HS256, SECRET).expect("a good secret");
    World { ring: Keyring::new(key.clone()), engine, refresh, successor, key }
});

fuzz_target!(|data: &[u8]| {
    let world = &*WORLD;
    match data {
        [b'B', segment @ ..] => check_segment(world, segment),
        [b'R', edits @ ..] => {
            let mut successor = world.successor.clone().into_bytes();
            for edit in edits.chunks_exact(3) {
                let place = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % successor.len();
                successor[place] = edit[2];
            }
            check_successor(world, &String::from_utf8_lossy(&successor));
        }
        text => check_successor(world, &String::from_utf8_lossy(text)),
    }
    check_pairs_of_names(data);
});

fn check_segment(world: &World, segment: &[u8]) {
    let Ok(segment) = std::str::from_utf8(segment) else { return };
    let signed = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{segment}");
    let signature = world.key.sign(signed.as_bytes()).expect("a signature");
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let read = jws::verify(token.as_bytes(), &world.ring, Algorithm::HS256).map(|jws| jws.payload);
    let expected = URL_SAFE_NO_PAD.decode(segment);
    if token.len() <= 8192 {
        assert_eq!(read.ok(), expected.ok(), "{segment:?}");
    }
}

/// Who can write to a store gets no token that could not have been made, and no other one's.
fn check_successor(world: &World, successor: &str) {
    let pending = world.engine.rotate(&world.refresh).prepare().expect("a refresh token");
    let outcome = RotationOutcome::Repeated { successor: successor.to_owned() };
    let pair = match pending.answer(outcome) {
        Ok(pair) => pair,
        Err(error) => return assert_eq!(error.status(), 503, "{error}"),
    };
    assert!(successor.is_ascii() && successor.starts_with("1."));
    for token in [&pair.access_token, &pair.refresh_token] {
        let lax = DecodeOptions::default().allow_expired();
        let Ok(token) = world.engine.decode(token.as_str(), &lax) else {
            // It was made a moment ahead of this clock.
            let ahead = token.as_str().len();
            assert!(ahead > 0);
            continue;
        };
        assert_eq!(token.identity(), "anna");
        assert_eq!(token.session_id(), world.refresh.session_id());
        let end = token.expires_at().expect("tokens end").as_seconds();
        assert!(end <= NOW + 61.0 + 30.0 * 86_400.0, "{end}");
        assert!(!token.is_fresh_at(world.engine.now()));
    }
}

/// Cookies and query parameters are found, or they are not; and what is found stands there.
fn check_pairs_of_names(data: &[u8]) {
    let Some(line) = data.get(1..) else { return };
    if let Some(value) = find_cookie([line], "access_token_cookie") {
        let text = String::from_utf8_lossy(line);
        assert!(text.contains("access_token_cookie") && text.contains(&*value), "{text:?}");
        assert!(!value.contains(';'));
    }
    if let Ok(query) = std::str::from_utf8(line) {
        let _ = find_query(query, "jwt");
    }
}
