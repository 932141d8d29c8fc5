//! Attacks that have worked on JWT libraries, by the numbers of their advisories. Each is tried on both
//! presets, unless the preset is the point.
//!
//! Attacks by way of
//! keys are in `advisories_keys.rs`, by way of names and values in `advisories_claims.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use base64_simd::URL_SAFE_NO_PAD;
use jwt_extended::ErrorKind::*;
use jwt_extended::{
    Algorithm, Config, ConfigBuilder, Keyring, Policy, SigningKey, UnverifiedToken, VerifyingKey,
    jws,
};
use serde_json::{Value, json};
use support::*;

const RSA: &str = include_str!("../../../conformance/keys/rsa.pem");
const RSA_PUBLIC: &str = include_str!("../../../conformance/keys/rsa.pub.pem");
const P256: &str = include_str!("../../../conformance/keys/p256.pem");
const P256_PUBLIC: &str = include_str!("../../../conformance/keys/p256.pub.pem");
const ED25519: &str = include_str!("../../../conformance/keys/ed25519.pem");

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The compact form of whatever somebody puts together.
fn compact(header: &Value, payload: &str, signature: &[u8]) -> String {
    format!("{}.{}.{}", base64url(header.to_string()), base64url(payload), base64url(signature))
}

/// A token under any header, signed with any key.
fn signed_with(key: &SigningKey, header: &Value, payload: &str) -> String {
    jws::sign(key, Some(header.to_string().as_bytes()), payload.as_bytes()).unwrap()
}

fn key(algorithm: Algorithm, pem: &str) -> SigningKey {
    SigningKey::from_pem(algorithm, pem).unwrap()
}

/// Both presets on this ring.
fn on(ring: &Keyring) -> [ConfigBuilder; 2] {
    [Config::builder().keyring(ring.clone()), Config::flask().keyring(ring.clone())]
}

/// jsonwebtoken for Node took a token without a signature where no algorithm was named.
#[test]
fn cve_2022_23540_no_algorithm_at_all() {
    let names =
        ["none", "None", "NONE", "nOnE", "none ", " none", "no\u{200b}ne", "null", "", "\u{0}none"];
    for ring in [
        Keyring::new(SigningKey::hmac(Algorithm::HS256, SECRET).unwrap()),
        Keyring::verify_only(VerifyingKey::from_pem(Algorithm::RS256, RSA_PUBLIC).unwrap()),
    ] {
        for name in names {
            for signature in [b"".as_slice(), b"\0", b"none", &[0; 32], &[0; 256]] {
                refused(
                    on(&ring),
                    &compact(&json!({"alg": name, "typ": "JWT"}), &good().to_string(), signature),
                );
            }
        }
        for header in [json!({"alg": null}), json!({"alg": []}), json!({"alg": false}), json!({})] {
            refused(on(&ring), &compact(&header, &good().to_string(), b""));
        }
        // A good header with nothing behind it.
        for alg in Algorithm::ALL {
            refused(on(&ring), &compact(&json!({"alg": alg.name()}), &good().to_string(), b""));
        }
    }
    assert!("none".parse::<Algorithm>().is_err(), "it cannot be asked for either");
}

