//! The page in Chromium, which judges the cookies, the headers and the other site.
//!
//! `scripts/test browser` runs it. It wants Chromium and its driver; `CHROMIUM` and `CHROMEDRIVER` name
//! them where they are not found. Without them it says that it was skipped, and with `CI=true` it fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod browser;
mod driver;
mod sites;

use axum_jwt_extended::SameSite;
use browser::Browser;
use driver::say;
use serde_json::{Value, json};
use showcase::users::DEMO_LOGINS;
use showcase::{defaults, with_plain_cookies};
use sites::{Site, password};

const ACCESS: &str = "__Host-access_token";
const CSRF: &str = "__Host-csrf_access_token";

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

#[tokio::test(flavor = "multi_thread")]
async fn a_second_browser_logs_the_first_one_out() {
    let (Some(first), Some(second)) = (Browser::start().await, Browser::start().await) else {
        return;
    };
    let site = Site::start(defaults()).await;
    first.log_in(&site, "anna").await;
    second.log_in(&site, "anna").await;
    second.click("#others button").await;
    second.until("the answer", r##"$("#others output").textContent !== """##).await;
    assert_eq!(second.text("#others output").await, "Logged out everywhere but here.");
    second.send_note("Still here", "button.main").await;
    assert_eq!(second.text("#note output").await, "Kept.");
    // The first one finds out with its next request, and keeps nothing.
    first.fill("#note [name=text]", "Am I?").await;
    first.click("#note button.main").await;
    first.until("the login", r##"!$("#signed-out").hidden"##).await;
    assert_eq!(first.cookies().await, Vec::<Value>::new());
    assert_eq!(site.notes(), ["Still here"]);
    first.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_fits_a_phone_and_a_desktop_in_light_and_dark() {
    let Some(browser) = Browser::start().await else { return };
    let site = Site::start(defaults()).await;
    browser.log_in(&site, "anna").await;
    browser.send_note("Buy milk", "button.main").await;
    browser.send_note("Sold the cow", "button[value=none]").await;
    for (width, height) in [(360, 740), (768, 1024), (1280, 900)] {
        browser.looks_like(width, height, "light").await;
        let light = browser.run("return getComputedStyle(document.body).backgroundColor").await;
        // Nothing is cut off, and fingers find the buttons.
        browser.until("the width", &format!("document.body.scrollWidth <= {width}")).await;
        let small = "[...document.querySelectorAll('button')].filter((button) => \
             button.offsetHeight > 0 && button.offsetHeight < 40).length";
        assert_eq!(browser.run(&format!("return {small}")).await, 0, "{width}");
        browser.looks_like(width, height, "dark").await;
        let dark = browser.run("return getComputedStyle(document.body).backgroundColor").await;
        assert_ne!(light, dark);
    }
    browser.stop().await;
}

/// Takes the README's pictures: `scripts/screenshots`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes into the source folder"]
async fn pictures() {
    let browser = Browser::start().await.unwrap();
    let site = Site::start(defaults()).await;
    browser.log_in(&site, "anna").await;
    browser.send_note("Buy milk", "button.main").await;
    browser.send_note("Sold the cow", "button[value=none]").await;
    for scheme in ["light", "dark"] {
        browser.looks_like(1200, 900, scheme).await;
        let picture = browser.client.screenshot().await.unwrap();
        let file = format!("{}/screenshot-{scheme}.png", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(file, picture).unwrap();
    }
    browser.stop().await;
}

// --- other sites --------------------------------------------------------------------------------

/// What another site's form can ask of the showcase, and what is said to those who have no cookies.
const FORMS: [(&str, &str); 6] = [
    ("/api/notes", "token_missing"),
    ("/confirm", "token_missing"),
    ("/refresh", "token_missing"),
    ("/logout", "token_missing"),
    ("/logout-others", "token_missing"),
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
