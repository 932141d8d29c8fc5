//! Keys that are chosen for each token: tenants with keys of their own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::HashMap;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use axum_jwt_extended::store::MemoryStore;
use axum_jwt_extended::{
    AccessToken, Algorithm, AuthError, BoxError, ErrorKind, GeneratedKey, JwtManager,
    JwtManagerBuilder, KeyChoice, Keyring, Policy, RefreshToken, SigningKey, TokenPair,
    UnverifiedToken,
};
use common::{bearer, request, send};

type Tenants = Arc<HashMap<&'static str, Arc<Keyring>>>;

fn tenants() -> Tenants {
    let secret = |byte| SigningKey::hmac(Algorithm::HS256, [byte; 32]).unwrap();
    let pair = GeneratedKey::new(Algorithm::ES256).unwrap().signing_key().clone();
    let rings = [
        ("acme", Keyring::new(secret(1))),
        ("ajax", Keyring::new(secret(2))),
        ("keys", Keyring::new(pair)),
    ];
    Arc::new(rings.into_iter().map(|(name, ring)| (name, Arc::new(ring))).collect())
}

/// A tenant's keys by what the token says, after a moment.
async fn lookup(tenants: Tenants, token: UnverifiedToken) -> Result<KeyChoice, BoxError> {
    tokio::task::yield_now().await;
    match token.unverified_claim::<String>("tenant")?.as_deref() {
        None => Ok(KeyChoice::Own),
        Some("hangs") => pending().await,
        Some("down") => Err("the tenants' database is down".into()),
        Some("refused") => Err(AuthError::from(ErrorKind::InvalidIssuer).into()),
        Some(tenant) => Ok(tenants.get(tenant).cloned().into()),
    }
}

fn builder(tenants: &Tenants) -> JwtManagerBuilder {
    let (to_make, to_check) = (Arc::clone(tenants), Arc::clone(tenants));
    common::builder(common::config().refresh_rotation(true), &common::clock())
        .store(MemoryStore::new())
        .store_timeout(Duration::from_millis(50))
        .encode_keys(move |_, claims| {
            Ok::<KeyChoice, BoxError>(
                match claims.get("tenant").and_then(|tenant| tenant.as_str()) {
                    None => KeyChoice::Own,
                    Some(tenant) => to_make.get(tenant).cloned().into(),
                },
            )
        })
        .decode_keys(move |token| lookup(Arc::clone(&to_check), token))
}

async fn who(token: AccessToken) -> String {
    let tenant: Option<String> = token.claim("tenant").unwrap();
    format!("{} of {}", token.identity(), tenant.as_deref().unwrap_or("nobody"))
}

async fn refresh(
    State(jwt): State<JwtManager>,
    token: RefreshToken,
) -> Result<Json<TokenPair>, axum_jwt_extended::Error> {
    let tenant: String = token.claim("tenant")?.unwrap();
    Ok(Json(jwt.rotate(&token).claim("tenant", tenant).encode().await?))
}

fn app(jwt: &JwtManager) -> Router {
    Router::new().route("/who", get(who)).route("/refresh", post(refresh)).with_state(jwt.clone())
}

fn of(jwt: &JwtManager, tenant: &str) -> TokenPair {
    jwt.create_token_pair("anna").claim("tenant", tenant).encode().unwrap()
}

#[tokio::test]
async fn each_tenant_has_keys_of_its_own() {
    let tenants = tenants();
    let jwt = builder(&tenants).build();
    let app = app(&jwt);
    for tenant in ["acme", "ajax", "keys"] {
        let pair = of(&jwt, tenant);
        let answer = bearer(&app, "/who", &pair.access_token).await;
        assert_eq!(answer.text, format!("anna of {tenant}"));
        // It is that tenant's key indeed.
        let own = Keyring::clone(&tenants[tenant]);
        let token = jwt.decode_with(&own, pair.access_token.as_str(), &Default::default()).unwrap();
        let header: serde_json::Value = token.header().unwrap();
        assert_eq!(header.get("kid").is_some(), tenant == "keys", "the thumbprint, by JWT_KEY_ID");
        for (other, ring) in tenants.iter().filter(|(other, _)| **other != tenant) {
            let error = jwt.decode_with(ring, pair.access_token.as_str(), &Default::default());
            assert!(error.is_err(), "{other}");
        }

        let request = request("POST", "/refresh")
            .header("Authorization", format!("Bearer {}", pair.refresh_token.as_str()));
        let refreshed = send(&app, request.body(Default::default()).unwrap()).await;
        let next = refreshed.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(bearer(&app, "/who", &next).await.text, format!("anna of {tenant}"));
    }
    let own = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/who", &own).await.text, "anna of nobody");
}

