use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::folder::user;
use crate::{Folder, Missing};

/// How long a server may take to start, on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often a server that ends at once is started again.
const TRIES: u32 = 20;

/// A server's process and its children, which end with this.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts it as a user that is not root. What it says goes into the file `log` of the folder.
    pub fn start(mut command: Command, folder: &Folder) -> Result<Self, Missing> {
        let log = File::options().create(true).append(true).open(log(folder));
        let log =
            log.unwrap_or_else(|error| panic!("no log in {}: {error}", folder.path().display()));
        let both = log.try_clone().unwrap_or_else(|error| panic!("no second log: {error}"));
        command.stdin(Stdio::null()).stdout(log).stderr(both);
        let child = as_user(&mut command).current_dir(folder.path()).spawn();
        child
            .map(Self)
            .map_err(|error| Missing::new(format_args!("cannot start {command:?}: {error}")))
    }

    /// Starts a server and waits until it is ready: again, if it ends at once, since what was killed before
    /// it may still hold the port or the data.
    pub(crate) fn start_server(
        command: impl Fn() -> Result<Command, Missing>,
        folder: &Folder,
        is_ready: impl Fn(&Self) -> bool,
    ) -> Result<Self, Missing> {
        let said = |why: &str| {
            let log = fs::read_to_string(log(folder)).unwrap_or_default();
            Missing::new(format_args!("{why}\n{log}"))
        };
        let mut tries = 1..=TRIES;
        let begin = Instant::now();
        let mut process = Self::start(command()?, folder)?;
        while !is_ready(&process) {
            match process.ended() {
                Some(why) if tries.next().is_none() => {
                    return Err(said(&format!("the server ended: {why}")));
                }
                Some(_) => process = Self::start(command()?, folder)?,
                None if begin.elapsed() > PATIENCE => return Err(said("the server is not ready")),
                None => {}
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    /// The operating system's number of it.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended, and why.
    pub fn ended(&mut self) -> Option<String> {
        self.0.try_wait().ok().flatten().map(|status| status.to_string())
    }

    /// Sends a signal to it alone.
    pub fn signal(&self, name: &str) {
        kill(name, &[self.0.id()]);
    }

    /// Sends a signal to it and its children, to all at the same time.
    pub fn signal_all(&self, name: &str) {
        let id = self.0.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.unwrap_or_default();
        let children = children.split_whitespace().filter_map(|id| id.parse().ok());
        kill(name, &children.chain([id]).collect::<Vec<_>>());
    }

    /// Waits for its end.
    pub fn wait(&mut self) {
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.signal_all("KILL");
            self.wait();
        }
    }
}

/// What the servers of a folder have said.
pub(crate) fn log(folder: &Folder) -> PathBuf {
    folder.path().join("log")
}

/// A program of the search path, or of one of these folders.
pub(crate) fn program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).chain(folders.iter().cloned());
    places.find_map(|folder| {
        let program = folder.join(name);
        program.is_file().then_some(program)
    })
}

/// What this command prints, where it succeeds.
pub(crate) fn output(mut command: Command, folder: &Path) -> Result<String, Missing> {
    let output = as_user(&mut command).current_dir(folder).output();
    match output {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(Missing::new(format_args!("{command:?} failed: {output:?}"))),
        Err(error) => Err(Missing::new(format_args!("cannot start {command:?}: {error}"))),
    }
}

fn as_user(command: &mut Command) -> &mut Command {
    match user() {
        Some((user, group)) => command.uid(user).gid(group),
        None => command,
    }
}

fn kill(signal: &str, ids: &[u32]) {
    let ids = ids.iter().map(u32::to_string);
    // One that has gone by itself is as good.
    let _ = Command::new("kill").arg(format!("-{signal}")).args(ids).stderr(Stdio::null()).status();
}
