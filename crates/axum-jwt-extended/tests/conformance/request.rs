//! Cases of the kind `request`: sent to the router, the answer compared.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use axum::http::{self, Method};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::recorded::{Answer, AppConfig, From, HeaderText, Request};
use crate::values::{base64, same};
use crate::{Expected, Outcome};

struct Got {
    status: u16,
    body: String,
    json: Option<Value>,
}

pub(crate) fn replay(
    app: Router,
    config: &AppConfig,
    request: &Request,
    answer: &Answer,
    expected: Expected<'_>,
) -> Outcome {
    let got = match build(request) {
        Ok(request) => send(app, request),
        Err(error) => {
            return Outcome::of(format!("{answer:?}"), format!("cannot be sent: {error}"), false);
        }
    };
    let shown = format!("{} {}", got.status, got.body);
    let key = config.options.get("JWT_ERROR_MESSAGE_KEY").and_then(Value::as_str).unwrap_or("msg");
    match expected {
        Expected::Deviation(deviation) => {
            let body = deviation.body.as_ref();
            let status = deviation.status.expect("a deviation of a request has a status");
            let same_body = match body {
                Some(body) => got.json.as_ref().is_some_and(|got| same(body, got)),
                None => status < 400 || has_text(&got, key),
            };
            let wanted = format!("{status} {}: {}", body.unwrap_or(&Value::Null), deviation.reason);
            Outcome::of(wanted, shown, got.status == status && same_body)
        }
        Expected::Recorded => {
            let own_texts = !config.hooks.responses.is_empty();
            let same_body = if request.method == Method::HEAD.as_str() {
                got.body.is_empty()
            } else if answer.from == From::Parser && !own_texts {
                has_text(&got, key)
            } else {
                same(&body(answer), got.json.as_ref().unwrap_or(&Value::Null))
            };
            let wanted = format!("{} {} ({:?})", answer.status, body(answer), answer.from);
            Outcome::of(wanted, shown, got.status == answer.status && same_body)
        }
    }
}

/// Whether the answer says in its own words what is wrong.
fn has_text(got: &Got, key: &str) -> bool {
    let text = got.json.as_ref().and_then(|json| json.get(key)?.as_str());
    text.is_some_and(|text| !text.is_empty())
}

/// The recorded body; null where it is no JSON that can be read here.
fn body(answer: &Answer) -> Value {
    match &answer.body_base64 {
        Some(text) => serde_json::from_slice(&base64(text).unwrap()).unwrap_or(Value::Null),
        None => answer.json.clone().unwrap_or(Value::Null),
    }
}

fn build(recorded: &Request) -> http::Result<http::Request<Body>> {
    let mut request =
        http::Request::builder().method(recorded.method.as_str()).uri(recorded.path.as_str());
    for (name, value) in &recorded.headers {
        let bytes = match value {
            HeaderText::Utf8(text) => text.as_bytes().to_vec(),
            HeaderText::Bytes { latin1 } => {
                latin1.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
            }
        };
        request = request.header(HeaderName::try_from(name)?, HeaderValue::from_bytes(&bytes)?);
    }
    match &recorded.body {
        Some(body) => request.header(CONTENT_LENGTH, body.len()).body(body.clone().into()),
        None => request.body(Body::empty()),
    }
}

/// Runs a request through the router.
fn send(app: Router, request: http::Request<Body>) -> Got {
    let (parts, body) = answer(app, request);
    let json = serde_json::from_slice(body.as_bytes()).ok();
    Got { status: parts.status.as_u16(), body, json }
}

/// The head and the text of what the router answers.
pub(crate) fn answer(app: Router, request: http::Request<Body>) -> (http::response::Parts, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts, String::from_utf8(bytes.to_vec()).unwrap())
    })
}
