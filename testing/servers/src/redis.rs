use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{self, PATIENCE, Process};
use crate::{Folder, Missing, free_port};

/// A Redis server that nobody else uses.
#[derive(Debug)]
pub struct Redis {
    process: Option<Process>,
    settings: Vec<String>,
    port: u16,
    // Last, so that it is removed when nobody is at home.
    folder: Folder,
}

/// A Redis server that others may use as well: the one of `REDIS_URL`, or one of our own.
#[derive(Debug)]
pub enum AnyRedis {
    /// The URL of one that runs.
    Given(String),
    /// Started here.
    Own(Redis),
}

/// Servers in cluster mode, which share the slots among them.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl AnyRedis {
    /// Finds one or starts one.
    pub fn find() -> Result<Self, Missing> {
        match env::var("REDIS_URL") {
            Ok(url) => Ok(Self::Given(url)),
            Err(_) => Redis::start(&[]).map(Self::Own),
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

impl Redis {
    /// Starts one, with settings of `redis.conf` beyond its own. Unless they say otherwise, it writes
    /// everything to its file at once, which outlives its process; it does not wait for the disk.
    pub fn start(settings: &[(&str, &str)]) -> Result<Self, Missing> {
        let durable = [("save", ""), ("appendonly", "yes"), ("appendfsync", "no")];
        let settings = durable.iter().chain(settings);
        let settings =
            settings.flat_map(|(name, value)| [format!("--{name}"), (*value).to_owned()]).collect();
        let folder = Folder::new("redis");
        let mut server = Self { process: None, settings, port: redis_port(), folder };
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
        let mut command = Command::new(program("redis-server")?);
        command.args(["--port", &port, "--bind", "127.0.0.1", "--dir", "."]).args(&self.settings);
        Ok(command)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// On which port of this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has said, since its first start.
    pub fn log(&self) -> String {
        fs::read_to_string(process::log(&self.folder)).unwrap_or_default()
    }

    /// Asks it to end: it writes what it has to, and connections are closed.
    pub fn stop(&mut self) {
        self.end("TERM");
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.end("KILL");
    }

    /// Makes it stand still: connections stay open, and nobody answers.
    pub fn pause(&self) {
        if let Some(process) = &self.process {
            process.signal("STOP");
        }
    }

    /// Ends [`pause`](Self::pause).
    pub fn go_on(&self) {
        if let Some(process) = &self.process {
            process.signal("CONT");
        }
    }

    fn end(&mut self, signal: &str) {
        if let Some(mut process) = self.process.take() {
            process.signal(signal);
            process.wait();
        }
    }

    /// Whether this process answers, and nobody else on its port, and has read its file.
    fn is_ready(&self, process: &Process) -> bool {
        let is = |answer: &str, text: &str| answer.lines().any(|line| line.trim_end() == text);
        let id = format!("process_id:{}", process.id());
        self.ask("INFO server").is_some_and(|answer| is(&answer, &id))
            && self.ask("PING").is_some_and(|answer| is(&answer, "+PONG"))
    }

    /// What it answers to a command of one line, or as much of it as comes at once.
    fn ask(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = [0; 4096];
        let length = stream.read(&mut answer).ok()?;
        Some(String::from_utf8_lossy(answer.get(..length)?).into_owned())
    }
}

impl RedisCluster {
    /// Starts one of three servers.
    pub fn start() -> Result<Self, Missing> {
        let start = |_| Redis::start(&[("cluster-enabled", "yes")]);
        let nodes = (0..3).map(start).collect::<Result<Vec<_>, _>>()?;
        let mut create = Command::new(program("redis-cli")?);
        create.args(["--cluster", "create"]);
        create.args(nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)));
        create.args(["--cluster-replicas", "0", "--cluster-yes"]);
        process::output(create, nodes.first().ok_or_else(none)?.folder.path())?;
        let cluster = Self { nodes };
        let begin = Instant::now();
        let is_ready = |node: &Redis| {
            node.ask("CLUSTER INFO").is_some_and(|answer| answer.contains("cluster_state:ok"))
        };
        while !cluster.nodes.iter().all(is_ready) {
            if begin.elapsed() > PATIENCE {
                return Err(Missing::new("the Redis cluster is not ready"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(cluster)
    }

    /// Where its servers are.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// Moves so many slots, with what is in them, from one server to another, while they are in use.
    pub fn move_slots(&self, from: usize, to: usize, slots: usize) -> Result<(), Missing> {
        let id = |node: usize| -> Result<String, Missing> {
            let answer = self.nodes.get(node).ok_or_else(none)?.ask("CLUSTER MYID");
            // `$40`, and the name in the next line.
            answer.and_then(|answer| Some(answer.lines().nth(1)?.to_owned())).ok_or_else(none)
        };
        let first = self.nodes.first().ok_or_else(none)?;
        let mut reshard = Command::new(program("redis-cli")?);
        reshard.args(["--cluster", "reshard", &format!("127.0.0.1:{}", first.port)]);
        reshard.args(["--cluster-from", &id(from)?, "--cluster-to", &id(to)?]);
        reshard.args(["--cluster-slots", &slots.to_string(), "--cluster-yes"]);
        process::output(reshard, first.folder.path()).map(|_| ())
    }

    /// Its servers, to break them.
    pub fn nodes(&mut self) -> &mut [Redis] {
        &mut self.nodes
    }
}

fn none() -> Missing {
    Missing::new("there is no server")
}

/// In cluster mode a server takes the port ten thousand above as well.
fn redis_port() -> u16 {
    loop {
        let port = free_port();
        let above = port.checked_add(10_000);
        if above.is_some_and(|above| TcpListener::bind((Ipv4Addr::LOCALHOST, above)).is_ok()) {
            return port;
        }
    }
}

fn program(name: &str) -> Result<PathBuf, Missing> {
    process::program(name, &[]).ok_or_else(|| {
        Missing::new(format_args!(
            "there is no `{name}` on this machine; install the package redis-server, or set REDIS_URL"
        ))
    })
}
