//! Tokens of any form: no engine panics, and whatever is let in holds what was promised.
//!
//! The first byte says what the input is:
//!
//! - `S`: the next byte chooses a key; then a header, a line end, and a payload, to be signed.
//! - `M`: the next byte chooses a good token; then edits of it, three bytes each.
//! - anything else: a token as it is.
#![no_main]

use std::collections::HashSet;
use std::sync::LazyLock;

use jwt_extended::{
    Algorithm, Config, DecodeOptions, JwtEngine, Keyring, Policy, SigningKey, Verdict,
    VerifiedToken, VerifyingKey, jws,
};
use jwt_extended_fuzz::{
    NOW, check_error, engine, is_signed_by_one_of, keyring, keys, names, signed,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

/// The same expectations in both presets.
struct Pair {
    native: JwtEngine,
    flask: JwtEngine,
    leeway: f64,
}

struct World {
    keys: Vec<SigningKey>,
    ring: Keyring,
    checks: Vec<VerifyingKey>,
    pairs: Vec<Pair>,
    tokens: Vec<String>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    type Setup = fn(jwt_extended::ConfigBuilder) -> jwt_extended::ConfigBuilder;
    let setups: [(Setup, f64); 3] = [
        (|c| c, 0.0),
        (
            |c| {
                c.encode_issuer("https://issuer.example")
                    .decode_issuer(["https://issuer.example", "other"])
                    .encode_audience(["api", "web"])
                    .decode_audience(["api"])
                    .decode_leeway(std::time::Duration::from_millis(1500))
            },
            1.5,
        ),
        (|c| c.identity_claim("user").verify_sub(false).manager_name("admin"), 0.0),
    ];
    let pairs: Vec<_> = setups
        .into_iter()
        .map(|(setup, leeway)| Pair {
            native: engine(setup(Config::builder().keyring(keyring()))),
            flask: engine(setup(Config::flask().keyring(keyring()))),
            leeway,
        })
        .collect();
    let tokens = pairs
        .iter()
        .flat_map(|pair| [&pair.native, &pair.flask])
        .flat_map(|engine| {
            let pair = engine.create_token_pair("anna").fresh(true).claim("role", "admin");
            let pair = pair.encode().expect("tokens");
            [String::from(pair.access_token), pair.refresh_token.into()]
        })
        .collect();
    let ring = keyring();
    let checks = ring.verifying_keys().to_vec();
    World { keys: keys().to_vec(), ring, checks, pairs, tokens }
});

fuzz_target!(|data: &[u8]| {
    let world = &*WORLD;
    match data {
        [b'S', key, rest @ ..] => {
            let key = &world.keys[usize::from(*key) % world.keys.len()];
            let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let (header, payload) = rest.split_at(end);
            check(world, &signed(key, header, payload.get(1..).unwrap_or_default()));
        }
        [b'M', token, edits @ ..] => {
            let mut token =
                world.tokens[usize::from(*token) % world.tokens.len()].clone().into_bytes();
            for edit in edits.chunks_exact(3) {
                let place = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % token.len();
                token[place] = edit[2];
            }
            check(world, &String::from_utf8_lossy(&token));
        }
        token => check(world, &String::from_utf8_lossy(token)),
    }
});

fn check(world: &World, token: &str) {
    for pair in &world.pairs {
        let engines = [&pair.native, &pair.flask];
        let [native, flask] = engines.map(|engine| {
            let result = engine.decode(token, &DecodeOptions::default());
            match result {
                Ok(verified) => Some(Accepted::check(world, pair, engine, token, &verified)),
                Err(error) => {
                    assert!(engine.check_token(token, &Policy::required()).is_err());
                    check_error(&error, &engines);
                    None
                }
            }
        });
        if let Some(native) = native {
            native.is_strict(&pair.native);
            let jws = jws::verify(token.as_bytes(), &world.ring, native.algorithm).expect("a JWS");
            assert_eq!(native.claims, object(&jws.payload));
            // Python cuts `exp` to whole seconds.
            let cut = native.claims.get("exp").and_then(Value::as_f64).unwrap_or(NOW + 2.0);
            assert!(flask.is_some() || cut.trunc() <= NOW - pair.leeway, "only strictness differs");
        }
        // What is laxer lets in no less.
        for engine in engines {
            if engine.decode(token, &DecodeOptions::default()).is_ok() {
                let lax = DecodeOptions::default().allow_expired();
                assert!(engine.decode(token, &lax).is_ok());
            }
        }
    }
}

/// A token that was let in.
struct Accepted {
    algorithm: Algorithm,
    claims: Map<String, Value>,
    payload: Vec<u8>,
}

