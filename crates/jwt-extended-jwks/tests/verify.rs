//! Which tokens are taken, and with whose keys they are checked.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{API, Server, code, new_key, pair, public_jwk, seconds, token};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jwt_extended::{Algorithm, SigningKey};
use jwt_extended_jwks::{FakeIssuer, Issuer, Issuers};
use serde_json::json;
use sha2::Sha256;

#[tokio::test]
async fn a_token_of_a_discovered_issuer_is_taken() {
    let (login, issuers, _) = pair(|issuer| issuer).await;
    let token =
        login.token("anna", API).claim("scope", "orders:read").claim("email", "a@b.example");
    let token = issuers.verify(&token.sign()).await.unwrap();
    assert_eq!((token.issuer(), token.subject()), (login.url(), Some("anna")));
    assert_eq!(token.scopes(), ["orders:read"]);
    assert_eq!(token.claim::<String>("email").unwrap().as_deref(), Some("a@b.example"));
}

#[tokio::test]
async fn every_asymmetric_algorithm_is_taken_unless_some_are_named() {
    for algorithm in Algorithm::ALL.into_iter().filter(|a| !a.is_symmetric()) {
        let key = new_key(algorithm);
        let server = Server::with_text(json!({ "keys": [public_jwk(&key)] }).to_string()).await;
        let issuers = Issuers::new([server.keys()]).unwrap();
        assert!(issuers.verify(&token(&server.url, &key)).await.is_ok(), "{algorithm}");

        let other = if algorithm == Algorithm::ES256 { Algorithm::RS256 } else { Algorithm::ES256 };
        let issuers = Issuers::new([server.keys().algorithms(other)]).unwrap();
        let refused = issuers.verify(&token(&server.url, &key)).await.unwrap_err();
        // Such a set holds no key that could be used, which a wrong setting explains, and no token.
        assert_eq!(refused.status(), 503, "{algorithm}");
    }
}

#[tokio::test]
async fn what_is_not_for_this_service_is_refused() {
    let (login, issuers, clock) = pair(|issuer| issuer.or_audience("orders-v2")).await;
    let good = login.token("anna", API);
    let verify = async |token: &jwt_extended_jwks::FakeToken| issuers.verify(&token.sign()).await;
    assert!(verify(&good).await.is_ok());
    assert!(verify(&good.clone().claim("aud", ["account", "orders-v2"])).await.is_ok());
    for aud in
        [json!("the-client"), json!([]), json!("orders-api "), json!(["orders"]), json!(null)]
    {
        assert_eq!(code(verify(&good.clone().claim("aud", &aud)).await), "token_invalid", "{aud}");
    }

    // An issuer is who it says to the letter, and a part of its name is another one.
    let url = login.url();
    for iss in [format!("{url}/"), format!("{url}.evil.example"), url[..url.len() - 1].to_owned()] {
        assert_eq!(code(verify(&good.clone().claim("iss", &iss)).await), "token_invalid", "{iss}");
    }
    assert_eq!(code(verify(&good.clone().claim("iss", json!(null))).await), "token_invalid");
    assert_eq!(code(verify(&good.clone().claim("iss", [url])).await), "token_invalid");

    assert_eq!(code(verify(&good.clone().claim("exp", json!(null))).await), "token_invalid");
    let short = good.clone().expires_in(seconds(10));
    clock.advance(seconds(69));
    assert!(verify(&short).await.is_ok(), "within the leeway");
    clock.advance(seconds(1));
    assert_eq!(code(verify(&short).await), "token_expired");
    for text in ["", "a.b", "a.b.c", "....", &"a".repeat(100_000)] {
        assert_eq!(code(issuers.verify(text).await), "token_invalid");
    }
}

#[tokio::test]
async fn a_token_that_is_called_something_else_is_no_access_token() {
    let (login, issuers, _) = pair(|issuer| issuer).await;
    let strict = Issuers::new([login.issuer(API).token_type("at+jwt")]).unwrap();
    for (typ, by_default, strictly) in [
        (json!("at+jwt"), true, true),
        (json!("application/AT+JWT"), true, true),
        (json!("JWT"), true, false),
        (json!(null), true, false),
        (json!("logout+jwt"), false, false),
        (json!("dpop+jwt"), false, false),
        (json!("secevent+jwt"), false, false),
        (json!(7), false, false),
    ] {
        let token = login.token("anna", API).header("typ", &typ);
        assert_eq!(issuers.verify(&token.sign()).await.is_ok(), by_default, "{typ}");
        let now = login.token("anna", API).claim("exp", 4_000_000_000_u64).claim("iat", 1);
        let outcome = strict.verify(&now.header("typ", &typ).sign()).await;
        assert_eq!(outcome.is_ok(), strictly, "{typ}");
    }
}

