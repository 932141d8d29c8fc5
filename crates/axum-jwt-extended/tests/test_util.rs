//! The kit for applications' tests, used as an application would.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use axum_jwt_extended::test_util::TestKit;
use axum_jwt_extended::{AccessToken, FreshToken, RefreshToken};
use common::{request, send};
use http::HeaderMap;

#[tokio::test]
async fn every_token_of_the_kit_is_what_it_says() {
    let kit = TestKit::new();
    let app = Router::new()
        .route("/", post(|_: AccessToken| async {}))
        .route("/fresh", post(|_: FreshToken| async {}))
        .route("/refresh", post(|_: RefreshToken| async {}))
        .with_state(kit.manager().clone());
    let code = async |path: &str, headers: HeaderMap| {
        let mut request = request("POST", path).body(Body::empty()).unwrap();
        *request.headers_mut() = headers;
        let answer = send(&app, request).await;
        if answer.status == 200 { "good".to_owned() } else { answer.code() }
    };
    let revoked = kit.revoked("anna").await.unwrap();
    for (path, token, expected) in [
        ("/", kit.access("anna"), "good"),
        ("/fresh", kit.access("anna"), "fresh_token_required"),
        ("/fresh", kit.fresh("anna"), "good"),
        ("/refresh", kit.access("anna"), "wrong_token_type"),
        ("/", kit.refresh("anna"), "wrong_token_type"),
        ("/", kit.expired("anna"), "token_expired"),
        ("/", kit.wrong_key("anna"), "token_invalid"),
        ("/", revoked, "token_revoked"),
    ] {
        assert_eq!(code(path, kit.bearer(&token)).await, expected, "{path} by header");
        assert_eq!(
            code(path.trim_end_matches("refresh"), kit.cookie(&token)).await == "good",
            expected == "good" || path == "/refresh",
            "{path} by cookie"
        );
    }
    assert_eq!(code("/refresh", kit.refresh_cookie(&kit.refresh("anna"))).await, "good");
    kit.clock().advance(std::time::Duration::from_secs(3600));
    assert_eq!(code("/", kit.bearer(&kit.access("anna"))).await, "good");
}

#[test]
fn diagnostics_name_what_is_risky() {
    use axum_jwt_extended::{Config, JwtManager, Location};
    let codes = |config: axum_jwt_extended::ConfigBuilder| -> Vec<&'static str> {
        let jwt = JwtManager::new(config.secret_key(common::SECRET).build().unwrap());
        jwt.diagnostics().into_iter().map(|diagnostic| diagnostic.code).collect()
    };
    assert_eq!(codes(Config::builder()), ["no_store"]);
    let risky = Config::builder()
        .token_location([Location::Cookies, Location::QueryString])
        .cookie_secure(false)
        .cookie_csrf_protect(false)
        .access_token_expires(axum_jwt_extended::Lifetime::Never)
        .decode_leeway(std::time::Duration::from_secs(3600))
        .set("JWT_COOKIE_SECRUE", true);
    assert_eq!(
        codes(risky),
        [
            "configuration",
            "cookie_not_secure",
            "csrf_off",
            "query_string",
            "access_never_expires",
            "leeway",
            "no_store",
        ]
    );
    let flask = Config::flask().token_location([Location::Cookies]).csrf_methods(["POST"]);
    assert_eq!(
        codes(flask),
        ["cookie_not_secure", "csrf_methods", "samesite_unset", "lax_checks", "no_store"]
    );
}
