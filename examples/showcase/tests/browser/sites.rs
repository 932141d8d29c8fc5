//! The showcase on a port of its own, and what it was asked.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::{Router, serve};
use axum_jwt_extended::store::MemoryStore;
use axum_jwt_extended::{ConfigBuilder, JwtManager, ManualClock};
use showcase::users::{DEMO_LOGINS, Users};
use showcase::{AppState, app};
use tokio::net::TcpListener;

/// An app of its own at `http://localhost`, and what it was asked.
pub(crate) struct Site {
    port: u16,
    pub(crate) clock: ManualClock,
    users: Users,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    method: String,
    path: String,
    pub(crate) cookies: bool,
    /// What the browser says about where it comes from.
    pub(crate) from: String,
}

impl Site {
    pub(crate) async fn start(config: ConfigBuilder) -> Self {
        let clock = ManualClock::at(SystemTime::now().into());
        let config = config.secret_key("a-secret-of-at-least-32-random-bytes").build().unwrap();
        let jwt =
            JwtManager::builder(config).store(MemoryStore::new()).clock(clock.clone()).build();
        let users = Users::demo().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let watch = from_fn(move |request: Request, next: Next| {
            log.lock().unwrap().push(Seen::of(&request));
            next.run(request)
        });
        let port = listen(app(AppState { jwt, users: users.clone() }).layer(watch)).await;
        Self { port, clock, users, seen }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Anna's.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.users.notes(1)
    }

    pub(crate) fn name(&self) -> String {
        self.users.all()[0].display_name.clone()
    }

    pub(crate) fn saw(&self, method: &str, path: &str) -> bool {
        self.last(method, path).is_some()
    }

    pub(crate) fn last(&self, method: &str, path: &str) -> Option<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().rfind(|seen| seen.method == method && seen.path == path).cloned()
    }
}

impl Seen {
    pub(crate) fn of(request: &Request) -> Self {
        let header = |headers: &HeaderMap, name: &str| {
            headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        Self {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            cookies: request.headers().contains_key("cookie"),
            from: header(request.headers(), "sec-fetch-site"),
        }
    }
}

pub(crate) async fn listen(app: Router) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async { serve(listener, app).await });
    port
}

pub(crate) fn password(login: &str) -> &'static str {
    DEMO_LOGINS.into_iter().find(|(name, _)| *name == login).unwrap().1
}
