//! A store that fails, hangs or talks nonsense: nobody gets in, nothing hangs, and all is well once it
//! is back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::get as on_get;
use axum::{Json, Router};
use axum_jwt_extended::store::{
    MemoryStore, Revocation, RevocationRecord, RevocationStatus, RevocationStore, Revoked,
    Rotation, RotationOutcome, StoreError, Subject, TokenRef,
};
use axum_jwt_extended::{
    AccessToken, Error, JwtManager, ManualClock, RefreshToken, Timestamp, TokenPair,
};
use common::{Answer, bearer, builder, clock, config};

#[derive(Clone, Copy, PartialEq, Debug, Default)]
enum Mood {
    #[default]
    Well,
    Down,
    Hanging,
    /// It does what it is told, and its answer is lost.
    Mute,
    /// It makes up successors.
    Confused,
    /// Only its writes fail.
    ReadOnly,
}

#[derive(Clone, Default)]
struct Moody {
    inner: MemoryStore,
    mood: Arc<Mutex<Mood>>,
}

impl Moody {
    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    async fn answer<T>(
        &self,
        is_write: bool,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mood = *self.mood.lock().unwrap();
        let down = || Err(StoreError::new("connection refused"));
        match mood {
            Mood::Well | Mood::Confused => answer.await,
            Mood::Down => down(),
            Mood::Hanging => std::future::pending().await,
            Mood::Mute => answer.await.and_then(|_| down()),
            Mood::ReadOnly => {
                if is_write {
                    down()
                } else {
                    answer.await
                }
            }
        }
    }
}

impl RevocationStore for Moody {
    async fn status(&self, token: &TokenRef<'_>) -> Result<RevocationStatus, StoreError> {
        self.answer(false, self.inner.status(token)).await
    }

    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<(), StoreError> {
        self.answer(true, self.inner.revoke(revocation)).await
    }

    async fn rotate(&self, rotation: &Rotation<'_>) -> Result<RotationOutcome, StoreError> {
        let outcome = self.answer(true, self.inner.rotate(rotation)).await?;
        if *self.mood.lock().unwrap() == Mood::Confused {
            let successor = rotation.successor.replace("1.", "1,");
            return Ok(RotationOutcome::Repeated { successor });
        }
        Ok(outcome)
    }

    async fn list(
        &self,
        owner: &Subject<'_>,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        self.answer(false, self.inner.list(owner, now)).await
    }

    async fn restore(&self, owner: &Subject<'_>, what: &Revoked<'_>) -> Result<bool, StoreError> {
        self.answer(true, self.inner.restore(owner, what)).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.answer(true, self.inner.purge(now)).await
    }
}

struct Service {
    app: Router,
    jwt: JwtManager,
    store: Moody,
    clock: ManualClock,
}

fn service() -> Service {
    async fn refresh(
        State(jwt): State<JwtManager>,
        token: RefreshToken,
    ) -> Result<Json<TokenPair>, Error> {
        Ok(Json(jwt.rotate(&token).encode().await?))
    }
    async fn logout(State(jwt): State<JwtManager>, token: AccessToken) -> Result<(), Error> {
        jwt.revoke_session(&token).await
    }
    let (store, clock) = (Moody::default(), clock());
    let jwt = builder(config().refresh_rotation(true), &clock)
        .store(store.clone())
        .store_timeout(Duration::from_millis(50))
        .build();
    let app = Router::new()
        .route("/", on_get(|_: AccessToken| async {}))
        .route("/refresh", on_get(refresh))
        .route("/logout", on_get(logout))
        .with_state(jwt.clone());
    Service { app, jwt, store, clock }
}

#[track_caller]
fn is_unavailable(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "store_unavailable"));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(!answer.text.contains("refused"), "what lies behind is for the log: {}", answer.text);
}