/// The classic: jsonwebtoken for Node (CVE-2015-9235), jwt-simple (CVE-2016-10555), `PyJWT`
/// (CVE-2022-29217, CVE-2026-48526), fast-jwt (CVE-2023-48223), cjwt (CVE-2024-54150) and others took the
/// public key, which everybody knows, for the secret of a MAC.
#[test]
fn cve_2015_9235_a_public_key_as_the_secret_of_a_mac() {
    let public = VerifyingKey::from_pem(Algorithm::RS256, RSA_PUBLIC).unwrap();
    let jwk = public.public_key().unwrap().to_jwk();
    let der = pem_contents(RSA_PUBLIC);
    let all = [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256];
    for ring in [
        Keyring::new(key(Algorithm::RS256, RSA)),
        Keyring::verify_only(VerifyingKey::from_pem(all, RSA_PUBLIC).unwrap()),
        Keyring::from_jwk_set(Algorithm::ALL, &format!(r#"{{"keys":[{jwk}]}}"#)).unwrap(),
    ] {
        for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            for secret in [
                RSA_PUBLIC.as_bytes(),
                RSA_PUBLIC.trim().as_bytes(),
                format!("\n{RSA_PUBLIC}").as_bytes(),
                RSA_PUBLIC.replace('\n', "\r\n").as_bytes(),
                jwk.as_bytes(),
                &der,
                b"",
            ] {
                let signed = format!(
                    "{}.{}",
                    base64url(json!({"alg": alg.name(), "typ": "JWT"}).to_string()),
                    base64url(good().to_string())
                );
                refused(
                    on(&ring),
                    &format!("{signed}.{}", base64url(mac(alg, secret, signed.as_bytes()))),
                );
            }
        }
    }
}

/// `LibJWT` checked a MAC with the empty key where an RSA key without `alg` stood in a JWK Set; ruby-jwt
/// (CVE-2026-45363) and `PyJWT` (CVE-2026-102266) took the empty key themselves.
#[test]
fn cve_2026_44699_the_empty_secret() {
    let jwk: Value = serde_json::from_str(
        &VerifyingKey::from_pem([Algorithm::RS256, Algorithm::RS512], RSA_PUBLIC)
            .unwrap()
            .public_key()
            .unwrap()
            .to_jwk(),
    )
    .unwrap();
    assert!(jwk.get("alg").is_none());
    let ring =
        Keyring::from_jwk_set(Algorithm::ALL, &json!({ "keys": [jwk] }).to_string()).unwrap();
    for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let header = json!({"alg": alg.name(), "kid": jwk["kid"]});
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(good().to_string()));
        refused(on(&ring), &format!("{signed}.{}", base64url(mac(alg, b"", signed.as_bytes()))));
        for empty in [r#"{"kty":"oct","k":""}"#, r#"{"kty":"oct"}"#] {
            assert!(VerifyingKey::from_jwk(alg, empty).is_err());
            let set = format!(r#"{{"keys":[{empty}]}}"#);
            assert!(Keyring::from_jwk_set(Algorithm::ALL, &set).is_err());
        }
        assert!(VerifyingKey::insecure_hmac(alg, b"").is_err());
        assert!(SigningKey::insecure_hmac(alg, b"").is_err());
    }
}

/// `PyJWT` compared the header's `alg` with the list of allowed ones, and then verified with the
/// algorithm of the key.
#[test]
fn cve_2026_48523_one_algorithm_in_the_header_and_another_in_the_signature() {
    let both = [Algorithm::RS256, Algorithm::PS256, Algorithm::RS512];
    let ring = Keyring::verify_only(VerifyingKey::from_pem(both, RSA_PUBLIC).unwrap());
    for made_with in both {
        for said in both {
            let header = json!({"alg": said.name()});
            let token = signed_with(&key(made_with, RSA), &header, &good().to_string());
            if said == made_with {
                taken(on(&ring), &token);
            } else {
                refused(on(&ring), &token);
            }
        }
    }
    let only = Keyring::verify_only(VerifyingKey::from_pem(Algorithm::RS256, RSA_PUBLIC).unwrap());
    let header = json!({"alg": "PS256"});
    refused(on(&only), &signed_with(&key(Algorithm::PS256, RSA), &header, &good().to_string()));
}

/// node-jose (CVE-2018-0114) and Authlib (CVE-2026-27962) verified with the key that came in the token.
#[test]
fn cve_2018_0114_a_key_brought_along() {
    let theirs = key(Algorithm::ES256, P256);
    let public = theirs.verifying_key().public_key().unwrap();
    let jwk: Value = serde_json::from_str(&public.to_jwk()).unwrap();
    let url = "https://attacker.example/keys.json";
    let ours = [
        Keyring::new(key(Algorithm::EdDSA, ED25519)),
        Keyring::new(SigningKey::hmac(Algorithm::HS256, SECRET).unwrap()),
        Keyring::new(key(
            Algorithm::ES256,
            include_str!("../../../conformance/keys/p256_other.pem"),
        )),
    ];
    for ring in &ours {
        for mut header in [
            json!({"jwk": jwk}),
            json!({"jwk": jwk, "kid": jwk["kid"]}),
            json!({"jku": url, "kid": jwk["kid"]}),
            json!({"x5u": url}),
            json!({"x5c": [base64_simd::STANDARD.encode_to_string(pem_contents(P256_PUBLIC))]}),
            json!({"x5t": "AAAA", "x5t#S256": "AAAA"}),
        ] {
            header["alg"] = "ES256".into();
            refused(on(ring), &signed_with(&theirs, &header, &good().to_string()));
        }
    }
}