#[tokio::test]
async fn a_token_of_one_issuer_is_never_checked_with_the_keys_of_another() {
    let (ours, theirs) = (FakeIssuer::start().await.unwrap(), FakeIssuer::start().await.unwrap());
    let key = |issuer: &FakeIssuer| {
        let key = new_key(Algorithm::ES256).with_kid("the-same");
        issuer.sign_with(key.clone());
        issuer.withdraw_old_keys();
        key
    };
    let (our_key, their_key) = (key(&ours), key(&theirs));
    let issuers = Issuers::new([ours.issuer(API), theirs.issuer("their-api")]).unwrap();
    issuers.fetch_all().await.unwrap();

    let (our_token, their_token) = (ours.token("anna", API), theirs.token("anna", "their-api"));
    assert_eq!(issuers.verify(&our_token.sign()).await.unwrap().issuer(), ours.url());
    assert_eq!(issuers.verify(&their_token.sign()).await.unwrap().issuer(), theirs.url());
    // The keys of one under the name of the other, both ways, and the audience of the other.
    let (asked_ours, asked_theirs) = (ours.fetches(), theirs.fetches());
    for forged in [our_token.clone().key(their_key), their_token.clone().key(our_key)] {
        assert_eq!(code(issuers.verify(&forged.sign()).await), "token_invalid");
    }
    for (ours, aud) in [(our_token, "their-api"), (their_token, API)] {
        assert_eq!(code(issuers.verify(&ours.claim("aud", aud).sign()).await), "token_invalid");
    }
    assert_eq!((ours.fetches(), theirs.fetches()), (asked_ours, asked_theirs), "the key was known");
}

#[tokio::test]
async fn no_secret_can_be_a_published_key() {
    let rsa = new_key(Algorithm::RS256);
    let public = rsa.verifying_key().public_key().unwrap();
    let weak = b"a-secret-of-at-least-32-random-bytes";
    let oct = json!({ "kty": "oct", "kid": "s", "alg": "HS256", "k": "YS1zZWNyZXQtb2YtYXQtbGVhc3QtMzItcmFuZG9tLWJ5dGVz" });
    let set = json!({ "keys": [oct, public_jwk(&rsa)] });
    let server = Server::with_text(set.to_string()).await;
    let issuers = Issuers::new([server.keys()]).unwrap();
    assert!(issuers.verify(&token(&server.url, &rsa)).await.is_ok());

    // The classic confusion: what everybody can fetch, taken for a secret. No key of ours would sign so.
    let (jwk, pem) = (public.to_jwk(), public.to_pem());
    for (secret, kid) in [
        (&weak[..], "s"),
        (pem.as_bytes(), public.kid()),
        (pem.trim_end().as_bytes(), public.kid()),
        (jwk.as_bytes(), public.kid()),
    ] {
        let some_key = SigningKey::hmac(Algorithm::HS256, weak).unwrap().with_kid(kid);
        let token = token(&server.url, &some_key);
        let (signed, _) = token.rsplit_once('.').unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(signed.as_bytes());
        let tag = base64_simd::URL_SAFE_NO_PAD.encode_to_string(mac.finalize().into_bytes());
        let refused = issuers.verify(&format!("{signed}.{tag}")).await;
        assert_eq!(code(refused), "token_invalid");
    }
    assert_eq!(server.asked(), 1, "no other key could mend it");
}

#[tokio::test]
async fn a_key_is_used_for_what_it_is_published_for() {
    let key = |algorithm, kid| new_key(algorithm).with_kid(kid);
    let encrypts = key(Algorithm::ES256, "encrypts");
    let wraps = key(Algorithm::ES256, "wraps");
    let rs512 = key(Algorithm::RS512, "rs512");
    let plain = key(Algorithm::ES384, "plain");
    let with = |key: &SigningKey, changes: serde_json::Value| {
        let mut jwk = public_jwk(key);
        for (name, value) in changes.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    };
    let set = json!({ "keys": [
        with(&encrypts, json!({ "use": "enc" })),
        with(&wraps, json!({ "key_ops": ["wrapKey"] })),
        with(&rs512, json!({ "alg": "RS256" })),
        { "kty": "AKP", "alg": "ML-DSA-44", "kid": "of-tomorrow", "pub": "AAAA" },
        { "kty": "OKP", "crv": "X25519", "kid": "agrees", "x": "AAAA" },
        { "kty": "RSA", "kid": "broken" },
        {},
        with(&plain, json!({ "x5c": ["AAAA"], "of": "tomorrow" })),
    ] });
    let server = Server::with_text(set.to_string()).await;
    let issuers = Issuers::new([server.keys()]).unwrap();
    assert!(issuers.verify(&token(&server.url, &plain)).await.is_ok());
    for key in [encrypts, wraps, rs512] {
        assert_eq!(code(issuers.verify(&token(&server.url, &key)).await), "token_invalid");
    }
}

