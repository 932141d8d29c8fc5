//! `jwt-extended keygen` and `jwt-extended secret`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::Folder;
use jwt_extended::{Algorithm, SigningKey, VerifyingKey};
use serde_json::Value;

fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric())
}

/// The arguments for a key that does not take long.
fn quickly(algorithm: Algorithm) -> Vec<&'static str> {
    let mut arguments = vec!["keygen", algorithm.name()];
    if algorithm.name().starts_with(['R', 'P']) {
        arguments.extend(["--bits", "2048"]);
    }
    arguments
}

#[test]
fn pairs_of_files_for_every_asymmetric_algorithm() {
    for algorithm in asymmetric() {
        for format in ["pem", "jwk"] {
            let folder = Folder::new();
            let mut arguments = quickly(algorithm);
            arguments.extend(["--format", format, "--out", "private", "--public", "public"]);
            let answer = folder.run(&arguments);
            assert_eq!((answer.code, &*answer.out), (0, ""), "{answer:?}");
            let (private, public) = (folder.read("private"), folder.read("public"));
            let (signing, verifying) = if format == "pem" {
                (
                    SigningKey::from_pem(algorithm, private),
                    VerifyingKey::from_pem(algorithm, public),
                )
            } else {
                (
                    SigningKey::from_jwk(algorithm, private),
                    VerifyingKey::from_jwk(algorithm, public),
                )
            };
            let (signing, verifying) = (signing.unwrap(), verifying.unwrap());
            assert!(verifying.verify(algorithm, b"m", &signing.sign(b"m").unwrap()));
            let kid = verifying.public_key().unwrap().kid().to_owned();
            assert_eq!(answer.err, format!("kid: {kid}\n"));
        }
    }
}

#[test]
fn secrets_as_jwks() {
    let folder = Folder::new();
    for name in ["HS256", "HS384", "HS512"] {
        let jwk = folder.run(&["keygen", name]).good();
        assert!(SigningKey::from_jwk(name.parse().unwrap(), &jwk).is_ok());
        folder.run(&["keygen", name, "--format", "pem"]).refused("`jwt-extended secret`");
        let public = ["keygen", name, "--public", "public"];
        folder.run(&public).refused("of which nothing is public");
    }
    assert!(!folder.path("public").exists());
}

#[test]
fn names() {
    let folder = Folder::new();
    let jwk = folder.run(&["keygen", "es256", "--format", "jwk", "--kid", "this \"year\""]).good();
    assert_eq!(serde_json::from_str::<Value>(&jwk).unwrap()["kid"], "this \"year\"");
    let answer = folder.run(&["keygen", "ES256", "--kid", "2026"]);
    assert_eq!(answer.err, "kid: 2026\nPEM has no room for a name: set JWT_KEY_ID to it\n");
    assert!(answer.good().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert_eq!(folder.run(&["keygen", "ES256", "--kid", ""]).code, 2);
}

#[test]
fn bits_are_for_rsa() {
    let folder = Folder::new();
    folder.run(&["keygen", "RS256", "--bits", "1024"]).refused("not with 1024");
    folder.run(&["keygen", "ES256", "--bits", "2048"]).refused("does not work with an RSA key");
    let pem = folder.run(&["keygen", "PS512"]).good();
    let key = SigningKey::from_pem(Algorithm::PS512, pem).unwrap();
    assert_eq!(key.sign(b"m").unwrap().len() * 8, 3072);
}

#[test]
fn no_file_is_overwritten_and_no_half_is_left() {
    let folder = Folder::new();
    folder.write("old", "the only copy");
    let run = |out, public| folder.run(&["keygen", "EdDSA", "--out", out, "--public", public]);
    run("old", "new").refused("old exists and is not overwritten");
    run("new", "old").refused("old exists and is not overwritten");
    run("new", "new").refused("new exists and is not overwritten");
    folder.run(&["secret", "--out", "old"]).refused("old exists");
    assert_eq!(folder.read("old"), "the only copy");
    assert!(!folder.path("new").exists());
    run("no/such/folder", "new").refused("cannot write no/such/folder");
}

#[cfg(unix)]
#[test]
fn private_files_are_their_owners_alone() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new();
    folder.run(&["keygen", "EdDSA", "--out", "key", "--public", "public"]).good();
    folder.run(&["secret", "--out", "secret"]).good();
    let mode = |name| folder.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("key"), mode("secret")), (0o600, 0o600));
    assert_eq!(mode("public") & 0o600, 0o600);

    symlink(folder.path("elsewhere"), folder.path("link")).unwrap();
    folder.run(&["keygen", "EdDSA", "--out", "link"]).refused("exists");
    assert!(!folder.path("elsewhere").exists(), "nor is anything written through a link");
}

#[test]
fn secrets_are_long_and_never_the_same() {
    let folder = Folder::new();
    let secret = |arguments: &[&str]| folder.run(arguments).good();
    let (one, two) = (secret(&["secret"]), secret(&["secret"]));
    assert_ne!(one, two);
    assert_eq!(one.len(), 65);
    assert!(one.trim_end().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert!(SigningKey::hmac(algorithm, one.trim_end()).is_ok());
    }
    let line = secret(&["secret", "--env", "--bytes", "32"]);
    assert_eq!(line.strip_prefix("JWT_SECRET_KEY=").unwrap().len(), 44);
    assert_eq!(secret(&["secret", "--env", "--out", "env"]), "");
    assert!(folder.read("env").starts_with("JWT_SECRET_KEY="));
    for wrong in ["31", "1025", "-1", "many"] {
        assert_eq!(folder.run(&["secret", "--bytes", wrong]).code, 2, "{wrong}");
    }
}
