//! Key texts of any form: no parser panics, and a key that is taken works.
//!
//! The input's first line names an algorithm; the rest is PEM, DER, a JWK, a JWK Set or a secret.
#![no_main]

use jwt_extended::{Algorithm, Config, JwtEngine, KeyError, Keyring, SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|b| *b == b'\n').unwrap_or(0);
    let (name, rest) = data.split_at(end);
    let named = std::str::from_utf8(name).ok().and_then(|name| name.parse::<Algorithm>().ok());
    let (algorithm, key) = match named {
        Some(algorithm) => (algorithm, rest.get(1..).unwrap_or_default()),
        None => (Algorithm::ALL[data.len() % Algorithm::ALL.len()], data),
    };

    check_pair(
        algorithm,
        SigningKey::from_der(algorithm, key),
        VerifyingKey::from_der(algorithm, key),
    );
    check_pair(algorithm, SigningKey::hmac(algorithm, key), VerifyingKey::hmac(algorithm, key));
    check_pair(
        algorithm,
        SigningKey::insecure_hmac(algorithm, key),
        VerifyingKey::insecure_hmac(algorithm, key),
    );
    let Ok(text) = std::str::from_utf8(key) else { return };
    check_pair(
        algorithm,
        SigningKey::from_pem(algorithm, text),
        VerifyingKey::from_pem(algorithm, text),
    );
    check_pair(
        algorithm,
        SigningKey::from_jwk(algorithm, text),
        VerifyingKey::from_jwk(algorithm, text),
    );

    if let Ok(ring) = Keyring::from_jwk_set(Algorithm::ALL, text) {
        assert!(!ring.verifying_keys().is_empty() && ring.signing_key().is_none());
        ring.verifying_keys().iter().for_each(refuses_garbage);
    }
    for option in [
        "JWT_SECRET_KEY",
        "JWT_PRIVATE_KEY",
        "JWT_PUBLIC_KEY",
        "JWT_SECRET_KEY_FALLBACKS",
        "JWT_PUBLIC_KEY_FALLBACKS",
    ] {
        let config = Config::flask().set("JWT_ALGORITHM", algorithm.name()).set(option, text);
        match config.build() {
            Ok(config) if config.keys().signing_key().is_some() => {
                makes_tokens(config);
            }
            Ok(config) => config.keys().verifying_keys().iter().for_each(refuses_garbage),
            Err(error) => assert!(error.to_string().starts_with("JWT_"), "{error}"),
        }
    }
});

/// What was read as a key to sign with and as one to verify with, out of the same text.
fn check_pair(
    algorithm: Algorithm,
    signing: Result<SigningKey, KeyError>,
    verifying: Result<VerifyingKey, KeyError>,
) {
    for error in [signing.as_ref().err(), verifying.as_ref().err()].into_iter().flatten() {
        assert!(!error.to_string().is_empty());
        assert!(!error.to_string().contains("cannot be written"), "what was read can be written");
    }
    if let Ok(verifying) = &verifying {
        assert!(verifying.algorithms().contains(algorithm));
        refuses_garbage(verifying);
        is_published_as_it_is(verifying);
    }
    let Ok(signing) = signing else { return };
    assert_eq!(signing.algorithm(), algorithm);
    let message = b"header.payload";
    let signature = signing.sign(message).expect("a key that was taken signs");
    let counterparts = [Some(signing.verifying_key()), verifying.ok()];
    for key in counterparts.iter().flatten() {
        assert_eq!(key.kid(), signing.kid());
        assert!(key.verify(algorithm, message, &signature), "the two parts belong together");
        assert!(!key.verify(algorithm, b"header.other", &signature));
        assert!(!key.verify(algorithm, message, &signature[1..]));
        for other in Algorithm::ALL {
            assert!(other == algorithm || !key.verify(other, message, &signature));
        }
    }
    makes_tokens(
        Config::builder().keyring(Keyring::new(signing)).build().expect("a ring is enough"),
    );
}

fn refuses_garbage(key: &VerifyingKey) {
    for algorithm in Algorithm::ALL {
        for length in [0, 1, 32, 64, 256] {
            assert!(!key.verify(algorithm, b"header.payload", &vec![1; length]));
        }
    }
}

/// Its public forms are read as the same key, and of a secret there is none.
fn is_published_as_it_is(key: &VerifyingKey) {
    let Some(public) = key.public_key() else {
        return assert!(key.algorithms().iter().all(Algorithm::is_symmetric));
    };
    let jwk = VerifyingKey::from_jwk(key.algorithms(), public.to_jwk()).expect("a public JWK");
    let pem = VerifyingKey::from_pem(key.algorithms(), public.to_pem()).expect("a public PEM");
    for again in [jwk.clone(), pem].map(|key| key.public_key().expect("a public key")) {
        assert_eq!(again.thumbprint(), public.thumbprint());
    }
    assert_eq!(jwk.kid(), Some(public.kid()));
    assert_eq!(jwk.public_key().map(|key| key.to_jwk()), Some(public.to_jwk()));
}

fn makes_tokens(config: Config) {
    let engine = JwtEngine::new(config);
    let token = engine.create_access_token("anna").encode().expect("a key that was taken signs");
    let token =
        engine.decode(token.as_str(), &Default::default()).expect("and its tokens are good");
    assert_eq!(token.identity(), "anna");
}
