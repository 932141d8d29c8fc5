use super::*;
use crate::algorithm::Algorithms;

mod forms;
mod generated;
mod jwks;
mod published;
mod signatures;

pub(super) const SECRET: &[u8; 64] =
    b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

macro_rules! shared_key {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/keys/", $name))
    };
}

macro_rules! own_key {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys/", $name))
    };
}

pub(crate) use {own_key, shared_key};

/// Private and public key in PEM, of the kind that an asymmetric algorithm needs.
pub(super) fn pems(algorithm: Algorithm) -> (&'static str, &'static str) {
    match algorithm {
        Algorithm::ES256 => (shared_key!("p256.pem"), shared_key!("p256.pub.pem")),
        Algorithm::ES384 => (shared_key!("p384.pem"), shared_key!("p384.pub.pem")),
        Algorithm::ES512 => (shared_key!("p521.pem"), shared_key!("p521.pub.pem")),
        Algorithm::ES256K => (shared_key!("secp256k1.pem"), shared_key!("secp256k1.pub.pem")),
        Algorithm::EdDSA => (shared_key!("ed25519.pem"), shared_key!("ed25519.pub.pem")),
        _ => (shared_key!("rsa.pem"), shared_key!("rsa.pub.pem")),
    }
}

/// A pair of keys, read apart from each other.
pub(super) fn pair(algorithm: Algorithm) -> (SigningKey, VerifyingKey) {
    if algorithm.is_symmetric() {
        let signing = SigningKey::hmac(algorithm, SECRET).unwrap();
        return (signing, VerifyingKey::hmac(algorithm, SECRET).unwrap());
    }
    let (private, public) = pems(algorithm);
    let signing = SigningKey::from_pem(algorithm, private).unwrap();
    (signing, VerifyingKey::from_pem(algorithm, public).unwrap())
}

/// The octets of the first block of a PEM.
pub(super) fn der(pem: &str) -> Vec<u8> {
    ::pem::parse(pem).unwrap().into_contents()
}

/// Asserts that a key was refused, with a text that says why.
#[track_caller]
pub(super) fn refused<K: std::fmt::Debug>(result: Result<K, KeyError>, why: &str) {
    match result {
        Ok(key) => panic!("taken, though: {why} ({key:?})"),
        Err(error) => assert!(error.to_string().contains(why), "{error}\nis not about\n{why}"),
    }
}

#[test]
fn every_algorithm_signs_and_verifies() {
    for algorithm in Algorithm::ALL {
        let (signing, verifying) = pair(algorithm);
        let signature = signing.sign(b"message").unwrap();
        for key in [verifying, signing.verifying_key()] {
            assert!(key.verify(algorithm, b"message", &signature), "{algorithm}");
            assert!(!key.verify(algorithm, b"massage", &signature), "{algorithm}");
            for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
                assert!(!key.verify(other, b"message", &signature), "{algorithm} as {other}");
            }
        }
    }
}

