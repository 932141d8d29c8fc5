//! What must hold for any input: round trips, one spelling of each token, no panic, no confusion of
//! tokens that are meant for different things.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use jwt_extended::config::OPTIONS;
use jwt_extended::request::{find_cookie, find_query};
use jwt_extended::{
    Algorithm, Config, ConfigBuilder, CookieOptions, DecodeOptions, Freshness, JwtEngine, Keyring,
    Location, Policy, SigningKey, VerifyingKey, jws,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::*;

static ENGINES: LazyLock<[JwtEngine; 2]> = LazyLock::new(|| [engine(native()), engine(flask())]);

/// Engines that find tokens everywhere.
static EVERYWHERE: LazyLock<[JwtEngine; 3]> = LazyLock::new(|| {
    let all = [Location::Headers, Location::Cookies, Location::QueryString, Location::Json];
    let bare = native().header_type("").query_string_value_prefix("Bearer ");
    [native(), flask(), bare].map(|config| engine(config.token_location(all)))
});

/// One key of each kind, and a token that it signed.
static SIGNED: LazyLock<Vec<(JwtEngine, String)>> = LazyLock::new(|| {
    let keys = [
        SigningKey::hmac(Algorithm::HS256, SECRET).unwrap(),
        SigningKey::from_pem(Algorithm::ES256, include_str!("../../../conformance/keys/p256.pem"))
            .unwrap(),
        SigningKey::from_pem(
            Algorithm::EdDSA,
            include_str!("../../../conformance/keys/ed25519.pem"),
        )
        .unwrap(),
    ];
    let engines = keys.into_iter().flat_map(|key| {
        [Config::builder(), Config::flask()].map(|b| engine(b.keyring(Keyring::new(key.clone()))))
    });
    engines
        .map(|engine| {
            let token = engine.create_access_token("anna").claim("role", "admin").encode().unwrap();
            assert!(check(&engine, token.as_str(), &Policy::required()).is_ok());
            (engine, token.into())
        })
        .collect()
});

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Claims of an application's own: any names but the library's.
fn own_claims() -> impl Strategy<Value = BTreeMap<String, Value>> {
    prop::collection::btree_map("my_.*", json_value(), 0..5)
}

/// Whether every engine refuses this text.
fn refused_everywhere(text: &str) -> bool {
    let engines = ENGINES.iter().chain(SIGNED.iter().map(|(engine, _)| engine));
    engines
        .map(|engine| engine.decode(text, &DecodeOptions::default()))
        .all(|result| result.is_err())
}

type Make = fn(ConfigBuilder, &str) -> ConfigBuilder;

proptest! {
    #[test]
    fn tokens_round_trip(
        identity in any::<String>(),
        claims in own_claims(),
        headers in own_claims(),
        seconds in 1..900u64,
        fresh in any::<bool>(),
    ) {
        for engine in &*ENGINES {
            let builder = engine
                .create_access_token(identity.as_str())
                .claims(&claims)
                .fresh(fresh)
                .expires_in(Duration::from_secs(seconds));
            let builder = headers.iter().fold(builder, |b, (name, value)| b.header(name, value));
            let encoded = builder.encode().unwrap();
            let token = check(engine, encoded.as_str(), &Policy::required()).unwrap();
            prop_assert_eq!(token.identity(), &identity);
            prop_assert_eq!(token.identity_as::<String>().unwrap(), identity.as_str());
            let read: BTreeMap<String, Value> = token.claims().unwrap();
            let mut header: BTreeMap<String, Value> = token.header().unwrap();
            for (name, value) in &claims {
                prop_assert_eq!(&read[name], value);
                prop_assert_eq!(token.claim::<Value>(name).unwrap().unwrap_or_default(), value.clone());
            }
            prop_assert_eq!(header.remove("alg"), Some(json!("HS256")));
            prop_assert_eq!(header.remove("typ"), Some(json!("JWT")));
            prop_assert_eq!(&header, &headers);
            let freshness = if fresh { Freshness::Fresh } else { Freshness::NotFresh };
            prop_assert_eq!(token.freshness(), freshness);
            prop_assert_eq!(token.expires_at(), Some(engine.now() + Duration::from_secs(seconds)));
            prop_assert_eq!(encoded.jti(), token.jti());
        }
    }

    #[test]
    fn any_claims_make_a_token_or_an_error(
        claims in prop::collection::btree_map(any::<String>(), json_value(), 0..5),
        headers in prop::collection::btree_map(any::<String>(), json_value(), 0..3),
        identity in json_value(),
        lifetime in any::<u64>(),
    ) {
        for engine in &*ENGINES {
            let builder = engine
                .create_access_token(jwt_extended::Identity::json(identity.clone()))
                .expires_in(Duration::from_secs(lifetime))
                .claims(&claims);
            let builder = headers.iter().fold(builder, |b, (name, value)| b.header(name, value));
            let builder = claims.iter().fold(builder, |b, (name, value)| b.override_claim(name, value));
            if let Ok(token) = builder.encode()
                && let Ok(token) = engine.decode(token.as_str(), &DecodeOptions::default())
            {
                for (name, value) in &claims {
                    let read = token.claim::<Value>(name).unwrap().unwrap_or_default();
                    prop_assert_eq!(&read, value);
                }
            }
        }
    }

    #[test]
    fn a_changed_byte_is_refused(place in any::<prop::sample::Index>(), byte in any::<char>()) {
        for (engine, token) in &*SIGNED {
            let at = place.index(token.len());
            let inserted = format!("{}{byte}{}", &token[..at], &token[at..]);
            let cut = token[..at].to_owned();
            let without = format!("{}{}", &token[..at], &token[at + 1..]);
            let appended = format!("{token}{byte}");
            let replaced = format!("{}{byte}{}", &token[..at], &token[at + 1..]);
            for changed in [inserted, cut, without, appended, replaced] {
                // Where the same letter stands twice, to double or drop one may give the token itself;
                // the Flask preset takes padding where it belongs, as upstream does.
                let padding = !engine.config().strict_claims && changed.contains('=');
                if changed != *token && !padding {
                    let result = engine.decode(&changed, &DecodeOptions::default());
                    prop_assert!(result.is_err(), "{changed}\nin place of\n{token}");
                }
            }
        }
    }

    #[test]
    fn byte_soup_is_refused_without_a_panic(
        text in any::<String>(),
        letters in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,200}){0,4}",
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        headers in prop_oneof![json_value().prop_map(|v| v.to_string()), any::<String>()],
    ) {
        let keys = &*ENGINES[0].keys();
        prop_assert!(refused_everywhere(&text));
        prop_assert!(refused_everywhere(&letters));
        prop_assert!(jws::verify(&bytes, keys, Algorithm::HS256).is_err());
        // Behind a good signature, too.
        for soup in [&bytes[..], headers.as_bytes()] {
            let token = forge(soup);
            prop_assert!(ENGINES.iter().all(|e| e.decode(&token, &DecodeOptions::default()).is_err()));
            prop_assert_eq!(jws::verify(token.as_bytes(), keys, Algorithm::HS256).unwrap().payload, soup);
            let token = forge_with(soup, good().to_string());
            prop_assert!(ENGINES.iter().all(|e| e.decode(&token, &DecodeOptions::default()).is_err()));
        }
    }

    #[test]
    fn any_payload_behind_a_good_signature_never_panics(
        name in prop::sample::select(vec![
            "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "type", "fresh", "csrf", "sid",
            "auth_time", "mgr",
        ]),
        value in json_value(),
    ) {
        let token = forge(good_with(name, value));
        for engine in &*ENGINES {
            for policy in [Policy::required(), Policy::required().refresh(), Policy::required().fresh()] {
                if let Ok(token) = check(engine, &token, &policy) {
                    let dates = (token.expires_at(), token.issued_at(), token.freshness());
                    let shown = format!("{dates:?} {:?}", token.token_ref(engine.now()));
                    prop_assert!(shown.contains("TokenRef"));
                    prop_assert!(token.claim::<Value>("jti").unwrap() == token.jti().map(Value::from));
                }
            }
        }
    }

    #[test]
    fn soup_in_a_request_is_refused_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        text in any::<String>(),
        header in "(Bearer|bearer|Basic|,| |\t|a\\.b\\.c|\u{85}|=|\"){0,8}",
        cookie in "(access_token_cookie|=|;| |\"|,|%|a\\.b\\.c|\u{e4}){0,10}",
        query in "(jwt|=|&|%|\\+|#|Bearer|a\\.b\\.c|\u{e4}){0,8}",
    ) {
        let values = [bytes, text.clone().into_bytes(), header.into_bytes(), cookie.clone().into_bytes()];
        for value in values {
            for name in ["authorization", "cookie", "X-CSRF-TOKEN"] {
                for method in ["GET", "POST"] {
                    let headers = vec![(name.to_owned(), value.clone())];
                    let request = Request { method, headers, query: query.clone() };
                    for engine in &*EVERYWHERE {
                        let verdict = engine.check_request(&request, &Policy::required(), None);
                        prop_assert!(verdict.is_err());
                    }
                }
            }
            find_cookie([value.as_slice()], "access_token_cookie");
        }
        find_query(&text, "jwt");
        find_query(&query, &text);
    }

    #[test]
    fn no_configuration_panics(
        rows in prop::collection::vec(
            (prop::sample::select(OPTIONS), prop_oneof![
                json_value(),
                "[0-9]{1,25}[smhdw]?".prop_map(Value::from),
                Just(json!(f64::MAX)),
                Just(json!("__Host-a")),
            ]),
            0..6,
        ),
        strange in any::<String>(),
        flask in any::<bool>(),
    ) {
        let options: Map<_, _> =
            rows.iter().map(|(option, value)| (option.name.to_owned(), value.clone())).collect();
        let from_file: ConfigBuilder = serde_json::from_value(options.into()).unwrap();
        let texts = rows.iter().map(|(option, value)| (option.name.to_owned(), value.to_string()));
        let texts = texts.chain([(format!("JWT_{strange}"), strange.clone())]);
        let from_env = Config::builder().vars(texts, |_| Ok(strange.clone()));
        for builder in [from_file, from_env] {
            let builder = if flask { builder.set("JWT_PRESET", "flask") } else { builder };
            let built = [builder.clone(), builder.secret_key(SECRET.repeat(2))].map(ConfigBuilder::build);
            for config in built {
                match config {
                    Ok(config) => {
                        let engine = JwtEngine::new(config);
                        if let Ok(token) = engine.create_access_token("anna").encode() {
                            let _ = engine.decode(token.as_str(), &DecodeOptions::default());
                            let kind = jwt_extended::TokenKind::Access;
                            let cookies = engine.set_cookies(kind, &token, &CookieOptions::new());
                            prop_assert!(!cookies.is_empty());
                        }
                    }
                    Err(error) => for fault in error.faults() {
                        prop_assert!(fault.option().starts_with("JWT_"));
                        prop_assert!(!fault.mend().is_empty());
                    },
                }
            }
        }
    }

    /// Two services differ in one thing; a token of the one is none of the other's.
    #[test]
    fn tokens_are_not_confused(a in "[a-zA-Z/:.]{1,12}", b in "[a-zA-Z/:.]{1,12}") {
        prop_assume!(a != b);
        let differences: [Make; 3] = [
            // In digits, since cookies are named after it.
            |config, name| config.manager_name(name.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join("-")),
            |config, name| config.encode_issuer(name).decode_issuer([name]),
            |config, name| config.encode_audience([name]).decode_audience([name]),
        ];
        for preset in [native, flask] {
            for make in differences {
                let engines = [engine(make(preset(), &a)), engine(make(preset(), &b))];
                let tokens = engines.each_ref().map(|e| e.create_access_token("anna").encode().unwrap());
                for (engine, own, other) in
                    [(&engines[0], &tokens[0], &tokens[1]), (&engines[1], &tokens[1], &tokens[0])]
                {
                    prop_assert!(check(engine, own.as_str(), &Policy::required()).is_ok());
                    prop_assert!(check(engine, other.as_str(), &Policy::required()).is_err());
                }
            }
            let key = |kid: &str| SigningKey::hmac(Algorithm::HS256, SECRET).unwrap().with_kid(kid);
            let [one, two] = [&a, &b].map(|kid| {
                engine(preset().keyring(Keyring::new(key(kid))))
            });
            let token = one.create_access_token("anna").encode().unwrap();
            prop_assert!(check(&one, token.as_str(), &Policy::required()).is_ok());
            let error = check(&two, token.as_str(), &Policy::required()).unwrap_err();
            prop_assert_eq!(error.kind(), jwt_extended::ErrorKind::UnknownKey);
        }
    }

    #[test]
    fn secrets_are_not_confused(secret in prop::collection::vec(any::<u8>(), 32..80)) {
        prop_assume!(secret != SECRET.as_bytes());
        let key = VerifyingKey::hmac(Algorithm::HS256, &secret);
        prop_assume!(key.is_ok());
        let other = engine(Config::builder().keyring(Keyring::verify_only(key.unwrap())));
        for engine in &*ENGINES {
            let token = engine.create_access_token("anna").encode().unwrap();
            let error = other.decode(token.as_str(), &DecodeOptions::default()).unwrap_err();
            prop_assert_eq!(error.kind(), jwt_extended::ErrorKind::InvalidSignature);
        }
    }
}

/// Every bit of every token, not only some.
#[test]
fn a_flipped_bit_is_refused() {
    for (engine, token) in &*SIGNED {
        for bit in 0..token.len() * 8 {
            let mut bytes = token.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(changed) = String::from_utf8(bytes.clone()) {
                assert!(engine.decode(&changed, &DecodeOptions::default()).is_err(), "{changed}");
            }
            let keys = &*engine.keys();
            let algorithm = keys.signing_key().unwrap().algorithm();
            assert!(jws::verify(&bytes, keys, algorithm).is_err(), "bit {bit}");
        }
    }
}

#[test]
fn types_are_not_confused() {
    for (engine, _) in &*SIGNED {
        let access = engine.create_access_token("anna").encode().unwrap();
        let refresh = engine.create_refresh_token("anna").encode().unwrap();
        for (token, policy, taken) in [
            (&access, Policy::required(), true),
            (&access, Policy::required().refresh(), false),
            (&refresh, Policy::required(), false),
            (&refresh, Policy::required().refresh(), true),
        ] {
            assert_eq!(check(engine, token.as_str(), &policy).is_ok(), taken);
        }
    }
}
