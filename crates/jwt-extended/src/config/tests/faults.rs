//! Values that can be read and make no sense, alone or together.

use std::time::Duration;

use super::*;

#[test]
fn names_and_paths_must_fit_their_place() {
    for (option, wrong, problem) in [
        ("JWT_HEADER_NAME", "", "is not a valid name in HTTP"),
        ("JWT_HEADER_NAME", "My Header", "is not a valid name in HTTP"),
        ("JWT_HEADER_TYPE", "Bearer token", "is not one word"),
        ("JWT_ACCESS_COOKIE_NAME", "a;b", "is not a valid name in HTTP"),
        ("JWT_ACCESS_COOKIE_NAME", "a=b", "is not a valid name in HTTP"),
        ("JWT_REFRESH_COOKIE_NAME", "ä", "is not a valid name in HTTP"),
        ("JWT_ACCESS_CSRF_COOKIE_NAME", "a\r\nSet-Cookie", "is not a valid name in HTTP"),
        ("JWT_REFRESH_CSRF_COOKIE_NAME", "", "is not a valid name in HTTP"),
        ("JWT_ACCESS_CSRF_HEADER_NAME", "X:Y", "is not a valid name in HTTP"),
        ("JWT_REFRESH_CSRF_HEADER_NAME", "", "is not a valid name in HTTP"),
        ("JWT_QUERY_STRING_NAME", "", "is empty"),
        ("JWT_JSON_KEY", "", "is empty"),
        ("JWT_REFRESH_JSON_KEY", "", "is empty"),
        ("JWT_ACCESS_CSRF_FIELD_NAME", "", "is empty"),
        ("JWT_REFRESH_CSRF_FIELD_NAME", "", "is empty"),
        ("JWT_ERROR_MESSAGE_KEY", "", "is empty"),
        ("JWT_ACCESS_COOKIE_PATH", "", "is no path"),
        ("JWT_ACCESS_COOKIE_PATH", "api", "is no path"),
        ("JWT_REFRESH_COOKIE_PATH", "/a; Domain=evil.example", "is no path"),
        ("JWT_ACCESS_CSRF_COOKIE_PATH", "/a b", "is no path"),
        ("JWT_REFRESH_CSRF_COOKIE_PATH", "/\u{7}", "is no path"),
        ("JWT_COOKIE_DOMAIN", "https://example.com", "is no domain"),
        ("JWT_COOKIE_DOMAIN", "example.com; Secure", "is no domain"),
        ("JWT_COOKIE_DOMAIN", "localhost:8080", "is no domain"),
        ("JWT_CSRF_METHODS", "POST,put", "is no HTTP method"),
        ("JWT_TOKEN_LOCATION", "", "is empty"),
        ("JWT_MAX_TOKEN_SIZE", "63", "is smaller than any token"),
        ("JWT_IDENTITY_CLAIM", "", "is empty or the name of a claim"),
    ] {
        faulty(native().set(option, wrong), option, problem);
        faulty(flask().set(option, wrong), option, problem);
    }
    for (name, _) in crate::claims::Name::REGISTERED.iter().filter(|(name, _)| *name != "sub") {
        let problem = "the name of a claim that means something else";
        faulty(native().identity_claim(*name), "JWT_IDENTITY_CLAIM", problem);
    }
    faulty(native().manager_name(String::new()), "JWT_MANAGER_NAME", "is empty");
}

#[test]
fn lifetimes_have_a_length() {
    for option in ["JWT_ACCESS_TOKEN_EXPIRES", "JWT_REFRESH_TOKEN_EXPIRES"] {
        for short in [json!(0), json!("0"), json!(0.5)] {
            faulty(native().set(option, short), option, "is shorter than a second");
        }
        faulty(flask().set(option, 0.5), option, "is shorter than a second");
        for long in [json!("400000d"), json!(1e18)] {
            faulty(native().set(option, long), option, "is longer than a thousand years");
        }
        for fine in [json!(1), json!("365000d"), json!(false)] {
            assert!(native().set(option, fine).build().is_ok());
        }
    }
    let zero = flask().access_token_expires(Duration::ZERO).build().unwrap();
    assert_eq!(zero.access_token_expires, Lifetime::Never, "as upstream has it");
}

/// What browsers drop is a fault; upstream takes it, so that its preset only warns.
#[track_caller]
fn contradicts(set: impl Fn(ConfigBuilder) -> ConfigBuilder, option: &str, problem: &str) {
    faulty(set(native()), option, problem);
    let config = set(flask()).build().unwrap();
    let [warning] = config.warnings() else { panic!("{:?}", config.warnings()) };
    assert!(warning.starts_with(option) && warning.contains(problem), "{warning}");
}

