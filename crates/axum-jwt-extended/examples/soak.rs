//! A load of many connections with good and bad tokens: `cargo run --release --example soak -- 60`.
//!
//! Every answer is compared with what it must be. Prints how many requests there were, the wrong
//! answers (the exit status tells too), and how much memory the process had after a tenth of the time
//! and at the end. Client and server are this one process, on the loopback interface.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::{get, post};
use axum_jwt_extended::store::{MemoryStore, RevocationStore};
use axum_jwt_extended::{AccessToken, Config, FreshToken, JwtManager, Location};

const CONNECTIONS: usize = 64;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone)]
struct Case {
    path: &'static str,
    header: (&'static str, String),
    status: u16,
    body: &'static str,
}

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(60);
    let places = [Location::Headers, Location::Cookies, Location::Json];
    let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
    let config = config.token_location(places).access_token_expires(Duration::from_secs(86_400));
    let store = MemoryStore::new();
    let jwt = JwtManager::builder(config.build()?).store(store.clone()).build();
    let app = Router::new()
        .route("/", get(|token: AccessToken| async move { token.identity().to_owned() }))
        .route("/fresh", get(|_: FreshToken| async {}))
        .route(
            "/post",
            post(|token: AccessToken, body: String| async move {
                format!("{} {}", token.identity(), body.len())
            }),
        )
        .layer(jwt.body_layer())
        .with_state(jwt.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let cases = Arc::new(cases(&jwt, &store).await?);
    let (sent, wrong) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for number in 0..CONNECTIONS {
        let (cases, url) = (Arc::clone(&cases), url.clone());
        let (sent, wrong) = (Arc::clone(&sent), Arc::clone(&wrong));
        // A client each, so that there are as many connections.
        let client = reqwest::Client::builder().pool_max_idle_per_host(1).build()?;
        tasks.push(tokio::spawn(async move {
            for case in cases.iter().cycle().skip(number) {
                if Instant::now() >= end {
                    break;
                }
                let (name, value) = &case.header;
                let request = match case.path {
                    "/post" => client.post(format!("{url}/post")).body("x".repeat(2000)),
                    path => client.get(format!("{url}{path}")),
                };
                let response = request.header(*name, value).send().await?;
                let (status, text) = (response.status().as_u16(), response.text().await?);
                sent.fetch_add(1, Ordering::Relaxed);
                if status != case.status || !text.contains(case.body) {
                    eprintln!(
                        "wrong: {} {status} {text}, not {} {}",
                        case.path, case.status, case.body
                    );
                    wrong.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok::<_, BoxError>(())
        }));
    }
    tokio::time::sleep(Duration::from_secs(seconds) / 10).await;
    let early = memory();
    for task in tasks {
        task.await??;
    }
    let (sent, wrong) = (sent.load(Ordering::Relaxed), wrong.load(Ordering::Relaxed));
    eprintln!(
        "{sent} requests in {:.0?} over {CONNECTIONS} connections, {wrong} wrong answers; memory {} kB after a tenth of the time, {} kB at the end",
        start.elapsed(),
        early,
        memory()
    );
    Ok(if wrong == 0 && sent > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn cases(jwt: &JwtManager, store: &MemoryStore) -> Result<Vec<Case>, BoxError> {
    let plain = jwt.create_access_token("anna").encode()?;
    let fresh = jwt.create_access_token("bob").fresh(true).encode()?;
    let refresh = jwt.create_refresh_token("anna").encode()?;
    let expired = jwt.create_access_token("anna").override_claim("exp", 1000).encode()?;
    let revoked = jwt.create_access_token("anna").encode()?;
    let token = jwt.decode(revoked.as_str(), &Default::default())?;
    store.revoke(&jwt.engine().revocation_of_token(&token)?).await?;
    let forged = plain.as_str().replace('.', ".A");
    let bearer = |path, token: &str, status, body| Case {
        path,
        header: ("authorization", format!("Bearer {token}")),
        status,
        body,
    };
    let cookie = |path, token: &str, status, body| Case {
        path,
        header: ("cookie", format!("a=b; access_token_cookie={token}")),
        status,
        body,
    };
    Ok(vec![
        bearer("/", plain.as_str(), 200, "anna"),
        bearer("/", fresh.as_str(), 200, "bob"),
        bearer("/fresh", fresh.as_str(), 200, ""),
        bearer("/fresh", plain.as_str(), 401, "fresh_token_required"),
        bearer("/", refresh.as_str(), 401, "wrong_token_type"),
        bearer("/", expired.as_str(), 401, "token_expired"),
        bearer("/", revoked.as_str(), 401, "token_revoked"),
        bearer("/", &forged, 401, "token_invalid"),
        bearer("/", "garbage", 401, "token_invalid"),
        bearer("/", "", 400, "request_malformed"),
        cookie("/", plain.as_str(), 200, "anna"),
        cookie("/", revoked.as_str(), 401, "token_revoked"),
        cookie("/post", plain.as_str(), 403, "csrf_missing"),
        bearer("/post", plain.as_str(), 200, "anna 2000"),
        Case {
            path: "/",
            header: ("x-nothing", String::new()),
            status: 401,
            body: "token_missing",
        },
    ])
}

/// The resident memory of this process in kB; 0 where there is no /proc.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
