//! What the fuzz targets share: engines whose time and randomness stand still, so that a finding can
//! be repeated.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use jwt_extended::config::ConfigBuilder;
use jwt_extended::{
    Algorithm, AuthError, Config, JwtEngine, Keyring, ManualClock, Random, RandomUnavailable,
    SigningKey, Timestamp, VerifyingKey, answer,
};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// What every engine's clock shows.
pub const NOW: f64 = 1_700_000_000.0;

pub const SECRET: &str = "the-secret-of-the-fuzz-targets-!";
pub const OLD_SECRET: &str = "the-secret-they-had-before-that!";
pub const ED25519: &str = include_str!("../../conformance/keys/ed25519.pem");
pub const P256: &str = include_str!("../../conformance/keys/p256.pem");
pub const RSA: &str = include_str!("../../conformance/keys/rsa.pem");

/// The keys that the engines know. The first one signs.
pub fn keys() -> [SigningKey; 4] {
    let hmac = |secret: &str, kid: &str| {
        SigningKey::hmac(Algorithm::HS256, secret).expect("a good secret").with_kid(kid)
    };
    [
        hmac(SECRET, "now"),
        hmac(OLD_SECRET, "old"),
        SigningKey::from_pem(Algorithm::EdDSA, ED25519).expect("a good key").with_kid("ed"),
        // Without a name: tried for tokens of any `kid`.
        SigningKey::from_pem(Algorithm::ES256, P256).expect("a good key"),
    ]
}

/// A ring of [`keys`].
pub fn keyring() -> Keyring {
    let [first, others @ ..] = keys();
    others.iter().fold(Keyring::new(first), |ring, key| {
        ring.also_verify(key.verifying_key()).expect("keys of different names")
    })
}

/// Counts instead: every `jti` is another one, and the same in each run.
#[derive(Default)]
struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

/// An engine on the given configuration, at [`NOW`].
pub fn engine(config: ConfigBuilder) -> JwtEngine {
    let config: Config = config.build().expect("a good configuration");
    JwtEngine::new(config)
        .with_clock(ManualClock::at(Timestamp::from_seconds(NOW)))
        .with_random(Counting::default())
}

/// The compact JWS of these octets, whatever they are.
pub fn signed(key: &SigningKey, header: &[u8], payload: &[u8]) -> String {
    let encode = |bytes| base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes);
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign(message.as_bytes()).expect("a signature");
    format!("{message}.{}", encode(&signature))
}

/// Whether one of `keys` made the token's signature with `algorithm`: asked of the keys alone.
pub fn is_signed_by_one_of(keys: &[VerifyingKey], algorithm: Algorithm, token: &str) -> bool {
    let Some((message, signature)) = token.rsplit_once('.') else { return false };
    let Ok(signature) = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(signature.trim_end_matches('='))
    else {
        return false;
    };
    keys.iter().any(|key| key.verify(algorithm, message.as_bytes(), &signature))
}

/// What holds of every error: an answer can be made of it in either style, and it is the client's
/// fault.
pub fn check_error(error: &AuthError, engines: &[&JwtEngine]) {
    assert!((400..500).contains(&error.status()), "{error:?}");
    assert!(!error.code().is_empty() && !error.message().is_empty());
    assert_eq!(error.to_string(), error.message());
    for engine in engines {
        let answer = answer(error, engine.config());
        assert!((400..500).contains(&answer.status), "{error:?}");
        assert!(answer.body.contains_key("msg"));
        let challenge = answer.www_authenticate.unwrap_or_default();
        assert!(challenge.bytes().all(|b| (b' '..=b'~').contains(&b)), "{challenge:?}");
    }
    // Header and claims are there together, and objects.
    let header: Option<Map<String, Value>> = error.header();
    assert_eq!(header.is_some(), error.claims::<Map<String, Value>>().is_some());
}

/// The names in a JSON object, as often as they stand there.
pub fn names(json: &[u8]) -> Vec<String> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut names = Vec::new();
            while let Some((name, IgnoredAny)) = map.next_entry()? {
                names.push(name);
            }
            Ok(names)
        }
    }
    serde_json::Deserializer::from_slice(json).deserialize_map(Names).expect("an object")
}