#[test]
fn cookies_that_browsers_drop() {
    contradicts(
        |b| b.cookie_samesite(SameSite::None).cookie_secure(false),
        "JWT_COOKIE_SAMESITE",
        "is None while JWT_COOKIE_SECURE is off",
    );
    contradicts(
        |b| b.cookie_partitioned(true).cookie_secure(false),
        "JWT_COOKIE_PARTITIONED",
        "is on while JWT_COOKIE_SECURE is off",
    );
    for (name, path) in [
        ("JWT_ACCESS_COOKIE_NAME", "JWT_ACCESS_COOKIE_PATH"),
        ("JWT_REFRESH_COOKIE_NAME", "JWT_REFRESH_COOKIE_PATH"),
        ("JWT_ACCESS_CSRF_COOKIE_NAME", "JWT_ACCESS_CSRF_COOKIE_PATH"),
        ("JWT_REFRESH_CSRF_COOKIE_NAME", "JWT_REFRESH_CSRF_COOKIE_PATH"),
    ] {
        let host = |b: ConfigBuilder| b.set(name, "__Host-a").cookie_secure(true);
        assert!(host(native()).build().unwrap().warnings().is_empty());
        contradicts(|b| host(b).cookie_secure(false), name, "starts with `__Host-`");
        contradicts(|b| host(b).set(path, "/api"), name, "starts with `__Host-`");
        contradicts(|b| host(b).cookie_domain("example.com"), name, "starts with `__Host-`");
        let secure = |b: ConfigBuilder| b.set(name, "__Secure-a").set(path, "/api");
        assert!(secure(native()).build().is_ok());
        contradicts(|b| secure(b).cookie_secure(false), name, "starts with `__Secure-`");
    }
}

#[test]
fn cookies_that_overwrite_each_other() {
    let names = [
        ("JWT_ACCESS_COOKIE_NAME", "JWT_ACCESS_COOKIE_PATH"),
        ("JWT_REFRESH_COOKIE_NAME", "JWT_REFRESH_COOKIE_PATH"),
        ("JWT_ACCESS_CSRF_COOKIE_NAME", "JWT_ACCESS_CSRF_COOKIE_PATH"),
        ("JWT_REFRESH_CSRF_COOKIE_NAME", "JWT_REFRESH_CSRF_COOKIE_PATH"),
    ];
    for (n, (one, path)) in names.into_iter().enumerate() {
        for (other, _) in names.into_iter().skip(n + 1) {
            let same = |b: ConfigBuilder| b.set(one, "a").set(other, "a");
            contradicts(same, other, &format!("is the same as {one}, on the same path"));
            assert!(same(native()).set(path, "/elsewhere").build().is_ok());
        }
    }
}

/// What `main` prints where it returns the error.
#[test]
fn the_debug_form_is_the_sentence() {
    let error = native().secret_key("short").header_name("").build().unwrap_err();
    assert_eq!(error.faults().len(), 2);
    assert_eq!(format!("{error:?}"), error.to_string());
}

/// What loosens a check by being empty is not taken for a wish.
#[test]
fn an_empty_list_of_what_is_checked_is_a_fault() {
    for text in ["", " ", ",", " , ,"] {
        for option in ["JWT_DECODE_ISSUER", "JWT_DECODE_AUDIENCE"] {
            faulty(native().set(option, text), option, "is empty, so nothing is checked");
            assert!(flask().set(option, text).build().is_ok());
        }
        faulty(native().set("JWT_CSRF_METHODS", text), "JWT_CSRF_METHODS", "is empty, so that");
    }
    faulty(native().decode_issuer(Vec::new()), "JWT_DECODE_ISSUER", "is empty");
    faulty(native().decode_audience(Vec::new()), "JWT_DECODE_AUDIENCE", "is empty");
    faulty(native().csrf_methods(Vec::new()), "JWT_CSRF_METHODS", "is empty");

    for option in ["JWT_DECODE_ISSUER", "JWT_DECODE_AUDIENCE"] {
        assert!(native().set(option, json!(null)).build().is_ok());
        assert!(native().set(option, ",").set(option, "us").build().is_ok());
    }
    assert!(native().csrf_methods(Vec::new()).cookie_csrf_protect(false).build().is_ok());
    assert!(flask().set("JWT_CSRF_METHODS", "").build().is_ok());
}
