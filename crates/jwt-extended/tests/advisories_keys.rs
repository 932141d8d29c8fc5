//! Attacks by way of keys, and keys that would be none, by the numbers of their advisories. What tokens
//! do is in `advisories.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

use jwt_extended::{Algorithm, Config, Keyring, SigningKey, VerifyingKey};
use serde_json::{Value, json};

const RSA_PUBLIC: &str = include_str!("../../../conformance/keys/rsa.pub.pem");
const P256: &str = include_str!("../../../conformance/keys/p256.pem");
const P256_PUBLIC: &str = include_str!("../../../conformance/keys/p256.pub.pem");
const OTHER_PUBLIC: &str = include_str!("../../../conformance/keys/p256_other.pub.pem");
const SHORT_RSA: &str = include_str!("data/keys/rsa1024.pem");
const SHORT_RSA_PUBLIC: &str = include_str!("data/keys/rsa1024.pub.pem");
const HMAC: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

fn public_jwk(algorithm: Algorithm, pem: &str) -> Value {
    let key = VerifyingKey::from_pem(algorithm, pem).unwrap();
    serde_json::from_str(&key.public_key().unwrap().to_jwk()).unwrap()
}

/// No way of giving a secret takes this one.
#[track_caller]
fn is_no_secret(secret: &[u8]) {
    let shown = String::from_utf8_lossy(secret);
    for algorithm in HMAC {
        assert!(SigningKey::hmac(algorithm, secret).is_err(), "{shown}");
        assert!(SigningKey::insecure_hmac(algorithm, secret).is_err(), "{shown}");
        assert!(VerifyingKey::hmac(algorithm, secret).is_err(), "{shown}");
        assert!(VerifyingKey::insecure_hmac(algorithm, secret).is_err(), "{shown}");
        for config in [Config::builder(), Config::flask()] {
            let config = config.insecure_short_secret(true).algorithm(algorithm);
            assert!(config.secret_key(secret).build().is_err(), "{shown}");
        }
    }
}

/// `PyJWT` and others looked for a public key at the very beginning, in one spelling. fast-jwt
/// (CVE-2026-34950) and `PyJWT` (CVE-2026-102268) did so again after they had mended it.
#[test]
fn cve_2026_34950_a_public_key_with_something_around_it() {
    let pkcs1 = include_str!("data/keys/rsa.pub.pkcs1.pem");
    let certificate = include_str!("data/keys/rsa.cert.pem");
    for pem in [RSA_PUBLIC, P256_PUBLIC, pkcs1, certificate] {
        for secret in [
            pem.to_owned(),
            pem.trim_end().to_owned(),
            format!(" {pem}"),
            format!("\n\t\r\n{pem}"),
            format!("\u{feff}{pem}"),
            format!("\u{a0}{pem}"),
            format!("key: |\n  {}", pem.replace('\n', "\n  ")),
            format!("Bag Attributes: <Empty>\n{pem}"),
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\r"),
            pem.replace('\n', "\\n"),
            pem.replace('\n', ""),
            pem.replace('\n', " "),
            format!("\"{}\"", pem.replace('\n', "\\n")),
        ] {
            is_no_secret(secret.as_bytes());
        }
    }
}

/// python-jose, after it had mended CVE-2024-33663, still took a public key in DER.
#[test]
fn cve_2026_85394_a_public_key_in_der() {
    for pem in [RSA_PUBLIC, P256_PUBLIC, include_str!("data/keys/rsa.pub.pkcs1.pem")] {
        let letters: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = base64_simd::STANDARD.decode_to_vec(&letters).unwrap();
        is_no_secret(&der);
        is_no_secret(letters.as_bytes());
    }
}

