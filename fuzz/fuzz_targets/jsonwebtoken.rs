//! The same token, key and rules, here and in the crate `jsonwebtoken`: where the two disagree, it is for
//! one of the reasons listed below, or it is a finding.
//!
//! The first byte chooses a key. Then, as in `verify`: `S`, a header, a line end and a payload, to be
//! signed; or a token as it is.
#![no_main]

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{DecodingKey, Validation};
use jwt_extended::config::ConfigBuilder;
use jwt_extended::{
    Algorithm, Config, DecodeOptions, ErrorKind, JwtEngine, Keyring, SigningKey, jws,
};
use jwt_extended_fuzz::{ED25519, P256, RSA, SECRET, signed};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

struct Pair {
    key: SigningKey,
    ring: Keyring,
    algorithm: Algorithm,
    /// Without and with expected issuers and audiences.
    ours: [JwtEngine; 2],
    theirs: [Validation; 2],
    their_key: DecodingKey,
}

const ISSUERS: [&str; 2] = ["https://issuer.example", "other"];
const AUDIENCES: [&str; 2] = ["api", "web"];

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    use jsonwebtoken::Algorithm as Theirs;
    let hmac = SigningKey::hmac(Algorithm::HS256, SECRET).expect("a good secret");
    let pem = |algorithm, text| SigningKey::from_pem(algorithm, text).expect("a good key");
    [
        (Theirs::HS256, hmac),
        (Theirs::ES256, pem(Algorithm::ES256, P256)),
        (Theirs::EdDSA, pem(Algorithm::EdDSA, ED25519)),
        (Theirs::RS256, pem(Algorithm::RS256, RSA)),
        (Theirs::PS256, pem(Algorithm::PS256, RSA)),
    ]
    .map(|(their_algorithm, key)| {
        let ring = Keyring::new(key.clone());
        let lax = |config: ConfigBuilder| config.keyring(ring.clone());
        let strict =
            |config: ConfigBuilder| lax(config).decode_issuer(ISSUERS).decode_audience(AUDIENCES);
        let engine = |config: ConfigBuilder| JwtEngine::new(config.build().expect("a good one"));
        let mut plain = Validation::new(their_algorithm);
        plain.leeway = 0;
        plain.validate_nbf = true;
        plain.set_required_spec_claims::<&str>(&[]);
        let mut expecting = plain.clone();
        expecting.set_issuer(&ISSUERS);
        expecting.set_audience(&AUDIENCES);
        expecting.set_required_spec_claims(&["iss", "aud"]);
        let their_key = match key.verifying_key().public_key() {
            None => DecodingKey::from_secret(SECRET.as_bytes()),
            Some(public) => {
                let jwk = serde_json::from_str(&public.to_jwk()).expect("a JWK");
                DecodingKey::from_jwk(&jwk).expect("a good key")
            }
        };
        Pair {
            algorithm: key.algorithm(),
            ours: [engine(lax(Config::builder())), engine(strict(Config::builder()))],
            theirs: [plain, expecting],
            their_key,
            ring,
            key,
        }
    })
    .into()
});

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let pair = &PAIRS[usize::from(*choice) % PAIRS.len()];
    let token = match rest {
        [b'S', rest @ ..] => {
            let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let (header, payload) = rest.split_at(end);
            signed(&pair.key, header, payload.get(1..).unwrap_or_default())
        }
        token => String::from_utf8_lossy(token).into_owned(),
    };
    for (ours, theirs) in pair.ours.iter().zip(&pair.theirs) {
        compare(pair, ours, theirs, &token);
    }
});

fn compare(pair: &Pair, ours: &JwtEngine, theirs: &Validation, token: &str) {
    let our_answer = ours.decode(token, &DecodeOptions::default());
    let their_answer = jsonwebtoken::decode::<Map<String, Value>>(token, &pair.their_key, theirs);
    match (&our_answer, &their_answer) {
        (Ok(ours), Ok(theirs)) => {
            let claims: Map<String, Value> = ours.claims().expect("an object");
            assert_eq!(claims, theirs.claims, "the same token says the same");
        }
        (Err(_), Err(_)) => {}
        (Ok(_), Err(error)) => {
            let parts = Parts::of(token).expect("it was let in");
            assert!(they_are_stricter(&parts), "let in here alone: {error:?}\n{token}\n{parts:?}");
        }
        (Err(error), Ok(_)) => {
            let kind = error.kind();
            assert_ne!(kind, ErrorKind::InvalidSignature, "{token}");
            assert!(jws_agrees(pair, token, kind), "{kind:?}\n{token}");
            let parts = Parts::of(token).expect("they let it in");
            assert!(
                we_are_stricter(&parts, kind),
                "let in there alone: {kind:?}\n{token}\n{parts:?}"
            );
        }
    }
}

/// Form and signature are a matter of their own; what the claims say changes nothing about them.
fn jws_agrees(pair: &Pair, token: &str, kind: ErrorKind) -> bool {
    let form = matches!(
        kind,
        ErrorKind::MalformedToken | ErrorKind::UnsupportedCritical | ErrorKind::TokenTooLarge
    );
    jws::verify(token.as_bytes(), &pair.ring, pair.algorithm).is_ok() || form
}

