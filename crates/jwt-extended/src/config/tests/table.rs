//! Every option, by each of the ways to set it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;

type Typed = fn(ConfigBuilder) -> ConfigBuilder;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Name, text of an environment variable, value of a file, and the typed method: all the same, and
/// none the default.
#[rustfmt::skip]
fn rows() -> Vec<(&'static str, &'static str, Value, Typed)> {
    vec![
        ("JWT_ALGORITHM", "HS512", json!("HS512"), |b| b.algorithm(Algorithm::HS512)),
        ("JWT_DECODE_ALGORITHMS", "HS384,HS512", json!(["HS384", "HS512"]), |b| b.decode_algorithms([Algorithm::HS384, Algorithm::HS512])),
        ("JWT_KEY_ID", "2026", json!("2026"), |b| b.key_id("2026")),
        ("JWT_TOKEN_LOCATION", "cookies, json", json!(["cookies", "json"]), |b| b.token_location([Location::Cookies, Location::Json])),
        ("JWT_ACCESS_TOKEN_EXPIRES", "5m", json!(300), |b| b.access_token_expires(seconds(300))),
        ("JWT_REFRESH_TOKEN_EXPIRES", "false", json!(false), |b| b.refresh_token_expires(Lifetime::Never)),
        ("JWT_REFRESH_ROTATION", "on", json!(true), |b| b.refresh_rotation(true)),
        ("JWT_REFRESH_ROTATION_GRACE", "30", json!(30), |b| b.refresh_rotation_grace(seconds(30))),
        ("JWT_SESSION_LIFETIME", "12h", json!(43_200), |b| b.session_lifetime(seconds(43_200))),
        ("JWT_IDENTITY_CLAIM", "user", json!("user"), |b| b.identity_claim("user")),
        ("JWT_ENCODE_NBF", "off", json!(false), |b| b.encode_nbf(false)),
        ("JWT_ENCODE_AUDIENCE", "a,b", json!(["a", "b"]), |b| b.encode_audience(["a", "b"])),
        ("JWT_DECODE_AUDIENCE", "a", json!("a"), |b| b.decode_audience(["a"])),
        ("JWT_ENCODE_ISSUER", "me", json!("me"), |b| b.encode_issuer("me")),
        ("JWT_DECODE_ISSUER", "me, you", json!(["me", "you"]), |b| b.decode_issuer(["me", "you"])),
        ("JWT_DECODE_LEEWAY", "10", json!(10), |b| b.decode_leeway(seconds(10))),
        ("JWT_VERIFY_SUB", "0", json!(false), |b| b.verify_sub(false)),
        ("JWT_HEADER_NAME", "X-Token", json!("X-Token"), |b| b.header_name("X-Token")),
        ("JWT_HEADER_TYPE", "", json!(""), |b| b.header_type("")),
        ("JWT_HEADER_TYPE_IGNORE_CASE", "false", json!(false), |b| b.header_type_ignore_case(false)),
        ("JWT_QUERY_STRING_NAME", "t", json!("t"), |b| b.query_string_name("t")),
        ("JWT_QUERY_STRING_VALUE_PREFIX", "Bearer ", json!("Bearer "), |b| b.query_string_value_prefix("Bearer ")),
        ("JWT_JSON_KEY", "t", json!("t"), |b| b.json_key("t")),
        ("JWT_REFRESH_JSON_KEY", "r", json!("r"), |b| b.refresh_json_key("r")),
        ("JWT_ACCESS_COOKIE_NAME", "a", json!("a"), |b| b.access_cookie_name("a")),
        ("JWT_ACCESS_COOKIE_PATH", "/api", json!("/api"), |b| b.access_cookie_path("/api")),
        ("JWT_REFRESH_COOKIE_NAME", "r", json!("r"), |b| b.refresh_cookie_name("r")),
        ("JWT_REFRESH_COOKIE_PATH", "/refresh", json!("/refresh"), |b| b.refresh_cookie_path("/refresh")),
        ("JWT_COOKIE_DOMAIN", ".example.com", json!(".example.com"), |b| b.cookie_domain(".example.com")),
        ("JWT_COOKIE_SECURE", "no", json!(false), |b| b.cookie_secure(false)),
        ("JWT_COOKIE_SAMESITE", "strict", json!("Strict"), |b| b.cookie_samesite(SameSite::Strict)),
        ("JWT_COOKIE_PARTITIONED", "yes", json!(true), |b| b.cookie_partitioned(true)),
        ("JWT_SESSION_COOKIE", "False", json!(false), |b| b.session_cookie(false)),
        ("JWT_COOKIE_MAX_AGE", "1d", json!(86_400), |b| b.cookie_max_age(seconds(86_400))),
        ("JWT_COOKIE_CSRF_PROTECT", "false", json!(0), |b| b.cookie_csrf_protect(false)),
        ("JWT_CSRF_METHODS", "POST", json!(["POST"]), |b| b.csrf_methods(["POST"])),
        ("JWT_CSRF_IN_COOKIES", "false", json!(false), |b| b.csrf_in_cookies(false)),
        ("JWT_CSRF_CHECK_FORM", "TRUE", json!(true), |b| b.csrf_check_form(true)),
        ("JWT_ACCESS_CSRF_COOKIE_NAME", "ac", json!("ac"), |b| b.access_csrf_cookie_name("ac")),
        ("JWT_ACCESS_CSRF_COOKIE_PATH", "/c", json!("/c"), |b| b.access_csrf_cookie_path("/c")),
        ("JWT_ACCESS_CSRF_HEADER_NAME", "X-A", json!("X-A"), |b| b.access_csrf_header_name("X-A")),
        ("JWT_ACCESS_CSRF_FIELD_NAME", "af", json!("af"), |b| b.access_csrf_field_name("af")),
        ("JWT_REFRESH_CSRF_COOKIE_NAME", "rc", json!("rc"), |b| b.refresh_csrf_cookie_name("rc")),
        ("JWT_REFRESH_CSRF_COOKIE_PATH", "/d", json!("/d"), |b| b.refresh_csrf_cookie_path("/d")),
        ("JWT_REFRESH_CSRF_HEADER_NAME", "X-R", json!("X-R"), |b| b.refresh_csrf_header_name("X-R")),
        ("JWT_REFRESH_CSRF_FIELD_NAME", "rf", json!("rf"), |b| b.refresh_csrf_field_name("rf")),
        ("JWT_ERROR_MESSAGE_KEY", "message", json!("message"), |b| b.error_message_key("message")),
        ("JWT_ERROR_STYLE", "flask", json!("flask"), |b| b.error_style(ErrorStyle::Flask)),
        ("JWT_MAX_TOKEN_SIZE", "4096", json!(4096), |b| b.max_token_size(4096_usize)),
        ("JWT_VERIFIED_CACHE_SIZE", "65536", json!(65536), |b| b.verified_cache_size(65536_usize)),
        ("JWT_STRICT_CLAIMS", "false", json!(false), |b| b.strict_claims(false)),
        ("JWT_STRICT_TOKEN_TYPE", "false", json!(false), |b| b.strict_token_type(false)),
        ("JWT_REJECT_UNEXPECTED_AUDIENCE", "false", json!(false), |b| b.reject_unexpected_audience(false)),
        ("JWT_REQUIRE_JTI", "false", json!(false), |b| b.require_jti(false)),
        ("JWT_SESSION_CLAIMS", "false", json!(false), |b| b.session_claims(false)),
        ("JWT_MANAGER_NAME", "admin", json!("admin"), |b| b.manager_name("admin")),
        ("JWT_INSECURE_SHORT_SECRET", "true", json!(true), |b| b.insecure_short_secret(true)),
    ]
}

