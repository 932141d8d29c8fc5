//! The examples, each driven over HTTP by the very lines that it prints.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on is to end")]

mod shell;

#[path = "../../examples"]
#[allow(dead_code, unreachable_pub, reason = "they are programs of their own")]
mod examples {
    pub(super) mod additional_claims;
    pub(super) mod automatic_user_loading;
    pub(super) mod blocklist_database;
    pub(super) mod blocklist_redis;
    pub(super) mod custom_guards;
    pub(super) mod implicit_refresh;
    pub(super) mod jwt_locations;
    pub(super) mod loaders;
    pub(super) mod oidc;
    pub(super) mod optional_protected_endpoints;
    pub(super) mod refresh_tokens;
    pub(super) mod simple;
    pub(super) mod token_freshness;
}

use std::time::Duration;

use axum_jwt_extended::{Config, ConfigBuilder, JwtManager, ManualClock, Timestamp};
use examples::*;
use jwt_extended_jwks::{FakeIssuer, Issuers};
use jwt_extended_sqlx::SqlStore;
use servers::AnyRedis;
use shell::{Server, try_lines};

fn config(options: ConfigBuilder) -> Config {
    options.secret_key("a-secret-of-at-least-32-random-bytes").build().unwrap()
}

fn manager(options: ConfigBuilder) -> JwtManager {
    JwtManager::new(config(options))
}

fn plain() -> JwtManager {
    manager(Config::builder())
}

#[tokio::test]
async fn simple() {
    try_lines(simple::app(plain()), simple::TRY).await;
}

#[tokio::test]
async fn refresh_tokens() {
    try_lines(refresh_tokens::app(plain()), refresh_tokens::TRY).await;
}

#[tokio::test]
async fn token_freshness() {
    try_lines(token_freshness::app(plain()), token_freshness::TRY).await;
}

#[tokio::test]
async fn jwt_locations() {
    let jwt = manager(jwt_locations::config());
    try_lines(jwt_locations::app(jwt), jwt_locations::TRY).await;
}

#[tokio::test]
async fn implicit_refresh() {
    let jwt = manager(implicit_refresh::config());
    try_lines(implicit_refresh::app(jwt), implicit_refresh::TRY).await;
}

#[tokio::test]
async fn a_session_is_renewed_while_it_is_used() {
    let clock = ManualClock::at(Timestamp::from_seconds(1_700_000_000.0));
    let jwt = JwtManager::builder(config(implicit_refresh::config())).clock(clock.clone()).build();
    let server = Server::start(implicit_refresh::app(jwt)).await;
    // Prints the answer, and in a line of its own the cookie that the browser has now.
    let visit = |method: &str, path: &str| {
        format!(
            "curl -s -X {method} localhost:3000{path} -b \"$(cat jar)\" -D head; echo; \
             sed -n 's/^set-cookie: \\(access_token_cookie=[^;]*\\).*/\\1/p' head > new; \
             if [ -s new ]; then mv new jar; fi; cat jar"
        )
    };
    let (login, visit) = (visit("POST", "/login"), visit("GET", "/protected"));
    server.run("touch jar").await;
    let first = server.run(&login).await;
    let cookie = |answer: &str| answer.lines().last().unwrap().to_owned();
    assert_eq!(cookie(&server.run(&visit).await), cookie(&first), "not yet");
    clock.advance(Duration::from_secs(45 * 60));
    assert_ne!(cookie(&server.run(&visit).await), cookie(&first));
    clock.advance(Duration::from_secs(45 * 60));
    let answer = server.run(&visit).await;
    assert!(answer.contains("example_user"), "90 minutes after the login: {answer}");
    clock.advance(Duration::from_secs(61 * 60));
    let answer = server.run(&visit).await;
    assert!(answer.contains("token_expired"), "an hour after the last visit: {answer}");
}

#[tokio::test]
async fn additional_claims() {
    let app = additional_claims::app(config(Config::builder()));
    try_lines(app, additional_claims::TRY).await;
}

#[tokio::test]
async fn automatic_user_loading() {
    try_lines(automatic_user_loading::app(plain()), automatic_user_loading::TRY).await;
}

#[tokio::test]
async fn blocklist_redis() {
    let Some(redis) = servers::or_skip(AnyRedis::find()) else { return };
    let (config, key) = (config(Config::builder()), "a key for tests, and for nothing else");
    let app = blocklist_redis::app(config, &redis.url(), key).await.unwrap();
    try_lines(app, blocklist_redis::TRY).await;
}

#[tokio::test]
async fn blocklist_database() {
    let store = SqlStore::connect("sqlite::memory:").await.unwrap();
    let app = blocklist_database::app(config(Config::builder()), store);
    try_lines(app, blocklist_database::TRY).await;
}

#[tokio::test]
async fn optional_protected_endpoints() {
    let app = optional_protected_endpoints::app(plain());
    try_lines(app, optional_protected_endpoints::TRY).await;
}

#[tokio::test]
async fn custom_guards() {
    try_lines(custom_guards::app(plain()), custom_guards::TRY).await;
}

#[tokio::test]
async fn loaders() {
    try_lines(loaders::app(config(Config::builder())), loaders::TRY).await;
}

#[tokio::test]
async fn oidc() {
    let login = FakeIssuer::start().await.unwrap();
    let app = oidc::app(Issuers::new([login.issuer("orders-api")]).unwrap());
    let token = login.token("anna", "orders-api").claim("scope", "orders:read").sign();
    try_lines(app, &format!("TOKEN={token}{}", oidc::TRY)).await;
    let other = FakeIssuer::start().await.unwrap();
    let token = other.token("anna", "orders-api").claim("scope", "orders:read").sign();
    let lines =
        r#"curl -s localhost:3000/orders -H "Authorization: Bearer $TOKEN"  # "token_invalid""#;
    let app = oidc::app(Issuers::new([login.issuer("orders-api")]).unwrap());
    try_lines(app, &format!("TOKEN={token}\n{lines}\n")).await;
}

/// Examples are listed, and what is listed is there.
#[test]
fn the_list_is_whole() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let list = std::fs::read_to_string(format!("{folder}/README.md")).unwrap();
    let mut there: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| {
            file.unwrap().file_name().into_string().unwrap().strip_suffix(".rs").map(str::to_owned)
        })
        .collect();
    let mut listed: Vec<_> = list
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| [`")?.split_once('`')?.0.to_owned()))
        .collect();
    there.sort();
    listed.sort();
    assert_eq!(listed, there);
}
