//! The programs that drive the browser.

use std::io::{self, BufRead, BufReader, Lines, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The driver, and its browser's profile, until it is dropped.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    pub(crate) profile: PathBuf,
}

impl Driver {
    pub(crate) fn start(program: &PathBuf) -> Self {
        static PROFILES: AtomicU32 = AtomicU32::new(0);
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let profile = format!("showcase-browser-{}-{number}", std::process::id());
        let profile = std::env::temp_dir().join(profile);
        std::fs::create_dir(&profile).unwrap();
        let (process, port, rest) = (0..10).find_map(|_| spawn(program)).unwrap();
        // It must not wait for somebody to read the rest.
        std::thread::spawn(move || rest.for_each(drop));
        Self { process, port, profile }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it to end its browsers and itself.
    pub(crate) fn shut_down(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port)?;
        stream.read(&mut [0]).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let asked = Instant::now();
        if self.shut_down().is_ok() {
            while asked.elapsed() < Duration::from_secs(10)
                && self.process.try_wait().is_ok_and(|ended| ended.is_none())
            {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// The driver on a port that it found, and what it will say. None where it ended: it takes a port that is
/// free with IPv4, and may find the same one taken with IPv6.
fn spawn(program: &PathBuf) -> Option<(Child, u16, Lines<BufReader<ChildStdout>>)> {
    let mut command = Command::new(program);
    let command = command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
    });
    let Some(port) = port else {
        process.wait().unwrap();
        return None;
    };
    Some((process, port, lines))
}

/// A program: what the variable says, or else the first of these names in the path.
pub(crate) fn find(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(program) = std::env::var_os(variable) {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let mut programs = names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
    programs.find(|program| program.is_file())
}

/// Past the test runner, which keeps to itself what passing tests print.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "\nbrowser: {text}");
}
