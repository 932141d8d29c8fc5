//! Real servers for the stores' tests: started on a free port in a folder of their own, killed, paused
//! and started again, and gone when the test is.
//!
//! A test that finds no server on its machine says so and passes, unless it must run: with `CI=true`, or
//! with `STORE_SERVERS=required`, which `scripts/test stores` sets. `STORE_SERVERS=optional` is for the
//! steps of `scripts/test` before that one.
#![cfg(unix)]
#![allow(clippy::panic, clippy::missing_panics_doc, reason = "a test that cannot go on is to end")]

mod folder;
mod postgres;
mod process;
mod redis;

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};

pub use folder::Folder;
pub use postgres::{AnyPostgres, Postgres};
pub use process::Process;
pub use redis::{AnyRedis, Redis, RedisCluster};

/// Why there is no server, and how to get one.
#[derive(Debug)]
pub struct Missing(String);

impl Missing {
    /// In a sentence.
    pub fn new(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// The server, or `None` after a word that nobody overlooks. Panics where the test must run.
#[track_caller]
pub fn or_skip<T>(server: Result<T, Missing>) -> Option<T> {
    let missing = match server {
        Ok(server) => return Some(server),
        Err(missing) => missing,
    };
    let var = |name| std::env::var(name).unwrap_or_default();
    let must = match &*var("STORE_SERVERS") {
        "required" => true,
        "optional" => false,
        _ => var("CI") == "true",
    };
    assert!(!must, "{missing}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not by a macro, or the test harness would keep it to itself.
    let _ = writeln!(io::stderr(), "\n!!! SKIPPED {test}: {missing}\n");
    None
}

/// A port that nobody listens on, a moment ago.
///
/// Below those that the system gives to connections, one of which would take it while its server is down.
pub fn free_port() -> u16 {
    let any = || RandomState::new().build_hasher().finish() % 12_000 + 10_000;
    let ports = std::iter::repeat_with(any).filter_map(|port| u16::try_from(port).ok());
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.take(1_000).find(is_free).unwrap_or_else(|| panic!("no free port"))
}
