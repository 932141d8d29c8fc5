//! The browser's side: every snippet is JavaScript, and those of the chapter on locations do what they are
//! for, against a server.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use axum_jwt_extended::{
    AccessToken, Config, Error, JwtManager, Location, ManualClock, RefreshToken, Timestamp,
};

use crate::{chapter, path};

/// What `script` prints, as a module; `None` where there is no node to run it.
fn node(arguments: &[&str], script: &str) -> Option<String> {
    let node = Command::new("node")
        .args(arguments)
        .args(["--input-type=module", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut node) = node else {
        assert!(std::env::var("CI").unwrap_or_default() != "true", "this test needs node");
        let _ = writeln!(io::stderr(), "\n!!! SKIPPED: there is no node to run JavaScript with\n");
        return None;
    };
    node.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The snippets of a chapter.
fn snippets(chapter: &str) -> Vec<String> {
    let lines =
        chapter.lines().map(|line| line.strip_prefix("//!").unwrap_or_default().trim_start());
    let text = lines.collect::<Vec<_>>().join("\n");
    let found = text.split("```js\n").skip(1).filter_map(|rest| rest.split_once("```"));
    found.map(|(script, _)| script.to_owned()).collect()
}

#[test]
fn every_snippet_is_javascript() {
    let mut count = 0;
    for file in std::fs::read_dir(path("")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for script in snippets(&text) {
            node(&["--check"], &script);
            count += 1;
        }
    }
    assert!(count >= 3, "the snippets were not found");
}

#[derive(Clone)]
struct AppState {
    jwt: JwtManager,
    clock: ManualClock,
}

impl FromRef<AppState> for JwtManager {
    fn from_ref(state: &AppState) -> Self {
        state.jwt.clone()
    }
}

/// Answers with cookies as well where the browser of the test has a jar for them.
async fn login(
    State(jwt): State<JwtManager>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Error> {
    let pair = jwt.create_token_pair("anna").encode()?;
    let cookies = headers.contains_key("cookie").then(|| jwt.set_cookies(&pair));
    Ok((cookies, Json(pair)))
}

async fn refresh(
    State(jwt): State<JwtManager>,
    token: RefreshToken,
) -> Result<impl IntoResponse, Error> {
    let access_token = jwt.refresh_access_token(&token).encode()?;
    let cookies = jwt.set_access_cookies(&access_token);
    Ok((cookies, Json(serde_json::json!({ "access_token": access_token }))))
}

async fn an_hour_passes(State(state): State<AppState>) {
    state.clock.advance(Duration::from_secs(3600));
}

async fn server() -> String {
    let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
    let config = config.token_location([Location::Headers, Location::Cookies]).build().unwrap();
    let clock = ManualClock::at(Timestamp::from_seconds(1_700_000_000.0));
    let jwt = JwtManager::builder(config).clock(clock.clone()).build();
    let app = Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/save", post(|_: AccessToken| async {}))
        .route("/an-hour-passes", post(an_hour_passes))
        .with_state(AppState { jwt, clock });
    let listener = tokio::net::TcpListener::bind("localhost:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// What of a browser the snippets need: `document.cookie`, and `fetch` with a jar.
const BROWSER: &str = r#"
const jar = new Map([["begun", "1"]]);
const pairs = (keep) => [...jar].filter(([name]) => keep(name)).map((it) => it.join("=")).join("; ");
globalThis.document = { get cookie() { return pairs((name) => !name.endsWith("_cookie")); } };
const network = globalThis.fetch;
globalThis.fetch = async (path, options = {}) => {
  const cookies = COOKIES ? { Cookie: pairs(() => true) } : {};
  const response = await network(URL + path, { ...options, headers: { ...options.headers, ...cookies } });
  for (const cookie of response.headers.getSetCookie()) {
    const [name, value] = cookie.split(";")[0].split(/=(.*)/);
    jar.set(name, value);
  }
  return response;
};
"#;

const STORY: &str = r#"
const save = async () => console.log((await call("/save", { method: "POST" })).status);
await save();
await network(URL + "/an-hour-passes", { method: "POST" });
await save();
"#;

/// A login, a request, an hour in which the token expires, and a request.
async fn tell(snippet: usize, cookies: bool, login: &str) {
    let snippet = snippets(&chapter("locations.rs")).swap_remove(snippet);
    let url = server().await;
    let script = format!(
        "const URL = '{url}', COOKIES = {cookies};\n{BROWSER}\n{snippet}\n{login}\n{STORY}"
    );
    let printed = tokio::task::spawn_blocking(move || node(&[], &script)).await.unwrap();
    if let Some(printed) = printed {
        assert_eq!(printed, "200\n200\n", "with the token of the login, and after a refresh");
    }
}

#[tokio::test]
async fn the_script_for_cookies_sends_csrf_values_and_refreshes() {
    tell(0, true, "await fetch('/login', { method: 'POST' });").await;
}

#[tokio::test]
async fn the_script_for_headers_refreshes() {
    tell(1, false, "await login('anna', 'secret');").await;
}
