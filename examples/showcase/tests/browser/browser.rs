//! Chromium, and what a person does with it.

use std::time::{Duration, Instant};

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::CSRF;
use crate::driver::{Driver, find, say};
use crate::sites::{Seen, Site, listen, password};

/// How long the page may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// Chromium with a profile of its own.
pub(crate) struct Browser {
    pub(crate) client: Client,
    /// A page at `http://127.0.0.1`: to a browser a site other than `http://localhost`.
    pub(crate) elsewhere: String,
    driver: Driver,
}

impl Browser {
    /// None where there is no browser, which is said aloud.
    pub(crate) async fn start() -> Option<Self> {
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

    pub(crate) async fn stop(self) {
        self.client.close().await.unwrap();
    }

    pub(crate) async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Lets time pass for the site and for the page that is open.
    pub(crate) async fn wait(&self, site: &Site, seconds: u64) {
        site.clock.advance(Duration::from_secs(seconds));
        self.run(&format!("const now = Date.now; Date.now = () => now() + {seconds}000")).await;
    }

    /// Waits for a condition, in which `$` finds an element.
    pub(crate) async fn until(&self, what: &str, condition: &str) {
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
    pub(crate) async fn text(&self, css: &str) -> String {
        self.client.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    pub(crate) async fn visible(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.unwrap().is_displayed().await.unwrap()
    }

    /// All text of the page, the hidden as well, and what stands in its fields.
    pub(crate) async fn everything(&self) -> String {
        let script = "return document.documentElement.textContent + \
             [...document.querySelectorAll('input')].map((input) => input.value).join()";
        self.run(script).await.as_str().unwrap().to_owned()
    }

    pub(crate) async fn click(&self, css: &str) {
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.client.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(crate) async fn log_in(&self, site: &Site, login: &str) {
        self.go(&site.at("/")).await;
        self.until("the login", r##"!$("#signed-out").hidden"##).await;
        self.fill("#login [name=login]", login).await;
        self.fill("#login [name=password]", password(login)).await;
        self.click("#login button.main").await;
        self.until("being logged in", r##"!$("#signed-in").hidden"##).await;
        self.until("its end", r##"!$("#login button").disabled"##).await;
    }

    pub(crate) async fn log_out(&self) {
        self.click("#logout").await;
        self.until("being logged out", r##"!$("#signed-out").hidden && $("#signed-in").hidden"##)
            .await;
    }

    /// Writes a note and waits for what is said about it.
    pub(crate) async fn send_note(&self, text: &str, button: &str) {
        self.run("document.querySelector('#note output').textContent = ''").await;
        self.fill("#note [name=text]", text).await;
        self.click(&format!("#note {button}")).await;
        let done = r##"$("#note output").textContent && !$("#note button").disabled"##;
        self.until("an answer", &format!("!!({done})")).await;
    }

    pub(crate) async fn rename(&self, name: &str) {
        self.run("document.querySelector('#rename output').textContent = ''").await;
        self.fill("#rename [name=display_name]", name).await;
        self.click("#rename button").await;
    }

    pub(crate) async fn confirm(&self, password: &str) {
        self.fill("#confirm [name=password]", password).await;
        self.click("#confirm button.main").await;
    }

    /// Status and code of a script's request from the page that is open.
    pub(crate) async fn fetch(&self, method: &str, path: &str, body: &Value, csrf: bool) -> Value {
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
    pub(crate) async fn cross_site_form(&self, site: &Site, path: &str) -> (Seen, String) {
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
    pub(crate) async fn cross_site_link(&self, site: &Site) -> bool {
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
    pub(crate) async fn nothing_happened(&self, site: &Site, before: &[Value]) {
        assert_eq!(self.cookies().await, before);
        assert_eq!((site.notes(), site.name()), (Vec::new(), "Anna".to_owned()));
        self.go(&site.at("/")).await;
        self.until("the page", r##"!$("#signed-in").hidden"##).await;
        assert_eq!(self.text("#name").await, "Anna");
        assert_eq!(self.text("#fresh").await, "fresh token");
    }

    /// A window of this size, for somebody who likes it light or dark.
    pub(crate) async fn looks_like(&self, width: u32, height: u32, scheme: &str) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await;
    }

    /// All cookies, as the browser stored them.
    pub(crate) async fn cookies(&self) -> Vec<Value> {
        let answer = self.devtools("Network.getAllCookies", json!({})).await;
        let mut cookies = answer["value"]["cookies"].as_array().unwrap().clone();
        cookies.sort_by_key(|cookie| cookie["name"].as_str().unwrap().to_owned());
        cookies
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let url = format!("{}/session/{session}/goog/cdp/execute", self.driver.url());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let command = json!({"cmd": command, "params": parameters});
        let answer = http.post(url).json(&command).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    pub(crate) async fn cookie(&self, name: &str) -> Value {
        self.cookies().await.into_iter().find(|cookie| cookie["name"] == name).unwrap()
    }
}
