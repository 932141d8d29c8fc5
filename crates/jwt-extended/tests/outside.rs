//! Tokens of outside issuers: what is asked of them, and that they stay what they are.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::sync::LazyLock;
use std::time::Duration;

use jwt_extended::outside::{Expectations, OutsideToken, OutsideVerifier, SharedOutsideVerifier};
use jwt_extended::{
    Algorithm, AuthError, Config, ErrorKind, GeneratedKey, JwtEngine, Keyring, Policy, SigningKey,
    Timestamp, UnverifiedToken, jws,
};
use serde_json::{Value, json};
use support::NOW;

const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "https://api.example";

static KEY: LazyLock<SigningKey> = LazyLock::new(new_key);

fn new_key() -> SigningKey {
    GeneratedKey::new(Algorithm::ES256).unwrap().signing_key().clone()
}

fn expected() -> Expectations {
    Expectations::new(ISSUER, AUDIENCE)
}

/// What a provider says of somebody.
fn usual() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "248289761001", "exp": NOW + 300.0, "iat": NOW,
        "scope": "orders:read", "typ": "Bearer", "type": 7, "fresh": "no", "sid": 12,
    })
}

fn sign(key: &SigningKey, header: Option<&Value>, claims: &Value) -> String {
    let header = header.map(Value::to_string);
    jws::sign(key, header.as_ref().map(String::as_bytes), claims.to_string().as_bytes()).unwrap()
}

fn verify(expected: &Expectations, token: &str) -> Result<OutsideToken, AuthError> {
    let ring = Keyring::verify_only(KEY.verifying_key());
    expected.verify(token, &ring, Timestamp::from_seconds(NOW))
}

/// What the rules say to the usual claims with one of them changed; `null` takes it out.
fn says(name: &str, value: Value) -> Result<(), ErrorKind> {
    let mut claims = usual();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    verify(&expected(), &sign(&KEY, None, &claims)).map(|_| ()).map_err(|error| error.kind())
}

#[test]
fn a_good_token_tells_who_and_whence() {
    let token = verify(&expected(), &sign(&KEY, None, &usual())).unwrap();
    assert_eq!(token.issuer(), ISSUER);
    assert_eq!(token.subject(), Some("248289761001"));
    assert_eq!(token.require_subject().unwrap(), "248289761001");
    assert_eq!(token.claim::<String>("typ").unwrap().as_deref(), Some("Bearer"));
    assert_eq!(token.claims::<Value>().unwrap(), usual());
    assert_eq!(token.expires_at(), Some(Timestamp::from_seconds(NOW + 300.0)));
    assert_eq!(token.scopes(), ["orders:read"]);
    assert!(token.require_scopes(["orders:read"]).is_ok());
    let refusal = token.require_scopes(["orders:write"]).unwrap_err();
    assert_eq!(refusal.kind(), ErrorKind::InsufficientScope);
    assert_eq!(format!("{token:?}"), "OutsideToken(..)");
}

#[test]
fn a_token_that_names_nobody_is_nobodys() {
    for nobody in [json!({}), json!({ "sub": "" })] {
        let mut claims = usual();
        claims.as_object_mut().unwrap().remove("sub");
        claims.as_object_mut().unwrap().extend(nobody.as_object().unwrap().clone());
        let token = verify(&expected(), &sign(&KEY, None, &claims)).unwrap();
        let refused = token.require_subject().unwrap_err();
        assert_eq!((refused.kind(), refused.status()), (ErrorKind::MissingClaim, 401));
        assert_eq!(refused.claim(), Some("sub"));
    }
}

#[test]
fn each_expectation_is_checked() {
    use ErrorKind as E;
    for (name, value, wanted) in [
        ("iss", Value::Null, Err(E::MissingClaim)),
        ("iss", json!("https://login.example/"), Err(E::InvalidIssuer)),
        ("iss", json!("https://login.example.evil"), Err(E::InvalidIssuer)),
        ("iss", json!([ISSUER]), Err(E::InvalidIssuer)),
        ("aud", Value::Null, Err(E::MissingClaim)),
        ("aud", json!([]), Err(E::MissingClaim)),
        ("aud", json!("https://api.example/other"), Err(E::InvalidAudience)),
        ("aud", json!(["somebody", "else"]), Err(E::InvalidAudience)),
        ("aud", json!(["somebody", AUDIENCE]), Ok(())),
        ("exp", Value::Null, Err(E::MissingClaim)),
        ("exp", json!("2033-05-18"), Err(E::InvalidClaim)),
        ("exp", json!(NOW - 60.0), Err(E::TokenExpired)),
        ("exp", json!(NOW - 59.0), Ok(())),
        ("nbf", json!(NOW + 61.0), Err(E::NotYetValid)),
        ("nbf", json!(NOW + 60.0), Ok(())),
        ("iat", json!(NOW + 61.0), Err(E::IssuedInTheFuture)),
        ("iat", Value::Null, Ok(())),
        ("sub", json!(5), Err(E::InvalidSubject)),
        ("sub", Value::Null, Ok(())),
        ("jti", json!(5), Err(E::InvalidTokenId)),
        ("mgr", json!("partners"), Ok(())),
    ] {
        assert_eq!(says(name, value.clone()), wanted, "{name}: {value}");
    }
    let strict = expected().leeway(Duration::ZERO);
    let mut claims = usual();
    claims["exp"] = json!(NOW);
    let error = verify(&strict, &sign(&KEY, None, &claims)).unwrap_err();
    assert!(error.is_expired());
    assert!(verify(&expected().or_audience("x"), &sign(&KEY, None, &usual())).is_ok());
    let short = expected().max_token_size(100);
    let error = verify(&short, &sign(&KEY, None, &usual())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TokenTooLarge);
}

