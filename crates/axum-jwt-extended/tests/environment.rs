//! The environment as a source of options: what cannot be read must never look as if it were not set.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed"
)]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::Command;

/// Runs this very test binary again with these variables, and returns what `child` printed.
fn with_env(vars: &[(&str, Vec<u8>)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env("JWT_TEST_CHILD", "1");
    for (name, value) in vars {
        command.env(name, OsString::from_vec(value.clone()));
    }
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Not a test by itself: what [`with_env`] runs.
#[test]
fn child() {
    use axum_jwt_extended::{Config, env_config};
    if std::env::var_os("JWT_TEST_CHILD").is_none() {
        return;
    }
    match env_config(Config::builder()) {
        Ok(config) => println!("started: {:?} {:?}", config.decode_issuer, config.warnings()),
        Err(error) => println!("fault: {error}"),
    }
}

const SECRET: &[u8] = b"a-secret-of-at-least-32-random-bytes";

#[test]
fn options_come_from_the_environment() {
    let printed = with_env(&[
        ("JWT_SECRET_KEY", SECRET.to_vec()),
        ("JWT_DECODE_ISSUER", b"me".to_vec()),
        ("JWT_TOKEN_LOCATOIN", b"cookies".to_vec()),
    ]);
    assert!(printed.contains("started: [\"me\"]"), "{printed}");
    assert!(printed.contains("did you mean JWT_TOKEN_LOCATION?"), "{printed}");
    assert!(with_env(&[]).contains("fault: JWT_SECRET_KEY is not set"));
}

#[test]
fn a_value_that_is_no_text_is_a_fault() {
    let bytes = || vec![0xff; 48];
    for name in ["JWT_SECRET_KEY", "JWT_SECRET_KEY_FILE"] {
        let flask = [(name, bytes()), ("JWT_PRESET", b"flask".to_vec())];
        let printed = with_env(&flask);
        assert!(printed.contains("fault: JWT_SECRET_KEY"), "{name}: {printed}");
    }
    for name in
        ["JWT_DECODE_ISSUER", "JWT_DECODE_AUDIENCE", "JWT_TOKEN_LOCATION", "JWT_COOKIE_SECURE"]
    {
        let printed = with_env(&[("JWT_SECRET_KEY", SECRET.to_vec()), (name, bytes())]);
        assert!(printed.contains(&format!("fault: {name}")), "{name}: {printed}");
    }
}

#[test]
fn an_empty_value_loosens_no_check_silently() {
    for name in ["JWT_DECODE_ISSUER", "JWT_DECODE_AUDIENCE", "JWT_MANAGER_NAME"] {
        let empty = [("JWT_SECRET_KEY", SECRET.to_vec()), (name, b" ".to_vec())];
        let printed = with_env(&empty);
        assert!(printed.contains(&format!("fault: {name} is empty")), "{name}: {printed}");
    }
}
