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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use servers::{AnyPostgres, AnyRedis, or_skip};

/// The showcase on a free port, until it is dropped.
struct Showcase {
    process: Child,
    printed: Vec<String>,
}

/// Where a showcase keeps its data, until it is dropped.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("home-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn var(&self) -> (&'static str, &str) {
        ("XDG_STATE_HOME", self.0.to_str().unwrap())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Showcase {
    /// One that forgets.
    fn start(vars: &[(&str, &str)]) -> Self {
        Self::remembering(&[&[("DATABASE_URL", "sqlite::memory:")], vars].concat())
    }

    fn remembering(vars: &[(&str, &str)]) -> Self {
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
    command.env_remove("DATABASE_URL").env_remove("REDIS_URL");
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

/// With two processes at a time, and with one that comes when both have gone.
fn a_logout_counts_everywhere(vars: &[(&str, &str)], place: &str) {
    let vars = [&[("JWT_SECRET_KEY", "a-secret-of-at-least-32-random-bytes")], vars].concat();
    let (first, second) = (Showcase::remembering(&vars), Showcase::remembering(&vars));
    let place = format!("Who has logged out is remembered in {place}.");
    assert!(first.printed.contains(&place), "{:?}", first.printed);
    let (url, [get_token, me]) = (first.url(), [0, 1].map(|n| first.commands()[n]));
    let log_out = me.replace("/api/me", "/logout").replace("curl ", "curl -X POST ");
    let tell = r#"echo "[\"$TOKEN\", \"$KEPT\"]""#;
    let script = format!("{get_token}\nKEPT=$TOKEN\n{get_token}\n{log_out}\n{tell}");
    let answers = sh(&script, "logout");
    assert_eq!(answers[0]["logged_out"], true);

    let check = |showcase: &Showcase| {
        for (token, error) in [(&answers[1][0], Some("token_revoked")), (&answers[1][1], None)] {
            let me = me.replace(url, showcase.url());
            let answer = &sh(&format!("TOKEN={}\n{me}", token.as_str().unwrap()), "logout")[0];
            assert_eq!(answer["error"].as_str(), error, "{answer}");
        }
    };
    check(&first);
    check(&second);
    for showcase in [&first, &second] {
        let id = showcase.process.id().to_string();
        assert!(Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
    }
    check(&Showcase::remembering(&vars));
}

#[test]
fn a_logout_outlives_the_process_in_a_file() {
    let home = Home::new();
    let file = home.0.join("jwt-extended-showcase/showcase.db");
    a_logout_counts_everywhere(&[home.var()], &file.display().to_string());
}

#[test]
fn a_logout_outlives_the_process_in_postgresql() {
    let Some(server) = or_skip(AnyPostgres::find()) else { return };
    let vars = [("DATABASE_URL", &*server.url())];
    a_logout_counts_everywhere(&vars, "the database of DATABASE_URL");
}

#[test]
fn a_logout_outlives_the_process_in_redis() {
    let Some(server) = or_skip(AnyRedis::find()) else { return };
    a_logout_counts_everywhere(&[("REDIS_URL", &*server.url())], "the Redis of REDIS_URL");
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
        (
            ("DATABASE_URL", "mysql://me:hunter2@localhost/db"),
            ["DATABASE_URL", "no store is known"],
        ),
        (("REDIS_URL", "redis://me:hunter2@127.0.0.1:1/"), ["REDIS_URL", "refused"]),
        (("DATABASE_URL", "sqlite:///no/such/folder/a.db"), ["DATABASE_URL", "unable to open"]),
        (("XDG_STATE_HOME", "/dev/null"), ["/dev/null/jwt-extended-showcase", "DATABASE_URL"]),
    ] {
        let output = program(&[vars]).output().unwrap();
        assert!(!output.status.success(), "{vars:?}");
        for word in words {
            assert!(text(&output).contains(word), "{word:?} for {vars:?} in {}", text(&output));
            assert!(!text(&output).contains("hunter2"), "{}", text(&output));
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
