//! What every store must do, on one server and on a cluster.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{SUBJECT_KEY, connect};
use jwt_extended::store::tests;
use jwt_extended_redis::RedisStore;
use jwt_extended_redis::redis::cluster::ClusterClientBuilder;
use servers::{AnyRedis, RedisCluster, or_skip};

#[tokio::test(flavor = "multi_thread")]
async fn on_one_server() {
    let Some(server) = or_skip(AnyRedis::find()) else { return };
    let store = connect(&server.url()).await;
    tests::run(|| async { store.clone() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_cluster() {
    let Some(cluster) = or_skip(RedisCluster::start()) else { return };
    let servers = ClusterClientBuilder::new(cluster.urls());
    let store =
        RedisStore::options().subject_key(SUBJECT_KEY).connect_cluster(servers).await.unwrap();
    tests::run(|| async { store.clone() }).await;
}
