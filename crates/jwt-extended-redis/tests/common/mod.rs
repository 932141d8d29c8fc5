#![allow(dead_code, clippy::indexing_slicing, reason = "tests, of which each needs a part")]

pub(crate) mod proxy;

use jwt_extended::Timestamp;
use jwt_extended::store::{Revocation, Revoked, Subject, TokenRef};
use jwt_extended_redis::RedisStore;

pub(crate) const SUBJECT_KEY: &str = "a key for tests, and for nothing else";

pub(crate) async fn connect(url: &str) -> RedisStore {
    RedisStore::options().subject_key(SUBJECT_KEY).connect(url).await.unwrap()
}

/// For what looks behind the store's back.
pub(crate) async fn client(url: &str) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

pub(crate) use jwt_extended_redis::redis;

pub(crate) fn at(seconds: f64) -> Timestamp {
    Timestamp::from_seconds(1_000_000_000.0 + seconds)
}

pub(crate) const ANNA: Subject<'_> = Subject::new("anna@example.org");

pub(crate) fn access<'a>(jti: &'a str, session: Option<&'a str>) -> TokenRef<'a> {
    let mut token = TokenRef::new(ANNA, at(0.0));
    (token.jti, token.session, token.token_type) = (Some(jti), session, Some("access"));
    token.issued_at = Some(at(-10.0));
    token
}

pub(crate) fn refresh<'a>(jti: &'a str, session: Option<&'a str>) -> TokenRef<'a> {
    let mut token = access(jti, session);
    (token.token_type, token.grace) = (Some("refresh"), std::time::Duration::from_secs(10));
    token
}

/// Of anna, for an hour.
pub(crate) fn revocation(what: Revoked<'_>) -> Revocation<'_> {
    Revocation::new(ANNA, what, Some(at(3600.0)), at(0.0))
}

pub(crate) fn token(jti: &str) -> Revocation<'_> {
    revocation(Revoked::Token { jti })
}

pub(crate) fn session(id: &str) -> Revocation<'_> {
    revocation(Revoked::Session { id })
}