/// Authlib (CVE-2025-59420), `PyJWT` (CVE-2026-32597) and fast-jwt (CVE-2026-35042) passed over `crit`.
#[test]
fn cve_2025_59420_extensions_that_must_be_understood() {
    for crit in [
        json!(["x-policy"]),
        json!(["exp"]),
        json!(["b64"]),
        json!(["alg"]),
        json!([]),
        json!([[]]),
        json!("x-policy"),
        json!({"x-policy": true}),
        json!(null),
        json!(false),
        json!(0),
    ] {
        let header = json!({"alg": "HS256", "crit": crit, "x-policy": "mfa", "b64": true});
        let token = forge_with(header.to_string(), good().to_string());
        for config in [native(), flask()] {
            let answer = says_to_token(config, &token, &Policy::required());
            assert_eq!(answer, Err(UnsupportedCritical), "{header}");
        }
    }
    for b64 in ["false", "0", "null", "\"false\"", "[]"] {
        let header = format!(r#"{{"alg":"HS256","b64":{b64}}}"#);
        let token = forge_with(header, good().to_string());
        refused([native()], &token);
    }
}

/// Java's ECDSA took the signature that is all zeros, for any message and any key.
#[test]
fn cve_2022_21449_signatures_of_nothing() {
    for (algorithm, pem) in [
        (Algorithm::ES256, P256),
        (Algorithm::ES384, include_str!("../../../conformance/keys/p384.pem")),
        (Algorithm::ES512, include_str!("../../../conformance/keys/p521.pem")),
        (Algorithm::ES256K, include_str!("../../../conformance/keys/secp256k1.pem")),
        (Algorithm::EdDSA, ED25519),
        (Algorithm::RS256, RSA),
        (Algorithm::PS256, RSA),
    ] {
        let key = key(algorithm, pem);
        let ring = Keyring::new(key.clone());
        let header = json!({"alg": algorithm.name()});
        let token = signed_with(&key, &header, &good().to_string());
        taken(on(&ring), &token);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let length = URL_SAFE_NO_PAD.decode_to_vec(signature).unwrap().len();
        for nothing in [
            vec![],
            vec![0; length],
            vec![0; length - 1],
            vec![0; length + 1],
            vec![0xff; length],
            // An `Ecdsa-Sig-Value` of two zeros.
            vec![0x30, 6, 2, 1, 0, 2, 1, 0],
        ] {
            refused(on(&ring), &format!("{signed}.{}", base64url(nothing)));
        }
    }
}

/// `PyJWT` took a part of the expected issuer for the issuer.
#[test]
fn cve_2024_53861_a_part_of_an_issuer() {
    let expected = "https://id.example/tenant-1";
    for issuer in [
        "https://id.example/tenant-10",
        "https://id.example/tenant-1/",
        "https://id.example/tenant-",
        "https://id.example",
        "id.example",
        "https://ID.example/tenant-1",
        "https://id.example/tenant-1\u{0}",
        " https://id.example/tenant-1",
        "",
    ] {
        for config in [native(), flask()] {
            let config = config.decode_issuer([expected, "urn:other"]);
            assert_eq!(says(config, good_with("iss", issuer)), Err(InvalidIssuer), "{issuer:?}");
        }
    }
    for issuer in [json!([expected]), json!({"iss": expected}), json!(null), json!(1)] {
        for config in [native(), flask()] {
            let answer = says(config.decode_issuer([expected]), good_with("iss", issuer.clone()));
            assert_eq!(answer, Err(InvalidIssuer), "{issuer}");
        }
    }
    for config in [native(), flask()] {
        assert_eq!(says(config.decode_issuer([expected]), good_with("iss", expected)), Ok(()));
    }
}

/// jsonwebtoken for Rust took a date that is no number for a date that is not there.
#[test]
fn cve_2026_25537_dates_that_are_no_numbers() {
    let later = NOW + 1e6;
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!(format!("{later}")),
            json!([later]),
            json!({"$date": later}),
            json!(null),
            json!("tomorrow"),
            json!(""),
            json!(false),
        ] {
            let answer = says(native(), good_with(name, value.clone()));
            assert_eq!(answer, Err(InvalidClaim), "{name} {value}");
        }
    }
    // Neither is a lax reader one that looks away.
    for (name, value) in
        [("nbf", json!(format!("{later:.0}"))), ("exp", json!("1")), ("exp", json!(false))]
    {
        assert!(says(flask(), good_with(name, value.clone())).is_err(), "{name} {value}");
    }
}

