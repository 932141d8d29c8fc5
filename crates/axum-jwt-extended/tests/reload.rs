//! A real process whose key files change: SIGHUP, and what its clients see.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use axum::Router;
use axum::routing::get;
use axum_jwt_extended::{AccessToken, JwtManager};

const SECRETS: [&str; 3] = [
    "the-first-secret-of-at-least-32-bytes",
    "the-second-secret-of-at-least-32-bytes",
    "the-third-secret-of-at-least-32-bytes",
];

/// Not a test by itself: the service that the test starts. The same lines stand in the documentation of
/// `JwtManager::reload_keys`.
#[tokio::test]
async fn child() {
    use tokio::signal::unix::{SignalKind, signal};
    if std::env::var_os("JWT_TEST_CHILD").is_none() {
        return;
    }
    let jwt = JwtManager::from_env().unwrap();
    let mut hangup = signal(SignalKind::hangup()).unwrap();
    let app = Router::new()
        .route("/who", get(|token: AccessToken| async move { token.identity().to_owned() }))
        .with_state(jwt.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening {}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    loop {
        println!("token {}", jwt.create_access_token("anna").encode().unwrap().as_str());
        hangup.recv().await.unwrap();
        match jwt.reload_keys() {
            Ok(()) => println!("reloaded"),
            Err(error) => println!("kept {error}"),
        }
    }
}

struct Service {
    process: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Service {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env("JWT_TEST_CHILD", "1")
            .env("JWT_SECRET_KEY_FILE", folder.join("secret"))
            .env("JWT_SECRET_KEY_FALLBACKS_FILE", folder.join("old"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// The rest of the next line that starts with `word`.
    fn hear(&mut self, word: &str) -> String {
        loop {
            let line = self.lines.next().expect("the service has ended").unwrap();
            if let Some((_, rest)) = line.split_once(&format!("{word} ")) {
                return rest.to_owned();
            }
            if line.ends_with(word) {
                return String::new();
            }
        }
    }

    fn hang_up(&self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The status and body of a request with this token.
fn who(address: &str, token: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let answer = client.get(format!("http://{address}/who")).bearer_auth(token).send();
        let answer = answer.await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

fn write(folder: &Path, name: &str, text: &str) {
    // As mounted secrets are changed: there is never half a file.
    let path = folder.join(format!("{name}.new"));
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    std::fs::rename(path, folder.join(name)).unwrap();
}

#[test]
fn a_service_reads_its_key_files_again() {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("keys-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    write(&folder, "secret", SECRETS[0]);
    write(&folder, "old", "");
    // Two instances, of which each takes the tokens of the other.
    let mut services = [Service::start(&folder), Service::start(&folder)];
    let addresses = services.each_mut().map(|service| service.hear("listening"));
    let first = services[0].hear("token");
    let check = |token: &str, wanted: u16| {
        for address in &addresses {
            let (status, text) = who(address, token);
            assert_eq!(status, wanted, "{text}");
            assert!(wanted != 200 || text == "anna");
        }
    };
    check(&first, 200);

    // A new secret signs, and the old one's tokens are good.
    write(&folder, "old", SECRETS[0]);
    write(&folder, "secret", SECRETS[1]);
    for service in &mut services {
        service.hang_up();
        service.hear("reloaded");
    }
    let second = services[0].hear("token");
    check(&first, 200);
    check(&second, 200);

    // A file that is wrong changes nothing.
    write(&folder, "secret", "short");
    for service in &mut services {
        service.hang_up();
        let why = service.hear("kept");
        assert!(why.contains("JWT_SECRET_KEY") && why.contains("5 bytes"), "{why}");
    }
    check(&first, 200);
    check(&second, 200);

    // The first secret is withdrawn.
    write(&folder, "old", SECRETS[1]);
    write(&folder, "secret", SECRETS[2]);
    for service in &mut services {
        service.hang_up();
        service.hear("reloaded");
    }
    let third = services[1].hear("token");
    check(&first, 401);
    check(&second, 200);
    check(&third, 200);
    std::fs::remove_dir_all(folder).unwrap();
}
