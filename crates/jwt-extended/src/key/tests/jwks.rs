//! JSON Web Keys, made here from the DER of the test keys.

use serde_json::{Value, json};

use super::*;
use crate::base64url::{decode, encode};

const EC: [Algorithm; 4] =
    [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K];

/// The contents of the DER integers in `der`, one level deep.
fn integers(der: &[u8]) -> Vec<Vec<u8>> {
    let length = |at: usize| match der[at] {
        short @ 0..=0x7f => (usize::from(short), at + 1),
        0x81 => (usize::from(der[at + 1]), at + 2),
        _ => (usize::from(der[at + 1]) << 8 | usize::from(der[at + 2]), at + 3),
    };
    let (_, mut at) = length(1);
    let mut found = Vec::new();
    while at < der.len() {
        let (size, start) = length(at + 1);
        found.push(der[start..start + size].iter().copied().skip_while(|b| *b == 0).collect());
        at = start + size;
    }
    found
}

/// The private JWK of an algorithm's test key.
fn jwk(algorithm: Algorithm) -> Value {
    if algorithm.is_symmetric() {
        return json!({ "kty": "oct", "k": encode(SECRET) });
    }
    if let Some(curve) = curve(algorithm) {
        // The point ends the SPKI, and the scalar stands behind the first octet string of SEC 1.
        let (private, public) = pems(algorithm);
        let (spki, size) = (der(public), curve.size);
        let (x, y) = spki[spki.len() - 2 * size..].split_at(size);
        let private = der(private);
        let head = [4, u8::try_from(size).unwrap()];
        let at = private.windows(2).rposition(|place| place == head).unwrap() + 2;
        let d = &private[at..at + size];
        return json!({
            "kty": "EC", "crv": curve.name, "x": encode(x), "y": encode(y), "d": encode(d),
        });
    }
    if algorithm == Algorithm::EdDSA {
        let (private, public) = pems(algorithm);
        let (private, public) = (der(private), der(public));
        let (d, x) = (&private[private.len() - 32..], &public[public.len() - 32..]);
        return json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(x), "d": encode(d) });
    }
    let numbers = integers(&der(own_key!("rsa.pkcs1.pem")));
    let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
    let mut jwk = json!({ "kty": "RSA" });
    // The first number is the form's version.
    for (name, number) in names.into_iter().zip(&numbers[1..]) {
        jwk[name] = encode(number).into();
    }
    jwk
}

fn public(algorithm: Algorithm) -> Value {
    let mut jwk = jwk(algorithm);
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        jwk.as_object_mut().unwrap().remove(name);
    }
    jwk
}

fn with(mut jwk: Value, name: &str, value: impl Into<Value>) -> Value {
    jwk[name] = value.into();
    jwk
}

#[track_caller]
fn signing_refused(algorithm: Algorithm, jwk: &Value, why: &str) {
    refused(SigningKey::from_jwk(algorithm, jwk.to_string()), why);
}

#[track_caller]
fn verifying_refused(algorithm: Algorithm, jwk: &Value, why: &str) {
    refused(VerifyingKey::from_jwk(algorithm, jwk.to_string()), why);
}

#[test]
fn private_and_public_ones_of_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let private = with(jwk(algorithm), "kid", "2026").to_string();
        let public = with(public(algorithm), "kid", "2026").to_string();
        let signing = SigningKey::from_jwk(algorithm, &private).unwrap();
        assert_eq!(signing.kid(), Some("2026"));
        let signature = signing.sign(b"m").unwrap();
        for jwk in [&private, &public] {
            let key = VerifyingKey::from_jwk(algorithm, jwk).unwrap();
            assert_eq!(key.kid(), Some("2026"));
            assert!(key.verify(algorithm, b"m", &signature), "{algorithm}");
        }
        assert!(pair(algorithm).1.verify(algorithm, b"m", &signature), "{algorithm}");
        if !algorithm.is_symmetric() {
            refused(SigningKey::from_jwk(algorithm, &public), "the JWK lacks `d`");
        }
    }
}

