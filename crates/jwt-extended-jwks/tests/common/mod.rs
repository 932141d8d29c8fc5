//! Servers that answer as a test wants, and what all tests need.

#![allow(dead_code, reason = "each test file needs other parts")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use jwt_extended::{Algorithm, AuthError, GeneratedKey, ManualClock, SigningKey, Timestamp, jws};
use jwt_extended_jwks::{FakeIssuer, Issuer, Issuers};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) const API: &str = "orders-api";

/// A server on this machine that answers every request with `answer`, and counts them.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start<R, F>(
        answer: impl Fn(String, Request) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        R: IntoResponse,
        F: Future<Output = R> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (own_url, counter) = (url.clone(), Arc::clone(&asked));
        let app = Router::new().fallback(move |request: Request| {
            counter.fetch_add(1, Ordering::SeqCst);
            let answer = answer(own_url.clone(), request);
            async move { answer.await.into_response() }
        });
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, asked, task }
    }

    /// A server that answers every request with this text.
    pub(crate) async fn with_text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::start(move |_, _| std::future::ready(text.clone())).await
    }

    /// How many requests there were.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// As an issuer whose keys are what it answers.
    pub(crate) fn keys(&self) -> Issuer {
        Issuer::new(&self.url, API).jwks_url(format!("{}/keys", self.url)).insecure_http()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A fake issuer and a service that takes its tokens, by one clock.
pub(crate) async fn pair(
    settings: impl FnOnce(Issuer) -> Issuer,
) -> (FakeIssuer, Issuers, ManualClock) {
    let clock = ManualClock::at(Timestamp::from_seconds(1_800_000_000.0));
    let login = FakeIssuer::start().await.unwrap();
    login.set_clock(clock.clone());
    let issuers = Issuers::with_clock([settings(login.issuer(API))], clock.clone()).unwrap();
    (login, issuers, clock)
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn new_key(algorithm: Algorithm) -> SigningKey {
    let key = match algorithm.name().as_bytes() {
        // Longer ones take longer to make.
        [b'R' | b'P', ..] => GeneratedKey::rsa(algorithm, 2048),
        _ => GeneratedKey::new(algorithm),
    };
    key.unwrap().signing_key().clone()
}

pub(crate) fn public_jwk(key: &SigningKey) -> Value {
    serde_json::from_str(&key.verifying_key().public_key().unwrap().to_jwk()).unwrap()
}

/// A token of the issuer `iss`, signed with `key`.
pub(crate) fn token(iss: &str, key: &SigningKey) -> String {
    let claims = json!({ "iss": iss, "aud": API, "sub": "anna", "exp": 4_000_000_000_u64 });
    jws::sign(key, None, claims.to_string().as_bytes()).unwrap()
}

/// The code of a refusal.
pub(crate) fn code<T>(outcome: Result<T, AuthError>) -> &'static str {
    outcome.err().unwrap().code()
}

/// Why the issuer could not be asked, in words.
pub(crate) fn reason<T>(outcome: Result<T, AuthError>) -> String {
    let error = outcome.err().unwrap();
    assert_eq!(error.status(), 503, "{error:?}");
    format!("{error:?}")
}