#[tokio::test]
async fn nobody_gets_in_and_nothing_hangs() {
    let Service { app, jwt, store, .. } = service();
    for mood in [Mood::Down, Mood::Hanging, Mood::Mute] {
        let login = jwt.create_token_pair("anna").encode().unwrap();
        let (access, refresh) = (&login.access_token, &login.refresh_token);
        assert_eq!(bearer(&app, "/", access).await.status, 200);
        store.set(mood);
        let start = Instant::now();
        for (path, token) in [("/", access), ("/refresh", refresh), ("/logout", access)] {
            is_unavailable(&bearer(&app, path, token).await);
        }
        let token = jwt.decode(access.as_str(), &Default::default()).unwrap();
        let all = [
            jwt.revoke(&token).await.unwrap_err(),
            jwt.revoke_session(&token).await.unwrap_err(),
            jwt.revoke_all("bob").await.unwrap_err(),
            jwt.revocations("anna").await.unwrap_err(),
            jwt.rotate(&jwt.decode(refresh.as_str(), &Default::default()).unwrap())
                .encode()
                .await
                .unwrap_err(),
        ];
        assert!(all.iter().all(|error| error.is_unavailable()), "{mood:?}: {all:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{mood:?}");

        store.set(Mood::Well);
        // A revocation whose acknowledgement was lost may have happened; nothing else has.
        let expected = if mood == Mood::Mute { 401 } else { 200 };
        assert_eq!(bearer(&app, "/", access).await.status, expected, "{mood:?}");
        let new = jwt.create_token_pair("anna").encode().unwrap();
        assert_eq!(bearer(&app, "/refresh", &new.refresh_token).await.status, 200, "{mood:?}");
    }
}

/// The refresh token was used up and nobody heard of it: whoever tries again gets on.
#[tokio::test]
async fn a_lost_answer_costs_nobody_the_session() {
    let Service { app, jwt, store, clock } = service();
    let login = jwt.create_token_pair("anna").encode().unwrap();
    let token = jwt.decode(login.refresh_token.as_str(), &Default::default()).unwrap();
    store.set(Mood::Mute);
    assert!(jwt.rotate(&token).encode().await.unwrap_err().is_unavailable());
    store.set(Mood::Well);
    clock.advance(Duration::from_secs(10));
    let answer = bearer(&app, "/refresh", &login.refresh_token).await;
    let next = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    clock.advance(Duration::from_secs(100));
    assert_eq!(bearer(&app, "/refresh", &next).await.status, 200);
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    let Service { app, jwt, store, .. } = service();
    let login = jwt.create_token_pair("anna").encode().unwrap();
    store.set(Mood::Confused);
    is_unavailable(&bearer(&app, "/refresh", &login.refresh_token).await);
    store.set(Mood::Well);
    assert_eq!(bearer(&app, "/refresh", &login.refresh_token).await.status, 200);
}

/// It says that a refresh token was used before, and cannot remember that its family is burnt.
#[tokio::test]
async fn a_family_that_cannot_be_burnt_now_is_burnt_later() {
    let Service { app, jwt, store, clock } = service();
    let login = jwt.create_token_pair("anna").encode().unwrap();
    assert_eq!(bearer(&app, "/refresh", &login.refresh_token).await.status, 200);
    clock.advance(Duration::from_secs(11));
    store.set(Mood::ReadOnly);
    is_unavailable(&bearer(&app, "/refresh", &login.refresh_token).await);
    assert_eq!(bearer(&app, "/", &login.access_token).await.status, 200);
    store.set(Mood::Well);
    assert_eq!(bearer(&app, "/refresh", &login.refresh_token).await.code(), "token_revoked");
    assert_eq!(bearer(&app, "/", &login.access_token).await.code(), "token_revoked");
}

#[tokio::test]
async fn a_blocklist_that_hangs() {
    let jwt = builder(config(), &clock())
        .blocklist(|_| std::future::pending::<Result<bool, StoreError>>())
        .store_timeout(Duration::from_millis(50))
        .build();
    let app = Router::new().route("/", on_get(|_: AccessToken| async {})).with_state(jwt.clone());
    let token = jwt.create_access_token("anna").encode().unwrap();
    is_unavailable(&bearer(&app, "/", token).await);
}