#[test]
fn use_key_ops_and_alg_are_honoured() {
    for algorithm in Algorithm::ALL {
        let key = jwk(algorithm);
        for good in [
            with(key.clone(), "use", "sig"),
            with(key.clone(), "key_ops", json!(["verify", "sign"])),
            with(key.clone(), "alg", algorithm.name()),
        ] {
            assert!(SigningKey::from_jwk(algorithm, good.to_string()).is_ok(), "{algorithm}");
            assert!(VerifyingKey::from_jwk(algorithm, good.to_string()).is_ok(), "{algorithm}");
        }
        for (name, value, why) in [
            ("use", json!("enc"), "`use` is not `sig`"),
            ("use", json!("sign"), "`use` is not `sig`"),
            ("key_ops", json!(["encrypt"]), "`key_ops` lacks"),
            ("key_ops", json!([]), "`key_ops` lacks"),
            ("alg", json!("none"), "the JWK is for another algorithm"),
            ("alg", json!("RSA-OAEP"), "the JWK is for another algorithm"),
            ("kty", json!("none"), "and this JWK is none"),
            ("kty", json!(1), "this is no JWK"),
            ("alg", json!(1), "this is no JWK"),
            ("key_ops", json!("sign"), "this is no JWK"),
        ] {
            let bad = with(key.clone(), name, value);
            signing_refused(algorithm, &bad, why);
            verifying_refused(algorithm, &bad, why);
        }
        signing_refused(
            algorithm,
            &with(key.clone(), "key_ops", json!(["verify"])),
            "lacks `sign`",
        );
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let bad = with(key.clone(), "alg", other.name());
            signing_refused(algorithm, &bad, "the JWK is for another algorithm");
            verifying_refused(algorithm, &bad, "the JWK is for another algorithm");
        }
    }
    let es256 = with(public(Algorithm::ES256), "key_ops", json!(["sign"]));
    verifying_refused(Algorithm::ES256, &es256, "`key_ops` lacks `verify`");
    let narrow = with(public(Algorithm::RS256), "alg", "PS256").to_string();
    let key = VerifyingKey::from_jwk([Algorithm::RS256, Algorithm::PS256], narrow).unwrap();
    assert_eq!(key.algorithms(), Algorithm::PS256.into(), "the key's own word narrows");
}

#[test]
fn kinds_and_curves_are_not_mixed_up() {
    for of in Algorithm::ALL {
        for wanted in Algorithm::ALL {
            let fits = jwk(of)["kty"] == jwk(wanted)["kty"] && jwk(of)["crv"] == jwk(wanted)["crv"];
            let made = SigningKey::from_jwk(wanted, jwk(of).to_string());
            assert_eq!(made.is_ok(), fits, "{of} as {wanted}");
            if !fits {
                refused(made, "and this JWK is none");
                verifying_refused(wanted, &public(of), "and this JWK is none");
            }
        }
    }
    let renamed = with(public(Algorithm::ES256), "crv", "secp256k1");
    verifying_refused(Algorithm::ES256K, &renamed, "and this public key is none");
    let lost = with(public(Algorithm::ES256), "crv", Value::Null);
    verifying_refused(Algorithm::ES256, &lost, "P-256, and this JWK is none");
}

#[test]
fn numbers_of_another_length_are_refused() {
    let bytes = |jwk: &Value, name: &str| decode(jwk[name].as_str().unwrap().as_bytes()).unwrap();
    for algorithm in EC.into_iter().chain([Algorithm::EdDSA]) {
        let key = jwk(algorithm);
        let names =
            if algorithm == Algorithm::EdDSA { ["x", "d"].as_slice() } else { &["x", "y", "d"] };
        for name in names {
            let number = bytes(&key, name);
            let longer = with(key.clone(), name, encode(&[&[0], number.as_slice()].concat()));
            let shorter = with(key.clone(), name, encode(&number[1..]));
            let size = number.len();
            for bad in [longer, shorter] {
                signing_refused(algorithm, &bad, &format!("`{name}` must have {size} bytes"));
                if *name != "d" {
                    verifying_refused(algorithm, &bad, &format!("`{name}` must have {size} bytes"));
                }
            }
            let mut missing = key.clone();
            missing.as_object_mut().unwrap().remove(*name);
            signing_refused(algorithm, &missing, &format!("the JWK lacks `{name}`"));
            let spaced = with(key.clone(), name, format!("{} ", key[*name].as_str().unwrap()));
            signing_refused(algorithm, &spaced, &format!("`{name}` is no base64url"));
            let padded = with(key.clone(), name, format!("{}=", key[*name].as_str().unwrap()));
            signing_refused(algorithm, &padded, &format!("`{name}` is no base64url"));
        }
    }
    signing_refused(Algorithm::HS256, &json!({ "kty": "oct" }), "the JWK lacks `k`");
    let short = json!({ "kty": "oct", "k": encode(&SECRET[..31]) });
    signing_refused(Algorithm::HS256, &short, "the secret has 31 bytes");
}

#[test]
fn points_off_the_curve_and_foreign_scalars_are_refused() {
    for algorithm in EC {
        let mut y = decode(jwk(algorithm)["y"].as_str().unwrap().as_bytes()).unwrap();
        *y.last_mut().unwrap() ^= 1;
        let off = with(jwk(algorithm), "y", encode(&y));
        verifying_refused(algorithm, &off, "and this public key is none");
        signing_refused(algorithm, &off, "do not fit each other");

        let zero = encode(&vec![0; y.len()]);
        let origin = with(with(jwk(algorithm), "x", zero.as_str()), "y", zero.as_str());
        verifying_refused(algorithm, &origin, "and this public key is none");
        for (what, scalar) in [("0", zero), ("beyond the order", encode(&vec![0xff; y.len()]))] {
            let bad = with(jwk(algorithm), "d", scalar);
            assert!(SigningKey::from_jwk(algorithm, bad.to_string()).is_err(), "{what}");
        }
    }
    for algorithm in EC.into_iter().chain([Algorithm::EdDSA]) {
        let mut d = decode(jwk(algorithm)["d"].as_str().unwrap().as_bytes()).unwrap();
        *d.last_mut().unwrap() ^= 1;
        signing_refused(algorithm, &with(jwk(algorithm), "d", encode(&d)), "do not fit each other");
    }
}

