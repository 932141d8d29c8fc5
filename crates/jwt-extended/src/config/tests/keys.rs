//! Secrets, keys, and the algorithms that they are good for.

use std::io;

use super::*;
use crate::{DecodeOptions, JwtEngine, Keyring, SigningKey};

fn pems(private: &str, public: &str) -> ConfigBuilder {
    Config::builder().algorithm(Algorithm::ES256).private_key(private).public_key(public)
}

/// Whether the configuration makes tokens and takes them.
#[track_caller]
fn works(builder: ConfigBuilder) {
    let engine = JwtEngine::new(builder.build().unwrap());
    let token = engine.create_access_token("anna").encode().unwrap();
    assert_eq!(
        engine.decode(token.as_str(), &DecodeOptions::default()).unwrap().identity(),
        "anna"
    );
}

#[test]
fn a_key_there_must_be() {
    faulty(Config::builder(), "JWT_SECRET_KEY", "is not set, and HS256 needs it");
    faulty(Config::flask(), "JWT_SECRET_KEY", "is not set");
    faulty(env(&[("JWT_SECRET_KEY", "")]), "JWT_SECRET_KEY", "is not set");
    let asymmetric = Config::builder().algorithm(Algorithm::ES256);
    faulty(asymmetric.clone(), "JWT_PRIVATE_KEY", "is not set, and neither is JWT_PUBLIC_KEY");
    faulty(asymmetric.secret_key(SECRET), "JWT_PRIVATE_KEY", "ES256 needs one of them");
}

#[test]
fn flask_falls_back_on_the_applications_own_secret() {
    let vars = [("SECRET_KEY", SECRET), ("JWT_PRESET", "flask")];
    works(env(&vars));
    faulty(env(&vars[..1]), "JWT_SECRET_KEY", "is not set");
    let own = native().build().unwrap();
    let token = JwtEngine::new(own).create_access_token("anna").encode().unwrap();
    let both = env(&[("SECRET_KEY", "another-secret-of-32-random-bytes"), vars[1]]);
    let engine = JwtEngine::new(both.secret_key(SECRET).build().unwrap());
    assert!(
        engine.decode(token.as_str(), &DecodeOptions::default()).is_ok(),
        "JWT_SECRET_KEY wins"
    );
}

#[test]
fn secrets_are_as_long_as_the_hash_unless_one_says_otherwise() {
    for (algorithm, least) in
        [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)]
    {
        let with =
            |length: usize| Config::builder().algorithm(algorithm).secret_key(&SECRET[..length]);
        works(with(least));
        let problem =
            format!("the secret has {} bytes, {algorithm} needs at least {least}", least - 1);
        faulty(with(least - 1), "JWT_SECRET_KEY", &problem);
        let error = with(least - 1).build().unwrap_err();
        assert!(error.to_string().contains("JWT_INSECURE_SHORT_SECRET=true"), "{error}");

        let escaped = with(least - 1).set("JWT_INSECURE_SHORT_SECRET", "true");
        works(escaped.clone());
        let warned = escaped.build().unwrap();
        let [warning] = warned.warnings() else { panic!("{:?}", warned.warnings()) };
        assert!(warning.contains(&format!("JWT_SECRET_KEY has {} bytes", least - 1)), "{warning}");
        assert!(with(least).insecure_short_secret(true).build().unwrap().warnings().is_empty());
    }
    let both = Config::builder().secret_key(&SECRET[..32]).decode_algorithms([Algorithm::HS512]);
    faulty(both, "JWT_SECRET_KEY", "HS512 needs at least 64");
    works(Config::flask().secret_key("short"));
    faulty(Config::flask().secret_key(""), "JWT_SECRET_KEY", "the secret is empty");
}

#[test]
fn a_key_is_no_secret() {
    for builder in [Config::builder(), Config::flask()] {
        for pem in [shared_key!("rsa.pub.pem"), shared_key!("p256.pem")] {
            let builder = builder.clone().secret_key(pem);
            faulty(builder, "JWT_SECRET_KEY", "this is an asymmetric key");
        }
    }
}

