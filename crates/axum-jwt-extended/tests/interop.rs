//! Tokens cross between this crate and the original Python library, both ways and live: whatever one
//! service makes at a login, the other one decodes and lets in, by header and by cookie.
//!
//! `INTEROP_PYTHON` names a Python that has `conformance/requirements.txt` installed. Without it the
//! test is skipped, and says so; where `CI=true`, it fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is all test code"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse;
use axum::routing::{any, post};
use axum::{Json, Router};
use axum_jwt_extended::{
    AccessToken, ConfigBuilder, DecodeOptions, Error, FreshToken, JwtManager, RefreshToken,
    VerifiedToken,
};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

/// A service with these routes:
///
/// - `/login` answers with a pair of tokens for anna, who is an admin, and sets them as cookies
/// - `/protected` and `/fresh` tell who it is
/// - `/refresh` answers with the next access token
trait Service {
    fn name(&self) -> &str;
    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer;

    /// The claims of a token, unless it is refused.
    fn decode(&mut self, token: &str) -> Option<Value>;

    /// The status for a bearer of `token`.
    fn bearer(&mut self, path: &str, token: &str) -> u16 {
        self.send("GET", path, &[("Authorization", &format!("Bearer {token}"))]).status
    }
}

struct Answer {
    status: u16,
    json: Value,
    set_cookie: Vec<String>,
}

#[test]
fn tokens_cross_both_ways() {
    let Some(python) = std::env::var_os("INTEROP_PYTHON") else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "INTEROP_PYTHON is not set");
        // Past the capturing of output: a test that did not run must not look like one that passed.
        let skipped =
            "\nSKIPPED: INTEROP_PYTHON is not set; no token crossed to Python or back\n\n";
        let _ = std::io::stderr().write_all(skipped.as_bytes());
        return;
    };
    for options in key_options() {
        for preset in ["native", "flask"] {
            let mut ours = Ours::start(&options, preset);
            let mut upstream = Upstream::start(Path::new(&python), &options);
            exchange(&mut ours, &mut upstream);
            exchange(&mut upstream, &mut ours);
        }
    }
}

/// The same algorithms and keys for both services.
fn key_options() -> [Map<String, Value>; 4] {
    let key = |name: &str| {
        let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/keys");
        std::fs::read_to_string(keys.join(name)).unwrap()
    };
    let asymmetric = |algorithm: &str, name: &str| {
        json!({
            "JWT_ALGORITHM": algorithm,
            "JWT_PRIVATE_KEY": key(&format!("{name}.pem")),
            "JWT_PUBLIC_KEY": key(&format!("{name}.pub.pem")),
        })
    };
    [
        json!({"JWT_ALGORITHM": "HS256", "JWT_SECRET_KEY": "a secret of both services, 32 bytes or more"}),
        asymmetric("RS256", "rsa"),
        asymmetric("ES256", "p256"),
        asymmetric("EdDSA", "ed25519"),
    ]
    .map(|mut options| {
        options["JWT_TOKEN_LOCATION"] = json!(["headers", "cookies"]);
        options.as_object().unwrap().clone()
    })
}

/// What `maker` made is good at `taker`, and nothing else is.
fn exchange(maker: &mut dyn Service, taker: &mut dyn Service) {
    let what = format!("from {} to {}", maker.name(), taker.name());
    let login = maker.send("POST", "/login", &[]);
    assert_eq!(login.status, 200, "{what}: {}", login.json);
    let token = |name| login.json[name].as_str().unwrap_or_default().to_owned();
    let (access, refresh) = (token("access_token"), token("refresh_token"));

    // As text.
    for token in [&access, &refresh] {
        let claims = taker.decode(token).unwrap_or_else(|| panic!("{what}: not decoded"));
        assert_eq!((&claims["sub"], &claims["role"]), (&json!("anna"), &json!("admin")), "{what}");
        assert_eq!(Some(claims), maker.decode(token), "{what}: the same claims");
        assert_eq!(taker.decode(&forged(token)), None, "{what}: a forged token");
    }

    // By header.
    for (path, token, lets_in) in [
        ("/protected", &access, true),
        ("/fresh", &access, true),
        ("/refresh", &refresh, true),
        ("/protected", &refresh, false),
        ("/refresh", &access, false),
        ("/protected", &forged(&access), false),
    ] {
        let status = taker.bearer(path, token);
        assert_eq!(status == 200, lets_in, "{what}: {status} at {path}");
    }

    // By cookie, as a browser that keeps what the maker set.
    let cookies = cookies(&login.set_cookie);
    let jar: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookie = ("Cookie", &*jar.join("; "));
    for (path, csrf) in [
        ("/protected", &*cookies["csrf_access_token"]),
        ("/fresh", &*cookies["csrf_access_token"]),
        ("/refresh", &*cookies["csrf_refresh_token"]),
    ] {
        let with = taker.send("POST", path, &[cookie, ("X-CSRF-TOKEN", csrf)]);
        assert_eq!(with.status, 200, "{what}: by cookie at {path}: {}", with.json);
        let without = taker.send("POST", path, &[cookie]);
        assert!(matches!(without.status, 401 | 403), "{what}: no CSRF value at {path}");
        let wrong = taker.send("POST", path, &[cookie, ("X-CSRF-TOKEN", &csrf.to_uppercase())]);
        assert!(matches!(wrong.status, 401 | 403), "{what}: another CSRF value at {path}");
    }
    let me = taker.send("GET", "/protected", &[cookie]);
    assert_eq!(me.json, json!({"identity": "anna", "role": "admin"}), "{what}");

    // The one refreshes what the other made, and takes the result back.
    let bearer = format!("Bearer {refresh}");
    let next = taker.send("POST", "/refresh", &[("Authorization", &bearer)]);
    let next = next.json["access_token"].as_str().unwrap();
    assert_eq!(maker.bearer("/protected", next), 200, "{what}: refreshed");
    assert_ne!(maker.bearer("/fresh", next), 200, "{what}: refreshed and fresh");
}

