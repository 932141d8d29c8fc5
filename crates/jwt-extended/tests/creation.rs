//! What new tokens hold: identities, lifetimes, sessions, claims of an application's own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use base64_simd::URL_SAFE_NO_PAD;
use jwt_extended::{
    CustomClaims, DecodeOptions, ErrorKind, Freshness, JwtEngine, Policy, Timestamp, TokenBuilder,
    TokenKind, VerifiedToken,
};
use serde::Deserialize;
use serde_json::{Value, json};
use support::*;

type Claims = BTreeMap<String, Value>;

fn read(engine: &JwtEngine, token: &str) -> VerifiedToken {
    engine.decode(token, &DecodeOptions::default()).unwrap()
}

fn engines() -> [JwtEngine; 2] {
    [engine(native()), engine(flask())]
}

fn after(seconds: f64) -> Timestamp {
    Timestamp::from_seconds(NOW + seconds)
}

#[test]
fn the_claims_of_a_plain_token() {
    for engine in engines() {
        for (kind, token, life) in [
            ("access", engine.create_access_token("anna").encode().unwrap(), 900.0),
            ("refresh", engine.create_refresh_token("anna").encode().unwrap(), 2_592_000.0),
        ] {
            let read = read(&engine, token.as_str());
            let claims: Claims = read.claims().unwrap();
            let names: Vec<_> = claims.keys().map(String::as_str).collect();
            assert_eq!(names, ["csrf", "exp", "fresh", "iat", "jti", "nbf", "sub", "type"]);
            assert_eq!(claims["type"], kind);
            assert_eq!(claims["iat"], json!(1_700_000_000), "whole seconds");
            assert_eq!(read.expires_at(), Some(after(life)));
            assert_eq!(token.expires_at(), read.expires_at());
            assert_eq!(read.issued_at(), Some(after(0.0)));
            assert_eq!(token.jti(), read.jti());
            assert_eq!(token.csrf(), read.csrf());
            assert_eq!(read.freshness(), Freshness::NotFresh);
            assert_eq!(read.is_refresh(), kind == "refresh");
            assert_eq!(read.header::<Value>().unwrap(), json!({ "alg": "HS256", "typ": "JWT" }));
        }
        let twins = [(); 2].map(|()| engine.create_access_token("anna").encode().unwrap());
        assert_ne!(twins[0].jti(), twins[1].jti());
        assert_ne!(twins[0].csrf(), twins[1].csrf());
    }
}

#[test]
fn options_put_claims_in_and_leave_them_out() {
    let config = native()
        .encode_nbf(false)
        .cookie_csrf_protect(false)
        .encode_issuer("me")
        .encode_audience(["a", "b"])
        .decode_audience(["b"])
        .manager_name("admin")
        .identity_claim("user");
    let engine = engine(config);
    let token = engine.create_access_token("anna").encode().unwrap();
    assert_eq!(token.csrf(), None);
    let claims: Claims = read(&engine, token.as_str()).claims().unwrap();
    let names: Vec<_> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "fresh", "iat", "iss", "jti", "mgr", "type", "user"]);
    assert_eq!(claims["aud"], json!(["a", "b"]));
    assert_eq!((&claims["iss"], &claims["mgr"]), (&json!("me"), &json!("admin")));
    let one = engine.create_access_token("anna").audience(["b"]).encode().unwrap();
    assert_eq!(read(&engine, one.as_str()).claim::<String>("aud").unwrap().as_deref(), Some("b"));
}