#[test]
fn one_key_serves_several_algorithms_of_its_family_and_no_others() {
    use Algorithm::{ES256, HS256, HS384, HS512, PS256, RS256, RS512};
    let rsa = shared_key!("rsa.pub.pem");
    let key = VerifyingKey::from_pem([RS256, PS256], rsa).unwrap();
    assert_eq!(key.algorithms(), Algorithms::from([PS256, RS256]));
    for (algorithm, taken) in [(RS256, true), (PS256, true), (RS512, false)] {
        let signature = pair(algorithm).0.sign(b"m").unwrap();
        assert_eq!(key.verify(algorithm, b"m", &signature), taken, "{algorithm}");
    }
    let key = VerifyingKey::hmac([HS256, HS512], SECRET).unwrap();
    assert!(!key.verify(HS384, b"m", &pair(HS384).0.sign(b"m").unwrap()));
    refused(VerifyingKey::from_pem([RS256, ES256], rsa), "ES256 needs an EC key");
    refused(VerifyingKey::from_pem([RS256, HS256], rsa), "HS256 needs a secret");
    refused(VerifyingKey::hmac([HS256, RS256], SECRET), "RS256 does not work with a secret");
    let none = Algorithms::default();
    refused(VerifyingKey::hmac(none, SECRET), "at least one algorithm");
    refused(VerifyingKey::from_pem(none, rsa), "at least one algorithm");
    refused(VerifyingKey::from_jwk(none, r#"{"kty":"oct","k":"QQ"}"#), "at least one algorithm");
}

#[test]
fn secrets_are_as_long_as_the_hash() {
    for (algorithm, least) in
        [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)]
    {
        assert!(SigningKey::hmac(algorithm, &SECRET[..least]).is_ok());
        assert!(VerifyingKey::hmac(algorithm, &SECRET[..least]).is_ok());
        let short = &SECRET[..least - 1];
        let why = format!("the secret has {} bytes, {algorithm} needs at least {least}", least - 1);
        refused(SigningKey::hmac(algorithm, short), &why);
        refused(VerifyingKey::hmac(algorithm, short), &why);

        let signing = SigningKey::insecure_hmac(algorithm, short).unwrap();
        let verifying = VerifyingKey::insecure_hmac(algorithm, short).unwrap();
        assert!(verifying.verify(algorithm, b"m", &signing.sign(b"m").unwrap()));
        refused(SigningKey::insecure_hmac(algorithm, b""), "the secret is empty");
        refused(VerifyingKey::hmac(algorithm, b""), "needs at least");
    }
    let all = [Algorithm::HS256, Algorithm::HS512];
    refused(VerifyingKey::hmac(all, &SECRET[..32]), "HS512 needs at least 64");
    refused(SigningKey::hmac(Algorithm::ES256, SECRET), "ES256 does not work with a secret");
}

#[test]
fn a_public_key_is_no_secret() {
    let commented = format!("# our key\n  {}", shared_key!("rsa.pub.pem"));
    let one_line = shared_key!("p256.pub.pem").replace('\n', "\\n");
    for secret in [
        shared_key!("rsa.pub.pem"),
        shared_key!("p256.pem"),
        own_key!("rsa.cert.pem"),
        own_key!("rsa.pub.pkcs1.pem"),
        own_key!("openssh.pem"),
        &commented,
        &one_line,
        "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAAB",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0eT2gBH9tSwQzHmBo1Y5mM2q7Y8r1l someone",
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBK",
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIN",
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        r#"[{"k\u0074y":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]"#,
        r#"{"tenant":{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7"}]}}"#,
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#,
    ] {
        refused(SigningKey::hmac(Algorithm::HS256, secret), "this is an asymmetric key");
        refused(SigningKey::insecure_hmac(Algorithm::HS256, secret), "this is an asymmetric key");
        refused(VerifyingKey::hmac(Algorithm::HS256, secret), "this is an asymmetric key");
        refused(VerifyingKey::insecure_hmac(Algorithm::HS256, secret), "this is an asymmetric key");
    }
}

#[test]
fn a_public_key_in_der_is_no_secret() {
    let base64 = |der: &[u8]| base64_simd::STANDARD.encode_to_string(der).into_bytes();
    for pem in [
        shared_key!("rsa.pub.pem"),
        shared_key!("p256.pub.pem"),
        shared_key!("ed25519.pub.pem"),
        own_key!("rsa.pub.pkcs1.pem"),
        own_key!("rsa.cert.pem"),
        own_key!("p256.cert.pem"),
    ] {
        let der = der(pem);
        for secret in
            [base64(&der), [b" ", &base64(&der)[..40], b"\n", &base64(&der)[40..]].concat(), der]
        {
            refused(SigningKey::hmac(Algorithm::HS256, &secret), "this is an asymmetric key");
            refused(
                VerifyingKey::insecure_hmac(Algorithm::HS256, secret),
                "this is an asymmetric key",
            );
        }
    }
    // What only begins like one is as good as any.
    for secret in [[0x30; 32], *b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"] {
        assert!(SigningKey::hmac(Algorithm::HS256, secret).is_ok());
    }
}

#[test]
fn debug_forms_show_names_and_nothing_else() {
    let shown = |algorithm| {
        let (signing, verifying) = pair(algorithm);
        let ring = Keyring::new(signing.clone().with_kid("new")).also_verify(verifying.clone());
        format!("{signing:?} {verifying:?} {ring:?}")
    };
    assert_eq!(
        shown(Algorithm::HS256),
        "SigningKey { kid: None, algorithm: HS256, .. } \
         VerifyingKey { kid: None, algorithms: {HS256}, .. } \
         Ok(Keyring { signing: Some(SigningKey { kid: Some(\"new\"), algorithm: HS256, .. }), \
         verifying: [VerifyingKey { kid: Some(\"new\"), algorithms: {HS256}, .. }, \
         VerifyingKey { kid: None, algorithms: {HS256}, .. }], .. })"
    );
    for algorithm in Algorithm::ALL {
        let shape = shown(Algorithm::HS256).replace("HS256", algorithm.name());
        assert_eq!(shown(algorithm), shape);
    }
}

#[test]
fn a_ring_has_no_two_keys_of_one_name() {
    let key = |kid: &str| pair(Algorithm::HS256).1.with_kid(kid);
    let ring = Keyring::verify_only(key("a")).also_verify(key("b")).unwrap();
    assert_eq!(ring.verifying_keys().len(), 2);
    assert!(ring.signing_key().is_none());
    refused(ring.also_verify(key("b")), "two keys have the `kid` \"b\"");
}