/// Who holds a tenant's key can sign whatever he likes, but not for another tenant.
#[tokio::test]
async fn a_tenants_key_is_good_for_that_tenant_alone() {
    let tenants = tenants();
    let jwt = builder(&tenants).build();
    let app = app(&jwt);
    for (claimed, key) in [("acme", "ajax"), ("keys", "acme"), ("acme", "keys")] {
        let forged = jwt.create_access_token("anna").claim("tenant", claimed);
        let forged = forged.signed_with(Arc::clone(&tenants[key])).encode().unwrap();
        assert_eq!(bearer(&app, "/who", &forged).await.code(), "token_invalid", "{claimed}");
    }
    let forged = jwt.create_access_token("anna").signed_with(Arc::clone(&tenants["acme"]));
    assert_eq!(bearer(&app, "/who", &forged.encode().unwrap()).await.code(), "token_invalid");
    // The manager's own key is no master key.
    let forged = jwt.create_access_token("anna").claim("tenant", "acme").signed_with(jwt.keys());
    assert_eq!(bearer(&app, "/who", &forged.encode().unwrap()).await.code(), "token_invalid");
}

#[tokio::test]
async fn what_has_no_keys_is_refused_and_what_cannot_be_known_is_not() {
    let tenants = tenants();
    let jwt = builder(&tenants).build();
    let app = app(&jwt);
    for (tenant, status, code) in [
        ("nobody", 401, "token_invalid"),
        ("refused", 401, "token_invalid"),
        ("down", 503, "store_unavailable"),
        ("hangs", 503, "store_unavailable"),
    ] {
        let token = jwt.create_access_token("anna").claim("tenant", tenant);
        let token = token.signed_with(Arc::clone(&tenants["acme"])).encode().unwrap();
        let answer = bearer(&app, "/who", &token).await;
        assert_eq!((answer.status.as_u16(), &*answer.code()), (status, code), "{tenant}");
        assert_eq!(answer.header("retry-after"), if status == 503 { "1" } else { "" });
        assert!(!answer.text.contains("database"), "{}", answer.text);
        let text = jwt.authenticate_token(token.as_str(), Policy::required()).await.unwrap_err();
        assert_eq!(text.status(), status);
    }
    let token = jwt.create_access_token("anna").claim("tenant", "acme");
    let none = token.signed_with(Keyring::verify_only(tenants["keys"].verifying_keys()[0].clone()));
    assert_eq!(none.encode().unwrap_err().kind(), ErrorKind::TokenNotCreated);
    let nobody = jwt.create_access_token("anna").claim("tenant", "nobody").encode().unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::TokenNotCreated);
    let wrong = jwt.create_access_token("anna").claim("tenant", 7);
    assert!(wrong.encode().is_ok(), "no text: the hook says the manager's own");
}

/// What is no token at all is not worth a look into a database, and one look is enough for a request.
#[tokio::test]
async fn the_hook_is_asked_no_more_than_it_has_to_be() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let jwt = common::builder(common::config(), &common::clock())
        .decode_keys(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, BoxError>(KeyChoice::Own) }
        })
        .build();
    let twice = |_: AccessToken, token: AccessToken| async move { token.identity().to_owned() };
    let app =
        Router::new().route("/", get(twice)).route_layer(jwt.required()).with_state(jwt.clone());
    for bad in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.W10.AAAA"] {
        assert_ne!(bearer(&app, "/", bad).await.status, 200, "{bad}");
    }
    let long = format!("eyJhbGciOiJIUzI1NiJ9.{}.AAAA", "a".repeat(20_000));
    assert_eq!(bearer(&app, "/", long).await.status, 401);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    let token = jwt.create_access_token("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/", &token).await.text, "anna");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_cannot_wait_for_keys_says_so() {
    let tenants = tenants();
    let jwt = builder(&tenants).build();
    let token = of(&jwt, "acme").access_token;
    let error = jwt.decode(token.as_str(), &Default::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.to_string().contains("decode_with"), "{error}");
    let token = jwt.decode_with(&tenants["acme"], token.as_str(), &Default::default()).unwrap();
    assert_eq!(token.identity(), "anna");
}
