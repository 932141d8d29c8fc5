//! The app on a real port, and a client that keeps cookies as a browser does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::time::Duration;

use axum_jwt_extended::store::MemoryStore;
use axum_jwt_extended::{JwtManager, ManualClock, Timestamp};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use showcase::users::{DEMO_LOGINS, Users};
use showcase::{AppState, app, defaults};
use tokio::net::TcpListener;

/// An app of its own: users, store and clock are shared with no other test.
pub(crate) struct Site {
    url: String,
    clock: ManualClock,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let clock = ManualClock::at(Timestamp::from_seconds(1_700_000_000.0));
        let config = defaults().secret_key("a-secret-of-at-least-32-random-bytes").build().unwrap();
        let jwt =
            JwtManager::builder(config).store(MemoryStore::new()).clock(clock.clone()).build();
        let app = app(AppState { jwt, users: Users::demo().unwrap() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // By this name, since cookies that are `Secure` are kept for it over plain HTTP, too.
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { url, clock }
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Somebody without cookies and token.
    pub(crate) fn stranger(&self) -> Visitor {
        let http = reqwest::Client::builder().cookie_store(true).no_proxy().build().unwrap();
        Visitor { http, url: self.url.clone(), headers: HeaderMap::new() }
    }

    /// Somebody who came by the page's login.
    pub(crate) async fn in_browser(&self, login: &str) -> (Visitor, Csrf) {
        let visitor = self.stranger();
        let answer = visitor.post("/login", credentials(login)).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        (visitor, Csrf::of(&answer))
    }

    /// The tokens of somebody who came by the API.
    pub(crate) async fn tokens(&self, login: &str) -> (Visitor, Visitor) {
        let answer = self.stranger().post("/api/token", credentials(login)).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        let with = |name: &str| self.stranger().bearer(answer.json[name].as_str().unwrap());
        (with("access_token"), with("refresh_token"))
    }
}

pub(crate) fn credentials(login: &str) -> Value {
    let (_, password) = DEMO_LOGINS.into_iter().find(|(name, _)| *name == login).unwrap();
    json!({"login": login, "password": password})
}

/// The double submit values, as a script reads them from their cookies.
pub(crate) struct Csrf {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Csrf {
    fn of(answer: &Answer) -> Self {
        let value = |name| answer.cookie(name).unwrap();
        Self {
            access: value("__Host-csrf_access_token"),
            refresh: value("__Host-csrf_refresh_token"),
        }
    }
}

/// A client with its cookies and headers.
#[derive(Clone)]
pub(crate) struct Visitor {
    http: reqwest::Client,
    url: String,
    headers: HeaderMap,
}

impl Visitor {
    pub(crate) fn bearer(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn csrf(&self, value: &str) -> Self {
        self.with("x-csrf-token", value)
    }

    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut visitor = self.clone();
        visitor.headers.insert(name, value.parse().unwrap());
        visitor
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Without a body.
    pub(crate) async fn press(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.headers(self.headers.clone()).send().await.unwrap()).await
    }

    /// A form of another site's, which needs nobody's leave.
    pub(crate) async fn send_form(&self, path: &str, form: &'static str) -> Answer {
        let request = self.http.post(format!("{}{path}", self.url)).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Answer::of(request.headers(self.headers.clone()).send().await.unwrap()).await
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, json }
    }

    /// Asserts status and code.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) {
        let answer = (self.status.as_u16(), self.json["error"].as_str());
        assert_eq!(answer, (status, Some(code)), "{}", self.text);
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let mut pairs = self.set_cookies().into_iter().filter_map(|line| line.split(';').next());
        pairs.find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
    }
}
