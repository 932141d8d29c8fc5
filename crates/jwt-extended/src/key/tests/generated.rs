//! New keys of every algorithm, and the forms in which they are written.

use serde_json::Value;

use super::*;

#[test]
fn what_is_written_is_the_key() {
    for algorithm in Algorithm::ALL {
        let new = GeneratedKey::new(algorithm).unwrap();
        let message = b"message";
        let signature = new.signing_key().sign(message).unwrap();
        let jwk = new.private_jwk();
        let fields: Value = serde_json::from_str(&jwk).unwrap();
        assert_eq!(fields["alg"], algorithm.name());
        assert_eq!(fields["use"], "sig");

        let mut read = vec![SigningKey::from_jwk(algorithm, &*jwk).unwrap()];
        assert_eq!(read[0].kid(), new.signing_key().kid());
        match new.public_key() {
            None => {
                assert!(algorithm.is_symmetric());
                assert_eq!(fields.get("kid"), None, "a secret's thumbprint would tell of it");
                refused(new.private_pem(), "PEM has no form for one");
                let secret = crate::base64url::decode(fields["k"].as_str().unwrap().as_bytes());
                assert_eq!(secret.map(|secret| secret.len()), algorithm.min_secret_len());
            }
            Some(public) => {
                let pem = new.private_pem().unwrap();
                assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{algorithm}");
                read.push(SigningKey::from_pem(algorithm, &*pem).unwrap());
                assert_eq!(fields["kid"], public.thumbprint());
                for text in [public.to_jwk(), public.to_pem()] {
                    for part in ["d", "p", "q", "dp", "dq", "qi"].map(|name| &fields[name]) {
                        assert!(!part.as_str().is_some_and(|part| text.contains(part)));
                    }
                }
                let others = VerifyingKey::from_jwk(algorithm, public.to_jwk()).unwrap();
                assert!(others.verify(algorithm, message, &signature));
                let others = VerifyingKey::from_pem(algorithm, public.to_pem()).unwrap();
                assert!(others.verify(algorithm, message, &signature));
            }
        }
        for key in read {
            assert!(key.verifying_key().verify(algorithm, message, &signature), "{algorithm}");
            let signature = key.sign(message).unwrap();
            assert!(new.signing_key().verifying_key().verify(algorithm, message, &signature));
            assert_eq!(
                key.verifying_key().public_key().map(|key| key.thumbprint().to_owned()),
                new.public_key().map(|key| key.thumbprint().to_owned())
            );
        }
        assert_eq!(
            format!("{new:?}"),
            format!("GeneratedKey {{ signing: {:?}, .. }}", new.signing_key())
        );
    }
}

#[test]
fn no_two_keys_are_alike() {
    for algorithm in [Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA] {
        let key = || GeneratedKey::new(algorithm).unwrap().private_jwk();
        assert_ne!(key(), key());
    }
}

#[test]
fn names_are_taken_over() {
    for algorithm in [Algorithm::HS256, Algorithm::ES256] {
        let key = GeneratedKey::new(algorithm).unwrap().with_kid("this \"year\"");
        assert_eq!(key.signing_key().kid(), Some("this \"year\""));
        let read = SigningKey::from_jwk(algorithm, &*key.private_jwk()).unwrap();
        assert_eq!(read.kid(), Some("this \"year\""));
    }
}

#[test]
fn rsa_keys_are_as_long_as_one_says() {
    let key = GeneratedKey::rsa(Algorithm::PS256, 2048).unwrap();
    let jwk: Value = serde_json::from_str(&key.private_jwk()).unwrap();
    let n = crate::base64url::decode(jwk["n"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(n.len() * 8, 2048);
    refused(GeneratedKey::rsa(Algorithm::RS256, 1024), "not with 1024");
    refused(GeneratedKey::rsa(Algorithm::ES256, 2048), "does not work with an RSA key");
}
