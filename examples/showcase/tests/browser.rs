//! The page in Chromium, which judges the cookies, the headers and the other site.
//!
//! `scripts/test browser` runs it. It wants Chromium and its driver; `CHROMIUM` and `CHROMEDRIVER` name
//! them where they are not found. Without them it says that it was skipped, and with `CI=true` it fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::Html;
use axum::routing::get;
use axum::{Router, serve};
use axum_jwt_extended::store::MemoryStore;
use axum_jwt_extended::{ConfigBuilder, JwtManager, ManualClock, SameSite};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use showcase::users::{DEMO_LOGINS, Users};
use showcase::{AppState, app, defaults, with_plain_cookies};
use tokio::net::TcpListener;

const ACCESS: &str = "__Host-access_token";
const CSRF: &str = "__Host-csrf_access_token";

/// How long the page may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);

// --- a day --------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_the_page() {
    let Some(browser) = Browser::start().await else { return };
    let site = Site::start(defaults()).await;
    browser.log_in(&site, "anna").await;
    assert_eq!(browser.text("#fresh").await, "fresh token");

    // What the browser keeps, and what a script sees of it.
    let cookies = browser.cookies().await;
    let names: Vec<_> = cookies.iter().map(|cookie| cookie["name"].as_str().unwrap()).collect();
    let all = [ACCESS, CSRF, "__Host-csrf_refresh_token", "__Host-refresh_token"];
    assert_eq!(names, all);
    for cookie in &cookies {
        let for_scripts = cookie["name"].as_str().unwrap().contains("csrf");
        let kept = ["domain", "path", "secure", "sameSite", "session", "httpOnly"]
            .map(|attribute| cookie[attribute].clone());
        let wanted = json!(["localhost", "/", true, "Lax", true, !for_scripts]);
        assert_eq!(json!(kept), wanted, "{cookie}");
    }
    let visible = browser.run("return document.cookie").await;
    let visible = visible.as_str().unwrap();
    assert!(visible.contains(CSRF) && !visible.contains(ACCESS), "{visible}");
    assert!(!visible.contains("__Host-refresh_token"), "{visible}");

    // The double submit, by the page's own buttons and past them.
    browser.send_note("Buy milk", "button.main").await;
    assert_eq!(browser.text("#note output").await, "Kept.");
    assert_eq!(browser.text("#notes").await, "Buy milk");
    for (button, code) in [("none", "csrf_missing"), ("wrong", "csrf_mismatch")] {
        browser.send_note("Sold the cow", &format!("button[value={button}]")).await;
        let said = browser.text("#note output").await;
        assert!(said.starts_with(&format!("403 {code}")), "{said}");
    }
    let note = json!({"text": "By a script"});
    let refused = browser.fetch("POST", "/api/notes", &note, false).await;
    assert_eq!(refused, json!([403, "csrf_missing"]));
    assert_eq!(site.notes(), ["Buy milk"]);
    let kept = browser.fetch("POST", "/api/notes", &note, true).await;
    assert_eq!(kept, json!([201, null]), "with the header it is the same request");

    // What needs a fresh token, straight after the login.
    browser.rename("Anna K.").await;
    browser.until("Changed", r##"$("#rename output").textContent === "Changed.""##).await;
    assert_eq!(browser.text("#name").await, "Anna K.");

    // Nothing changes in the middle of a token's life; near its end a new one comes by itself.
    let before = browser.cookie(ACCESS).await;
    browser.wait(&site, 200).await;
    browser.send_note("Early", "button.main").await;
    assert_eq!(browser.cookie(ACCESS).await, before);
    browser.wait(&site, 50).await;
    browser.send_note("Late", "button.main").await;
    browser.until("the new token", r##"$("#fresh").textContent === "token not fresh""##).await;
    let renewed = browser.cookie(ACCESS).await;
    assert_ne!(renewed["value"], before["value"]);
    for attribute in ["path", "secure", "httpOnly", "sameSite", "session", "domain"] {
        assert_eq!(renewed[attribute], before[attribute], "{attribute}");
    }
    assert!(browser.text("#left").await.starts_with(['5', '4']), "the page counts anew");
    // An hour of use, never longer than four minutes apart, and nobody asked for anything.
    for _ in 0..15 {
        browser.wait(&site, 245).await;
        browser.send_note("Still here", "button.main").await;
        assert_eq!(browser.text("#note output").await, "Kept.");
    }
    assert!(!site.saw("POST", "/refresh"), "no refresh was asked for");

    // That token is not fresh: refused, and after the password was given again it is not.
    let name = json!({"display_name": "Nobody"});
    let refused = browser.fetch("PUT", "/api/display-name", &name, true).await;
    assert_eq!(refused, json!([401, "fresh_token_required"]));
    browser.rename("Annie").await;
    browser.until("the question", r##"$("#confirm").open"##).await;
    browser.confirm("a guess").await;
    let said = r##"$("#confirm output").textContent.startsWith("401 login_failed")"##;
    browser.until("the refusal", said).await;
    browser.confirm(password("anna")).await;
    browser.until("Changed", r##"$("#rename output").textContent === "Changed.""##).await;
    assert_eq!(browser.text("#name").await, "Annie");
    assert_eq!(browser.text("#fresh").await, "fresh token");

    // The same after a refresh that was asked for; who cancels the question is refused.
    browser.click("#refresh button").await;
    browser.until("the refresh", r##"$("#fresh").textContent === "token not fresh""##).await;
    browser.rename("Nobody").await;
    browser.until("the question", r##"$("#confirm").open"##).await;
    browser.click("#cancel").await;
    let said = r##"$("#rename output").textContent.startsWith("401 fresh_token_required")"##;
    browser.until("the refusal", said).await;
    assert_eq!(site.name(), "Annie");
    // And it works after another login.
    browser.log_out().await;
    browser.log_in(&site, "anna").await;
    let name = json!({"display_name": "A."});
    let renamed = browser.fetch("PUT", "/api/display-name", &name, true).await;
    assert_eq!(renamed, json!([200, null]));

    // The page was left open, and the token ran out: the refresh token gives the next one.
    browser.wait(&site, 3600).await;
    browser.send_note("Back again", "button.main").await;
    assert_eq!(browser.text("#note output").await, "Kept.");
    assert!(site.saw("POST", "/refresh"));

    browser.log_out().await;
    assert_eq!(browser.cookies().await, Vec::<Value>::new());
    assert_eq!(browser.run("return document.cookie").await, "");
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_logout_the_back_button_shows_nothing() {
    let Some(browser) = Browser::start().await else { return };
    let site = Site::start(defaults()).await;
    browser.log_in(&site, "anna").await;
    browser.send_note("My diary", "button.main").await;

    // Three entries of the history with something in them, and the logout in the last one.
    browser.go(&site.at("/api/notes")).await;
    assert!(browser.everything().await.contains("My diary"));
    browser.go(&site.at("/?again")).await;
    browser.until("the notes", r##"$("#notes").textContent === "My diary""##).await;
    browser.log_out().await;
    assert!(!browser.everything().await.contains("My diary"), "not even hidden in the page");

    browser.client.back().await.unwrap();
    browser.until("the data's address", r#"location.pathname === "/api/notes""#).await;
    let shown = browser.everything().await;
    assert!(shown.contains("token_missing") && !shown.contains("My diary"), "{shown}");
    browser.client.back().await.unwrap();
    browser.until("the login", r##"location.search === "" && !$("#signed-out").hidden"##).await;
    let shown = browser.everything().await;
    assert!(!shown.contains("My diary"), "{shown}");
    assert!(!browser.visible("#signed-in").await);

    // A page that the browser kept as it was, straight before the one with the logout.
    browser.log_in(&site, "anna").await;
    browser.until("the notes", r##"$("#notes").textContent === "My diary""##).await;
    browser.run("window.kept = true").await;
    browser.go(&site.at("/?again")).await;
    browser.until("the notes", r##"$("#notes").textContent === "My diary""##).await;
    browser.log_out().await;
    browser.client.back().await.unwrap();
    browser.until("the login", r##"location.search === "" && !$("#signed-out").hidden"##).await;
    assert!(!browser.everything().await.contains("My diary"));
    let kept = browser.run("return window.kept === true").await;
    say(&format!("the page behind the back button was kept in memory: {kept}"));
    browser.stop().await;
}

// --- other sites --------------------------------------------------------------------------------

/// What another site's form can ask of the showcase, and what is said to those who have no cookies.
const FORMS: [(&str, &str); 5] = [
    ("/api/notes", "token_missing"),
    ("/confirm", "token_missing"),
    ("/refresh", "token_missing"),
    ("/logout", "token_missing"),
    ("/login", "body_invalid"),
];

#[tokio::test(flavor = "multi_thread")]
async fn with_lax_cookies_another_sites_form_comes_without_them() {
    let Some(browser) = Browser::start().await else { return };
    let site = Site::start(defaults()).await;
    browser.log_in(&site, "anna").await;
    let before = browser.cookies().await;
    for (path, code) in FORMS {
        let (seen, answer) = browser.cross_site_form(&site, path).await;
        assert!(!seen.cookies, "{path}");
        assert!(answer.contains(code), "{path}: {answer}");
    }
    browser.nothing_happened(&site, &before).await;
    // A link, though, finds the person logged in.
    assert!(browser.cross_site_link(&site).await);
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_strict_cookies_another_sites_link_comes_without_them_too() {
    let Some(browser) = Browser::start().await else { return };
    let site = Site::start(defaults().cookie_samesite(SameSite::Strict)).await;
    browser.log_in(&site, "anna").await;
    let before = browser.cookies().await;
    assert!(before.iter().all(|cookie| cookie["sameSite"] == "Strict"), "{before:?}");
    for (path, code) in FORMS {
        let (seen, answer) = browser.cross_site_form(&site, path).await;
        assert!(!seen.cookies && answer.contains(code), "{path}: {answer}");
    }
    assert!(!browser.cross_site_link(&site).await);
    browser.nothing_happened(&site, &before).await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_cookies_go_along_the_double_submit_refuses_the_form() {
    let Some(browser) = Browser::start().await else { return };
    let site = Site::start(defaults().cookie_samesite(SameSite::None)).await;
    browser.log_in(&site, "anna").await;
    let before = browser.cookies().await;
    assert!(before.iter().all(|cookie| cookie["sameSite"] == "None"), "{before:?}");
    for (path, code) in FORMS {
        let (seen, answer) = browser.cross_site_form(&site, path).await;
        let code = if code == "token_missing" { "csrf_missing" } else { code };
        assert!(seen.cookies, "{path}");
        assert!(answer.contains(code), "{path}: {answer}");
    }
    browser.nothing_happened(&site, &before).await;
    browser.stop().await;
}

/// That the tests above could fail: without the double submit, the other site logs people out.
#[tokio::test(flavor = "multi_thread")]
async fn without_either_the_other_site_has_its_way() {
    let Some(browser) = Browser::start().await else { return };
    let open = defaults().cookie_samesite(SameSite::None).cookie_csrf_protect(false);
    let site = Site::start(open).await;
    browser.go(&site.at("/")).await;
    let (login, password) = DEMO_LOGINS[0];
    let body = json!({"login": login, "password": password});
    assert_eq!(browser.fetch("POST", "/login", &body, false).await[0], 200);
    let (seen, answer) = browser.cross_site_form(&site, "/logout").await;
    assert!(seen.cookies && answer.contains("logged_out"), "{answer}");
    assert_eq!(browser.cookies().await, Vec::<Value>::new());
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_host_itself_sets_a_cookie_of_that_name() {
    let Some(browser) = Browser::start().await else { return };
    let site = Site::start(defaults()).await;
    browser.go(&site.at("/")).await;
    for cookie in [
        "__Host-access_token=planted; Path=/",
        "__Host-access_token=planted; Path=/api; Secure",
        "__Host-access_token=planted; Path=/; Domain=localhost; Secure",
    ] {
        browser.run(&format!("document.cookie = {}", json!(cookie))).await;
        assert_eq!(browser.cookies().await, Vec::<Value>::new(), "{cookie}");
    }

    // With the plain names the same page works, and nothing is promised by a name.
    let plain = with_plain_cookies().cookie_secure(false).cookie_samesite(SameSite::Strict);
    let site = Site::start(plain).await;
    browser.log_in(&site, "ben").await;
    browser.send_note("Plain", "button.main").await;
    assert_eq!(browser.text("#note output").await, "Kept.");
    let cookie = browser.cookie("access_token_cookie").await;
    assert_eq!((&cookie["secure"], &cookie["httpOnly"]), (&json!(false), &json!(true)));
    browser.log_out().await;
    assert_eq!(browser.cookies().await, Vec::<Value>::new());
    browser.stop().await;
}

// --- the sites ----------------------------------------------------------------------------------

/// An app of its own at `http://localhost`, and what it was asked.
struct Site {
    port: u16,
    clock: ManualClock,
    users: Users,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Clone, Debug)]
struct Seen {
    method: String,
    path: String,
    cookies: bool,
    /// What the browser says about where it comes from.
    from: String,
}

impl Site {
    async fn start(config: ConfigBuilder) -> Self {
        let clock = ManualClock::at(SystemTime::now().into());
        let config = config.secret_key("a-secret-of-at-least-32-random-bytes").build().unwrap();
        let jwt = JwtManager::builder(config)
            .store(MemoryStore::with_clock(clock.clone()))
            .clock(clock.clone())
            .build();
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

    fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Anna's.
    fn notes(&self) -> Vec<String> {
        self.users.notes(1)
    }

    fn name(&self) -> String {
        self.users.all()[0].display_name.clone()
    }

    fn saw(&self, method: &str, path: &str) -> bool {
        self.last(method, path).is_some()
    }

    fn last(&self, method: &str, path: &str) -> Option<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().rfind(|seen| seen.method == method && seen.path == path).cloned()
    }
}

impl Seen {
    fn of(request: &Request) -> Self {
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

async fn listen(app: Router) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async { serve(listener, app).await });
    port
}

fn password(login: &str) -> &'static str {
    DEMO_LOGINS.into_iter().find(|(name, _)| *name == login).unwrap().1
}

// --- the browser --------------------------------------------------------------------------------

/// Chromium with a profile of its own.
struct Browser {
    client: Client,
    /// A page at `http://127.0.0.1`: to a browser a site other than `http://localhost`.
    elsewhere: String,
    driver: Driver,
}

impl Browser {
    /// None where there is no browser, which is said aloud.
    async fn start() -> Option<Self> {
        let chromium =
            find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "chrome"]);
        let driver = find("CHROMEDRIVER", &["chromedriver"]);
        let (Some(chromium), Some(driver)) = (chromium, driver) else {
            say(
                "SKIPPED: THERE IS NO CHROMIUM WITH CHROMEDRIVER (`scripts/test browser` gets them)",
            );
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no browser to test with");
            return None;
        };
        let driver = Driver::start(&driver);
        let profile = format!("--user-data-dir={}", driver.profile.display());
        let options = json!({"goog:chromeOptions": {"binary": chromium, "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            profile,
        ]}});
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(serde_json::from_value(options).unwrap())
            .connect(&driver.url())
            .await
            .unwrap();
        let page = get(|| async { Html("<!doctype html><title>Elsewhere</title>") });
        let port = listen(Router::new().route("/", page)).await;
        Some(Self { client, elsewhere: format!("http://127.0.0.1:{port}/"), driver })
    }

    async fn stop(self) {
        self.client.close().await.unwrap();
    }

    async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Lets time pass for the site and for the page that is open.
    async fn wait(&self, site: &Site, seconds: u64) {
        site.clock.advance(Duration::from_secs(seconds));
        self.run(&format!("const now = Date.now; Date.now = () => now() + {seconds}000")).await;
    }

    /// Waits for a condition, in which `$` finds an element.
    async fn until(&self, what: &str, condition: &str) {
        let script =
            format!("const $ = (css) => document.querySelector(css); return ({condition})");
        let start = Instant::now();
        loop {
            // While another page comes there may be nothing to ask.
            let answer = self.client.execute(&script, Vec::new()).await;
            if answer.as_ref().is_ok_and(|answer| answer == &json!(true)) {
                return;
            }
            let late = start.elapsed() > PATIENCE;
            assert!(!late, "waited for {what}: {answer:?}\n{}", self.everything().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What a person sees of an element.
    async fn text(&self, css: &str) -> String {
        self.client.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    async fn visible(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.unwrap().is_displayed().await.unwrap()
    }

    /// All text of the page, the hidden as well, and what stands in its fields.
    async fn everything(&self) -> String {
        let script = "return document.documentElement.textContent + \
             [...document.querySelectorAll('input')].map((input) => input.value).join()";
        self.run(script).await.as_str().unwrap().to_owned()
    }

    async fn click(&self, css: &str) {
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    async fn fill(&self, css: &str, text: &str) {
        let field = self.client.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn log_in(&self, site: &Site, login: &str) {
        self.go(&site.at("/")).await;
        self.until("the login", r##"!$("#signed-out").hidden"##).await;
        self.fill("#login [name=login]", login).await;
        self.fill("#login [name=password]", password(login)).await;
        self.click("#login button.main").await;
        self.until("being logged in", r##"!$("#signed-in").hidden"##).await;
        self.until("its end", r##"!$("#login button").disabled"##).await;
    }

    async fn log_out(&self) {
        self.click("#logout").await;
        self.until("being logged out", r##"!$("#signed-out").hidden && $("#signed-in").hidden"##)
            .await;
    }

    /// Writes a note and waits for what is said about it.
    async fn send_note(&self, text: &str, button: &str) {
        self.run("document.querySelector('#note output').textContent = ''").await;
        self.fill("#note [name=text]", text).await;
        self.click(&format!("#note {button}")).await;
        let done = r##"$("#note output").textContent && !$("#note button").disabled"##;
        self.until("an answer", &format!("!!({done})")).await;
    }

    async fn rename(&self, name: &str) {
        self.run("document.querySelector('#rename output').textContent = ''").await;
        self.fill("#rename [name=display_name]", name).await;
        self.click("#rename button").await;
    }

    async fn confirm(&self, password: &str) {
        self.fill("#confirm [name=password]", password).await;
        self.click("#confirm button.main").await;
    }

    /// Status and code of a script's request from the page that is open.
    async fn fetch(&self, method: &str, path: &str, body: &Value, csrf: bool) -> Value {
        let script = r#"
            const [method, path, body, name, done] = arguments;
            const headers = { "Content-Type": "application/json" };
            const pair = document.cookie.split("; ").find((pair) => pair.startsWith(name + "="));
            if (name) headers["X-CSRF-TOKEN"] = pair.slice(name.length + 1);
            fetch(path, { method, headers, body: JSON.stringify(body) })
              .then(async (answer) => done([answer.status, (await answer.json()).error ?? null]))
              .catch((error) => done(String(error)));"#;
        let name = if csrf { CSRF } else { "" };
        let arguments = vec![json!(method), json!(path), body.clone(), json!(name)];
        self.client.execute_async(script, arguments).await.unwrap()
    }

    /// Sends a form from the other site; returns what came of it at ours, and the page that it led to.
    async fn cross_site_form(&self, site: &Site, path: &str) -> (Seen, String) {
        self.go(&self.elsewhere).await;
        let script = r#"
            const form = document.createElement("form");
            form.method = "post";
            form.action = arguments[0];
            form.enctype = "text/plain";
            const field = document.createElement("input");
            field.name = '{"text":"Sold the cow","login":"ben","password":"battery staple","x":"';
            field.value = '"}';
            form.append(field);
            document.body.append(form);
            form.submit();"#;
        self.client.execute(script, vec![json!(site.at(path))]).await.unwrap();
        let there =
            format!("location.pathname === {} && document.readyState === 'complete'", json!(path));
        self.until("the answer", &there).await;
        let seen = site.last("POST", path).unwrap();
        assert_eq!(seen.from, "cross-site", "{path}");
        (seen, self.everything().await)
    }

    /// Follows a link from the other site; whether the person is logged in there.
    async fn cross_site_link(&self, site: &Site) -> bool {
        self.go(&self.elsewhere).await;
        let script = "const link = document.createElement('a'); link.href = arguments[0]; \
             link.textContent = 'A link'; document.body.append(link)";
        self.client.execute(script, vec![json!(site.at("/api/session"))]).await.unwrap();
        self.click("a").await;
        self.until("the answer", "document.documentElement.textContent.includes('logged_in')")
            .await;
        let seen = site.last("GET", "/api/session").unwrap();
        assert_eq!(seen.from, "cross-site");
        let logged_in = self.everything().await.contains(r#"{"logged_in":true}"#);
        assert_eq!(logged_in, seen.cookies);
        logged_in
    }

    /// Anna is still logged in with the cookies she had, and wrote and changed nothing.
    async fn nothing_happened(&self, site: &Site, before: &[Value]) {
        assert_eq!(self.cookies().await, before);
        assert_eq!((site.notes(), site.name()), (Vec::new(), "Anna".to_owned()));
        self.go(&site.at("/")).await;
        self.until("the page", r##"!$("#signed-in").hidden"##).await;
        assert_eq!(self.text("#name").await, "Anna");
        assert_eq!(self.text("#fresh").await, "fresh token");
    }

    /// All cookies, as the browser stored them.
    async fn cookies(&self) -> Vec<Value> {
        let session = self.client.session_id().await.unwrap().unwrap();
        let url = format!("{}/session/{session}/goog/cdp/execute", self.driver.url());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let command = json!({"cmd": "Network.getAllCookies", "params": {}});
        let answer: Value =
            http.post(url).json(&command).send().await.unwrap().json().await.unwrap();
        let mut cookies = answer["value"]["cookies"].as_array().unwrap().clone();
        cookies.sort_by_key(|cookie| cookie["name"].as_str().unwrap().to_owned());
        cookies
    }

    async fn cookie(&self, name: &str) -> Value {
        self.cookies().await.into_iter().find(|cookie| cookie["name"] == name).unwrap()
    }
}

/// The driver, and its browser's profile, until it is dropped.
struct Driver {
    process: Child,
    port: u16,
    profile: PathBuf,
}

impl Driver {
    fn start(program: &PathBuf) -> Self {
        static PROFILES: AtomicU32 = AtomicU32::new(0);
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let profile = format!("showcase-browser-{}-{number}", std::process::id());
        let profile = std::env::temp_dir().join(profile);
        std::fs::create_dir(&profile).unwrap();
        let process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut driver = Self { process, port: 0, profile };
        let mut lines = BufReader::new(driver.process.stdout.take().unwrap()).lines();
        driver.port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
            })
            .unwrap();
        // It must not wait for somebody to read the rest.
        std::thread::spawn(move || lines.for_each(drop));
        driver
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it to end its browsers and itself.
    fn shut_down(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port)?;
        stream.read(&mut [0]).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let asked = Instant::now();
        if self.shut_down().is_ok() {
            while asked.elapsed() < Duration::from_secs(10)
                && self.process.try_wait().is_ok_and(|ended| ended.is_none())
            {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// A program: what the variable says, or else the first of these names in the path.
fn find(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(program) = std::env::var_os(variable) {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let mut programs = names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
    programs.find(|program| program.is_file())
}

/// Past the test runner, which keeps to itself what passing tests print.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "\nbrowser: {text}");
}