/// Those that end in the ring, not in the settings; `keys.rs` tests them.
const KEYS: [&str; 5] = [
    "JWT_SECRET_KEY",
    "JWT_PRIVATE_KEY",
    "JWT_PUBLIC_KEY",
    "JWT_SECRET_KEY_FALLBACKS",
    "JWT_PUBLIC_KEY_FALLBACKS",
];

#[test]
fn names_are_unique_and_every_option_is_tested_here() {
    let names: BTreeSet<_> = OPTIONS.iter().map(|option| option.name).collect();
    assert_eq!(names.len(), OPTIONS.len());
    let tested: BTreeSet<_> = rows().iter().map(|row| row.0).chain(KEYS).collect();
    assert_eq!(names, tested);
    for option in OPTIONS {
        assert!(option.name.starts_with("JWT_") && option.description.ends_with('.'), "{option:?}");
        assert!(!option.expected.is_empty() && !option.native.is_empty(), "{option:?}");
    }
}

#[test]
fn environment_file_and_builder_say_the_same() {
    let shown = |builder: ConfigBuilder| {
        let config = builder.secret_key(SECRET).build().unwrap();
        assert!(config.warnings().is_empty(), "{:?}", config.warnings());
        format!("{:?}", *config)
    };
    let default = shown(native());
    for (name, text, value, typed) in rows() {
        let entries = Map::from_iter([(name.to_owned(), value.clone())]);
        let expected = shown(typed(native()));
        assert_ne!(expected, default, "{name}");
        assert_eq!(shown(env(&[(name, text)])), expected, "{name}={text}");
        assert_eq!(shown(file(entries.into())), expected, "{name}: {value}");
        assert_eq!(shown(native().set(name, value)), expected, "{name}");
        assert_eq!(shown(native().set(name, text)), expected, "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_a_fault_of_its_option() {
    for name in OPTIONS.iter().map(|option| option.name) {
        for wrong in [json!({ "a": 1 }), json!([[]])] {
            let error = native().set(name, wrong).build().unwrap_err();
            let fault = error.faults().iter().find(|fault| fault.option() == name).unwrap();
            assert_eq!(fault.problem(), "cannot be read");
            assert!(fault.mend().starts_with("it must be "), "{fault}");
        }
    }
    for (name, wrong) in [
        ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "hs256"),
        ("JWT_DECODE_ALGORITHMS", "HS256,none"),
        ("JWT_TOKEN_LOCATION", "headers,body"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "soon"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "true"),
        ("JWT_DECODE_LEEWAY", "false"),
        ("JWT_DECODE_LEEWAY", "-1"),
        ("JWT_COOKIE_SECURE", "maybe"),
        ("JWT_COOKIE_SECURE", ""),
        ("JWT_COOKIE_SAMESITE", "off"),
        ("JWT_ERROR_STYLE", "html"),
        ("JWT_MAX_TOKEN_SIZE", "-1"),
        ("JWT_MAX_TOKEN_SIZE", "16k"),
    ] {
        faulty(env(&[("JWT_SECRET_KEY", SECRET), (name, wrong)]), name, "cannot be read");
    }
}

#[test]
fn empty_texts_and_null_leave_optional_things_away() {
    for name in ["JWT_ENCODE_ISSUER", "JWT_COOKIE_DOMAIN"] {
        for nothing in [json!(""), Value::Null] {
            let config = native().set(name, "x").set(name, nothing).build().unwrap();
            let left = (&config.encode_issuer, &config.cookie_domain, &config.manager_name);
            assert_eq!(left, (&None, &None, &None), "{name}");
        }
    }
    for nothing in [json!(""), Value::Null] {
        let config = native()
            .set("JWT_COOKIE_SAMESITE", nothing.clone())
            .set("JWT_DECODE_AUDIENCE", Value::Null)
            .set("JWT_COOKIE_MAX_AGE", nothing)
            .build()
            .unwrap();
        assert_eq!(config.cookie_samesite, None);
        assert_eq!(config.cookie_max_age, None);
        assert!(config.decode_audience.is_empty());
    }
}

#[test]
fn an_empty_text_is_no_way_to_switch_a_check_off() {
    for name in ["JWT_DECODE_AUDIENCE", "JWT_DECODE_ISSUER", "JWT_MANAGER_NAME"] {
        faulty(native().set(name, ""), name, "is empty");
        assert!(native().set(name, "").set(name, "x").build().is_ok(), "what is set later wins");
    }
}