#[test]
fn a_token_that_is_called_something_else_is_no_access_token() {
    let strict = expected().token_type("at+jwt");
    let typed = |typ: Value| sign(&KEY, Some(&json!({"alg": "ES256", "typ": typ})), &usual());
    for (token, by_default, strictly) in [
        (typed(json!("at+jwt")), true, true),
        (typed(json!("application/AT+JWT")), true, true),
        (typed(json!("JWT")), true, false),
        (sign(&KEY, Some(&json!({"alg": "ES256"})), &usual()), true, false),
        (typed(json!("logout+jwt")), false, false),
        (typed(json!("dpop+jwt")), false, false),
        (typed(json!("")), false, false),
    ] {
        for (expected, is_good) in [(&expected(), by_default), (&strict, strictly)] {
            let answer = verify(expected, &token).map(|_| ()).map_err(|error| error.kind());
            let wanted = if is_good { Ok(()) } else { Err(ErrorKind::WrongTokenType) };
            assert_eq!(answer, wanted, "{token}");
        }
    }
}

#[test]
fn newer_keys_are_wanted_where_one_of_them_may_have_signed() {
    let [held, other] = ["held", "other"].map(|kid| new_key().with_kid(kid));
    let pem = GeneratedKey::new(Algorithm::ES256).unwrap().private_pem().unwrap();
    let nameless = SigningKey::from_pem(Algorithm::ES256, pem.as_str()).unwrap();
    let ring = Keyring::verify_only(held.verifying_key());
    let wants = |ring: &Keyring, key: &SigningKey, header: Value, claims: &Value| {
        let token = sign(key, Some(&header), claims);
        let unverified = UnverifiedToken::read(&token, 16 * 1024).unwrap();
        let error = expected().verify(&token, ring, Timestamp::from_seconds(NOW)).err()?;
        Some(expected().wants_newer_keys(&unverified, ring, &error))
    };
    let es256 = |kid: Value| json!({"alg": "ES256", "kid": kid});
    let mut late = usual();
    late["exp"] = 0.into();
    assert_eq!(wants(&ring, &held, es256(json!("held")), &usual()), None);
    assert_eq!(wants(&ring, &other, es256(json!("other")), &usual()), Some(true));
    assert_eq!(wants(&ring, &other, es256(json!("held")), &usual()), Some(false), "it is known");
    assert_eq!(wants(&ring, &other, json!({"alg": "ES256"}), &usual()), Some(true));
    assert_eq!(
        wants(&ring, &other, json!({"alg": "HS256", "kid": "other"}), &usual()),
        Some(false)
    );
    assert_eq!(wants(&ring, &held, es256(json!("held")), &late), Some(false));
    // A key without a name may be replaced without a word.
    let ring = Keyring::verify_only(nameless.verifying_key());
    assert_eq!(wants(&ring, &other, es256(json!("other")), &usual()), Some(true));
}

#[test]
fn others_may_not_publish_keys_without_end() {
    let keys = |n: usize| vec![json!({"kty": "AKP"}); n];
    let public = KEY.verifying_key().public_key().unwrap().to_jwk();
    let set = |n: usize| {
        let own = serde_json::from_str(&public).unwrap();
        json!({"keys": keys(n - 1).into_iter().chain([own]).collect::<Vec<Value>>()}).to_string()
    };
    assert!(Keyring::from_jwk_set(Algorithm::ES256, &set(Keyring::MAX_PUBLISHED)).is_ok());
    let fault =
        Keyring::from_jwk_set(Algorithm::ES256, &set(Keyring::MAX_PUBLISHED + 1)).unwrap_err();
    assert!(fault.to_string().contains("65"), "{fault}");
}

