//! What is looked at once, when a store connects.

use std::collections::BTreeSet;

use redis::{RedisResult, Value, from_redis_value};

use crate::Error;
use crate::keys::Keys;
use crate::link::Connection;

/// With another subject key, no revocation would be found, and every token let in. So the first store
/// leaves a fingerprint of its key, and each one compares.
pub(crate) async fn check_subject_key(
    connection: &mut Connection,
    keys: &Keys,
) -> Result<(), Error> {
    let (marker, own) = (keys.marker(), keys.fingerprint());
    let known: RedisResult<(String,)> =
        redis::pipe().set_nx(&marker, &own).ignore().get(&marker).query_async(connection).await;
    let (known,) = known
        .map_err(|error| Error::from_server("the Redis server cannot be written to", error))?;
    if known == own {
        return Ok(());
    }
    Err(Error::new(format!(
        "what lies in this Redis was written under another subject key, so that no revocation would be \
         found: set the key that the other instances have, or another prefix. To change the key for \
         good, which forgets all revocations, delete the key `{marker}`"
    )))
}

/// Logs a warning for each way in which the server would lose revocations.
pub(crate) async fn warn(connection: &mut Connection) {
    let mut settings = Vec::new();
    for name in ["save", "appendonly", "maxmemory", "maxmemory-policy"] {
        let Ok(values) = setting(connection, name).await else {
            // Managed servers often refuse to tell.
            tracing::info!(
                "the Redis server does not tell how it is set up: see to it that it writes to disk \
                 (`appendonly yes`) and evicts nothing (`maxmemory-policy noeviction`)"
            );
            return;
        };
        settings.push(values);
    }
    if let [save, append, memory, policy] = settings.as_slice() {
        for warning in warnings(save, append, memory, policy) {
            tracing::warn!("{warning}");
        }
    }
}

/// A setting's values: one, but in a cluster one of each server.
async fn setting(connection: &mut Connection, name: &str) -> RedisResult<Vec<String>> {
    let mut command = redis::cmd("CONFIG");
    command.arg("GET").arg(name);
    let answers = match connection {
        Connection::Single(_) => vec![command.query_async::<Value>(connection).await?],
        #[cfg(feature = "cluster")]
        Connection::Cluster(cluster) => {
            use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
            let all = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
            let answers = cluster.route_command(command, all).await?;
            from_redis_value::<Vec<(String, Value)>>(answers)?.into_iter().map(|it| it.1).collect()
        }
    };
    let pairs = answers.into_iter().map(from_redis_value::<Vec<(String, String)>>);
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
    Ok(pairs.into_iter().flatten().map(|(_, value)| value).collect())
}

fn warnings(
    save: &[String],
    append: &[String],
    memory: &[String],
    policy: &[String],
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (save, append) in save.iter().zip(append) {
        if append == "yes" {
            continue;
        }
        found.insert(if save.is_empty() {
            "the Redis server keeps nothing on disk: when it restarts, all revocations are forgotten, and \
             who was logged out is in again; set `appendonly yes`"
                .to_owned()
        } else {
            "the Redis server writes to disk only now and then: when it crashes, the latest revocations \
             are forgotten; set `appendonly yes`"
                .to_owned()
        });
    }
    for (memory, policy) in memory.iter().zip(policy) {
        if memory != "0" && policy != "noeviction" {
            found.insert(format!(
                "the Redis server drops keys when its memory is full (`maxmemory-policy {policy}`): a \
                 revocation that is dropped is forgotten; set `maxmemory-policy noeviction`"
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_for_each_way_to_lose_something() {
        let look = |save: &str, append: &str, memory: &str, policy: &str| {
            let all = [save, append, memory, policy].map(|value| vec![value.to_owned()]);
            let [save, append, memory, policy] = &all;
            warnings(save, append, memory, policy).into_iter().collect::<Vec<_>>().join("\n")
        };
        assert_eq!(look("", "yes", "0", "allkeys-lru"), "");
        assert_eq!(look("3600 1", "yes", "1000", "noeviction"), "");
        assert!(look("", "no", "0", "noeviction").contains("nothing on disk"));
        assert!(look("3600 1", "no", "0", "noeviction").contains("now and then"));
        assert!(look("", "yes", "1000", "volatile-ttl").contains("volatile-ttl"));
        // Of three servers of a cluster, one is enough.
        let some = |values: [&str; 3]| values.map(str::to_owned).to_vec();
        let found = warnings(
            &some(["", "", "3600 1"]),
            &some(["yes", "no", "yes"]),
            &some(["0", "0", "9"]),
            &some(["allkeys-lru", "noeviction", "volatile-lru"]),
        );
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
