//! An issuer for tests.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jwt_extended::{
    Algorithm, Clock, GeneratedKey, JwkSet, KeyError, SigningKey, SystemClock, Timestamp, jws,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Issuer;

/// An issuer that runs inside a test: it has metadata, keys, and tokens of any content.
///
/// ```
/// use jwt_extended_jwks::{FakeIssuer, Issuers};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = FakeIssuer::start().await?;
/// let issuers = Issuers::new([login.issuer("orders-api")])?;
///
/// let token = login.token("anna", "orders-api").claim("scope", "orders:read").sign();
/// assert_eq!(issuers.verify(&token).await?.subject(), Some("anna"));
///
/// login.rotate();
/// let token = login.token("anna", "orders-api").sign();
/// assert!(issuers.verify(&token).await.is_ok(), "a new key is looked for");
/// # Ok(())
/// # }
/// ```
///
/// It listens on this machine alone, without TLS, until it is dropped.
pub struct FakeIssuer {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    url: String,
    state: Mutex<State>,
    fetches: AtomicUsize,
}

struct State {
    /// The last one signs.
    keys: Vec<SigningKey>,
    down: bool,
    cache_control: String,
    clock: Arc<dyn Clock>,
}

impl FakeIssuer {
    /// Starts an issuer with a new key for ES256.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let shared = Arc::new(Shared {
            url: format!("http://{}", listener.local_addr()?),
            state: Mutex::new(State {
                keys: vec![new_key().map_err(io::Error::other)?],
                down: false,
                cache_control: "max-age=300".to_owned(),
                clock: Arc::new(SystemClock),
            }),
            fetches: AtomicUsize::new(0),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { shared, server })
    }

    /// Its name, which is the claim `iss` of its tokens.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// What a service has to know of it, to take its tokens for `audience`.
    pub fn issuer(&self, audience: &str) -> Issuer {
        Issuer::new(self.url(), audience).insecure_http()
    }

    /// A token for `subject` and `audience`, good for five minutes, until its builder says otherwise.
    pub fn token(&self, subject: &str, audience: &str) -> FakeToken {
        let state = self.shared.state();
        let now = state.clock.now().as_whole_seconds();
        let key = state.signing_key();
        let claims = json!({
            "iss": self.url(), "sub": subject, "aud": audience, "iat": now, "exp": now + 300,
        });
        let header = json!({
            "alg": key.algorithm().name(), "kid": key.kid(), "typ": "at+jwt",
        });
        FakeToken { key, header: object(header), claims: object(claims) }
    }

    /// Signs with a new key from now on. The old ones stay published.
    ///
    /// # Panics
    ///
    /// Where no key can be made.
    #[expect(clippy::panic, reason = "a test that cannot go on has failed")]
    pub fn rotate(&self) {
        self.sign_with(new_key().unwrap_or_else(|fault| panic!("no key could be made: {fault}")));
    }

    /// Signs with this key from now on. The old ones stay published.
    pub fn sign_with(&self, key: SigningKey) {
        self.shared.state().keys.push(key);
    }

    /// Publishes no key any more but the one that signs.
    pub fn withdraw_old_keys(&self) {
        let mut state = self.shared.state();
        let last = state.keys.len().saturating_sub(1);
        state.keys.drain(..last);
    }

    /// Answers every request with 500, or answers again.
    pub fn set_down(&self, down: bool) {
        self.shared.state().down = down;
    }

    /// Sends this `Cache-Control` with its keys; `max-age=300`, unless set.
    pub fn set_cache_control(&self, value: &str) {
        value.clone_into(&mut self.shared.state().cache_control);
    }

    /// Dates tokens by this clock.
    pub fn set_clock(&self, clock: impl Clock) {
        self.shared.state().clock = Arc::new(clock);
    }

    /// How often its keys were asked for.
    pub fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }
}

impl Drop for FakeIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for FakeIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeIssuer").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// A token to be: [`FakeIssuer::token`] starts it.
#[derive(Clone)]
#[must_use = "there is no token until `sign` is called"]
pub struct FakeToken {
    key: SigningKey,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl FakeToken {
    /// Sets a claim, whatever it is; `null` takes it out.
    pub fn claim(mut self, name: &str, value: impl Serialize) -> Self {
        set(&mut self.claims, name, value);
        self
    }

    /// Sets a member of the header, whatever it is; `null` takes it out.
    pub fn header(mut self, name: &str, value: impl Serialize) -> Self {
        set(&mut self.header, name, value);
        self
    }

    /// Lets it expire at this moment.
    pub fn expires_at(self, moment: Timestamp) -> Self {
        self.claim("exp", moment.as_whole_seconds())
    }

    /// Lets it expire in this time after it was issued.
    pub fn expires_in(self, life: Duration) -> Self {
        let issued = self.claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
        let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
        self.claim("exp", issued.saturating_add(life))
    }

    /// Signs it with another key than the issuer's.
    pub fn key(mut self, key: SigningKey) -> Self {
        self.key = key;
        self
    }

    /// The token.
    ///
    /// # Panics
    ///
    /// Where the key cannot sign.
    #[expect(clippy::panic, reason = "a test that cannot go on has failed")]
    pub fn sign(&self) -> String {
        let [header, claims] = [&self.header, &self.claims].map(|part| Value::from(part.clone()));
        jws::sign(&self.key, Some(header.to_string().as_bytes()), claims.to_string().as_bytes())
            .unwrap_or_else(|fault| panic!("no token could be signed: {fault}"))
    }
}

impl fmt::Debug for FakeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeToken").field("claims", &self.claims).finish_non_exhaustive()
    }
}

fn set(members: &mut Map<String, Value>, name: &str, value: impl Serialize) {
    match serde_json::to_value(value).unwrap_or_default() {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn new_key() -> Result<SigningKey, KeyError> {
    Ok(GeneratedKey::new(Algorithm::ES256)?.signing_key().clone())
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, path: &str) -> Response<Full<Bytes>> {
        let state = self.state();
        let body = match path {
            "/.well-known/openid-configuration" => {
                json!({ "issuer": self.url, "jwks_uri": format!("{}/jwks.json", self.url) })
                    .to_string()
            }
            "/jwks.json" => {
                self.fetches.fetch_add(1, Ordering::SeqCst);
                let keys = state.keys.iter();
                keys.filter_map(|key| key.verifying_key().public_key())
                    .collect::<JwkSet>()
                    .to_json()
            }
            _ => return status(StatusCode::NOT_FOUND),
        };
        if state.down {
            return status(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let mut response = Response::new(Full::from(body));
        let headers = response.headers_mut();
        for (name, value) in
            [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, &state.cache_control)]
        {
            if let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl State {
    fn signing_key(&self) -> SigningKey {
        // There is one from the beginning, and the last is never taken away.
        #[expect(clippy::expect_used, reason = "it is there")]
        self.keys.last().expect("a key that signs").clone()
    }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let response = shared.answer(request.uri().path());
            async move { Ok::<_, Infallible>(response) }
        });
        connections.spawn(async move {
            let connection = TokioIo::new(connection);
            _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(connection, service)
                .await;
        });
    }
}