#[test]
fn a_published_key_is_no_secret() {
    let error = expected().algorithms([Algorithm::RS256, Algorithm::HS256]).unwrap_err();
    assert!(error.to_string().starts_with("HS256 works with a shared secret"), "{error}");
    assert!(expected().algorithms([]).is_err());
    assert!(expected().accepted_algorithms().iter().all(|algorithm| !algorithm.is_symmetric()));

    // Even where the caller's ring holds one.
    let secret = SigningKey::hmac(Algorithm::HS256, support::SECRET).unwrap();
    let ring = Keyring::verify_only(secret.verifying_key());
    let token = sign(&secret, None, &usual());
    let error = expected().verify(&token, &ring, Timestamp::from_seconds(NOW)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlgorithmNotAllowed);
}

#[test]
fn only_the_algorithms_that_were_named_are_taken() {
    let token = sign(&KEY, None, &usual());
    let error = verify(&expected().algorithms(Algorithm::EdDSA).unwrap(), &token).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlgorithmNotAllowed);
    assert!(verify(&expected().algorithms(Algorithm::ES256).unwrap(), &token).is_ok());
}

#[test]
fn keys_of_two_issuers_are_two_rings() {
    let other = new_key().with_kid("1");
    let token = sign(&other, None, &usual());
    let ours = Keyring::verify_only(KEY.verifying_key().with_kid("1"));
    let error = expected().verify(&token, &ours, Timestamp::from_seconds(NOW)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    let error = {
        let ours = Keyring::verify_only(KEY.verifying_key().with_kid("2"));
        expected().verify(&token, &ours, Timestamp::from_seconds(NOW)).unwrap_err()
    };
    assert_eq!(error.kind(), ErrorKind::UnknownKey, "the sign to fetch the keys again");
}

/// With the same key even, which nobody should have.
#[test]
fn an_outside_token_opens_no_route_of_ours() {
    let ring = Keyring::new(KEY.clone());
    let config = Config::builder().keyring(ring).decode_audience(AUDIENCE).decode_issuer(ISSUER);
    let engine: JwtEngine = support::engine(config);
    let mut claims = usual();
    for name in ["type", "fresh", "sid"] {
        claims.as_object_mut().unwrap().remove(name);
    }
    let token = sign(&KEY, None, &claims);
    assert!(verify(&expected(), &token).is_ok());
    let error = support::check(&engine, &token, &Policy::required()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongTokenType);
}

#[test]
fn what_a_token_says_of_itself_is_read_but_not_believed() {
    let mut claims = usual();
    claims["exp"] = json!(1);
    let header = json!({"alg": "ES256", "kid": "2026", "jku": "https://evil.example"});
    let token = sign(&new_key(), Some(&header), &claims);
    let token = UnverifiedToken::read(&token, 16 * 1024).unwrap();
    assert_eq!(token.unverified_issuer().as_deref(), Some(ISSUER));
    assert_eq!(token.unverified_kid(), Some("2026"));
    assert_eq!(token.unverified_claims::<Value>().unwrap(), claims);
    assert_eq!(token.unverified_header::<Value>().unwrap(), header);
    assert_eq!(token.unverified_claim::<u64>("absent").unwrap(), None);
    assert!(token.unverified_claim::<u64>("iss").is_err());
    assert_eq!(format!("{token:?}"), "UnverifiedToken(..)");
}

#[test]
fn what_has_no_form_is_not_even_read() {
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    for (header, payload) in [
        (r#"{"alg":"none"}"#, "{}"),
        (r#"{"alg":"ES256","crit":["exp"]}"#, "{}"),
        (r#"{"alg":"ES256"}"#, "[]"),
        (r#"{"alg":"ES256"}"#, "no JSON"),
        (r#"{"alg":"ES256"}"#, &deep),
        ("[]", "{}"),
    ] {
        let token = support::forge_with(header, payload);
        assert!(UnverifiedToken::read(&token, 1024 * 1024).is_err(), "{header} {payload:.20}");
    }
    for text in ["", "a.b", "a.b.c", "e30.e30.", "....."] {
        assert!(UnverifiedToken::read(text, 1024).is_err(), "{text}");
    }
    let long = sign(&KEY, None, &usual());
    assert_eq!(UnverifiedToken::read(&long, 64).unwrap_err().kind(), ErrorKind::TokenTooLarge);
}

struct Fixed(Keyring);

impl OutsideVerifier for Fixed {
    async fn verify(&self, token: &str) -> Result<OutsideToken, AuthError> {
        tokio::task::yield_now().await;
        expected().verify(token, &self.0, Timestamp::from_seconds(NOW))
    }
}

#[tokio::test]
async fn any_verifier_is_one_type() {
    let fixed = Fixed(Keyring::verify_only(KEY.verifying_key()));
    let shared = SharedOutsideVerifier::new(std::sync::Arc::new(fixed));
    let token = sign(&KEY, None, &usual());
    assert_eq!(shared.clone().verify(&token).await.unwrap().issuer(), ISSUER);
    assert!(shared.verify("no.to.ken").await.is_err());
}
