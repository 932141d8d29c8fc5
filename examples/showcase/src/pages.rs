//! The page, its style and script, and the headers that guard them in the browser.

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use axum_jwt_extended::JwtManager;
use serde_json::{Value, json};

use crate::{AppState, RENEWED_WITHIN};

/// Everything from here, nothing from a string: a note that says `<script>` stays a note.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'";

const HARDENING: [(HeaderName, &str); 3] = [
    (CONTENT_SECURITY_POLICY, CSP),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("../static/index.html")))
        .route("/style.css", file("text/css; charset=utf-8", include_str!("../static/style.css")))
        .route("/app.js", file("text/javascript; charset=utf-8", include_str!("../static/app.js")))
        .route("/icon.svg", file("image/svg+xml", include_str!("../static/icon.svg")))
        .route("/settings", get(settings))
}

fn file(kind: &'static str, text: &'static str) -> axum::routing::MethodRouter<AppState> {
    get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text) })
}

/// What the script needs to know: where the CSRF values are, where they go, and when tokens change
/// unseen.
async fn settings(State(jwt): State<JwtManager>) -> Json<Value> {
    let config = jwt.config();
    Json(json!({
        "access": {
            "csrf_cookie": config.access_csrf_cookie_name,
            "csrf_header": config.access_csrf_header_name,
        },
        "refresh": {
            "csrf_cookie": config.refresh_csrf_cookie_name,
            "csrf_header": config.refresh_csrf_header_name,
        },
        "renewed_within": RENEWED_WITHIN.as_secs(),
    }))
}

/// For every answer.
pub(crate) async fn harden(mut response: Response) -> Response {
    for (name, value) in HARDENING {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// For answers with tokens or personal data.
pub(crate) async fn no_store(response: Response) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], response)
}
