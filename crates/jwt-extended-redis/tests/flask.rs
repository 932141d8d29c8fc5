//! The blocklist of Flask-JWT-Extended's documentation: how it is read and written, and a logout that
//! counts in an axum application and in a Flask application as it is, both ways.
//!
//! `INTEROP_PYTHON` names a Python that has `conformance/requirements.txt` installed. Without it the
//! test with Flask is skipped, and says so; where `CI=true`, it fails.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use axum_jwt_extended::{AnyToken, Config, Error, JwtManager, TokenPair};
use common::{ANNA, SUBJECT_KEY, access, at, client, redis, refresh, session, token};
use jwt_extended::store::{
    Revocation, RevocationStatus, RevocationStore as _, Revoked, Rotation, RotationOutcome,
};
use jwt_extended_redis::redis::cluster::ClusterClientBuilder;
use jwt_extended_redis::{FlaskBlocklist, RedisStore, RedisStoreOptions};
use servers::{Missing, Redis, RedisCluster, or_skip};

const SECRET: &str = "a secret of both applications, of 32 bytes or more";

fn options(blocklist: FlaskBlocklist) -> RedisStoreOptions {
    RedisStore::options().subject_key(SUBJECT_KEY).flask_blocklist(blocklist)
}

#[tokio::test]
async fn it_is_read_and_written_as_the_settings_say() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let mut redis = client(&server.url()).await;
    for blocklist in [FlaskBlocklist::Off, FlaskBlocklist::Read, FlaskBlocklist::ReadWrite] {
        let store = options(blocklist).connect(server.url()).await.unwrap();
        reads(&store, &mut redis, blocklist).await;
        writes(&store, &mut redis, blocklist == FlaskBlocklist::ReadWrite).await;
    }
    let store = options(FlaskBlocklist::ReadWrite).connect(server.url()).await.unwrap();
    ends(&store, &mut redis).await;
    // What is on that list is revoked for whoever has it, so that only reading it leaves subjects apart.
    let store = options(FlaskBlocklist::Read).connect(server.url()).await.unwrap();
    jwt_extended::store::tests::run(|| async { store.clone() }).await;
}

#[tokio::test]
async fn on_a_cluster_as_well() {
    let Some(cluster) = or_skip(RedisCluster::start()) else { return };
    let servers = || ClusterClientBuilder::new(cluster.urls());
    let mut redis = servers().build().unwrap().get_async_connection().await.unwrap();
    let store = options(FlaskBlocklist::ReadWrite).connect_cluster(servers()).await.unwrap();
    reads(&store, &mut redis, FlaskBlocklist::ReadWrite).await;
    writes(&store, &mut redis, true).await;
    ends(&store, &mut redis).await;
}

async fn reads(
    store: &RedisStore,
    redis: &mut impl redis::aio::ConnectionLike,
    blocklist: FlaskBlocklist,
) {
    let counts = blocklist != FlaskBlocklist::Off;
    redis::cmd("SET").arg("theirs").arg("").exec_async(redis).await.unwrap();
    redis::cmd("DEL").arg("theirs-2").exec_async(redis).await.unwrap();
    let revoked = if counts { RevocationStatus::Revoked } else { RevocationStatus::Active };
    for presented in [access("theirs", None), refresh("theirs", Some("s"))] {
        assert_eq!(store.status(&presented).await.unwrap(), revoked);
    }
    let family = format!("{blocklist:?}");
    let rotate = async |jti, next| {
        let rotation = Rotation::new(refresh(jti, Some(&family)), next, "after").unwrap();
        store.rotate(&rotation).await.unwrap()
    };
    if counts {
        assert_eq!(rotate("theirs", "theirs-2").await, RotationOutcome::Revoked);
        redis::cmd("DEL").arg("theirs").exec_async(redis).await.unwrap();
        assert_eq!(rotate("theirs", "theirs-2").await, RotationOutcome::Rotated);
        assert!(matches!(rotate("theirs", "x").await, RotationOutcome::Repeated { .. }));
        // Nobody gets a pair of which a part is revoked.
        redis::cmd("SET").arg("theirs-2").arg("").exec_async(redis).await.unwrap();
        assert_eq!(rotate("theirs", "x").await, RotationOutcome::Revoked);
    }
}

async fn writes(store: &RedisStore, redis: &mut impl redis::aio::ConnectionLike, counts: bool) {
    let value = async |redis: &mut _| -> Option<String> {
        redis::cmd("GET").arg("ours").query_async(redis).await.unwrap()
    };
    store.revoke(&token("ours")).await.unwrap();
    assert_eq!(value(redis).await, counts.then(String::new));
    assert!(store.restore(&ANNA, &token("ours").what).await.unwrap());
    assert_eq!(value(redis).await, None);
    assert_eq!(store.status(&access("ours", None)).await.unwrap(), RevocationStatus::Active);
    // A session is nothing that it could hold.
    store.revoke(&session("ours")).await.unwrap();
    assert_eq!(value(redis).await, None);
}

