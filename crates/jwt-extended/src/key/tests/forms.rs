//! The forms in which keys come: PEM and DER.

use super::*;
use crate::DecodeOptions;

/// Whether the two keys belong together.
#[track_caller]
fn fit(algorithm: Algorithm, signing: &SigningKey, verifying: &VerifyingKey) {
    let signature = signing.sign(b"message").unwrap();
    assert!(verifying.verify(algorithm, b"message", &signature), "{algorithm}");
}

const PRIVATE: [(Algorithm, &str); 13] = [
    (Algorithm::RS256, shared_key!("rsa.pem")),
    (Algorithm::PS512, shared_key!("rsa.pem")),
    (Algorithm::RS256, own_key!("rsa.pkcs1.pem")),
    (Algorithm::ES256, shared_key!("p256.pem")),
    (Algorithm::ES256, own_key!("p256.sec1.pem")),
    (Algorithm::ES256, own_key!("p256.params.pem")),
    (Algorithm::ES384, shared_key!("p384.pem")),
    (Algorithm::ES384, own_key!("p384.sec1.pem")),
    (Algorithm::ES512, shared_key!("p521.pem")),
    (Algorithm::ES512, own_key!("p521.sec1.pem")),
    (Algorithm::ES256K, shared_key!("secp256k1.pem")),
    (Algorithm::ES256K, own_key!("secp256k1.sec1.pem")),
    (Algorithm::EdDSA, shared_key!("ed25519.pem")),
];

const PUBLIC: [(Algorithm, &str); 12] = [
    (Algorithm::RS256, shared_key!("rsa.pub.pem")),
    (Algorithm::PS256, shared_key!("rsa.pub.pem")),
    (Algorithm::RS256, own_key!("rsa.pub.pkcs1.pem")),
    (Algorithm::PS384, own_key!("rsa.pub.pkcs1.pem")),
    (Algorithm::RS256, own_key!("rsa.cert.pem")),
    (Algorithm::ES256, shared_key!("p256.pub.pem")),
    (Algorithm::ES256, own_key!("p256.cert.pem")),
    (Algorithm::ES384, shared_key!("p384.pub.pem")),
    (Algorithm::ES512, shared_key!("p521.pub.pem")),
    (Algorithm::ES256K, shared_key!("secp256k1.pub.pem")),
    (Algorithm::EdDSA, shared_key!("ed25519.pub.pem")),
    (Algorithm::EdDSA, own_key!("ed25519.cert.pem")),
];

/// A PEM as files, environments and copying make it.
fn spellings(pem: &str) -> [String; 6] {
    [
        pem.to_owned(),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\\r\\n"),
        format!("\n\n  a remark of a tool\n{pem}\n\n"),
        pem.trim_end().to_owned(),
    ]
}

#[test]
fn private_keys_of_every_form() {
    for (algorithm, pem) in PRIVATE {
        for spelling in spellings(pem) {
            let key = SigningKey::from_pem(algorithm, &spelling)
                .unwrap_or_else(|e| panic!("{algorithm}: {e}\n{spelling}"));
            fit(algorithm, &key, &pair(algorithm).1);
        }
        let blocks = ::pem::parse_many(pem).unwrap();
        let key = SigningKey::from_der(algorithm, blocks.last().unwrap().contents()).unwrap();
        fit(algorithm, &key, &pair(algorithm).1);
    }
}

#[test]
fn public_keys_of_every_form() {
    for (algorithm, pem) in PUBLIC {
        for spelling in spellings(pem) {
            let key = VerifyingKey::from_pem(algorithm, &spelling)
                .unwrap_or_else(|e| panic!("{algorithm}: {e}\n{spelling}"));
            fit(algorithm, &pair(algorithm).0, &key);
        }
        let key = VerifyingKey::from_der(algorithm, der(pem)).unwrap();
        fit(algorithm, &pair(algorithm).0, &key);
    }
}

#[test]
fn the_longest_rsa_keys_work_from_end_to_end() {
    let key = SigningKey::from_pem(Algorithm::RS256, own_key!("rsa8192.pem")).unwrap();
    let engine =
        crate::JwtEngine::new(crate::Config::builder().keyring(Keyring::new(key)).build().unwrap());
    let token = engine.create_access_token("anna").encode().unwrap();
    assert_eq!(
        engine.decode(token.as_str(), &DecodeOptions::default()).unwrap().identity(),
        "anna"
    );
}