/// Why a token that `jsonwebtoken` refuses is let in here.
fn they_are_stricter(parts: &Parts) -> bool {
    let claim = |name: &str| parts.payload.get(name).unwrap_or(&Value::Null);
    // 1. They read every registered header parameter into a type of its own, we those that we use.
    let header = parts.header.iter().any(|(name, value)| {
        let used = matches!(name.as_str(), "alg" | "kid" | "crit" | "b64");
        !used && !(name == "typ" && value.is_string())
    });
    // 2. Their dates are unsigned 64-bit integers, ours any JSON number (RFC 7519 section 2).
    let odd = |name: &str| {
        claim(name).as_f64().is_some_and(|date| !(0.0..=u64::MAX as f64 / 2.0).contains(&date))
    };
    // 3. They round a date with a fraction.
    let near = ["exp", "nbf"].iter().any(|name| parts.is_near_now(name));
    header || odd("exp") || odd("nbf") || near
}

/// Why a token that `jsonwebtoken` lets in is refused here.
fn we_are_stricter(parts: &Parts, kind: ErrorKind) -> bool {
    let is_no_text = |name: &str| parts.payload.get(name).is_some_and(|value| !value.is_string());
    match kind {
        // 1. `crit` and `b64` are unknown to them.
        ErrorKind::UnsupportedCritical => {
            parts.header.contains_key("crit") || parts.header.contains_key("b64")
        }
        // 2. So is a bound on length.
        ErrorKind::TokenTooLarge => parts.length > 8192,
        // 3. They take the last one of two names, any depth, and a `b64` of any type.
        ErrorKind::MalformedToken => {
            parts.has_doubles
                || parts.depth > 100
                || parts.header.get("b64").is_some_and(|b64| !b64.is_boolean())
                // A header whose `kid` is null has none to them.
                || parts.header.get("kid").is_some_and(Value::is_null)
        }
        // 4. They do not look at `iat`.
        ErrorKind::IssuedInTheFuture => parts.payload.contains_key("iat"),
        // 5. They look at `sub` only where a value is expected, and at neither `jti` nor the names that
        //    mean something to us alone.
        ErrorKind::InvalidSubject => is_no_text("sub"),
        ErrorKind::InvalidTokenId => is_no_text("jti"),
        ErrorKind::WrongManager => parts.payload.contains_key("mgr"),
        ErrorKind::InvalidClaim => {
            let is =
                |name: &str, fits: fn(&Value) -> bool| parts.payload.get(name).is_none_or(fits);
            ["iss", "aud", "type", "csrf", "sid", "mgr"].into_iter().any(is_no_text)
                || ["auth_time", "iat", "exp", "nbf"].iter().any(|name| !is(name, Value::is_number))
                || !is("fresh", Value::is_boolean)
        }
        // 6. A token is somebody's here.
        ErrorKind::MissingClaim => {
            !parts.payload.contains_key("sub")
                || parts.payload.get("aud").is_some_and(|aud| aud == "" || aud.is_null())
        }
        // 7. To them an audience of a wrong type, of null or of an empty list is none, and a list of
        //    issuers is an issuer.
        ErrorKind::InvalidAudience => parts.payload.get("aud").is_some_and(|aud| !aud.is_string()),
        ErrorKind::InvalidIssuer => is_no_text("iss"),
        // 8. To them a token lives through the second in which it ends, and dates are rounded.
        ErrorKind::TokenExpired => parts.is_near_now("exp"),
        ErrorKind::NotYetValid => parts.is_near_now("nbf"),
        _ => false,
    }
}

#[derive(Debug)]
struct Parts {
    header: Map<String, Value>,
    payload: Map<String, Value>,
    has_doubles: bool,
    depth: usize,
    length: usize,
}

impl Parts {
    fn of(token: &str) -> Option<Self> {
        let mut segments = token
            .split('.')
            .map(|segment| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(segment).ok());
        let (header, payload) = (segments.next()??, segments.next()??);
        let texts = [&header, &payload].map(|json| String::from_utf8_lossy(json).into_owned());
        Some(Self {
            header: serde_json::from_slice(&header).ok()?,
            payload: serde_json::from_slice(&payload).ok()?,
            has_doubles: [&header, &payload].into_iter().any(|json| has_doubles(json)),
            depth: texts.iter().map(|text| text.matches(['[', '{']).count()).max()?,
            length: token.len(),
        })
    }

    fn is_near_now(&self, name: &str) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
        let date = self.payload.get(name).and_then(Value::as_f64);
        date.is_some_and(|date| (date - now).abs() < 10.0)
    }
}

/// Whether a name stands twice in the object itself.
fn has_doubles(json: &[u8]) -> bool {
    let names = jwt_extended_fuzz::names(json);
    let distinct: HashSet<_> = names.iter().collect();
    distinct.len() < names.len()
}