/// The token with another letter in the middle of its signature.
fn forged(token: &str) -> String {
    let mut bytes = token.as_bytes().to_vec();
    let place = token.rfind('.').unwrap() + 10;
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

fn cookies(lines: &[String]) -> BTreeMap<String, String> {
    let pair = |line: &String| {
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.iter().map(pair).collect()
}

struct Ours {
    name: String,
    jwt: JwtManager,
    router: Router,
    runtime: tokio::runtime::Runtime,
}

impl Ours {
    fn start(options: &Map<String, Value>, preset: &str) -> Self {
        let config: ConfigBuilder = serde_json::from_value(options.clone().into()).unwrap();
        let jwt = JwtManager::new(config.set("JWT_PRESET", preset).build().unwrap());
        let router = Router::new()
            .route("/login", post(login))
            .route("/protected", any(|token: AccessToken| async move { who(&token) }))
            .route("/fresh", any(|token: FreshToken| async move { who(&token) }))
            .route("/refresh", any(next_access_token))
            .with_state(jwt.clone());
        let name = format!("ours, {preset}, {:?}", jwt.config().algorithm);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { name, jwt, router, runtime }
    }
}

async fn login(State(jwt): State<JwtManager>) -> Result<impl IntoResponse, Error> {
    let pair = jwt.create_token_pair("anna").fresh(true).claim("role", "admin").encode()?;
    Ok((jwt.set_cookies(&pair), Json(pair)))
}

async fn next_access_token(
    State(jwt): State<JwtManager>,
    token: RefreshToken,
) -> Result<Json<Value>, Error> {
    let role = token.claim::<String>("role").unwrap();
    let next = jwt.refresh_access_token(&token).claim("role", role).encode()?;
    Ok(Json(json!({"access_token": next})))
}

fn who(token: &VerifiedToken) -> Json<Value> {
    Json(json!({"identity": token.identity(), "role": token.claim::<String>("role").unwrap()}))
}

impl Service for Ours {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::empty()).unwrap();
        let router = self.router.clone();
        self.runtime.block_on(async {
            let (head, body) = router.oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let cookies = head.headers.get_all(SET_COOKIE).iter();
            Answer {
                status: head.status.as_u16(),
                json: serde_json::from_slice(&body).unwrap_or_default(),
                set_cookie: cookies.map(|line| line.to_str().unwrap().to_owned()).collect(),
            }
        })
    }

    fn decode(&mut self, token: &str) -> Option<Value> {
        self.jwt.decode(token, &DecodeOptions::default()).ok()?.claims().ok()
    }
}

/// A process that runs `interop.py`.
struct Upstream {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Upstream {
    fn start(python: &Path, options: &Map<String, Value>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("INTEROP_PYTHON can be run");
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut upstream = Self { process, input, output };
        upstream.tell(&options.clone().into());
        upstream
    }

    fn tell(&mut self, line: &Value) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn ask(&mut self, question: &Value) -> Value {
        self.tell(question);
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect("interop.py answers with JSON; what it says is above")
    }
}

impl Service for Upstream {
    fn name(&self) -> &'static str {
        "upstream"
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let answer = self.ask(&json!({"method": method, "path": path, "headers": headers}));
        Answer {
            status: answer["status"].as_u64().unwrap().try_into().unwrap(),
            json: answer["json"].clone(),
            set_cookie: serde_json::from_value(answer["set_cookie"].clone()).unwrap(),
        }
    }

    fn decode(&mut self, token: &str) -> Option<Value> {
        self.ask(&json!({"decode": token})).get("claims").cloned()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
