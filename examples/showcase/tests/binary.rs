//! The program itself: what it prints can be pasted, and it ends when asked to.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test with helpers"
)]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The showcase on a free port, until it is dropped.
struct Showcase {
    process: Child,
    printed: Vec<String>,
}

impl Showcase {
    fn start(vars: &[(&str, &str)]) -> Self {
        let mut process = program(vars).stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = Vec::new();
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            printed.push(line.unwrap());
            if printed.last().unwrap().starts_with("Ctrl-C") {
                break;
            }
        }
        Self { process, printed }
    }

    /// The lines that are there to be pasted.
    fn commands(&self) -> Vec<&str> {
        let lines = self.printed.iter().map(|line| line.trim());
        lines.filter(|line| line.starts_with("TOKEN=") || line.starts_with("curl ")).collect()
    }

    fn url(&self) -> &str {
        self.printed.iter().map(|line| line.trim()).find(|line| line.starts_with("http")).unwrap()
    }
}

impl Drop for Showcase {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_showcase"));
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().starts_with("JWT_")) {
        command.env_remove(name);
    }
    command.env("PORT", "0").envs(vars.iter().copied());
    command
}

/// The answers of the script's curls, each on a line of its own.
fn sh(script: &str, folder: &str) -> Vec<Value> {
    let curl = Command::new("curl").arg("--version").output();
    assert!(
        curl.is_ok_and(|curl| curl.status.success()),
        "CURL IS NOT INSTALLED, and the showcase prints lines of it"
    );
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let output = Command::new("sh")
        .args(["-eu", "-c", script])
        .current_dir(folder)
        .env("NO_PROXY", "localhost")
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}\n{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_printed_lines_work_as_they_are() {
    let showcase = Showcase::start(&[]);
    let commands = showcase.commands();
    assert_eq!(commands.len(), 3, "{:?}", showcase.printed);
    let answers = sh(&commands.join("\n"), "printed");
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["user"]["login"], "anna");
    assert_eq!(answers[0]["token"]["came_in"], "headers");
    assert_eq!(answers[1]["error"], "token_missing");
    assert!(showcase.printed.iter().any(|line| line.contains("JWT_SECRET_KEY is not set")));
}

#[test]
fn the_lines_of_the_readme_work_as_they_are() {
    let showcase = Showcase::start(&[]);
    let readme = include_str!("../README.md");
    let script = readme.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let answers = sh(&script.replace("http://localhost:3000", showcase.url()), "readme");
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["login"], "ben");
    assert_eq!(answers[1], serde_json::json!(["Buy milk"]));
    assert_eq!(answers[2]["error"], "csrf_missing");
}

#[test]
fn tokens_outlive_the_process_where_there_is_a_key() {
    let key = [("JWT_SECRET_KEY", "a-secret-of-at-least-32-random-bytes")];
    let (first, second) = (Showcase::start(&key), Showcase::start(&key));
    assert!(!first.printed.iter().any(|line| line.contains("JWT_SECRET_KEY is not set")));
    let script = format!("{}\n{}", first.commands()[0], second.commands()[1]);
    assert_eq!(sh(&script, "key")[0]["user"]["login"], "anna");

    let without = Showcase::start(&[]);
    let script = format!("{}\n{}", first.commands()[0], without.commands()[1]);
    assert_eq!(sh(&script, "key")[0]["error"], "token_invalid");
}

#[test]
fn cookies_that_are_not_secure_do_not_claim_to_be() {
    for (vars, name) in [
        (&[][..], "__Host-csrf_access_token"),
        (&[("JWT_COOKIE_SECURE", "false")], "csrf_access_token"),
    ] {
        let showcase = Showcase::start(vars);
        let settings = format!("curl -s -w '\\n' {}/settings", showcase.url());
        assert_eq!(sh(&settings, "settings")[0]["access"]["csrf_cookie"], name);
    }
}

#[test]
fn a_bad_start_says_how_to_mend_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (vars, words) in [
        (("PORT", port.as_str()), ["is taken", "PORT=0"]),
        (("PORT", "eighty"), ["PORT", "0 to 65535"]),
        (("JWT_SECRET_KEY", "secret"), ["JWT_SECRET_KEY", "openssl rand"]),
        (("JWT_SECRET_KEY_FILE", "no/such/file"), ["JWT_SECRET_KEY", "may read"]),
        (("JWT_ACCESS_TOKEN_EXPIRES", "soon"), ["JWT_ACCESS_TOKEN_EXPIRES", "must be"]),
    ] {
        let output = program(&[vars]).output().unwrap();
        assert!(!output.status.success(), "{vars:?}");
        for word in words {
            assert!(text(&output).contains(word), "{word:?} for {vars:?} in {}", text(&output));
        }
    }
}

#[test]
fn it_ends_when_asked_to_though_somebody_hangs_on() {
    let mut showcase = Showcase::start(&[]);
    let address = showcase.url().replace("http://localhost", "127.0.0.1");
    let idle = std::net::TcpStream::connect(address).unwrap();
    let kill = Command::new("kill").args(["-TERM", &showcase.process.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let asked = Instant::now();
    let status = loop {
        if let Some(status) = showcase.process.try_wait().unwrap() {
            break status;
        }
        assert!(asked.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
    drop(idle);
}
