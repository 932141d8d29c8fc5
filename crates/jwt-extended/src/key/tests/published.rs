//! What is told to others: thumbprints, public JWKs, sets of them.

use serde_json::{Value, json};

use super::*;

/// With the thumbprints of the test keys, as Python's `hashlib` and `cryptography` compute them.
const ASYMMETRIC: [(Algorithm, &str); 11] = [
    (Algorithm::RS256, "9UZSIQ3f5ehBCqhRy7dI4_qrq-CSPvgujJAEo_7TitI"),
    (Algorithm::RS384, "9UZSIQ3f5ehBCqhRy7dI4_qrq-CSPvgujJAEo_7TitI"),
    (Algorithm::RS512, "9UZSIQ3f5ehBCqhRy7dI4_qrq-CSPvgujJAEo_7TitI"),
    (Algorithm::PS256, "9UZSIQ3f5ehBCqhRy7dI4_qrq-CSPvgujJAEo_7TitI"),
    (Algorithm::PS384, "9UZSIQ3f5ehBCqhRy7dI4_qrq-CSPvgujJAEo_7TitI"),
    (Algorithm::PS512, "9UZSIQ3f5ehBCqhRy7dI4_qrq-CSPvgujJAEo_7TitI"),
    (Algorithm::ES256, "EgEdqGgNbamP6fG462dKQVQ2Phf_Lul5Zw0SeonG_x0"),
    (Algorithm::ES384, "IACLmO9OU3VTcjTukWfSNKtEQuPDeEEqJCHql6KUQfY"),
    (Algorithm::ES512, "aCPjSpOdNJYQunEsru06D1A-8uq2Qr_q_L1A1V210dw"),
    (Algorithm::ES256K, "lzh-M1yTb_m1tToZEyqCZSI597AhbncEczPhzNxhAWo"),
    (Algorithm::EdDSA, "B57GzJqoh8OQcLlPY7-tBfZIO1LvF21a7qQ5NxIqrUw"),
];

fn public(key: &VerifyingKey) -> PublicKey {
    key.public_key().unwrap()
}

fn object(jwk: &str) -> Value {
    serde_json::from_str(jwk).unwrap()
}

