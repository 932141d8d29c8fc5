use std::fmt;
use std::sync::Arc;

use jwt_extended::Timestamp;
use jwt_extended::store::{
    Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked, Rotation,
    RotationOutcome, StoreError, Subject, TokenRef,
};
use redis::{Pipeline, Value};

use crate::keys::{Keys, SubjectKeys};
use crate::link::Link;
use crate::options::{FlaskBlocklist, RedisStoreOptions};
use crate::record::{cutoffs, entry, maybe, maybe_time, nonsense, time};
use crate::revoke;
use crate::scripts::{Call, Scripts};
use crate::status::{Answer, judge};

/// Revocations in Redis. Cheap to clone; all clones are the same store. See [the crate's page](crate).
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    keys: Keys,
    scripts: Scripts,
    link: Link,
    flask_blocklist: FlaskBlocklist,
}

impl RedisStore {
    /// How to open one.
    pub fn options() -> RedisStoreOptions {
        RedisStoreOptions::default()
    }

    pub(crate) fn new(keys: Keys, link: Link, flask_blocklist: FlaskBlocklist) -> Self {
        Self(Arc::new(Inner { keys, scripts: Scripts::new(), link, flask_blocklist }))
    }
}

impl RevocationStore for RedisStore {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        let question = self.0.status_question(token);
        let answer = self.0.link.pipeline::<Answer>(&question);
        let (answer, is_listed) = if self.0.link.has_slots() {
            // Both are on their way before either is answered.
            tokio::try_join!(answer, self.0.is_listed(token.jti))?
        } else {
            (answer.await?, false)
        };
        match judge(token, &answer)? {
            _ if is_listed => Ok(RevocationStatus::Revoked),
            status => Ok(status),
        }
    }

    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<(), StoreError> {
        if self.0.revoke_first(revocation).await? {
            return Ok(());
        }
        let call = self.0.revoke_call(revocation);
        match revocation.what {
            Revoked::Token { jti } if self.0.flask_blocklist == FlaskBlocklist::ReadWrite => {
                let listing = Call::new(
                    &self.0.scripts.flask,
                    [jti.to_owned()],
                    [maybe_time(revocation.until), time(revocation.at)],
                );
                tokio::try_join!(self.0.link.call(&call), self.0.link.call(&listing))
                    .map(|((), ())| ())
            }
            _ => self.0.link.call(&call).await,
        }
    }

    async fn rotate(&self, rotation: &Rotation<'_>) -> Result<RotationOutcome, StoreError> {
        let Rotation { token, jti, family, next_jti, successor, .. } = *rotation;
        // Before, since a token that is used up cannot be given back.
        if self.0.is_listed(Some(jti)).await? {
            return Ok(RotationOutcome::Revoked);
        }
        let keys = self.0.keys.of(&token.owner);
        let [jti, issued, session, now, grace] = judged(&token, Some(jti));
        let call = Call::new(
            &self.0.scripts.rotate,
            [
                keys.token(Some(rotation.jti)),
                keys.session(Some(family)),
                keys.cutoff(),
                keys.family(Some(family)),
                keys.index(),
            ],
            [
                jti,
                issued,
                session,
                now,
                grace,
                family.to_owned(),
                next_jti.to_owned(),
                successor.to_owned(),
                maybe_time(rotation.until),
                maybe_time(rotation.burnt_until),
                Rotation::REUSE.to_owned(),
            ],
        );
        let answer: Vec<String> = self.0.link.call(&call).await?;
        match answer.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["rotated"] => Ok(RotationOutcome::Rotated),
            ["reused"] => Ok(RotationOutcome::Reused),
            ["revoked"] => Ok(RotationOutcome::Revoked),
            ["repeated", _, current] if self.0.is_listed(Some(current)).await? => {
                Ok(RotationOutcome::Revoked)
            }
            ["repeated", successor, _] => {
                Ok(RotationOutcome::Repeated { successor: (*successor).to_owned() })
            }
            _ => Err(nonsense()),
        }
    }

    async fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        let keys = self.0.keys.of(owner);
        let call = Call::new(&self.0.scripts.list, [keys.index(), keys.cutoff()], []);
        let (index, subject): (Vec<(String, String)>, Option<String>) =
            self.0.link.call(&call).await?;
        let entries = index.iter().filter(|(name, _)| !name.is_empty());
        let entries = entries.map(|(name, text)| entry(name, text));
        let mut records = entries.collect::<Result<Vec<_>, _>>()?;
        records.extend(subject.as_deref().map(cutoffs).transpose()?.unwrap_or_default());
        records.retain(|record| record.until.is_none_or(|until| until > now));
        Ok(records)
    }

    async fn restore(&self, owner: &Subject<'_>, what: &Revoked<'_>) -> Result<bool, StoreError> {
        let keys = self.0.keys.of(owner);
        let named = keys.named(what);
        let call = Call::new(&self.0.scripts.restore, [named.key, keys.index()], [named.name]);
        let restored = self.0.link.call::<bool>(&call);
        match *what {
            Revoked::Token { jti } if self.0.flask_blocklist == FlaskBlocklist::ReadWrite => {
                let mut unlist = redis::cmd("DEL");
                unlist.arg(jti);
                let (restored, unlisted) =
                    tokio::try_join!(restored, self.0.link.command::<bool>(&unlist))?;
                Ok(restored || unlisted)
            }
            _ => restored.await,
        }
    }

    /// Nothing to do: keys end by themselves.
    async fn purge(&self, _now: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
}