#[test]
fn rsa_numbers_are_looked_at() {
    let key = || jwk(Algorithm::RS256);
    for (e, why) in [
        ("AQ", "modulus or exponent"),
        ("AAAB", "modulus or exponent"),
        ("", "modulus or exponent"),
        ("AA", "modulus or exponent"),
        ("AQAA", "modulus or exponent"),
        ("AQAB=", "`e` is no base64url"),
    ] {
        verifying_refused(Algorithm::RS256, &with(key(), "e", e), why);
        signing_refused(Algorithm::RS256, &with(key(), "e", e), why);
    }
    let n = decode(key()["n"].as_str().unwrap().as_bytes()).unwrap();
    let short = with(key(), "n", encode(&n[1..]));
    verifying_refused(Algorithm::RS256, &short, "at least 2048 are needed");
    let even = with(key(), "n", encode(&[&n[..255], &[0]].concat()));
    verifying_refused(Algorithm::RS256, &even, "modulus or exponent");
    let long = with(key(), "n", encode(&vec![0xff; 1025]));
    verifying_refused(Algorithm::RS256, &long, "at most 8192 are taken");
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        let number = decode(key()[name].as_str().unwrap().as_bytes()).unwrap();
        let mut other = number;
        *other.last_mut().unwrap() ^= 2;
        let bad = with(key(), name, encode(&other));
        signing_refused(Algorithm::RS256, &bad, "numbers do not fit each other");
    }
    let primes = with(key(), "oth", json!([{ "r": "AQ", "d": "AQ", "t": "AQ" }]));
    signing_refused(Algorithm::RS256, &primes, "more than two primes");
}

/// The parser's words could quote the key, and a list is no key though its items are in order.
#[test]
fn what_is_no_jwk_is_refused_without_being_quoted() {
    let secret = encode(SECRET);
    for text in [
        String::new(),
        "null".into(),
        format!("\"{secret}\""),
        format!(r#"["oct",null,null,null,null,null,"{secret}"]"#),
        format!(r#"{{"kty":"oct","k":"{secret}""#),
        format!(r#"{{"kty":"oct","kty":"oct","k":"{secret}"}}"#),
        format!(r#"{{"kty":"oct","k":["{secret}"]}}"#),
        format!(r#"{{"kty":"oct","k":"{secret}"}} x"#),
    ] {
        let error = SigningKey::from_jwk(Algorithm::HS256, &text).unwrap_err().to_string();
        assert!(error.contains("this is no JWK"), "{text}: {error}");
        assert!(!error.contains(&secret[..8]), "{error}");
        refused(Keyring::from_jwk_set(Algorithm::HS256, &text), "this is no JWK Set");
    }
    refused(
        Keyring::from_jwk_set(Algorithm::HS256, &format!("[[{}]]", jwk(Algorithm::HS256))),
        "this is no JWK Set",
    );
}

#[test]
fn a_set_passes_over_what_it_cannot_use() {
    let named = |algorithm, kid: &str| with(public(algorithm), "kid", kid);
    let keys = json!({ "keys": [
        named(Algorithm::RS256, "rsa"),
        named(Algorithm::ES256, "p256"),
        named(Algorithm::ES384, "p384"),
        with(named(Algorithm::ES256, "enc"), "use", "enc"),
        named(Algorithm::EdDSA, "ed"),
        { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" },
        7,
    ]});
    let allowed = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
    let ring = Keyring::from_jwk_set(allowed, &keys.to_string()).unwrap();
    let held: Vec<_> = ring.verifying_keys().iter().map(|k| (k.kid(), k.algorithms())).collect();
    assert_eq!(
        held,
        [
            (Some("rsa"), [Algorithm::RS256, Algorithm::PS256].into()),
            (Some("p256"), Algorithm::ES256.into()),
            (Some("ed"), Algorithm::EdDSA.into()),
        ]
    );
    refused(
        Keyring::from_jwk_set(Algorithm::HS256, &keys.to_string()),
        "no key for any of {HS256}",
    );
    let twice = json!({ "keys": [named(Algorithm::ES256, "a"), named(Algorithm::ES384, "a")] });
    refused(Keyring::from_jwk_set(Algorithm::ES256, &twice.to_string()), "have the `kid` \"a\"");
    refused(Keyring::from_jwk_set(Algorithm::ES256, r#"{"keys":[]}"#), "no key for any");
}