#[test]
fn thumbprints_of_the_rfcs() {
    // RFC 7638 section 3.1
    let rsa = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    });
    // RFC 8037 appendix A.3
    let ed25519 = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    for (algorithm, jwk, thumbprint) in [
        (Algorithm::RS256, rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        (Algorithm::EdDSA, ed25519, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
    ] {
        let key = public(&VerifyingKey::from_jwk(algorithm, jwk.to_string()).unwrap());
        assert_eq!(key.thumbprint(), thumbprint);
        assert_eq!(key.kid(), jwk["kid"].as_str().unwrap_or(thumbprint));
    }
}

#[test]
fn one_key_has_one_thumbprint_in_every_form() {
    for (algorithm, thumbprint) in ASYMMETRIC {
        let (signing, verifying) = pair(algorithm);
        let jwk = public(&verifying).to_jwk();
        let pem = public(&verifying).to_pem();
        assert_eq!(pem, pems(algorithm).1, "as openssl writes it");
        for key in [
            signing.verifying_key(),
            verifying.clone(),
            verifying.with_kid("2026"),
            VerifyingKey::from_jwk(algorithm, &jwk).unwrap(),
            VerifyingKey::from_pem(algorithm, &pem).unwrap(),
            VerifyingKey::from_der(algorithm, der(&pem)).unwrap(),
        ] {
            assert_eq!(public(&key).thumbprint(), thumbprint, "{algorithm}");
            assert!(key.verify(algorithm, b"m", &signing.sign(b"m").unwrap()), "{algorithm}");
        }
    }
    let thumbprint = |algorithm, pem| {
        public(&VerifyingKey::from_pem(algorithm, pem).unwrap()).thumbprint().to_owned()
    };
    for pem in [own_key!("rsa.pub.pkcs1.pem"), own_key!("rsa.cert.pem")] {
        assert_eq!(thumbprint(Algorithm::PS256, pem), ASYMMETRIC[0].1);
    }
    let compressed = "-----BEGIN PUBLIC KEY-----\nMDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACXC2UMYvTqjaCem1G3NMwKJvA0Ro7lHJWafCqd3V1OO8=\n-----END PUBLIC KEY-----\n";
    for pem in [own_key!("p256.cert.pem"), compressed] {
        assert_eq!(thumbprint(Algorithm::ES256, pem), ASYMMETRIC[6].1);
    }
    assert_eq!(thumbprint(Algorithm::EdDSA, own_key!("ed25519.cert.pem")), ASYMMETRIC[10].1);
    let mut padded = object(&public(&pair(Algorithm::RS256).1).to_jwk());
    let n = crate::base64url::decode(padded["n"].as_str().unwrap().as_bytes()).unwrap();
    padded["n"] = crate::base64url::encode(&[&[0, 0], n.as_slice()].concat()).into();
    let key = VerifyingKey::from_jwk(Algorithm::RS256, padded.to_string()).unwrap();
    assert_eq!(public(&key).thumbprint(), ASYMMETRIC[0].1, "leading zeros are no part of it");
}

#[test]
fn a_public_jwk_has_these_members_and_no_others() {
    for (algorithm, thumbprint) in ASYMMETRIC {
        let key = pair(algorithm).0.verifying_key();
        let jwk = object(&public(&key).to_jwk());
        let own: &[&str] = match jwk["kty"].as_str().unwrap() {
            "RSA" => &["e", "n"],
            "EC" => &["crv", "x", "y"],
            _ => &["crv", "x"],
        };
        let mut expected: Vec<_> = ["alg", "kid", "kty", "use"].iter().chain(own).collect();
        expected.sort();
        assert_eq!(jwk.as_object().unwrap().keys().collect::<Vec<_>>(), expected, "{algorithm}");
        assert_eq!(jwk["alg"], algorithm.name());
        assert_eq!(jwk["use"], "sig");
        assert_eq!(jwk["kid"], thumbprint);
        let named = public(&key.with_kid("a \"name\"\n"));
        assert_eq!(object(&named.to_jwk())["kid"], "a \"name\"\n");
    }
    let several = [Algorithm::RS256, Algorithm::PS256];
    let key = VerifyingKey::from_pem(several, shared_key!("rsa.pub.pem")).unwrap();
    assert_eq!(object(&public(&key).to_jwk()).get("alg"), None, "one `alg` would be a lie");
}

#[test]
fn a_set_holds_the_public_keys_of_a_ring_and_no_secret() {
    let (rsa, ec) = (pair(Algorithm::RS256).0, pair(Algorithm::ES256).1.with_kid("old"));
    let ring = Keyring::new(rsa).also_verify(ec).unwrap();
    let ring = ring.also_verify(pair(Algorithm::HS256).1).unwrap();
    let ring = ring.also_verify(pair(Algorithm::HS512).1.with_kid("secret")).unwrap();
    let set = ring.jwk_set();
    let json = object(&set.to_json());
    let kids: Vec<_> = json["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert_eq!(kids, [ASYMMETRIC[0].1, "old"]);
    assert_eq!(json.as_object().unwrap().len(), 1);

    let read = Keyring::from_jwk_set(Algorithm::ALL, &set.to_json()).unwrap();
    assert_eq!(read.jwk_set().to_json(), set.to_json());
    assert_eq!(read.jwk_set().version(), set.version());
    let fewer = Keyring::new(pair(Algorithm::RS256).0).jwk_set();
    assert_ne!(fewer.version(), set.version());

    let none = Keyring::new(pair(Algorithm::HS256).0).jwk_set();
    assert!(none.is_empty());
    assert_eq!(none.to_json(), r#"{"keys":[]}"#);
}

#[test]
fn a_key_that_is_held_twice_is_published_once() {
    let ps = VerifyingKey::from_pem(Algorithm::PS256, shared_key!("rsa.pub.pem")).unwrap();
    let ring = Keyring::new(pair(Algorithm::RS256).0).also_verify(ps.clone()).unwrap();
    let set = ring.jwk_set();
    let [key] = set.keys() else { panic!("{set:?}") };
    assert_eq!(key.algorithms(), [Algorithm::RS256, Algorithm::PS256].into());
    assert!(Keyring::from_jwk_set(Algorithm::PS256, &set.to_json()).is_ok());
    let two = Keyring::new(pair(Algorithm::RS256).0).also_verify(ps.with_kid("ps")).unwrap();
    assert_eq!(two.jwk_set().keys().len(), 2, "by another name it is another key");
}

#[test]
fn a_kid_finds_the_key_of_this_thumbprint_first_and_open_keys_after_it() {
    let key = |pem| VerifyingKey::from_pem(Algorithm::ES256, pem).unwrap();
    let (first, second) =
        (key(shared_key!("p256.pub.pem")), key(shared_key!("p256_other.pub.pem")));
    let thumbprint = |key: &VerifyingKey| public(key).thumbprint().to_owned();
    let (one, two) = (thumbprint(&first), thumbprint(&second));
    let ring = Keyring::verify_only(first.clone()).also_verify(second.clone()).unwrap();
    let order = |ring: &Keyring, kid: Option<&str>| -> Vec<String> {
        ring.candidates(Algorithm::ES256, kid).map(thumbprint).collect()
    };
    assert_eq!(order(&ring, Some(&two)), [two.clone(), one.clone()]);
    assert_eq!(order(&ring, Some("any")), [one.clone(), two.clone()]);
    assert_eq!(order(&ring, None), [one.clone(), two.clone()]);
    let named = Keyring::verify_only(first.with_kid("one")).also_verify(second).unwrap();
    assert_eq!(order(&named, Some(&one)), [&*two], "a name is the only one");
    assert_eq!(order(&named, Some("one")), [one, two]);
}