#[test]
fn audience_and_issuer_stand_in_their_place_once() {
    let audiences: [(&[&str], &str); 4] = [
        (&[], ""),
        (&["us"], r#""aud":"us","#),
        (&["us", "t\"hem"], r#""aud":["us","t\"hem"],"#),
        (&["ü\n"], r#""aud":"ü\n","#),
    ];
    let plain = || native().encode_nbf(false).cookie_csrf_protect(false);
    for (audience, expected) in audiences {
        for (config, issuer) in [(plain(), ""), (plain().encode_issuer("me\\"), r#""iss":"me\\","#)]
        {
            let audience: Vec<String> = audience.iter().map(|&one| one.to_owned()).collect();
            let engine = engine(config.encode_audience(audience));
            let check = |token: TokenBuilder<'_>, behind_the_subject: String| {
                let token = token.encode().unwrap();
                let payload = token.as_str().split('.').nth(1).unwrap();
                let payload = URL_SAFE_NO_PAD.decode_to_vec(payload).unwrap();
                let json = String::from_utf8(payload).unwrap();
                assert!(
                    json.ends_with(&format!(r#","sub":"anna",{behind_the_subject}}}"#)),
                    "{json}"
                );
            };
            let token = || engine.create_access_token("anna");
            let exp = r#""exp":1700000900"#;
            check(token(), format!("{expected}{issuer}{exp}"));
            check(token().audience(["them"]), format!(r#""aud":"them",{issuer}{exp}"#));
            let other = token().override_claim("iss", "other");
            check(other, format!(r#"{expected}{exp},"iss":"other""#));
            let other = token().override_claim("aud", "other");
            check(other, format!(r#"{issuer}{exp},"aud":"other""#));
        }
    }
}

#[test]
fn integers_and_uuids_are_identities() {
    let id: uuid::Uuid = "67e55044-10b1-426f-9247-bb680e5fe0c8".parse().unwrap();
    for engine in engines() {
        let read = |identity: jwt_extended::Identity| {
            let token = engine.create_access_token(identity).encode().unwrap();
            read(&engine, token.as_str())
        };
        for number in [0, 1, -1, i64::MAX, i64::MIN] {
            let token = read(number.into());
            assert_eq!(token.identity(), number.to_string());
            assert_eq!(
                token.claim::<String>("sub").unwrap(),
                Some(number.to_string()),
                "RFC 7519 4.1.2"
            );
            assert_eq!(token.identity_as::<i64>().unwrap(), number);
            assert_eq!(token.identity_as::<String>().unwrap(), number.to_string());
        }
        assert_eq!(read(u64::MAX.into()).identity_as::<u64>().unwrap(), u64::MAX);
        assert_eq!(read(id.into()).identity(), id.to_string());
        let misfit = read("anna".into()).identity_as::<u64>().unwrap_err();
        assert_eq!(misfit.kind(), ErrorKind::InvalidClaim);
    }
}

#[test]
fn other_identities_need_another_claim_or_no_rule_for_sub() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct User {
        id: u32,
    }
    for config in [native(), flask()] {
        for config in [config.clone().verify_sub(false), config.clone().identity_claim("user")] {
            let engine = engine(config);
            let user = jwt_extended::Identity::json(json!({ "id": 7 }));
            let token = engine.create_access_token(user).encode().unwrap();
            let token = read(&engine, token.as_str());
            assert_eq!(token.identity(), r#"{"id":7}"#);
            assert_eq!(token.identity_as::<User>().unwrap(), User { id: 7 });
            let token = engine.create_access_token(42).encode().unwrap();
            let token = read(&engine, token.as_str());
            assert_eq!((token.identity(), token.identity_as::<u8>().unwrap()), ("42", 42));
        }
    }
}

#[test]
fn reserved_claims_are_set_on_purpose_only() {
    let reserved = "iss sub aud exp nbf iat jti type fresh csrf sid auth_time mgr";
    for engine in engines() {
        for name in reserved.split(' ') {
            let by_name = engine.create_access_token("anna").claim(name, "x").encode();
            assert_eq!(by_name.unwrap_err().kind(), ErrorKind::TokenNotCreated, "{name}");
            let by_map = engine.create_access_token("anna").claims(json!({ name: "x" })).encode();
            assert_eq!(by_map.unwrap_err().kind(), ErrorKind::TokenNotCreated, "{name}");
            let token = engine.create_access_token("anna").override_claim(name, "x").encode();
            let payload = token.unwrap();
            let payload = payload.as_str().split('.').nth(1).unwrap();
            let payload = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload).unwrap();
            let payload = String::from_utf8(payload).unwrap();
            assert_eq!(payload.matches(&format!("\"{name}\":")).count(), 1, "{payload}");
            assert!(payload.contains(&format!("\"{name}\":\"x\"")), "{payload}");
        }
        for name in ["alg", "crit", "b64"] {
            assert!(engine.create_access_token("anna").header(name, "x").encode().is_err());
        }
    }
    let engine = engine(native().identity_claim("user"));
    assert!(engine.create_access_token("anna").claim("user", "eve").encode().is_err());
    let overridden = engine.create_access_token("anna").override_claim("user", "eve").encode();
    assert_eq!(read(&engine, overridden.unwrap().as_str()).identity(), "eve");
}

#[test]
fn an_encoded_token_knows_what_was_overridden() {
    let engine = engine(native());
    let token = engine
        .create_access_token("anna")
        .override_claim("jti", "j")
        .override_claim("csrf", "c")
        .override_claim("exp", 2_000_000_000)
        .encode()
        .unwrap();
    let end = Timestamp::from_seconds(2e9);
    assert_eq!((token.jti(), token.csrf(), token.expires_at()), (Some("j"), Some("c"), Some(end)));
}

#[test]
fn claims_of_ones_own() {
    #[derive(serde::Serialize, Deserialize, Debug, PartialEq)]
    struct Roles {
        roles: Vec<String>,
        admin: bool,
    }
    let mine = || Roles { roles: vec!["\"quoted\"\u{1f511}".into()], admin: true };
    for engine in engines() {
        let token =
            engine.create_access_token("anna").claims(mine()).claim("n", 1).header("x", [1]);
        let token = read(&engine, token.encode().unwrap().as_str());
        assert_eq!(token.claims::<Roles>().unwrap(), mine());
        assert_eq!(token.claim::<u8>("n").unwrap(), Some(1));
        assert!(token.claim::<String>("n").is_err(), "of another type");
        assert_eq!(token.claim::<u8>("missing").unwrap(), None);
        assert_eq!(token.header::<Value>().unwrap()["x"], json!([1]));
        assert!(token.claims::<BTreeMap<String, u8>>().is_err());
        assert!(engine.create_access_token("anna").claims([1]).encode().is_err());
        assert!(engine.create_access_token("anna").claim("m", f64::NAN).encode().is_ok());
        let no_json = BTreeMap::from([((1, 2), 3)]);
        assert!(engine.create_access_token("anna").claim("m", no_json).encode().is_err());
    }
}

#[test]
fn the_hook_adds_and_the_builder_wins() {
    let engine = engine(native()).with_claims_hook(|_, kind| {
        let claims = CustomClaims::new().claim("kind", kind.name()).claim("n", 1);
        claims.header("h", kind == TokenKind::Access)
    });
    let pair = engine.create_token_pair("anna").claim("n", 2).encode().unwrap();
    for (token, kind) in [(&pair.access_token, "access"), (&pair.refresh_token, "refresh")] {
        let token = read(&engine, token.as_str());
        assert_eq!(token.claim::<String>("kind").unwrap().as_deref(), Some(kind));
        assert_eq!(token.claim::<u8>("n").unwrap(), Some(2));
        assert_eq!(token.header::<Value>().unwrap()["h"], json!(kind == "access"));
    }
    let faulty =
        support::engine(native()).with_claims_hook(|_, _| CustomClaims::new().claim("exp", 1));
    let error = faulty.create_access_token("anna").encode().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TokenNotCreated);
}

#[test]
fn lifetimes() {
    for engine in engines() {
        let token = engine.create_access_token("anna").never_expires().encode().unwrap();
        assert_eq!(token.expires_at(), None);
        let late = at(native(), 1e12);
        assert_eq!(read(&late, token.as_str()).expires_at(), None);
        assert_eq!(
            late.decode(token.as_str(), &DecodeOptions::default()).unwrap().identity(),
            "anna"
        );
        let short = engine.create_access_token("anna").expires_in(Duration::from_secs(5));
        assert_eq!(read(&engine, short.encode().unwrap().as_str()).expires_at(), Some(after(5.0)));
        let endless =
            engine.create_access_token("anna").expires_in(Duration::MAX).encode().unwrap();
        assert!(read(&late, endless.as_str()).expires_at().is_some());
    }
    let config = native().access_token_expires(jwt_extended::Lifetime::Never);
    let token = engine(config).create_access_token("anna").encode().unwrap();
    assert_eq!(token.expires_at(), None);
}

#[test]
fn freshness_may_end() {
    for config in [native(), flask()] {
        let engine = engine(config.clone());
        let fresh = Policy::required().fresh();
        let token = engine.create_access_token("anna").fresh_for(Duration::from_millis(1500));
        let token = token.encode().unwrap();
        assert_eq!(read(&engine, token.as_str()).freshness(), Freshness::Until(after(1.5)));
        for (now, taken) in [(0.0, true), (1.5, true), (1.75, false)] {
            let result = check(&at(config.clone(), NOW + now), token.as_str(), &fresh);
            assert_eq!(result.is_ok(), taken, "{now}");
        }
        let token = engine.create_access_token("anna").fresh(true).encode().unwrap();
        assert!(check(&engine, token.as_str(), &fresh).is_ok());
        let token = engine.create_access_token("anna").fresh(true).fresh(false).encode().unwrap();
        let error = check(&engine, token.as_str(), &fresh).unwrap_err();
        assert!(error.is_not_fresh());
    }
}

#[test]
fn a_pair_shares_a_session() {
    let engine = engine(native());
    let pair = engine.create_token_pair("anna").fresh(true).encode().unwrap();
    let [access, refresh] =
        [&pair.access_token, &pair.refresh_token].map(|token| read(&engine, token.as_str()));
    assert!(access.session_id().is_some());
    assert_eq!(access.session_id(), refresh.session_id());
    assert_eq!(access.auth_time(), Some(after(0.0)));
    assert_eq!(refresh.auth_time(), Some(after(0.0)));
    assert_ne!(access.jti(), refresh.jti());
    assert_eq!(access.freshness(), Freshness::Fresh);
    assert_eq!(refresh.freshness(), Freshness::NotFresh, "what it yields is not either");
    assert!(check(&engine, pair.access_token.as_str(), &Policy::required().fresh()).is_ok());

    let later = at(native(), NOW + 600.0);
    let next = later.create_access_token("anna").in_session_of(&refresh).encode().unwrap();
    let next = read(&later, next.as_str());
    assert_eq!(next.session_id(), refresh.session_id());
    assert_eq!((next.auth_time(), next.issued_at()), (Some(after(0.0)), Some(after(600.0))));

    let other =
        read(&engine, engine.create_token_pair("anna").encode().unwrap().access_token.as_str());
    assert_ne!(other.session_id(), access.session_id());
    let single = read(&engine, engine.create_access_token("anna").encode().unwrap().as_str());
    assert_eq!((single.session_id(), single.auth_time()), (None, None));
    // A logout is to reach both.
    let partners = support::engine(native().manager_name("partners"));
    for (engine, who, session, why) in [
        (&engine, "anna", &single, "without a session"),
        (&engine, "eve", &refresh, "another identity"),
        (&partners, "anna", &refresh, "another identity or manager"),
    ] {
        let refused = engine.create_access_token(who).in_session_of(session).encode().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TokenNotCreated);
        assert!(format!("{refused:?}").contains(why), "{refused:?}");
    }

    let flask = support::engine(flask());
    let pair = flask.create_token_pair("anna").encode().unwrap();
    let refresh = read(&flask, pair.refresh_token.as_str());
    assert_eq!((refresh.session_id(), refresh.auth_time()), (None, None), "as upstream's");
}

#[test]
fn debug_forms_show_nothing_of_a_token() {
    let engine = engine(native());
    let pair = engine.create_token_pair("anna").claim("role", "admin").encode().unwrap();
    let token = read(&engine, pair.access_token.as_str());
    let verdict = engine.check_token(pair.access_token.as_str(), &Policy::required()).unwrap();
    let error = token.refuse(ErrorKind::TokenRevoked);
    let shown = format!(
        "{pair:?} {token:?} {verdict:?} {error:?} {:?} {engine:?}",
        token.token_ref(engine.now())
    );
    let secrets = ["anna", "admin", SECRET, token.jti().unwrap(), token.csrf().unwrap()];
    for secret in secrets.into_iter().chain(pair.access_token.as_str().split('.')) {
        assert!(!shown.contains(secret), "{secret} is shown in {shown}");
    }
}

#[test]
fn what_is_nested_too_deep_to_be_read_again_is_not_written() {
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    for engine in engines() {
        let custom = |depth| engine.create_access_token("anna").claim("x", nested(depth)).encode();
        assert_eq!(
            read(&engine, custom(100).unwrap().as_str()).claim("x").unwrap(),
            Some(nested(100))
        );
        assert_eq!(custom(200).unwrap_err().kind(), ErrorKind::TokenNotCreated);
        let over = engine.create_access_token("anna").override_claim("sub", nested(200)).encode();
        assert_eq!(over.unwrap_err().kind(), ErrorKind::TokenNotCreated);
        let identity = jwt_extended::Identity::json(nested(200));
        let identity = engine.create_access_token(identity).encode();
        assert_eq!(identity.unwrap_err().kind(), ErrorKind::TokenNotCreated);
    }
}
