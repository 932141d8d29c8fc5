//! Keys that change while the service runs, as clients see it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use axum_jwt_extended::{
    AccessToken, Algorithm, BoxError, Error, GeneratedKey, Jwks, JwtManager, Keyring, SigningKey,
};
use common::{bearer, get as ask};
use serde_json::Value;

fn new_key() -> SigningKey {
    GeneratedKey::new(Algorithm::ES256).unwrap().signing_key().clone()
}

fn manager(ring: Keyring) -> JwtManager {
    common::builder(axum_jwt_extended::Config::builder().keyring(ring), &common::clock()).build()
}

async fn keys(State(jwt): State<JwtManager>, headers: HeaderMap) -> Result<Jwks, Error> {
    Ok(jwt.jwks()?.if_none_match(&headers))
}

fn app(jwt: &JwtManager) -> Router {
    Router::new()
        .route("/who", get(|token: AccessToken| async move { token.identity().to_owned() }))
        .route("/keys", get(keys))
        .with_state(jwt.clone())
}

fn token(jwt: &JwtManager) -> String {
    jwt.create_access_token("anna").encode().unwrap().into()
}

async fn published(app: &Router) -> (Vec<String>, String) {
    let answer = ask(app, "/keys").await;
    let kids = answer.json()["keys"].as_array().unwrap().clone();
    let kids = kids.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect();
    (kids, answer.header("etag").to_owned())
}

#[tokio::test]
async fn announced_then_signing_then_withdrawn() {
    let (first, second) = (new_key().with_kid("1"), new_key().with_kid("2"));
    let jwt = manager(Keyring::new(first));
    let app = app(&jwt);
    let (before, tag) = (token(&jwt), published(&app).await.1);

    let announced = Keyring::clone(&jwt.keys()).also_verify(second.verifying_key()).unwrap();
    jwt.replace_keys(announced);
    let (kids, next_tag) = published(&app).await;
    assert_eq!(kids, ["1", "2"]);
    assert_ne!(tag, next_tag, "caches learn of it");
    let kid = |token: &str| {
        jwt.decode(token, &Default::default()).unwrap().header::<Value>().unwrap()["kid"].clone()
    };
    assert_eq!(kid(&token(&jwt)), "1");

    jwt.update_keys(|keys| keys.rotate_to(second)).unwrap();
    let after = token(&jwt);
    assert_eq!(kid(&after), "2");
    for token in [&before, &after] {
        assert_eq!(bearer(&app, "/who", token).await.text, "anna");
    }

    jwt.update_keys(|keys| keys.withdraw("1")).unwrap();
    assert_eq!(published(&app).await.0, ["2"]);
    let refused = bearer(&app, "/who", &before).await;
    assert_eq!((refused.status.as_u16(), &*refused.code()), (401, "token_invalid"));
    assert_eq!(bearer(&app, "/who", &after).await.text, "anna");
    assert_eq!(jwt.config().keys().generation(), jwt.keys().generation());
}

#[tokio::test]
async fn a_failed_reload_keeps_the_keys_and_says_why() {
    let source: Arc<Mutex<Result<Keyring, &str>>> =
        Arc::new(Mutex::new(Err("the vault is sealed")));
    let read = Arc::clone(&source);
    let jwt = common::builder(common::config(), &common::clock())
        .key_source(move || read.lock().unwrap().clone().map_err(BoxError::from))
        .build();
    let app = app(&jwt);
    let before = token(&jwt);
    assert_eq!(jwt.reload_keys().unwrap_err().to_string(), "the vault is sealed");
    assert_eq!(bearer(&app, "/who", &before).await.text, "anna");

    *source.lock().unwrap() = Ok(Keyring::new(new_key()));
    jwt.reload_keys().unwrap();
    assert_eq!(bearer(&app, "/who", &before).await.code(), "token_invalid");
    assert_eq!(bearer(&app, "/who", token(&jwt)).await.text, "anna");

    let nowhere = common::manager().reload_keys().unwrap_err().to_string();
    assert!(nowhere.contains("key_source"), "{nowhere}");
}

/// No request is answered wrongly because keys change at that moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_do_not_notice() {
    let stays = new_key().with_kid("stays");
    let jwt = manager(Keyring::new(stays.clone()));
    let app = app(&jwt);
    let (good, foreign) = (token(&jwt), token(&manager(Keyring::new(new_key().with_kid("stays")))));
    let (done, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (app, good, foreign) = (app.clone(), good.clone(), foreign.clone());
            let (done, count) = (Arc::clone(&done), Arc::clone(&count));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    assert_eq!(bearer(&app, "/who", &good).await.text, "anna");
                    assert_eq!(bearer(&app, "/who", &foreign).await.status, 401);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let keys: Vec<_> = (0..4).map(|n| new_key().with_kid(n.to_string())).collect();
    for round in 0..200 {
        let ring = Keyring::new(keys[round % 4].clone());
        jwt.replace_keys(ring.also_verify(stays.verifying_key()).unwrap());
        assert_eq!(bearer(&app, "/who", token(&jwt)).await.text, "anna");
        tokio::task::yield_now().await;
    }
    done.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(count.load(Ordering::Relaxed) > 0, "clients that asked nothing show nothing");
}
