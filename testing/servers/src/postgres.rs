use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use crate::process::{self, Process};
use crate::{Folder, Missing, free_port};

/// A PostgreSQL server that nobody else uses.
#[derive(Debug)]
pub struct Postgres {
    process: Option<Process>,
    settings: Vec<String>,
    port: u16,
    // Last, so that it is removed when nobody is at home.
    folder: Folder,
}

/// A PostgreSQL server that others may use as well: the one of `POSTGRES_URL`, or one of our own.
#[derive(Debug)]
pub enum AnyPostgres {
    /// The URL of one that runs.
    Given(String),
    /// Started here.
    Own(Postgres),
}

impl AnyPostgres {
    /// Finds one, or starts one that does not wait for its disk.
    pub fn find() -> Result<Self, Missing> {
        match env::var("POSTGRES_URL") {
            Ok(url) => Ok(Self::Given(url)),
            Err(_) => Postgres::start(&[("fsync", "off")]).map(Self::Own),
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        match self {
            Self::Given(url) => url.clone(),
            Self::Own(server) => server.url(),
        }
    }
}

impl Postgres {
    /// Starts one, with settings of `postgresql.conf` beyond its own.
    pub fn start(settings: &[(&str, &str)]) -> Result<Self, Missing> {
        let folder = Folder::new("postgres");
        let mut initdb = Command::new(program("initdb")?);
        initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"]);
        initdb.args(["--locale=C", "--pgdata=data"]);
        process::output(initdb, folder.path())?;
        let settings = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut server = Self { process: None, settings, port: free_port(), folder };
        server.start_again()?;
        Ok(server)
    }

    /// Starts it on the same port with the same data, after it was stopped or killed.
    pub fn start_again(&mut self) -> Result<(), Missing> {
        let is_ready = |process: &Process| self.is_ready(process);
        self.process = Some(Process::start_server(|| self.command(), &self.folder, is_ready)?);
        Ok(())
    }

    fn command(&self) -> Result<Command, Missing> {
        let port = self.port.to_string();
        let mut command = Command::new(program("postgres")?);
        command.args(["-D", "data", "-p", &port, "-c", "listen_addresses=127.0.0.1"]);
        command.args(["-c", "unix_socket_directories="]);
        // In the folder, with which it goes, whatever becomes of the server.
        command.args(["-c", "dynamic_shared_memory_type=mmap"]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        Ok(command)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// What it has said, since its first start.
    pub fn log(&self) -> String {
        fs::read_to_string(process::log(&self.folder)).unwrap_or_default()
    }

    /// Asks it to end: connections are closed.
    pub fn stop(&mut self) {
        self.end(|process| process.signal("INT"));
    }

    /// Ends it at once, with all its processes.
    pub fn kill(&mut self) {
        self.end(|process| process.signal_all("KILL"));
        // Until the last of them has gone, no other starts on its data.
        std::thread::sleep(Duration::from_millis(200));
    }

    /// Makes it stand still: connections stay open, and nobody answers.
    pub fn pause(&self) {
        if let Some(process) = &self.process {
            process.signal_all("STOP");
        }
    }

    /// Ends [`pause`](Self::pause).
    pub fn go_on(&self) {
        if let Some(process) = &self.process {
            process.signal_all("CONT");
        }
    }

    fn end(&mut self, how: impl FnOnce(&Process)) {
        if let Some(mut process) = self.process.take() {
            how(&process);
            process.wait();
        }
    }

    /// By the file that `pg_ctl` looks at: the first line says who wrote it, the eighth how it goes.
    fn is_ready(&self, process: &Process) -> bool {
        let file = fs::read_to_string(self.folder.path().join("data/postmaster.pid"));
        let text = file.unwrap_or_default();
        let line = |n| text.lines().nth(n).map(str::trim);
        line(0) == Some(process.id().to_string().as_str()) && line(7) == Some("ready")
    }
}

impl Drop for Postgres {
    /// In peace: of one that is killed, shared memory stays behind.
    fn drop(&mut self) {
        self.go_on();
        self.stop();
    }
}

fn program(name: &str) -> Result<PathBuf, Missing> {
    // Where Debian and its children put what is not meant for everybody's search path.
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    process::program(name, &folders).ok_or_else(|| {
        let mut why = format!("there is no `{name}` on this machine; ");
        let _ = write!(why, "install the package postgresql, or set POSTGRES_URL");
        Missing::new(why)
    })
}
