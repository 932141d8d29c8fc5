//! What the tests share: a frozen clock, a manager on it, and requests driven through a router.

#![allow(dead_code, reason = "each test binary uses a part of it")]

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