/// RFC 7517 section 4.5: alternatives of different `kty` may share a name.
#[tokio::test]
async fn of_two_keys_with_one_name_the_one_whose_kind_fits_is_used() {
    let kinds = [Algorithm::RS256, Algorithm::EdDSA, Algorithm::ES256];
    let [rsa, ed, ec] = kinds.map(|algorithm| new_key(algorithm).with_kid("2026"));
    let oct = json!({ "kty": "oct", "kid": "2026", "k": "AAAA" });
    let keys = json!({ "keys": [oct, public_jwk(&rsa), public_jwk(&ed), public_jwk(&ec)] });
    let server = Server::with_text(keys.to_string()).await;
    let issuers = Issuers::new([server.keys()]).unwrap();
    for key in [&rsa, &ed, &ec] {
        assert!(issuers.verify(&token(&server.url, key)).await.is_ok(), "{key:?}");
    }
    for algorithm in kinds {
        let other = token(&server.url, &new_key(algorithm).with_kid("2026"));
        assert_eq!(code(issuers.verify(&other).await), "token_invalid", "{algorithm}");
    }
}

/// RFC 9864 calls `Ed25519` what was `EdDSA`. In a key it tells the same; in a token it is no algorithm.
#[tokio::test]
async fn the_newer_name_of_eddsa_is_one_of_keys() {
    let key = new_key(Algorithm::EdDSA);
    let mut jwk = public_jwk(&key);
    jwk["alg"] = json!("Ed25519");
    let server = Server::with_text(json!({ "keys": [jwk] }).to_string()).await;
    let issuers = Issuers::new([server.keys()]).unwrap();
    let usual = token(&server.url, &key);
    assert!(issuers.verify(&usual).await.is_ok());

    let header = br#"{"alg":"Ed25519","typ":"JWT"}"#;
    let header = base64_simd::URL_SAFE_NO_PAD.encode_to_string(header);
    let signed = format!("{header}.{}", usual.split('.').nth(1).unwrap());
    let signature = key.sign(signed.as_bytes()).unwrap();
    let signature = base64_simd::URL_SAFE_NO_PAD.encode_to_string(signature);
    let refused = issuers.verify(&format!("{signed}.{signature}")).await;
    assert_eq!(code(refused), "token_invalid");
}

#[test]
fn what_cannot_work_is_said_at_once() {
    let fault = |issuer: Issuer| Issuers::new([issuer]).unwrap_err().to_string();
    let issuer = || Issuer::new("https://login.example.com", API);
    for (issuer, words) in [
        (Issuer::new("", API), "needs a name"),
        (Issuer::new("https://login.example.com", ""), "empty audience"),
        (issuer().or_audience(""), "empty audience"),
        (Issuer::new("http://login.example.com", API), "not https"),
        (issuer().jwks_url("http://login.example.com/keys"), "not https"),
        (issuer().metadata_url("http://login.example.com/meta"), "not https"),
        (issuer().jwks_url("file:///etc/passwd").insecure_http(), "needs https"),
        (Issuer::new("login.example.com", API), "no URL"),
        (issuer().algorithms(Algorithm::HS256), "HS256"),
        (issuer().algorithms([]), "no algorithm"),
        (issuer().keep_keys(seconds(2), seconds(1)), "longer than"),
        (issuer().keep_keys(seconds(0), seconds(0)), "zero"),
        (issuer().timeout(seconds(0)), "zero"),
        (issuer().root_certificate("no certificate"), "root certificate"),
    ] {
        let fault = fault(issuer);
        assert!(fault.contains(words), "{fault}");
    }
    let twice = Issuers::new([issuer(), issuer()]).unwrap_err();
    assert!(twice.to_string().contains("twice"));
    assert!(Issuers::new([]).unwrap_err().to_string().contains("no issuer"));
}
