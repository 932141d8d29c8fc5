//! PostgreSQL comes, goes, and comes back on the same port.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::net::TcpStream;

use servers::{Postgres, or_skip};

#[test]
fn it_is_killed_and_starts_again() {
    let Some(mut server) = or_skip(Postgres::start(&[])) else { return };
    let address = server.url();
    let address = address.trim_start_matches("postgres://postgres@").trim_end_matches("/postgres");
    for end in [Postgres::kill, Postgres::stop, Postgres::kill] {
        TcpStream::connect(address).unwrap();
        end(&mut server);
        assert!(TcpStream::connect(address).is_err());
        server.start_again().unwrap();
    }
    server.pause();
    TcpStream::connect(address).unwrap();
    server.go_on();
    assert!(server.log().contains("was not properly shut down"), "{}", server.log());
    drop(server);
    let address: std::net::SocketAddr = address.parse().unwrap();
    assert!(TcpStream::connect(address).is_err());
}
