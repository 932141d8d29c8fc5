//! The whole app over HTTP: once with cookies as the page does it, once with `Authorization: Bearer`.

mod common;

use std::time::{Duration, Instant};

use common::{Answer, Site, credentials};
use serde_json::json;

#[tokio::test]
async fn the_page_and_its_guards() {
    let visitor = Site::start().await.stranger();
    let page = visitor.get("/").await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let csp = page.header("content-security-policy");
    for rule in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
        assert!(csp.split(';').any(|part| part.trim() == rule), "{rule} in {csp}");
    }
    assert!(!csp.contains("unsafe") && !csp.contains("http"), "{csp}");

    // What the policy forbids is not there: no inline script, style or handler, no other host.
    for forbidden in ["<script>", "<style", "style=", " onclick", "javascript:", "http:", "https:"]
    {
        assert!(!page.text.contains(forbidden), "{forbidden}");
    }
    for part in page.text.split(['"', '\'']).filter(|part| part.starts_with('/')) {
        let file = visitor.get(part).await;
        assert_eq!(file.status, 200, "{part}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(!file.text.contains("innerHTML") && !file.text.contains("eval("), "{part}");
    }
    assert_eq!(visitor.get("/nothing").await.header("content-security-policy"), csp);
    assert_eq!(visitor.get("/settings").await.json["access"]["csrf_header"], "X-CSRF-TOKEN");
}

#[tokio::test]
async fn a_day_in_the_browser() {
    let site = Site::start().await;
    let (anna, csrf) = site.in_browser("anna").await;

    let me = anna.get("/api/me").await;
    assert_eq!(me.json["user"]["display_name"], "Anna");
    assert_eq!(
        (&me.json["token"]["came_in"], &me.json["token"]["fresh"]),
        (&json!("cookies"), &json!(true))
    );
    assert_eq!(me.json["token"]["expires_in"], 300);
    assert_eq!(me.json["token"]["claims"]["role"], "admin");
    assert_eq!(me.header("cache-control"), "no-store");

    // The double submit.
    let note = json!({"text": "Buy milk"});
    anna.post("/api/notes", note.clone()).await.is(403, "csrf_missing");
    anna.csrf("a guess").post("/api/notes", note.clone()).await.is(403, "csrf_mismatch");
    anna.csrf(&csrf.refresh).post("/api/notes", note.clone()).await.is(403, "csrf_mismatch");
    let kept = anna.csrf(&csrf.access).post("/api/notes", note).await;
    assert_eq!((kept.status.as_u16(), kept.json), (201, json!(["Buy milk"])));

    // Five minutes later.
    site.wait(301);
    anna.get("/api/me").await.is(401, "token_expired");
    anna.press("/refresh").await.is(403, "csrf_missing");
    anna.csrf(&csrf.access).press("/refresh").await.is(403, "csrf_mismatch");
    let refreshed = anna.csrf(&csrf.refresh).press("/refresh").await;
    assert_eq!(refreshed.json, json!({"renewed": true}), "no script gets to see the token");
    let access = refreshed.cookie("__Host-csrf_access_token").unwrap();
    assert_eq!(refreshed.set_cookies().len(), 2, "the refresh token stays");
    let me = anna.get("/api/me").await;
    assert_eq!(
        (&me.json["token"]["fresh"], &me.json["token"]["claims"]["role"]),
        (&json!(false), &json!("admin"))
    );

    // Not fresh, until the password was given again.
    let anna = anna.csrf(&access);
    let name = json!({"display_name": "Anna K."});
    anna.put("/api/display-name", name.clone()).await.is(401, "fresh_token_required");
    anna.post("/confirm", json!({"password": "wrong"})).await.is(401, "login_failed");
    let password = json!({"password": credentials("anna")["password"]});
    anna.csrf("a guess").post("/confirm", password.clone()).await.is(403, "csrf_mismatch");
    let confirmed = anna.post("/confirm", password).await;
    let anna = anna.csrf(&confirmed.cookie("__Host-csrf_access_token").unwrap());
    let renamed = anna.put("/api/display-name", name).await;
    assert_eq!((renamed.status.as_u16(), &renamed.json["display_name"]), (200, &json!("Anna K.")));
    assert_eq!(anna.get("/api/me").await.json["user"]["display_name"], "Anna K.");
    assert_eq!(anna.get("/api/notes").await.json, json!(["Buy milk"]));

    anna.press("/logout").await.is(403, "csrf_mismatch");
    let bye = anna.csrf(&csrf.refresh).press("/logout").await;
    assert_eq!((bye.status.as_u16(), bye.set_cookies().len()), (200, 4));
    assert!(bye.set_cookies().iter().all(|cookie| cookie.contains("01 Jan 1970")));
    anna.get("/api/me").await.is(401, "token_missing");
}

#[tokio::test]
async fn who_uses_the_page_stays_logged_in_for_a_working_day() {
    let site = Site::start().await;
    let (anna, csrf) = site.in_browser("anna").await;
    let (program, _) = site.tokens("anna").await;
    site.wait(239);
    assert!(anna.get("/api/me").await.set_cookies().is_empty());
    site.wait(1);
    let renewed = anna.get("/api/me").await;
    assert_eq!(renewed.set_cookies().len(), 2, "the refresh token stays");
    assert_eq!(renewed.cookie("__Host-csrf_access_token").as_ref(), Some(&csrf.access));
    assert_eq!(
        (renewed.header("cache-control"), renewed.header("vary")),
        ("no-store", "Cookie"),
        "no cache keeps a token"
    );
    assert!(program.get("/api/me").await.set_cookies().is_empty());
    anna.csrf(&csrf.access)
        .put("/api/display-name", json!({"display_name": "A."}))
        .await
        .is(401, "fresh_token_required");

    // Eight hours after the login it ends, however much the page is used.
    let mut used = 240;
    while anna.get("/api/me").await.status == 200 {
        site.wait(240);
        used += 240;
        assert!(used < 9 * 3600, "it does not end");
    }
    assert_eq!(used, 8 * 3600);
    let next = anna.csrf(&csrf.refresh).press("/refresh").await;
    assert_eq!(next.status, 200, "what comes next was asked for");
}

#[tokio::test]
async fn the_others_are_logged_out() {
    let site = Site::start().await;
    let (lost, lost_csrf) = site.in_browser("anna").await;
    let (program, program_refresh) = site.tokens("anna").await;
    let (ben, _) = site.tokens("ben").await;
    site.wait(10);
    let (anna, csrf) = site.in_browser("anna").await;
    anna.press("/logout-others").await.is(403, "csrf_missing");
    let done = anna.csrf(&csrf.access).press("/logout-others").await;
    assert_eq!((done.status.as_u16(), done.json), (200, json!({"others_logged_out": true})));
    for gone in [&lost, &program] {
        gone.get("/api/me").await.is(401, "token_revoked");
    }
    lost.csrf(&lost_csrf.refresh).press("/refresh").await.is(401, "token_revoked");
    program_refresh.press("/refresh").await.is(401, "token_revoked");
    for here in [&anna, &ben] {
        assert_eq!(here.get("/api/me").await.status, 200);
    }
    assert_eq!(anna.csrf(&csrf.refresh).press("/refresh").await.status, 200);
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_other_sites() {
    let site = Site::start().await;
    let answer = site.stranger().post("/login", credentials("ben")).await;
    assert_eq!(
        answer.json,
        json!({"id": 2, "login": "ben", "display_name": "Ben", "role": "member"})
    );
    assert_eq!((answer.set_cookies().len(), answer.header("cache-control")), (4, "no-store"));
    for cookie in answer.set_cookies() {
        assert!(cookie.contains("; Secure") && cookie.contains("; SameSite=Lax"), "{cookie}");
        assert_eq!(cookie.contains("; HttpOnly"), !cookie.starts_with("__Host-csrf_"), "{cookie}");
    }
}

#[tokio::test]
async fn a_day_with_bearer_tokens() {
    let site = Site::start().await;
    let (ben, refresh) = site.tokens("ben").await;

    let me = ben.get("/api/me").await;
    assert_eq!(
        (&me.json["user"]["login"], &me.json["token"]["came_in"]),
        (&json!("ben"), &json!("headers"))
    );
    let kept = ben.post("/api/notes", json!({"text": "No CSRF value here"})).await;
    assert_eq!(kept.status, 201, "a header is nothing that a browser sends by itself");

    ben.press("/refresh").await.is(401, "wrong_token_type");
    refresh.get("/api/me").await.is(401, "wrong_token_type");
    let refreshed = refresh.press("/refresh").await;
    assert!(refreshed.set_cookies().is_empty());
    assert_eq!(refreshed.header("cache-control"), "no-store");
    let later = site.stranger().bearer(refreshed.json["access_token"].as_str().unwrap());

    let name = json!({"display_name": "Benjamin"});
    let stale = later.put("/api/display-name", name.clone()).await;
    stale.is(401, "fresh_token_required");
    assert!(stale.header("www-authenticate").contains("insufficient_user_authentication"));
    let confirmed =
        later.post("/confirm", json!({"password": credentials("ben")["password"]})).await;
    let fresh = later.bearer(confirmed.json["access_token"].as_str().unwrap());
    assert_eq!(fresh.put("/api/display-name", name).await.json["display_name"], "Benjamin");

    // One logout ends every token of the login.
    assert_eq!(later.press("/logout").await.status, 200);
    for token in [&ben, &later, &fresh] {
        token.get("/api/me").await.is(401, "token_revoked");
    }
    refresh.press("/refresh").await.is(401, "token_revoked");
    later.press("/logout").await.is(401, "token_revoked");
}

#[tokio::test]
async fn a_logout_ends_one_login_and_no_other() {
    let site = Site::start().await;
    let (phone, csrf) = site.in_browser("anna").await;
    let (laptop, _) = site.in_browser("anna").await;
    let (program, refresh) = site.tokens("anna").await;

    // The access token has run out: the refresh token still tells whose session is to end.
    site.wait(301);
    assert_eq!(phone.csrf(&csrf.refresh).press("/logout").await.status, 200);
    laptop.get("/api/me").await.is(401, "token_expired");
    program.get("/api/me").await.is(401, "token_expired");
    assert_eq!(refresh.press("/refresh").await.status, 200);
}

#[tokio::test]
async fn stolen_cookies_are_worthless_after_the_logout() {
    let site = Site::start().await;
    let victim = site.stranger();
    let login = victim.post("/login", credentials("anna")).await;
    let [access, refresh] =
        ["__Host-access_token", "__Host-refresh_token"].map(|c| login.cookie(c).unwrap());
    let csrf = login.cookie("__Host-csrf_refresh_token").unwrap();
    assert_eq!(victim.csrf(&csrf).press("/logout").await.status, 200);

    let thief = site
        .stranger()
        .with("cookie", &format!("__Host-access_token={access}; __Host-refresh_token={refresh}"));
    thief.get("/api/me").await.is(401, "token_revoked");
    let revived = thief.csrf(&csrf).press("/refresh").await;
    revived.is(401, "token_revoked");
    assert!(revived.set_cookies().is_empty());
}

#[tokio::test]
async fn dead_cookies_are_taken_back_and_no_others() {
    let site = Site::start().await;
    let garbage = site.stranger().with("cookie", "__Host-refresh_token=a.b.c").csrf("any");
    let answer = garbage.press("/logout").await;
    answer.is(401, "token_invalid");
    assert_eq!(answer.set_cookies().len(), 4);

    // Another site's form: SameSite keeps the cookies at home, and the answer leaves them there.
    let answer = site.stranger().send_form("/logout", "").await;
    answer.is(401, "token_missing");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn roles() {
    let site = Site::start().await;
    let (anna, _) = site.in_browser("anna").await;
    let (ben, _) = site.in_browser("ben").await;
    let (ben_too, refresh) = site.tokens("ben").await;

    let all = anna.get("/api/users").await;
    assert_eq!(all.json.as_array().map(Vec::len), Some(2));
    assert!(!all.text.contains("argon2"), "hashes stay behind");
    ben.get("/api/users").await.is(403, "insufficient_scope");
    ben_too.get("/api/users").await.is(403, "insufficient_scope");
    refresh.get("/api/users").await.is(401, "wrong_token_type");
    site.stranger().get("/api/users").await.is(401, "token_missing");
}

#[tokio::test]
async fn two_people_do_not_see_each_other() {
    let site = Site::start().await;
    let (anna, annas) = site.in_browser("anna").await;
    let (ben, bens) = site.in_browser("ben").await;
    anna.csrf(&annas.access).post("/api/notes", json!({"text": "Anna's"})).await;
    ben.csrf(&bens.access).post("/api/notes", json!({"text": "Ben's"})).await;

    assert_eq!(anna.get("/api/notes").await.json, json!(["Anna's"]));
    assert_eq!(ben.get("/api/notes").await.json, json!(["Ben's"]));
    anna.csrf(&bens.access).post("/api/notes", json!({"text": "x"})).await.is(403, "csrf_mismatch");
    ben.csrf(&bens.access).put("/api/display-name", json!({"display_name": "B."})).await;
    assert_eq!(anna.get("/api/me").await.json["user"]["display_name"], "Anna");
}

#[tokio::test]
async fn absent_malformed_and_refused_are_three_answers() {
    let site = Site::start().await;
    let stranger = site.stranger();
    let missing = stranger.get("/api/me").await;
    missing.is(401, "token_missing");
    assert_eq!(
        (missing.header("www-authenticate"), missing.header("cache-control")),
        ("Bearer", "no-store")
    );
    stranger.with("authorization", "Bearer").get("/api/me").await.is(400, "request_malformed");
    stranger.with("authorization", "Bearer a b").get("/api/me").await.is(400, "request_malformed");
    stranger.bearer("a.b.c").get("/api/me").await.is(401, "token_invalid");
    stranger
        .with("cookie", "__Host-access_token=a.b.c")
        .get("/api/me")
        .await
        .is(401, "token_invalid");

    let answer = site.stranger().post("/api/token", credentials("anna")).await;
    let token = answer.json["access_token"].as_str().unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    stranger.bearer(&format!("{signed}.")).get("/api/me").await.is(401, "token_invalid");
    let reversed: String = signature.chars().rev().collect();
    stranger.bearer(&format!("{signed}.{reversed}")).get("/api/me").await.is(401, "token_invalid");

    // Where a token is optional, none is an answer, and a bad one is not.
    assert_eq!(stranger.get("/api/session").await.json, json!({"logged_in": false}));
    assert_eq!(stranger.bearer(token).get("/api/session").await.json, json!({"logged_in": true}));
    stranger.bearer("a.b.c").get("/api/session").await.is(401, "token_invalid");
}

#[tokio::test]
async fn bad_input() {
    let site = Site::start().await;
    for path in ["/login", "/api/token"] {
        let stranger = site.stranger();
        let wrong = stranger.post(path, json!({"login": "anna", "password": "guess"})).await;
        let unknown = stranger.post(path, json!({"login": "nobody", "password": "guess"})).await;
        wrong.is(401, "login_failed");
        assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
        assert!(wrong.set_cookies().is_empty());
        // The sentence of this other site's form could log somebody in as somebody else.
        let form = stranger.send_form(path, "login=anna&password=correct+horse").await;
        form.is(415, "body_invalid");
        assert!(form.set_cookies().is_empty());
        stranger.post(path, json!({"login": "anna"})).await.is(422, "body_invalid");
    }
    let (ben, _) = site.tokens("ben").await;
    ben.post("/api/notes", json!({"text": "  "})).await.is(422, "field_invalid");
    ben.post("/api/notes", json!({"text": "x".repeat(201)})).await.is(422, "field_invalid");
    ben.put("/api/display-name", json!({"display_name": ""})).await.is(422, "field_invalid");
    for n in 0..25 {
        ben.post("/api/notes", json!({"text": n.to_string()})).await;
    }
    let notes = ben.get("/api/notes").await;
    assert_eq!(
        (notes.json[0].as_str(), notes.json.as_array().map(Vec::len)),
        (Some("5"), Some(20))
    );
}

#[tokio::test]
async fn unknown_people_take_as_long_as_known_ones() {
    async fn fastest(site: &Site, login: &str) -> Duration {
        let mut fastest = Duration::MAX;
        for _ in 0..3 {
            let start = Instant::now();
            let body = json!({"login": login, "password": "guess"});
            let answer: Answer = site.stranger().post("/api/token", body).await;
            answer.is(401, "login_failed");
            fastest = fastest.min(start.elapsed());
        }
        fastest
    }
    let site = Site::start().await;
    let (known, unknown) = (fastest(&site, "anna").await, fastest(&site, "nobody").await);
    // Without the hashing it would be a hundredth.
    assert!(unknown > known / 3, "{known:?} {unknown:?}");
}