impl Inner {
    /// Without a script, which costs the server as much again as the round trip does. What is read one
    /// after the other says no less: no fact that was there before is missed.
    fn status_question(&self, token: &TokenRef<'_>) -> Pipeline {
        let keys = self.keys.of(&token.owner);
        let mut pipeline = redis::pipe();
        // EXISTS, for a value of any type revokes; GET, for one of a wrong type must be an error.
        pipeline.cmd("EXISTS").arg(keys.token(token.jti)).arg(keys.session(token.family()));
        if let Some(jti) = token.jti
            && self.flask_blocklist != FlaskBlocklist::Off
            && !self.link.has_slots()
        {
            pipeline.arg(jti);
        }
        pipeline.get(keys.cutoff());
        if let (true, Some(family)) = (token.is_refresh(), token.family()) {
            pipeline.get(keys.family(Some(family)));
        }
        pipeline
    }

    /// Revokes what was not revoked before; whether that is all there is to do.
    async fn revoke_first(&self, revocation: &Revocation<'_>) -> Result<bool, StoreError> {
        let family = match revocation.what {
            _ if self.link.has_slots() => return Ok(false),
            Revoked::Token { .. } if self.flask_blocklist == FlaskBlocklist::ReadWrite => {
                return Ok(false);
            }
            Revoked::Subject { .. } => return Ok(false),
            Revoked::Token { .. } => None,
            Revoked::Session { id } => Some(id),
        };
        let keys = self.keys.of(&revocation.owner);
        let family = family.map(|id| keys.family(Some(id)));
        let named = keys.named(&revocation.what);
        let question = revoke::question(revocation, &named, &keys.index(), family.as_deref());
        let answer = self.link.pipeline::<Vec<Value>>(&question).await?;
        Ok(revoke::is_done(&answer))
    }

    fn revoke_call(&self, revocation: &Revocation<'_>) -> Call<'_> {
        let Revocation { owner, what, until, at, by, reason, .. } = *revocation;
        let keys = self.keys.of(&owner);
        if let Revoked::Subject { issued_until, keep } = what {
            return Call::new(
                &self.scripts.revoke_subject,
                [keys.cutoff()],
                [
                    time(issued_until),
                    maybe(keep),
                    maybe_time(until),
                    time(at),
                    maybe(by),
                    maybe(reason),
                ],
            );
        }
        let named = keys.named(&what);
        Call::new(
            &self.scripts.revoke,
            [named.key, keys.index(), state(&keys, &what)],
            [named.name, maybe_time(until), time(at), maybe(by), maybe(reason)],
        )
    }

    /// Whether a token stands on the blocklist of Flask-JWT-Extended's documentation.
    async fn is_listed(&self, jti: Option<&str>) -> Result<bool, StoreError> {
        match jti {
            Some(jti) if self.flask_blocklist != FlaskBlocklist::Off => {
                let mut exists = redis::cmd("EXISTS");
                exists.arg(jti);
                self.link.command(&exists).await
            }
            _ => Ok(false),
        }
    }
}

/// The rotation state of a session; a token has none.
fn state(keys: &SubjectKeys<'_>, what: &Revoked<'_>) -> String {
    keys.family(if let Revoked::Session { id } = what { Some(id) } else { None })
}

/// What scripts judge a token by.
fn judged(token: &TokenRef<'_>, jti: Option<&str>) -> [String; 5] {
    [
        maybe(jti),
        maybe_time(token.issued_at),
        maybe(token.session),
        time(token.now),
        token.grace.as_secs_f64().to_string(),
    ]
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("keys", &self.0.keys).finish_non_exhaustive()
    }
}
