//! `jwt-extended jwks`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{Folder, shared_key};
use jwt_extended::{Algorithm, Keyring};
use serde_json::{Value, json};

fn keys(set: &str) -> Vec<Value> {
    let set: Value = serde_json::from_str(set).unwrap();
    set["keys"].as_array().unwrap().clone()
}

#[test]
fn public_parts_of_keys_of_every_form() {
    let folder = Folder::new();
    let new = |arguments: &[&str], name| folder.write(name, folder.run(arguments).good());
    folder.write("rsa", shared_key("rsa.pem"));
    folder.write("p256", shared_key("p256.pub.pem"));
    folder.write("k1", format!("a remark\n{}", shared_key("secp256k1.pem").replace('\n', "\r\n")));
    new(&["keygen", "EdDSA", "--format", "jwk", "--kid", "2026"], "ed");
    new(&["keygen", "PS256", "--format", "jwk", "--bits", "2048"], "ps");
    new(&["keygen", "ES512"], "p521");
    let set = folder.run(&["jwks", "rsa", "p256", "k1", "ed", "ps", "p521"]).good();
    let found: Vec<_> = keys(&set).iter().map(|key| key["alg"].clone()).collect();
    assert_eq!(
        found,
        [
            json!(null),
            json!("ES256"),
            json!("ES256K"),
            json!("EdDSA"),
            json!("PS256"),
            json!("ES512")
        ]
    );
    for key in keys(&set) {
        assert!(key["kid"].is_string() && key["use"] == "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None, "{key}");
        }
    }
    // The thumbprint of conformance/keys/p256.pub.pem.
    assert_eq!(keys(&set)[1]["kid"], "EgEdqGgNbamP6fG462dKQVQ2Phf_Lul5Zw0SeonG_x0");
    assert_eq!(keys(&set)[3]["kid"], "2026");
    let ring = Keyring::from_jwk_set(Algorithm::ALL, &set).unwrap();
    assert_eq!(ring.verifying_keys().len(), 6);
    assert_eq!(folder.run_with(&["jwks", "-"], shared_key("rsa.pem").as_bytes()).code, 0);
}

#[test]
fn algorithms_and_names_can_be_said() {
    let folder = Folder::new();
    folder.write("rsa", shared_key("rsa.pem"));
    folder.write("p256", shared_key("p256.pem"));
    let set = folder.run(&["jwks", "--alg", "ps384", "rsa", "p256"]).good();
    assert_eq!((&keys(&set)[0]["alg"], &keys(&set)[1]["alg"]), (&json!("PS384"), &json!("ES256")));
    let set = folder.run(&["jwks", "--kid", "2026", "rsa"]).good();
    assert_eq!(keys(&set)[0]["kid"], "2026");
    assert_eq!(folder.run(&["jwks", "--alg", "ES256", "p256"]).code, 2, "curves have no choice");
    folder.run(&["jwks", "--kid", "2026", "rsa", "p256"]).refused("names one key");
    folder.run(&["jwks", "rsa", "rsa"]).refused("rsa: a key before it has the same `kid`");
}

#[test]
fn secrets_and_what_is_no_key_are_refused() {
    let folder = Folder::new();
    folder.write("good", shared_key("p256.pem"));
    let oct = folder.run(&["keygen", "HS256"]).good();
    let secret = folder.run(&["secret"]).good();
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----";
    let ec = folder.run(&["keygen", "ES256", "--format", "jwk"]).good();
    let enc = ec.replace("\"sig\"", "\"enc\"");
    let operations = ec.replace("\"use\":\"sig\"", "\"key_ops\":[\"deriveKey\"]");
    for (text, why) in [
        (&*oct, "is a secret"),
        (&secret, "a secret cannot be published"),
        ("", "neither PEM nor JWK"),
        ("{\"keys\":[]}", "is a JWK Set"),
        ("{\"kty\":\"oct\"", "neither a JWK nor a JWK Set"),
        ("{}", "this is no JWK"),
        (encrypted, "is encrypted; decrypt it with"),
        (
            "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
            "no algorithm takes this key",
        ),
        (&enc, "`use` is not `sig`"),
        (&operations, "neither `sign` nor `verify`"),
    ] {
        folder.write("bad", text);
        let answer = folder.run(&["jwks", "good", "bad"]);
        for line in secret.lines().chain(["\"k\":"]) {
            assert!(!answer.err.contains(line), "{answer:?}");
        }
        assert!(answer.err.starts_with("error: bad: "), "{answer:?}");
        answer.refused(why);
    }
    folder.write("bad", [0x30, 0x82, 0xff]);
    folder.run(&["jwks", "bad"]).refused("is no text");
    folder.write("bad", " ".repeat((1 << 20) + 1));
    folder.run(&["jwks", "bad"]).refused("too long");
    folder.run(&["jwks", "nothing"]).refused("cannot read nothing");
    assert_eq!(folder.run(&["jwks"]).code, 2);
}

/// A private JWK may be meant for signing alone; its public part verifies.
#[test]
fn the_operations_of_a_private_key_are_no_hindrance() {
    let folder = Folder::new();
    let jwk = folder.run(&["keygen", "ES256", "--format", "jwk"]).good();
    folder.write("key", jwk.replace("\"use\":\"sig\"", "\"key_ops\":[\"sign\"]"));
    assert_eq!(keys(&folder.run(&["jwks", "key"]).good()).len(), 1);
}
