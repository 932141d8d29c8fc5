//! Redis comes, goes, and comes back on the same port; alone and as a cluster.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::net::{SocketAddr, TcpStream};

use servers::{Redis, RedisCluster, or_skip};

fn address(server: &Redis) -> SocketAddr {
    ([127, 0, 0, 1], server.port()).into()
}

#[test]
fn it_is_killed_and_starts_again() {
    let Some(mut server) = or_skip(Redis::start(&[])) else { return };
    let address = address(&server);
    for end in [Redis::kill, Redis::stop, Redis::kill] {
        TcpStream::connect(address).unwrap();
        end(&mut server);
        assert!(TcpStream::connect(address).is_err());
        server.start_again().unwrap();
    }
    server.pause();
    TcpStream::connect(address).unwrap();
    server.go_on();
    assert!(server.log().contains("Ready to accept connections"), "{}", server.log());
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn three_are_a_cluster() {
    let Some(mut cluster) = or_skip(RedisCluster::start()) else { return };
    assert_eq!(cluster.urls().len(), 3);
    let addresses: Vec<_> = cluster.nodes().iter().map(address).collect();
    cluster.nodes()[1].kill();
    assert!(TcpStream::connect(addresses[1]).is_err());
    cluster.nodes()[1].start_again().unwrap();
    drop(cluster);
    assert!(addresses.iter().all(|address| TcpStream::connect(address).is_err()));
}
