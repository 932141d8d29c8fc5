//! Keys that still verify after another one has taken their place.

use super::*;
use crate::{ErrorKind, JwtEngine};

const OLD: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
const OLDER: &str = "the-secret-of-the-day-before-yesterday-which-has-64-bytes-as-well";

fn token(builder: ConfigBuilder) -> String {
    JwtEngine::new(builder.build().unwrap()).create_access_token("anna").encode().unwrap().into()
}

fn says(builder: ConfigBuilder, token: &str) -> Result<(), ErrorKind> {
    let engine = JwtEngine::new(builder.build().unwrap());
    engine.decode(token, &Default::default()).map(|_| ()).map_err(|error| error.kind())
}

fn pair(algorithm: Algorithm, private: &str) -> ConfigBuilder {
    Config::builder().algorithm(algorithm).private_key(private)
}

#[test]
fn an_old_secret_verifies_for_as_long_as_it_is_named() {
    let [old, older] = [OLD, OLDER].map(|secret| token(Config::builder().secret_key(secret)));
    assert_eq!(says(native(), &old), Err(ErrorKind::InvalidSignature));
    let lines = format!("{OLD}\r\n\n{OLDER}\n");
    for builder in [
        native().secret_key_fallbacks([OLD, OLDER]),
        native().set("JWT_SECRET_KEY_FALLBACKS", json!([OLD, OLDER, ""])),
        env(&[("JWT_SECRET_KEY", SECRET), ("JWT_SECRET_KEY_FALLBACKS", &lines)]),
        Config::builder()
            .secret_key(SECRET)
            .vars([("JWT_SECRET_KEY_FALLBACKS_FILE".to_owned(), "/run/old".to_owned())], |_| {
                Ok(lines.clone())
            }),
    ] {
        assert_eq!((says(builder.clone(), &old), says(builder.clone(), &older)), (Ok(()), Ok(())));
        // New ones are signed with the present key.
        assert_eq!(says(native(), &token(builder)), Ok(()));
    }
    assert!(says(native().secret_key_fallbacks([OLD]), &older).is_err());
    let none = env(&[("JWT_SECRET_KEY", SECRET), ("JWT_SECRET_KEY_FALLBACKS", "")]);
    assert!(says(none, &old).is_err());
    // Whatever name the token gives its key.
    let named = token(Config::builder().secret_key(OLD).key_id("2025"));
    assert_eq!(says(native().key_id("2026").secret_key_fallbacks([OLD]), &named), Ok(()));
}

#[test]
fn old_public_keys_come_in_every_form() {
    let new = || pair(Algorithm::RS256, shared_key!("rsa.pem"));
    let old = token(pair(Algorithm::RS256, shared_key!("rsa_other.pem")));
    assert!(says(new(), &old).is_err());
    let pem = shared_key!("rsa_other.pub.pem");
    let key = crate::VerifyingKey::from_pem(Algorithm::RS256, pem).unwrap();
    let jwk = key.public_key().unwrap().to_jwk();
    let several = format!("{}\n{pem}", shared_key!("p256.pub.pem"));
    let one_line = several.replace('\n', "\\n");
    for text in [pem, &jwk, &format!(r#"{{"keys":[{jwk}]}}"#)] {
        assert_eq!(says(new().set("JWT_PUBLIC_KEY_FALLBACKS", text), &old), Ok(()), "{text}");
    }
    for text in [several, one_line] {
        let both = new().decode_algorithms([Algorithm::ES256]);
        let both = both.set("JWT_PUBLIC_KEY_FALLBACKS", text);
        assert_eq!(both.clone().build().unwrap().keys().verifying_keys().len(), 3);
        assert_eq!(says(both.clone(), &old), Ok(()));
        let curve = token(pair(Algorithm::ES256, shared_key!("p256.pem")));
        assert_eq!(says(both.clone(), &curve), Ok(()));
        assert_eq!(both.build().unwrap().keys().jwk_set().keys().len(), 3, "published, too");
    }
}

/// From one algorithm to another, both are named.
#[test]
fn a_secret_can_give_way_to_a_pair_of_keys() {
    let old = token(Config::builder().secret_key(OLD));
    let new = pair(Algorithm::ES256, shared_key!("p256.pem"))
        .decode_algorithms([Algorithm::HS256, Algorithm::ES256]);
    faulty(new.clone(), "JWT_DECODE_ALGORITHMS", "has [HS256], which need another kind of key");
    let new = new.secret_key_fallbacks([OLD]);
    assert_eq!(says(new.clone(), &old), Ok(()));
    assert_eq!(says(new.clone(), &token(new.clone())), Ok(()));
    assert!(new.clone().build().unwrap().warnings().is_empty());
    // The public key has not become a secret by it.
    let forged = crate::jws::sign(
        &crate::SigningKey::hmac(Algorithm::HS256, SECRET).unwrap(),
        None,
        br#"{"sub":"anna"}"#,
    );
    assert_eq!(says(new, &forged.unwrap()), Err(ErrorKind::InvalidSignature));
}

#[test]
fn what_cannot_be_used_is_a_fault() {
    let secrets = |keys: &[&str]| native().set("JWT_SECRET_KEY_FALLBACKS", json!(keys));
    let public = |text: &str| {
        pair(Algorithm::ES256, shared_key!("p256.pem")).set("JWT_PUBLIC_KEY_FALLBACKS", text)
    };
    faulty(secrets(&["short"]), "JWT_SECRET_KEY_FALLBACKS", "the secret has 5 bytes");
    assert!(secrets(&["short"]).insecure_short_secret(true).build().is_ok());
    let pem = shared_key!("p256.pub.pem");
    faulty(secrets(&[pem]), "JWT_SECRET_KEY_FALLBACKS", "this is an asymmetric key");
    faulty(public("no key"), "JWT_PUBLIC_KEY_FALLBACKS", "this is no PEM");
    faulty(
        public(shared_key!("p384.pub.pem")),
        "JWT_PUBLIC_KEY_FALLBACKS",
        "good for none of {ES256}",
    );
    faulty(public(&pem[..60]), "JWT_PUBLIC_KEY_FALLBACKS", "incomplete");
    faulty(public(shared_key!("p256.pem")), "JWT_PUBLIC_KEY_FALLBACKS", "holds a private key");
    let unaccepted = native().public_key_fallbacks([pem]);
    faulty(unaccepted, "JWT_PUBLIC_KEY_FALLBACKS", "no accepted algorithm works with a public key");
    let many: Vec<_> = (10..18).map(|n| format!("{n}{}", &SECRET[2..])).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert!(secrets(&many[..7]).build().is_ok());
    faulty(secrets(&many), "JWT_SECRET_KEY_FALLBACKS", "makes it 9 keys");
    let unused = crate::Keyring::new(crate::SigningKey::hmac(Algorithm::HS256, SECRET).unwrap());
    let unused = Config::builder().keyring(unused).secret_key_fallbacks([OLD]).build().unwrap();
    assert!(unused.warnings()[0].contains("not used beside a keyring"));
    assert!(!format!("{unused:?}").contains(OLD));
}