/// `PyJWT` took the text of a JWK (CVE-2026-48526), and then that of a JWK inside of something else.
#[test]
fn cve_2026_102273_the_text_of_a_jwk() {
    let jwk = public_jwk(Algorithm::ES256, P256_PUBLIC);
    for json in [
        jwk.clone(),
        json!([jwk]),
        json!({ "keys": [jwk] }),
        json!({ "a": [{ "b": { "keys": [jwk] } }] }),
        json!({ "kty": "oct", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" }),
    ] {
        for text in [
            json.to_string(),
            format!(" \n{json}"),
            serde_json::to_string_pretty(&json).unwrap(),
            json.to_string().replace("\"kty\"", "\"\\u006bty\""),
        ] {
            is_no_secret(text.as_bytes());
        }
    }
}

/// `PyJWT` signed with keys of any length. RFC 7518 sections 3.2 and 3.3.
#[test]
fn cve_2025_45768_short_keys() {
    for (algorithm, least) in HMAC.into_iter().zip([32, 48, 64]) {
        let secret = vec![b'k'; least];
        assert!(SigningKey::hmac(algorithm, &secret).is_ok());
        assert!(SigningKey::hmac(algorithm, &secret[1..]).is_err());
        assert!(VerifyingKey::hmac(algorithm, &secret[1..]).is_err());
        let config = || Config::builder().algorithm(algorithm).secret_key(&secret[1..]);
        assert!(config().build().is_err());
        assert!(config().insecure_short_secret(true).build().is_ok(), "said aloud");
    }
    for algorithm in [Algorithm::RS256, Algorithm::PS512] {
        assert!(SigningKey::from_pem(algorithm, SHORT_RSA).is_err());
        assert!(VerifyingKey::from_pem(algorithm, SHORT_RSA_PUBLIC).is_err());
    }
}

/// jsonwebtoken for Node worked with keys of any kind under any algorithm.
#[test]
fn cve_2022_23539_keys_of_another_kind() {
    let pems = [
        (Algorithm::RS256, RSA_PUBLIC),
        (Algorithm::ES256, P256_PUBLIC),
        (Algorithm::ES384, include_str!("../../../conformance/keys/p384.pub.pem")),
        (Algorithm::ES512, include_str!("../../../conformance/keys/p521.pub.pem")),
        (Algorithm::ES256K, include_str!("../../../conformance/keys/secp256k1.pub.pem")),
        (Algorithm::EdDSA, include_str!("../../../conformance/keys/ed25519.pub.pem")),
    ];
    for (own, pem) in pems {
        let jwk = public_jwk(own, pem).to_string();
        for algorithm in Algorithm::ALL {
            let fits = algorithm == own
                || (own == Algorithm::RS256
                    && matches!(algorithm.name().as_bytes(), [b'R' | b'P', b'S', ..]));
            assert_eq!(VerifyingKey::from_pem(algorithm, pem).is_ok(), fits, "{own} {algorithm}");
            // The JWK says its `alg` besides.
            assert_eq!(VerifyingKey::from_jwk(algorithm, &jwk).is_ok(), algorithm == own);
        }
    }
}

/// `PyJWT` took a private JWK whose public part is another key's.
#[test]
fn cve_2026_102275_halves_of_two_keys() {
    // RFC 8037 appendix A.1, and its `x` less one bit.
    let whole = |x: &str| {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x,
                "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" })
        .to_string()
    };
    let own = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    assert!(SigningKey::from_jwk(Algorithm::EdDSA, whole(own)).is_ok());
    for other in [
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUBo",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        assert!(SigningKey::from_jwk(Algorithm::EdDSA, whole(other)).is_err());
    }
    let mixed = Config::builder().algorithm(Algorithm::ES256);
    assert!(mixed.private_key(P256).public_key(OTHER_PUBLIC).build().is_err());
}

/// In `PyJWT` one malformed key spoiled the whole set.
#[test]
fn cve_2026_102274_one_bad_key_in_a_set() {
    let good = public_jwk(Algorithm::ES256, P256_PUBLIC);
    for bad in [
        json!({"kty": "RSA", "kid": "bad"}),
        json!({"kty": "RSA", "kid": "bad", "n": "", "e": ""}),
        json!({"kty": "RSA", "kid": "bad", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "bad", "n": 5, "e": []}),
        json!({"kty": "EC", "kid": "bad", "crv": "P-256", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "kid": "bad", "crv": "X25519", "x": "AA"}),
        json!({"kty": "new", "kid": "bad"}),
        json!({"kid": "bad"}),
        json!({}),
        json!("not a key"),
        json!(null),
        json!([]),
    ] {
        for keys in [json!([bad, good]), json!([good, bad])] {
            let set = json!({ "keys": keys }).to_string();
            let ring = Keyring::from_jwk_set(Algorithm::ALL, &set).unwrap();
            assert_eq!(ring.verifying_keys().len(), 1, "{bad}");
        }
    }
}

/// RFC 8725 section 3.4: with a point of small order for a public key, signatures that nobody made are
/// good. The points, with both ways to write those whose y or sign has two, are those of libsodium.
#[test]
fn public_keys_of_small_order() {
    const POINTS: [&str; 14] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];
    for point in POINTS {
        let bytes: Vec<u8> =
            (0..32).map(|n| u8::from_str_radix(&point[2 * n..2 * n + 2], 16).unwrap()).collect();
        let x = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&bytes);
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x }).to_string();
        assert!(VerifyingKey::from_jwk(Algorithm::EdDSA, jwk).is_err(), "{point}");
        let spki =
            [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(), &bytes].concat();
        assert!(VerifyingKey::from_der(Algorithm::EdDSA, spki).is_err(), "{point}");
    }
}

/// A text with several keys: the one that is meant is the first, and what is not a key of the wanted
/// kind ends the search, so that nothing is passed over silently.
#[test]
fn a_pem_of_several_keys() {
    let both = format!("{P256_PUBLIC}\n{OTHER_PUBLIC}");
    let first = VerifyingKey::from_pem(Algorithm::ES256, both).unwrap();
    let own = VerifyingKey::from_pem(Algorithm::ES256, P256_PUBLIC).unwrap();
    assert_eq!(first.public_key().unwrap().thumbprint(), own.public_key().unwrap().thumbprint());
    let mixed = format!("{RSA_PUBLIC}\n{P256_PUBLIC}");
    assert!(VerifyingKey::from_pem(Algorithm::ES256, mixed).is_err());
    let private_first = format!("{P256}\n{P256_PUBLIC}");
    assert!(VerifyingKey::from_pem(Algorithm::ES256, private_first).is_err());
    for cut in [1, 30, 60, 100] {
        assert!(VerifyingKey::from_pem(Algorithm::ES256, &P256_PUBLIC[..cut]).is_err());
    }
}

/// An exponent as long as the modulus makes each check of a signature take hundreds of times as long. The
/// usual one has 17 bits.
#[test]
fn exponents_that_take_long() {
    for bytes in [5, 8, 9, 32, 256] {
        let mut e = vec![0xff; bytes];
        e[0] = 0x7f;
        let mut jwk = public_jwk(Algorithm::RS256, RSA_PUBLIC);
        jwk["e"] = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&e).into();
        assert!(VerifyingKey::from_jwk(Algorithm::RS256, jwk.to_string()).is_err(), "{bytes}");
    }
}
