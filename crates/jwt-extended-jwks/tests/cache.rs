//! How long keys are kept, and when an issuer is asked.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{API, Server, code, new_key, pair, public_jwk, reason, seconds, token};
use jwt_extended::Algorithm;
use jwt_extended_jwks::{FakeIssuer, Issuers};
use serde_json::json;

/// What runs beside the requests gets this long.
async fn until(condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < seconds(20), "it does not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_first_requests_are_one_flight() {
    let (login, issuers, _) = pair(|issuer| issuer).await;
    let token = login.token("anna", API).sign();
    let requests: Vec<_> = (0..64)
        .map(|_| {
            let (issuers, token) = (issuers.clone(), token.clone());
            tokio::spawn(async move { issuers.verify(&token).await.is_ok() })
        })
        .collect();
    for request in requests {
        assert!(request.await.unwrap());
    }
    assert_eq!(login.fetches(), 1);
}

#[tokio::test]
async fn a_flight_lands_though_the_request_that_wanted_it_is_gone() {
    let key = new_key(Algorithm::ES256);
    let set = json!({ "keys": [public_jwk(&key)] }).to_string();
    let server = Server::start(move |_, _| {
        let set = set.clone();
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            set
        }
    })
    .await;
    let issuers = Issuers::new([server.keys()]).unwrap();
    let token = token(&server.url, &key);
    let hasty = tokio::time::timeout(Duration::from_millis(50), issuers.verify(&token)).await;
    assert!(hasty.is_err(), "it is not there yet");
    assert!(issuers.verify(&token).await.is_ok());
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_looked_for_once_in_a_cool_down() {
    let (login, issuers, clock) = pair(|issuer| issuer.cool_down(seconds(30))).await;
    let verify = async || issuers.verify(&login.token("anna", API).sign()).await;
    verify().await.unwrap();
    login.rotate();
    verify().await.unwrap();
    assert_eq!(login.fetches(), 2);
    login.rotate();
    assert_eq!(code(verify().await), "token_invalid", "too soon after the last time");
    assert_eq!(login.fetches(), 2);
    clock.advance(seconds(30));
    verify().await.unwrap();
    assert_eq!(login.fetches(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_unknown_keys_is_one_question() {
    let (login, issuers, clock) = pair(|issuer| issuer.cool_down(seconds(30))).await;
    issuers.fetch_all().await.unwrap();
    for round in 1..=2 {
        let requests: Vec<_> = (0..200)
            .map(|n| {
                let forged = login.token("eve", API).key(new_key(Algorithm::ES256));
                let forged = forged.header("kid", format!("kid-{round}-{n}")).sign();
                let issuers = issuers.clone();
                tokio::spawn(async move { code(issuers.verify(&forged).await) })
            })
            .collect();
        for request in requests {
            assert_eq!(request.await.unwrap(), "token_invalid");
        }
        assert_eq!(login.fetches(), 1 + round);
        clock.advance(seconds(30));
    }
    // What no other key could mend is no reason to ask.
    for forged in [
        login.token("eve", API).key(new_key(Algorithm::ES256)),
        login.token("anna", "another-api").header("kid", json!(null)),
        login.token("anna", API).header("alg", "HS256").header("kid", "new"),
    ] {
        assert_eq!(code(issuers.verify(&forged.sign()).await), "token_invalid");
    }
    assert_eq!(login.fetches(), 3);
}

#[tokio::test]
async fn keys_without_names_can_be_rotated_too() {
    let (old, new) = (new_key(Algorithm::ES256), new_key(Algorithm::ES256));
    let turned = Arc::new(AtomicUsize::new(0));
    let sets = [&old, &new].map(|key| {
        let mut jwk = public_jwk(key);
        jwk.as_object_mut().unwrap().remove("kid");
        json!({ "keys": [jwk] }).to_string()
    });
    let turn = Arc::clone(&turned);
    let server =
        Server::start(move |_, _| std::future::ready(sets[turn.load(Ordering::SeqCst)].clone()))
            .await;
    let issuers = Issuers::new([server.keys()]).unwrap();
    assert!(issuers.verify(&token(&server.url, &old)).await.is_ok());
    turned.store(1, Ordering::SeqCst);
    assert!(issuers.verify(&token(&server.url, &new)).await.is_ok());
    assert_eq!(code(issuers.verify(&token(&server.url, &old)).await), "token_invalid");
}

#[tokio::test]
async fn keys_are_renewed_before_their_time_is_over_and_nobody_waits() {
    let (login, issuers, clock) = pair(|issuer| issuer.keep_keys(seconds(60), seconds(600))).await;
    let verify = async || issuers.verify(&login.token("anna", API).sign()).await;
    login.set_cache_control("public, max-age=300");
    verify().await.unwrap();
    clock.advance(seconds(239));
    verify().await.unwrap();
    assert_eq!(login.fetches(), 1);
    clock.advance(seconds(1));
    verify().await.unwrap();
    until(|| login.fetches() == 2).await;
}

#[tokio::test]
async fn what_the_issuer_says_of_its_keys_life_counts_within_bounds() {
    for (cache_control, life) in [
        ("max-age=200", 200),
        ("max-age=10, stale-while-revalidate=86400", 60),
        ("no-store", 60),
        ("max-age=86400", 600),
        ("public", 300),
    ] {
        let settings =
            |issuer: jwt_extended_jwks::Issuer| issuer.keep_keys(seconds(60), seconds(600));
        let (login, issuers, clock) = pair(settings).await;
        login.set_cache_control(cache_control);
        let token = || login.token("anna", API).sign();
        issuers.verify(&token()).await.unwrap();
        let old = login.token("anna", API);
        login.rotate();
        login.withdraw_old_keys();
        // Until then the old key is believed; afterwards the issuer is asked before it is.
        clock.advance(seconds(life * 3 / 4));
        let old = old.claim("exp", 4_000_000_000_u64).sign();
        assert!(issuers.verify(&old).await.is_ok(), "{cache_control}");
        clock.advance(seconds(life / 4));
        assert_eq!(code(issuers.verify(&old).await), "token_invalid", "{cache_control}");
        // Once since it was time, and once since no key is left that could be the token's.
        assert_eq!(login.fetches(), 3, "{cache_control}");
    }
}

#[tokio::test]
async fn old_keys_serve_while_the_issuer_is_down_up_to_a_bound() {
    let settings = |issuer: jwt_extended_jwks::Issuer| {
        issuer.keep_stale_keys(seconds(1000)).retry_after(seconds(5))
    };
    let (login, issuers, clock) = pair(settings).await;
    let verify = async || issuers.verify(&login.token("anna", API).sign()).await;
    verify().await.unwrap();
    login.set_down(true);
    for passed in [299, 2, 998] {
        clock.advance(seconds(passed));
        verify().await.unwrap();
    }
    // A key that is not known may be a new one: nobody can tell.
    let unknown = login.token("anna", API).key(new_key(Algorithm::ES256)).header("kid", "new");
    assert!(reason(issuers.verify(&unknown.sign()).await).contains("500"));
    clock.advance(seconds(1));
    assert!(reason(verify().await).contains("500"));

    // While it is known to be down, it is not asked for each request.
    let asked = login.fetches();
    for _ in 0..50 {
        reason(verify().await);
    }
    assert_eq!(login.fetches(), asked);
    login.set_down(false);
    reason(verify().await);
    clock.advance(seconds(5));
    verify().await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_was_down_for_a_moment_has_its_new_key_found() {
    let (login, issuers, clock) = pair(|issuer| issuer.cool_down(seconds(30))).await;
    let verify = async || issuers.verify(&login.token("anna", API).sign()).await;
    verify().await.unwrap();
    login.rotate();
    login.set_down(true);
    reason(verify().await);
    login.set_down(false);
    clock.advance(seconds(30));
    verify().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_key_live_longer() {
    let (login, issuers, clock) = pair(|issuer| issuer).await;
    let verify = async || issuers.verify(&login.token("anna", API).sign()).await;
    verify().await.unwrap();
    clock.set(jwt_extended::Timestamp::from_seconds(1_700_000_000.0));
    verify().await.unwrap();
    assert_eq!(login.fetches(), 2);
}

#[tokio::test]
async fn a_start_can_find_out_whether_all_issuers_answer() {
    let (login, other) = (FakeIssuer::start().await.unwrap(), FakeIssuer::start().await.unwrap());
    let issuers = Issuers::new([login.issuer(API), other.issuer(API)]).unwrap();
    issuers.fetch_all().await.unwrap();
    assert_eq!((login.fetches(), other.fetches()), (1, 1));
    other.set_down(true);
    let fault = issuers.fetch_all().await.unwrap_err();
    assert!(fault.to_string().contains(other.url()), "{fault}");
}

#[test]
fn a_runtime_that_ends_leaves_no_flight_behind() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let key = new_key(Algorithm::ES256);
    let set = json!({ "keys": [public_jwk(&key)] }).to_string();
    let servers = runtime();
    let server = servers.block_on(Server::start(move |_, _| {
        let set = set.clone();
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            set
        }
    }));
    let issuers = Issuers::new([server.keys().retry_after(seconds(0))]).unwrap();
    let token = token(&server.url, &key);
    let first = runtime();
    first.block_on(async {
        let hasty = tokio::time::timeout(Duration::from_millis(50), issuers.verify(&token)).await;
        assert!(hasty.is_err());
    });
    drop(first);
    assert!(runtime().block_on(issuers.verify(&token)).is_ok());
}