#[test]
fn pems_and_jwks_in_every_spelling() {
    let (private, public) = (shared_key!("p256.pem"), shared_key!("p256.pub.pem"));
    let one_line = |pem: &str| pem.replace('\n', "\\n");
    works(pems(private, public));
    works(pems(&one_line(private), &one_line(public)));
    works(pems(private, own_key!("p256.cert.pem")));
    works(Config::builder().algorithm(Algorithm::ES256).private_key(private));
    works(env(&[("JWT_ALGORITHM", "ES256"), ("JWT_PRIVATE_KEY", &one_line(private))]));
    // RFC 8037 appendix A.1
    let jwk = r#" {"kty":"OKP","crv":"Ed25519",
        "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let eddsa = Config::builder().algorithm(Algorithm::EdDSA).private_key(jwk);
    works(eddsa.clone());
    works(eddsa.public_key(jwk));
    let rsa = Config::builder().algorithm(Algorithm::RS256).private_key(shared_key!("rsa.pem"));
    works(rsa.clone());
    works(rsa.decode_algorithms([Algorithm::PS256]));
}

#[test]
fn a_public_key_alone_verifies() {
    let signer =
        JwtEngine::new(pems(shared_key!("p256.pem"), shared_key!("p256.pub.pem")).build().unwrap());
    let token = signer.create_access_token("anna").encode().unwrap();
    let public =
        Config::builder().algorithm(Algorithm::ES256).public_key(shared_key!("p256.pub.pem"));
    let verifier = JwtEngine::new(public.build().unwrap());
    assert_eq!(
        verifier.decode(token.as_str(), &DecodeOptions::default()).unwrap().identity(),
        "anna"
    );
    let error = verifier.create_access_token("anna").encode().unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::TokenNotCreated);
}

#[test]
fn keys_that_do_not_belong_together_or_to_the_algorithm() {
    let (private, public) = (shared_key!("p256.pem"), shared_key!("p256.pub.pem"));
    let other = shared_key!("p256_other.pub.pem");
    faulty(pems(private, other), "JWT_PUBLIC_KEY", "is not the public part of JWT_PRIVATE_KEY");
    faulty(pems(public, public), "JWT_PRIVATE_KEY", "signing needs the private key");
    faulty(pems(private, private), "JWT_PUBLIC_KEY", "this PEM holds a private key");
    faulty(pems("secret", public), "JWT_PRIVATE_KEY", "this is no PEM");
    faulty(pems("{}", public), "JWT_PRIVATE_KEY", "this is no JWK");
    let rsa = pems(private, public).algorithm(Algorithm::RS256);
    faulty(rsa, "JWT_PRIVATE_KEY", "RS256 needs an RSA key");
    let rsa = Config::builder().algorithm(Algorithm::PS256);
    let short = rsa.clone().private_key(own_key!("rsa1024.pem"));
    faulty(short, "JWT_PRIVATE_KEY", "at least 2048 bits are needed");
    let short = rsa.clone().public_key(own_key!("rsa1024.pub.pem"));
    faulty(short, "JWT_PUBLIC_KEY", "the RSA key has 1024 bits");
    faulty(rsa.private_key(vec![0xff]), "JWT_PRIVATE_KEY", "neither PEM nor JWK");
}

#[test]
fn algorithms_of_another_kind_of_key() {
    let mixed = native().decode_algorithms([Algorithm::HS512, Algorithm::RS256]);
    faulty(mixed, "JWT_DECODE_ALGORITHMS", "has [RS256], which need another kind of key");
    let curves = pems(shared_key!("p256.pem"), shared_key!("p256.pub.pem"));
    let curves = curves.decode_algorithms([Algorithm::ES256, Algorithm::ES384]);
    faulty(curves, "JWT_DECODE_ALGORITHMS", "has [ES384]");
    let config = flask().decode_algorithms([Algorithm::RS256]).build().unwrap();
    assert!(config.warnings()[0].contains("no token of theirs is accepted"));
    assert_eq!(config.keys().verifying_keys()[0].algorithms(), Algorithm::HS256.into());
}