#[test]
fn keys_of_another_kind_are_refused() {
    let kinds = [
        (Algorithm::RS256, "RS256 needs an RSA key"),
        (Algorithm::PS512, "PS512 needs an RSA key"),
        (Algorithm::ES256, "ES256 needs an EC key on the curve P-256"),
        (Algorithm::ES384, "ES384 needs an EC key on the curve P-384"),
        (Algorithm::ES512, "ES512 needs an EC key on the curve P-521"),
        (Algorithm::ES256K, "ES256K needs an EC key on the curve secp256k1"),
        (Algorithm::EdDSA, "EdDSA needs an Ed25519 key"),
        (Algorithm::HS256, "HS256 needs a secret"),
    ];
    for (algorithm, why) in kinds {
        let same_kind = |of: Algorithm| algorithm == of || algorithm.family() == of.family();
        let is_rsa = algorithm.family() == crate::algorithm::Family::Rsa;
        for (of, pem) in PRIVATE {
            if of != algorithm && !(is_rsa && same_kind(of)) {
                refused(SigningKey::from_pem(algorithm, pem), why);
                refused(SigningKey::from_der(algorithm, der(pem)), why);
            }
        }
        for (of, pem) in PUBLIC {
            if of != algorithm && !(is_rsa && same_kind(of)) {
                refused(VerifyingKey::from_pem(algorithm, pem), why);
                refused(VerifyingKey::from_der(algorithm, der(pem)), why);
            }
        }
        refused(SigningKey::from_der(algorithm, b""), why);
        refused(VerifyingKey::from_der(algorithm, b""), why);
        refused(VerifyingKey::from_der(algorithm, b"\0"), why);
    }
}

#[test]
fn short_rsa_keys_are_refused_as_such() {
    for pem in [own_key!("rsa1024.pem"), own_key!("rsa1024.pkcs1.pem")] {
        refused(SigningKey::from_pem(Algorithm::RS256, pem), "at least 2048 bits");
        refused(SigningKey::from_der(Algorithm::PS256, der(pem)), "at least 2048 bits");
    }
    let public = own_key!("rsa1024.pub.pem");
    refused(VerifyingKey::from_pem(Algorithm::PS256, public), "the RSA key has 1024 bits");
    refused(VerifyingKey::from_der(Algorithm::RS256, der(public)), "the RSA key has 1024 bits");
}

#[test]
fn a_private_key_does_not_verify_and_a_public_one_does_not_sign() {
    for (algorithm, pem) in PRIVATE {
        let pem = pem.rsplit_once("-----BEGIN ").map(|(_, key)| format!("-----BEGIN {key}"));
        refused(VerifyingKey::from_pem(algorithm, pem.unwrap()), "holds a private key");
    }
    for (algorithm, pem) in PUBLIC {
        refused(SigningKey::from_pem(algorithm, pem), "signing needs the private key");
    }
}

#[test]
fn encrypted_and_foreign_keys_say_how_to_convert_them() {
    for pem in [
        own_key!("p256.encrypted.pem"),
        own_key!("p256.sec1.encrypted.pem"),
        own_key!("rsa.pkcs1.encrypted.pem"),
    ] {
        for algorithm in [Algorithm::ES256, Algorithm::RS256] {
            refused(SigningKey::from_pem(algorithm, pem), "is encrypted; decrypt it with");
        }
    }
    let openssh = own_key!("openssh.pem");
    refused(SigningKey::from_pem(Algorithm::EdDSA, openssh), "OpenSSH key; convert it with");
    refused(SigningKey::from_pem(Algorithm::EdDSA, "MC4CAQAwBQ"), "this is no PEM");
    refused(VerifyingKey::from_pem(Algorithm::EdDSA, ""), "this is no PEM");
    let request = "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----";
    refused(SigningKey::from_pem(Algorithm::ES256, request), "but: CERTIFICATE REQUEST");
    refused(VerifyingKey::from_pem(Algorithm::ES256, request), "but: CERTIFICATE REQUEST");
    let parameters = own_key!("p256.params.pem").split("-----BEGIN EC PRIVATE").next().unwrap();
    refused(SigningKey::from_pem(Algorithm::ES256, parameters), "there is no private key");
    let certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----";
    refused(VerifyingKey::from_pem(Algorithm::ES256, certificate), "certificate cannot be read");
}

/// Whoever logs the error of a damaged key must not log the key.
#[test]
fn a_damaged_pem_is_refused_without_being_quoted() {
    let pem = shared_key!("p256.pem");
    let lines: Vec<_> = pem.lines().collect();
    let secret = lines[1];
    for (damaged, why) in [
        (pem.replace(secret, &format!("{secret}\n")), "an empty line"),
        (pem.replace(secret, &format!("{secret}!")), "no base64"),
        (pem.replace("END PRIVATE", "END PUBLIC"), "differ"),
        (pem.replace("-----END PRIVATE KEY-----", ""), "incomplete"),
        (pem.replace(&format!("{}\n", lines[2]), ""), "PKCS#8 private key is none"),
    ] {
        let error = SigningKey::from_pem(Algorithm::ES256, &damaged).unwrap_err().to_string();
        assert!(error.contains(why), "{error}\n{damaged}");
        let quotes = |length: usize| {
            secret
                .as_bytes()
                .windows(length)
                .any(|part| error.contains(std::str::from_utf8(part).unwrap()))
        };
        assert!(!quotes(8), "{error}");
    }
}