/// What is there already is not cut short, and keeps its value.
async fn ends(store: &RedisStore, redis: &mut impl redis::aio::ConnectionLike) {
    let revoke = async |until: Option<f64>| {
        let what = Revoked::Token { jti: "ends" };
        store.revoke(&Revocation::new(ANNA, what, until.map(at), at(0.0))).await.unwrap();
    };
    let minutes = async |redis: &mut _| -> i64 {
        // An hour more than the end.
        let life: i64 = redis::cmd("PTTL").arg("ends").query_async(redis).await.unwrap();
        if life < 0 { life } else { (life + 30_000) / 60_000 }
    };
    revoke(Some(600.0)).await;
    assert_eq!(minutes(redis).await, 70);
    revoke(Some(60.0)).await;
    assert_eq!(minutes(redis).await, 70);
    redis::cmd("SET").arg("ends").arg("x").arg("EX").arg(6000).exec_async(redis).await.unwrap();
    revoke(Some(600.0)).await;
    assert_eq!(minutes(redis).await, 100);
    revoke(Some(6540.0)).await;
    assert_eq!(minutes(redis).await, 169);
    revoke(None).await;
    assert_eq!(minutes(redis).await, 100 * 36_525 / 100 * 24 * 60, "a hundred years");
    let value: String = redis::cmd("GET").arg("ends").query_async(redis).await.unwrap();
    assert_eq!(value, "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_here_counts_there_and_back() {
    let Some(server) = or_skip(Redis::start(&[])) else { return };
    let flask = or_skip(Flask::start(server.port()));
    let Some(flask) = flask else { return };
    let axum = axum_app(&server.url()).await;
    let web = reqwest::Client::new();
    let status = async |service: &str, path: &str, token: &str| {
        let request = if path == "/logout" {
            web.delete(format!("{service}{path}"))
        } else {
            web.get(format!("{service}{path}"))
        };
        request.bearer_auth(token).send().await.unwrap().status()
    };
    for (maker, out) in
        [(&axum, &axum), (&axum, &flask.url), (&flask.url, &axum), (&flask.url, &flask.url)]
    {
        let tokens: serde_json::Value =
            web.post(format!("{maker}/login")).send().await.unwrap().json().await.unwrap();
        let [access, refresh] =
            ["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap());
        for service in [&axum, &flask.url] {
            for token in [access, refresh] {
                assert_eq!(status(service, "/profile", token).await, StatusCode::OK);
            }
        }
        assert_eq!(status(out, "/logout", access).await, StatusCode::OK);
        for service in [&axum, &flask.url] {
            assert_eq!(status(service, "/profile", access).await, StatusCode::UNAUTHORIZED);
            assert_eq!(
                status(service, "/profile", refresh).await,
                StatusCode::OK,
                "it is another token"
            );
        }
        assert_eq!(status(out, "/logout", refresh).await, StatusCode::OK);
        for service in [&axum, &flask.url] {
            assert_eq!(status(service, "/profile", refresh).await, StatusCode::UNAUTHORIZED);
        }
    }
}

async fn axum_app(redis: &str) -> String {
    async fn login(State(jwt): State<JwtManager>) -> Result<Json<TokenPair>, Error> {
        Ok(Json(jwt.create_token_pair("anna").encode()?))
    }
    async fn logout(State(jwt): State<JwtManager>, token: AnyToken) -> Result<(), Error> {
        jwt.revoke(&token).await
    }
    let store = options(FlaskBlocklist::ReadWrite).connect(redis).await.unwrap();
    let config = Config::builder().set("JWT_PRESET", "flask").set("JWT_SECRET_KEY", SECRET);
    let jwt = JwtManager::builder(config.build().unwrap()).store(store).build();
    let app = Router::new()
        .route("/login", post(login))
        .route("/profile", get(|token: AnyToken| async move { token.identity().to_owned() }))
        .route("/logout", delete(logout))
        .with_state(jwt);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    url
}

/// The application of `flask_app.py`, a process of its own.
struct Flask {
    process: Child,
    url: String,
}

impl Flask {
    fn start(redis: u16) -> Result<Self, Missing> {
        let python = std::env::var_os("INTEROP_PYTHON").ok_or_else(|| {
            Missing::new("INTEROP_PYTHON is not set; no logout crossed to Flask or back")
        })?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/flask_app.py");
        let mut process = Command::new(python)
            .args([script, SECRET, &redis.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http"), "the Flask application does not start");
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for Flask {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