#[test]
fn a_keyring_takes_the_place_of_the_key_options() {
    let key = SigningKey::from_pem(Algorithm::ES256, shared_key!("p256.pem")).unwrap();
    works(Config::builder().keyring(Keyring::new(key.with_kid("2026"))));
}

#[test]
fn keys_come_from_files_too() {
    let with = |vars: &[(&str, &str)]| {
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::builder().vars(vars.collect::<Vec<_>>(), |path| match path {
            "/run/secret" => Ok(format!("{SECRET}\r\n")),
            "/run/spaced" => Ok(format!(" {SECRET}\n\n")),
            "/run/private" => Ok(shared_key!("p256.pem").to_owned()),
            "/run/public" => Ok(shared_key!("p256.pub.pem").to_owned()),
            "/run/empty" => Ok("\n".to_owned()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        })
    };
    let token =
        JwtEngine::new(native().build().unwrap()).create_access_token("anna").encode().unwrap();
    let is_taken = |builder: ConfigBuilder| {
        JwtEngine::new(builder.build().unwrap())
            .decode(token.as_str(), &DecodeOptions::default())
            .is_ok()
    };
    assert!(is_taken(with(&[("JWT_SECRET_KEY_FILE", "/run/secret")])), "one line end is dropped");
    assert!(!is_taken(with(&[("JWT_SECRET_KEY_FILE", "/run/spaced")])), "and nothing else");
    works(with(&[
        ("JWT_ALGORITHM", "ES256"),
        ("JWT_PRIVATE_KEY_FILE", "/run/private"),
        ("JWT_PUBLIC_KEY_FILE", "/run/public"),
    ]));
    faulty(with(&[("JWT_SECRET_KEY_FILE", "/run/empty")]), "JWT_SECRET_KEY", "is not set");
    let both = [("JWT_SECRET_KEY_FILE", "/run/secret"), ("JWT_SECRET_KEY", SECRET)];
    faulty(with(&both), "JWT_SECRET_KEY", "is given twice, by itself and as JWT_SECRET_KEY_FILE");
    works(with(&[both[0], ("JWT_SECRET_KEY", "")]));
    let error = with(&[("JWT_SECRET_KEY_FILE", "/run/nothing")]).build().unwrap_err().to_string();
    assert!(error.contains("JWT_SECRET_KEY cannot be read from its file"), "{error}");
    assert!(!error.contains("is not set"), "one fault, told once: {error}");
    let warned = with(&[("JWT_ALGORITHM_FILE", "/run/secret")]).secret_key(SECRET).build().unwrap();
    assert_eq!(warned.warnings(), ["JWT_ALGORITHM_FILE is not an option"]);
}

/// The header of a token, and whether the configuration itself takes it.
fn header(builder: ConfigBuilder) -> serde_json::Value {
    let engine = JwtEngine::new(builder.build().unwrap());
    let token = engine.create_access_token("anna").encode().unwrap();
    engine.decode(token.as_str(), &DecodeOptions::default()).unwrap().header().unwrap()
}

/// Of `conformance/keys/p256.pub.pem`.
const THUMBPRINT: &str = "EgEdqGgNbamP6fG462dKQVQ2Phf_Lul5Zw0SeonG_x0";

#[test]
fn tokens_carry_the_name_that_their_key_is_published_under() {
    let private = shared_key!("p256.pem");
    let keys = [
        Config::builder().algorithm(Algorithm::ES256).private_key(private),
        pems(private, shared_key!("p256.pub.pem")),
        Config::builder()
            .keyring(Keyring::new(SigningKey::from_pem(Algorithm::ES256, private).unwrap())),
    ];
    for (n, builder) in keys.into_iter().enumerate() {
        assert_eq!(header(builder.clone())["kid"], THUMBPRINT);
        let published = builder.clone().build().unwrap().keys().jwk_set();
        assert_eq!(published.keys()[0].kid(), THUMBPRINT);
        assert_eq!(header(builder.clone().set("JWT_KEY_ID", "")).get("kid"), None);
        let flask = builder.clone().preset(Preset::Flask);
        assert_eq!(header(flask.clone()).get("kid"), None, "as upstream's");
        assert_eq!(header(flask.set("JWT_KEY_ID", "thumbprint"))["kid"], THUMBPRINT);

        let named = builder.key_id("2026");
        if n == 2 {
            let warned = named.build().unwrap();
            assert!(warned.warnings()[0].contains("JWT_KEY_ID names no key of a keyring"));
            continue;
        }
        assert_eq!(header(named.clone())["kid"], "2026");
        let published = named.build().unwrap().keys().jwk_set();
        assert_eq!(published.keys()[0].kid(), "2026");
    }
    assert_eq!(header(native()).get("kid"), None, "a secret has no thumbprint");
    assert_eq!(header(native().key_id("2026"))["kid"], "2026");
    assert_eq!(header(flask().key_id("2026"))["kid"], "2026");
}

#[test]
fn a_key_without_a_name_takes_tokens_of_any_kid_though_it_announces_its_thumbprint() {
    let (private, public) = (shared_key!("p256.pem"), shared_key!("p256.pub.pem"));
    let engine = |builder: ConfigBuilder| JwtEngine::new(builder.build().unwrap());
    let unnamed = engine(pems(private, public));
    let verifier = engine(Config::builder().algorithm(Algorithm::ES256).public_key(public));
    let named = engine(pems(private, public).key_id("2026"));
    let silent = engine(pems(private, public).set("JWT_KEY_ID", ""));
    let takes = |engine: &JwtEngine, of: &JwtEngine| {
        let token = of.create_access_token("anna").encode().unwrap();
        engine.decode(token.as_str(), &DecodeOptions::default()).is_ok()
    };
    for taker in [&unnamed, &verifier, &silent] {
        for maker in [&unnamed, &named, &silent] {
            assert!(takes(taker, maker));
        }
    }
    assert!(takes(&named, &silent));
    assert!(!takes(&named, &unnamed), "a name of one's own excludes others");
}

#[test]
fn a_jwk_keeps_its_name() {
    let key = crate::GeneratedKey::new(Algorithm::EdDSA).unwrap();
    let eddsa = |kid: &str| {
        let jwk = crate::GeneratedKey::new(Algorithm::EdDSA).unwrap().with_kid(kid).private_jwk();
        Config::builder().algorithm(Algorithm::EdDSA).private_key(jwk.as_str())
    };
    assert_eq!(header(eddsa("2026"))["kid"], "2026");
    assert_eq!(header(eddsa("2026").key_id("2026"))["kid"], "2026");
    faulty(eddsa("2026").key_id("2025"), "JWT_KEY_ID", "is not the key's own `kid`");

    // The private key in PEM has no name, its public JWK has.
    let public = key.public_key().unwrap();
    let both = |public: String| {
        let pem = key.private_pem().unwrap();
        let builder = Config::builder().algorithm(Algorithm::EdDSA).private_key(pem.as_str());
        builder.public_key(public)
    };
    assert_eq!(header(both(public.to_jwk()))["kid"], public.thumbprint());
    let renamed = public.to_jwk().replace(public.thumbprint(), "2026");
    faulty(both(renamed.clone()), "JWT_PUBLIC_KEY", "has another `kid` than JWT_PRIVATE_KEY");
    assert_eq!(header(both(renamed).key_id("2026"))["kid"], "2026");
}
