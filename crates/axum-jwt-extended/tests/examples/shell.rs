//! A server, and a shell beside it that runs an example's lines.

use std::process::{Command, Stdio};

use axum::Router;
use servers::Folder;
use tokio::net::TcpListener;

/// A router that is served on a port of its own, and a folder for what the lines leave behind.
pub(crate) struct Server {
    port: u16,
    folder: Folder,
}

impl Server {
    pub(crate) async fn start(app: Router) -> Self {
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { port, folder: Folder::new("examples") }
    }

    /// What `lines` print, which are written for port 3000.
    pub(crate) async fn run(&self, lines: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-euc", &lines.replace("localhost:3000", &format!("localhost:{}", self.port))]);
        shell.current_dir(self.folder.path()).stderr(Stdio::inherit());
        let output = tokio::task::spawn_blocking(move || shell.output()).await.unwrap().unwrap();
        assert!(
            output.status.success(),
            "{} (is there curl, 7.82 or later?)\n{lines}",
            output.status
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Runs `lines`; each of them that ends in `  # text` must have printed that text.
pub(crate) async fn try_lines(app: Router, lines: &str) {
    const END: &str = "\u{1f}";
    let server = Server::start(app).await;
    let (mut script, mut expected) = (String::new(), Vec::new());
    for line in lines.lines() {
        script.push_str(line);
        script.push('\n');
        if let Some((_, text)) = line.rsplit_once(" # ") {
            script.extend(["printf '", END, "'\n"]);
            expected.push((line, text));
        }
    }
    assert!(!expected.is_empty());
    let printed = server.run(&script).await;
    for ((line, text), printed) in expected.iter().zip(printed.split(END)) {
        assert!(printed.contains(text), "{line}\nprinted\n{printed}");
    }
    assert_eq!(printed.matches(END).count(), expected.len());
}