impl Accepted {
    fn check(
        world: &World,
        pair: &Pair,
        engine: &JwtEngine,
        token: &str,
        verified: &VerifiedToken,
    ) -> Self {
        let is_native = std::ptr::eq(engine, &pair.native);
        let header: Map<String, Value> = verified.header().expect("the header is an object");
        let claims: Map<String, Value> = verified.claims().expect("the payload is an object");
        let algorithm = header["alg"].as_str().expect("`alg` is text").parse::<Algorithm>();
        let algorithm = algorithm.expect("`alg` is known");
        assert!(is_signed_by_one_of(&world.checks, algorithm, token));
        assert!(!header.contains_key("crit"));

        let date = |name: &str| match claims.get(name)? {
            Value::Number(number) if is_native => number.as_f64(),
            Value::Number(number) => number.as_f64().map(f64::trunc),
            Value::Bool(value) if !is_native => Some(f64::from(u8::from(*value))),
            Value::String(text) if !is_native => text.trim().parse().ok(),
            other => panic!("{name} is no date: {other}"),
        };
        assert!(date("exp").is_none_or(|exp| exp > NOW - pair.leeway));
        assert!(date("nbf").is_none_or(|nbf| nbf <= NOW + pair.leeway));
        assert!(date("iat").is_none_or(|iat| iat <= NOW + pair.leeway));

        let settings = engine.config();
        if !settings.decode_issuer.is_empty() {
            assert!(settings.decode_issuer.iter().any(|issuer| claims["iss"] == **issuer));
        }
        if let [audience] = settings.decode_audience.as_slice() {
            let fits = match &claims["aud"] {
                Value::Array(audiences) => audiences.iter().any(|a| a == audience),
                one => one == audience,
            };
            assert!(fits);
        }
        assert_eq!(
            claims.get("mgr").map(|name| name.as_str().expect("`mgr` is text")),
            settings.manager_name.as_deref()
        );
        readings_agree(engine, verified, &claims);
        policies(engine, token, verified, &claims);

        let payload = token.split('.').nth(1).unwrap_or_default().trim_end_matches('=');
        let payload = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload).expect("base64url");
        Self { algorithm, claims, payload }
    }

    /// What the Flask preset does not ask for.
    fn is_strict(&self, engine: &JwtEngine) {
        const REGISTERED: [&str; 13] = [
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
        ];
        let mut seen = HashSet::new();
        for name in names(&self.payload) {
            assert!(!REGISTERED.contains(&name.as_str()) || seen.insert(name));
        }
        if engine.config().decode_audience.is_empty() {
            assert!(!self.claims.contains_key("aud"));
        }
        for name in ["iss", "type", "csrf", "sid", "jti"] {
            assert!(self.claims.get(name).is_none_or(Value::is_string), "{name}");
        }
    }
}

/// The token's methods say what stands in its payload.
fn readings_agree(engine: &JwtEngine, token: &VerifiedToken, claims: &Map<String, Value>) {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    assert_eq!(token.jti(), text("jti"));
    assert_eq!(token.csrf(), text("csrf"));
    assert_eq!(token.issuer(), text("iss"));
    assert_eq!(token.session_id(), text("sid"));
    assert_eq!(token.token_type(), text("type").unwrap_or("access"));
    let exp = claims.get("exp").and_then(Value::as_f64);
    assert_eq!(token.expires_at().map(|t| t.as_seconds()), exp);
    match &claims[&engine.config().identity_claim] {
        Value::String(text) => assert_eq!(token.identity(), text),
        other => {
            assert_eq!(serde_json::from_str::<Value>(token.identity()).ok().as_ref(), Some(other));
            assert_eq!(token.identity_as::<Value>().ok().as_ref(), Some(other));
        }
    }
    for (name, value) in claims {
        assert_eq!(token.claim::<Value>(name).expect("any value").as_ref(), Some(value));
    }
    assert_eq!(token.claim::<Value>("none").ok().flatten().as_ref(), claims.get("none"));
    assert_eq!(format!("{token:?}").find("anna"), None);
}

/// Each policy lets in what it should, and the token that comes out is the one that went in.
fn policies(engine: &JwtEngine, token: &str, decoded: &VerifiedToken, claims: &Map<String, Value>) {
    let strict = engine.config().strict_token_type;
    let kind = claims.get("type").and_then(Value::as_str);
    let is_access = if strict { kind == Some("access") } else { kind != Some("refresh") };
    let is_refresh = kind == Some("refresh");
    let is_fresh = match claims.get("fresh") {
        Some(Value::Bool(fresh)) => *fresh,
        Some(Value::Number(until)) => until.as_f64().is_some_and(|until| until >= NOW),
        _ => false,
    };
    for (policy, expected) in [
        (Policy::required(), is_access),
        (Policy::required().fresh(), is_access && is_fresh),
        (Policy::required().refresh(), is_refresh),
        (Policy::required().any_type(), true),
        (Policy::required().any_type().skip_revocation(), true),
    ] {
        let verdict = engine.check_token(token, &policy);
        assert_eq!(verdict.is_ok(), expected, "{policy:?} {claims:?}");
        let verified = match verdict {
            Ok(Verdict::Done(verified)) => verified,
            Ok(Verdict::Pending(pending)) => {
                let is_named = decoded.jti().is_some() || !engine.config().require_jti;
                assert_eq!(pending.question().is_ok(), is_named);
                pending.without_store()
            }
            Err(error) => {
                check_error(&error, &[engine]);
                continue;
            }
        };
        assert_eq!(verified.claims::<Map<String, Value>>().ok().as_ref(), Some(claims));
    }
}

fn object(json: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(json).expect("an object")
}