/// `PyJWT` took signatures with letters in them that are none of base64url's, so that one token had many
/// spellings and a list of revoked texts caught one of them.
#[test]
fn cve_2026_102269_one_token_has_one_spelling() {
    let token = forge(good().to_string());
    taken([native(), flask()], &token);
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let last = signature.chars().last().unwrap();
    // Of the last letter's six bits, two mean nothing.
    let other_last =
        ["AEIMQUYcgkosw048", "BFJNRVZdhlptx159", "CGKOSWaeimquy26-", "DHLPTXbfjnrvz37_"];
    let place = other_last[0].find(last).unwrap();
    for row in &other_last[1..] {
        let letter = row.as_bytes()[place] as char;
        let cut = &signature[..signature.len() - 1];
        refused([native(), flask()], &format!("{header}.{payload}.{cut}{letter}"));
    }
    for junk in ["!", "\n", " ", "\t", "\0", "A", "AA", "%3D", "=", "==", "\u{fe0f}", ".", ".."] {
        let after = format!("{token}{junk}");
        refused([native()], &after);
        // Only padding of the right length is passed over, as Flask-JWT-Extended has it.
        if junk != "=" {
            refused([flask()], &after);
        }
        refused([native(), flask()], &format!("{junk}{token}"));
        refused([native(), flask()], &format!("{header}.{junk}{payload}.{signature}"));
    }
    let classic = signature.replace('-', "+").replace('_', "/");
    if classic != signature {
        refused([native(), flask()], &format!("{header}.{payload}.{classic}"));
    }
}

/// python-jose unpacked whatever a token told it to (a "JWT bomb"). Here is nothing that unpacks.
#[test]
fn cve_2024_33664_nothing_is_unpacked() {
    // Five segments, as encrypted tokens have, are no token.
    let five = format!(
        "{}.AAAA.AAAA.AAAA.AAAA",
        base64url(r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#)
    );
    for config in [native(), flask()] {
        assert_eq!(says_to_token(config, &five, &Policy::required()), Err(MalformedToken));
    }
    let ring = Keyring::new(SigningKey::hmac(Algorithm::HS256, SECRET).unwrap());
    for error in [
        engine(native()).check_token(&five, &Policy::required()).unwrap_err(),
        jws::verify(five.as_bytes(), &ring, Algorithm::HS256).unwrap_err(),
        UnverifiedToken::read(&five, 16 * 1024).unwrap_err(),
    ] {
        assert_eq!(error.kind(), MalformedToken);
        assert!(error.to_string().contains("three segments"), "{error}");
    }
    // `zip` in a signed token means nothing; the payload is the JSON that stands there or none.
    let header = json!({"alg": "HS256", "zip": "DEF"}).to_string();
    let deflated = [0x4b, 0x04, 0x00];
    assert_eq!(
        says_to_token(native(), &forge_with(&header, deflated), &Policy::required()),
        Err(MalformedToken)
    );
    taken([native(), flask()], &forge_with(header, good().to_string()));
}

/// Path traversal and SQL in `kid` worked where it named a file or a row. Here it is only compared.
#[test]
fn a_kid_is_only_compared() {
    let named = SigningKey::hmac(Algorithm::HS256, SECRET).unwrap().with_kid("2026");
    let ring = Keyring::new(named);
    let empty_file = mac(Algorithm::HS256, b"", b"");
    assert_eq!(empty_file.len(), 32);
    for kid in [
        "../../../../../../dev/null",
        "/proc/sys/kernel/randomize_va_space",
        "2026\0",
        "2026' UNION SELECT 'secret",
        "'; DROP TABLE keys; --",
        "file:///etc/hostname",
        "|/bin/true",
        "2026/../2026",
        "",
        "*",
    ] {
        let header = json!({"alg": "HS256", "kid": kid});
        for (secret, well_signed) in [(b"".as_slice(), false), (SECRET.as_bytes(), true)] {
            let signed =
                format!("{}.{}", base64url(header.to_string()), base64url(good().to_string()));
            let signature = base64url(mac(Algorithm::HS256, secret, signed.as_bytes()));
            for config in on(&ring) {
                let token = format!("{signed}.{signature}");
                let answer = says_to_token(config, &token, &Policy::required());
                assert_eq!(answer, Err(UnknownKey), "{kid:?} {well_signed}");
            }
        }
    }
    for kid in [json!(["2026"]), json!({"2026": 1}), json!(2026), json!(null)] {
        let header = json!({"alg": "HS256", "kid": kid}).to_string();
        refused(on(&ring), &forge_with(header, good().to_string()));
    }
}

fn pem_contents(pem: &str) -> Vec<u8> {
    let letters: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    base64_simd::STANDARD.decode_to_vec(letters).unwrap()
}

/// A MAC under any key, also under those that no engine takes.
fn mac(algorithm: Algorithm, secret: &[u8], message: &[u8]) -> Vec<u8> {
    use aws_lc_rs::hmac::{HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, Key, sign};
    let hash = match algorithm {
        Algorithm::HS256 => HMAC_SHA256,
        Algorithm::HS384 => HMAC_SHA384,
        _ => HMAC_SHA512,
    };
    sign(&Key::new(hash, secret), message).as_ref().to_vec()
}
