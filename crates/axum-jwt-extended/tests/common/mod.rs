//! What the tests share: a frozen clock, a manager on it, and requests driven through a router.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fmt::Write;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::Body;
use axum_jwt_extended::{
    Config, ConfigBuilder, JwtManager, JwtManagerBuilder, ManualClock, Timestamp,
};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const SECRET: &str = "a-secret-of-at-least-32-random-bytes";
pub(crate) const NOW: f64 = 1_700_000_000.0;

pub(crate) fn config() -> ConfigBuilder {
    Config::builder().secret_key(SECRET)
}

pub(crate) fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_seconds(NOW))
}

pub(crate) fn builder(config: ConfigBuilder, clock: &ManualClock) -> JwtManagerBuilder {
    JwtManager::builder(config.build().unwrap()).clock(clock.clone())
}

pub(crate) fn manager() -> JwtManager {
    builder(config(), &clock()).build()
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The stable code of a native error answer.
    pub(crate) fn code(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn cookies(&self) -> Vec<String> {
        let values = self.headers.get_all(header::SET_COOKIE).iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    /// The value of a cookie that the response sets.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let cookies = self.cookies();
        let start = format!("{name}=");
        let cookie = cookies.iter().find(|cookie| cookie.starts_with(&start));
        let cookie = cookie.unwrap_or_else(|| panic!("no cookie {name} in {cookies:?}"));
        cookie[start.len()..].split(';').next().unwrap().to_owned()
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response: Response<Body> = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

pub(crate) fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

pub(crate) async fn get(app: &Router, path: &str) -> Answer {
    send(app, request("GET", path).body(Body::empty()).unwrap()).await
}

/// GET with a bearer token.
pub(crate) async fn bearer(app: &Router, path: &str, token: impl AsRef<str>) -> Answer {
    let value = format!("Bearer {}", token.as_ref());
    send(app, request("GET", path).header("Authorization", value).body(Body::empty()).unwrap())
        .await
}

/// What `future` logs on this thread, one text for each event.
pub(crate) async fn listen<T>(future: impl Future<Output = T>) -> (Vec<String>, T) {
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};

    /// With one alone, a place that logs asks whichever thread comes by it first whether anybody listens.
    static ANOTHER: LazyLock<tracing::Dispatch> =
        LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));
    LazyLock::force(&ANOTHER);

    struct Listener(Arc<Mutex<Vec<String>>>);

    struct Words(String);

    impl Visit for Words {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }

    impl tracing::Subscriber for Listener {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            let mut words = Words(event.metadata().level().to_string());
            event.record(&mut words);
            self.0.lock().unwrap().push(words.0);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    let events = Arc::new(Mutex::new(Vec::new()));
    let guard = tracing::subscriber::set_default(Listener(Arc::clone(&events)));
    let output = future.await;
    drop(guard);
    let events = events.lock().unwrap().clone();
    (events, output)
}
