use serde_json::{Map, Value, json};

use super::*;
use crate::algorithm::Algorithm;
use crate::key::tests::{own_key, shared_key};

mod fallbacks;
mod faults;
mod keys;
mod table;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn native() -> ConfigBuilder {
    Config::builder().secret_key(SECRET)
}

fn flask() -> ConfigBuilder {
    Config::flask().secret_key(SECRET)
}

/// A builder as an environment with these variables fills it.
fn env(vars: &[(&str, &str)]) -> ConfigBuilder {
    let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::builder().vars(vars, |_| Err(std::io::Error::other("no files here")))
}

/// A builder as a configuration file with these entries fills it.
fn file(entries: Value) -> ConfigBuilder {
    serde_json::from_value(entries).unwrap()
}

/// Asserts that `option` alone is at fault, and that the error says so, why, and what to do.
#[track_caller]
fn faulty(builder: ConfigBuilder, option: &str, problem: &str) {
    let error = builder.build().expect_err(problem);
    let [fault] = error.faults() else { panic!("one fault was expected: {error}") };
    assert_eq!(fault.option(), option, "{error}");
    assert!(fault.problem().contains(problem), "{error}\nis not about\n{problem}");
    assert!(!fault.mend().is_empty());
    assert_eq!(error.to_string(), format!("{option} {}: {}", fault.problem(), fault.mend()));
}

#[test]
fn presets_are_what_the_guide_says() {
    let settings = |builder: ConfigBuilder| builder.build().unwrap();
    let (native, flask) = (settings(native()), settings(flask()));
    assert!(native.cookie_secure && !flask.cookie_secure);
    assert_eq!(native.cookie_samesite, Some(SameSite::Lax));
    assert_eq!(flask.cookie_samesite, None);
    for (native, flask) in [
        (native.strict_claims, flask.strict_claims),
        (native.strict_token_type, flask.strict_token_type),
        (native.reject_unexpected_audience, flask.reject_unexpected_audience),
        (native.require_jti, flask.require_jti),
        (native.session_claims, flask.session_claims),
        (!native.insecure_short_secret, !flask.insecure_short_secret),
    ] {
        assert!(native && !flask);
    }
    for config in [&native, &flask] {
        assert_eq!(config.access_token_expires.duration().unwrap().as_secs(), 900);
        assert_eq!(config.refresh_token_expires.duration().unwrap().as_secs(), 2_592_000);
        assert_eq!(config.token_location, [Location::Headers]);
        assert_eq!(config.csrf_methods, ["POST", "PUT", "PATCH", "DELETE"]);
        assert_eq!(config.algorithm, Algorithm::HS256);
        assert!(config.warnings().is_empty());
    }
    let chosen = settings(env(&[("JWT_SECRET_KEY", SECRET), ("JWT_PRESET", "flask")]));
    assert_eq!(format!("{:?}", *chosen), format!("{:?}", *flask));
    let chosen = settings(file(json!({ "JWT_PRESET": "Flask", "JWT_SECRET_KEY": SECRET })));
    assert_eq!(format!("{:?}", *chosen), format!("{:?}", *flask));
    faulty(env(&[("JWT_SECRET_KEY", SECRET), ("JWT_PRESET", "django")]), "JWT_PRESET", "be read");
}

#[test]
fn the_choice_of_a_preset_keeps_what_was_set_before_it() {
    let config = native().cookie_secure(true).preset(Preset::Flask).build().unwrap();
    assert!(config.cookie_secure && !config.strict_claims);
}

#[test]
fn what_is_set_later_wins() {
    let config = env(&[("JWT_JSON_KEY", "environment")]).json_key("code").secret_key(SECRET);
    assert_eq!(config.build().unwrap().json_key, "code");
    let config = native().json_key("code").set("JWT_JSON_KEY", "name").build().unwrap();
    assert_eq!(config.json_key, "name");
}

#[test]
fn unknown_names_warn_and_other_programs_names_do_not() {
    let config = env(&[
        ("JWT_SECRET_KEY", SECRET),
        ("JWT_ACCES_TOKEN_EXPIRES", "1h"),
        ("JWT_TOKEN_LOCATIONS", "cookies"),
        ("JWT_COOKIE_SCEURE", "false"),
        ("JWT_PHASE_OF_THE_MOON", "full"),
        ("JWT_STORE_SUBJECT_KEY", "x"),
        ("PATH", "/bin"),
        ("MY_JWT_SECRET_KEY", "x"),
    ]);
    let config = config.build().unwrap();
    assert_eq!(
        config.warnings(),
        [
            "JWT_ACCES_TOKEN_EXPIRES is not an option; did you mean JWT_ACCESS_TOKEN_EXPIRES?",
            "JWT_TOKEN_LOCATIONS is not an option; did you mean JWT_TOKEN_LOCATION?",
            "JWT_COOKIE_SCEURE is not an option; did you mean JWT_COOKIE_SECURE?",
            "JWT_PHASE_OF_THE_MOON is not an option",
        ]
    );
    assert_eq!(config.access_token_expires.duration().unwrap().as_secs(), 900);
}

#[test]
fn every_fault_is_told_at_once() {
    let error = env(&[("JWT_ALGORITHM", "none"), ("JWT_DECODE_LEEWAY", "a bit")])
        .cookie_samesite(SameSite::None)
        .cookie_secure(false)
        .build()
        .unwrap_err();
    let options: Vec<_> = error.faults().iter().map(Fault::option).collect();
    assert_eq!(
        options,
        ["JWT_ALGORITHM", "JWT_DECODE_LEEWAY", "JWT_COOKIE_SAMESITE", "JWT_SECRET_KEY"]
    );
}

#[test]
fn no_secret_is_shown() {
    let builder = native().private_key("-----BEGIN PRIVATE KEY-----").public_key(SECRET);
    let error = builder.clone().algorithm(Algorithm::ES256).build().unwrap_err();
    let config = native().build().unwrap();
    let short = Config::builder().secret_key("hunter2hunter2").build().unwrap_err();
    for shown in [
        format!("{builder:?}"),
        format!("{error:?} {error}"),
        format!("{config:?}"),
        format!("{short:?} {short}"),
    ] {
        assert!(!shown.contains("0123456789"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!shown.contains("BEGIN PRIVATE KEY-----\""), "{shown}");
    }
    assert!(config.secret_key.is_none(), "the ring has it, and nobody else");
}
