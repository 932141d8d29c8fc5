//! The connection: answers in time or not at all, and comes back by itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use jwt_extended::store::StoreError;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{
    Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture, RedisResult, Value,
};
use redis::{ServerErrorKind, from_redis_value};

use crate::error::Fault;
use crate::scripts::Call;

pub(crate) struct Link {
    current: RwLock<Connection>,
    /// How to make the next one; a cluster's connection sees to that itself.
    remake: Option<(redis::Client, ConnectionManagerConfig)>,
    timeout: Duration,
    /// How many answers there were. None while a call waited is what tells a dead connection from one
    /// slow command.
    answers: AtomicU64,
}

/// To one server, or to all of a cluster. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Connection {
    Single(ConnectionManager),
    #[cfg(feature = "cluster")]
    Cluster(redis::cluster_async::ClusterConnection),
}

impl Link {
    pub(crate) fn new(
        connection: Connection,
        remake: Option<(redis::Client, ConnectionManagerConfig)>,
        timeout: Duration,
    ) -> Self {
        Self { current: RwLock::new(connection), remake, timeout, answers: AtomicU64::new(0) }
    }

    pub(crate) async fn call<T: FromRedisValue>(&self, call: &Call<'_>) -> Result<T, StoreError> {
        self.ask(Question::Script(call)).await
    }

    pub(crate) async fn command<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.ask(Question::Command(command)).await
    }

    pub(crate) async fn pipeline<T: FromRedisValue>(
        &self,
        pipeline: &Pipeline,
    ) -> Result<T, StoreError> {
        self.ask(Question::Pipeline(pipeline)).await
    }

    /// Whether one question can only be about keys of one slot.
    pub(crate) fn has_slots(&self) -> bool {
        self.remake.is_none()
    }

    async fn ask<T: FromRedisValue>(&self, question: Question<'_>) -> Result<T, StoreError> {
        let answers = self.answers.load(Ordering::Relaxed);
        if let Ok(answer) = tokio::time::timeout(self.timeout, self.ask_twice(question)).await {
            self.answers.fetch_add(1, Ordering::Relaxed);
            let answer = answer.map_err(StoreError::new)?;
            return from_redis_value(answer).map_err(|_| StoreError::new(Fault::Nonsense));
        }
        let dead = self.answers.compare_exchange(
            answers,
            // The other calls that wait for it are not to replace the new one.
            answers.wrapping_add(1),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if dead.is_ok() {
            self.replace();
        }
        Err(StoreError::new(Fault::Late(self.timeout)))
    }

    /// A connection that was cut, as idle ones are, or a server that has become a replica, is worth one
    /// more try on another connection, as far as the time allows.
    async fn ask_twice(&self, question: Question<'_>) -> RedisResult<Value> {
        let first = question.send(&mut self.connection(), false).await;
        match &first {
            Err(error) if error.is_connection_dropped() => {}
            Err(error) if is(error, ServerErrorKind::ReadOnly) => self.replace(),
            _ => return first,
        }
        question.send(&mut self.connection(), true).await
    }

    fn connection(&self) -> Connection {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Turns to a new connection, made when it is first used. Calls on the old one end as they may.
    fn replace(&self) {
        let Some((client, config)) = &self.remake else { return };
        let next = ConnectionManager::new_lazy_with_config(client.clone(), config.clone());
        if let Ok(next) = next {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) =
                Connection::Single(next);
        }
    }
}

#[derive(Clone, Copy)]
enum Question<'q> {
    Script(&'q Call<'q>),
    Command(&'q Cmd),
    Pipeline(&'q Pipeline),
}

impl Question<'_> {
    async fn send(self, connection: &mut Connection, again: bool) -> RedisResult<Value> {
        match self {
            Self::Command(command) => command.query_async(connection).await,
            Self::Pipeline(pipeline) => pipeline.query_async(connection).await,
            Self::Script(call) => match call.by_hash(again).query_async(connection).await {
                Err(error) if is(&error, ServerErrorKind::NoScript) => {
                    call.by_text(again).query_async(connection).await
                }
                answer => answer,
            },
        }
    }
}

fn is(error: &RedisError, kind: ServerErrorKind) -> bool {
    error.kind() == ErrorKind::Server(kind)
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(cmd),
            #[cfg(feature = "cluster")]
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            #[cfg(feature = "cluster")]
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            #[cfg(feature = "cluster")]
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
