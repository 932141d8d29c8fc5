//! The keys of one issuer, kept for as long as they may be.
//!
//! The rules:
//!
//! 1. Keys in the first four fifths of their life are used.
//! 2. In the last fifth they are used, and newer ones fetched meanwhile.
//! 3. Past their life they are used only if the issuer was asked for newer ones and did not answer, for as
//!    long as stale keys may be; it is asked again and again meanwhile.
//! 4. Otherwise a request waits for the keys. An issuer that has just not answered is not asked again
//!    before a pause is over: then there are no keys, at once.
//! 5. A key that is not known is looked for once in each cool-down.
//!
//! However many requests want keys, there is one flight to fetch them. It is a task of its own, so that
//! it lands even if the request that wanted it is gone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jwt_extended::{Clock, Keyring, Timestamp};
use tokio::sync::watch;

use crate::error::Error;
use crate::issuer::Times;
use crate::source::Source;

/// Where the issuer does not say how long its keys are good.
const USUAL_LIFE: Duration = Duration::from_secs(300);

/// The keys of one issuer. Clones are the same.
#[derive(Clone)]
pub(crate) struct Cache(Arc<Shared>);

struct Shared {
    source: Source,
    times: Times,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Says so when a flight has landed.
    landed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    in_flight: bool,
    /// The last flight's failure, if it failed.
    failure: Option<(Timestamp, Error)>,
    /// When a key that was not known was last looked for.
    sought: Option<Timestamp>,
}

struct Held {
    keys: Arc<Keyring>,
    fetched: Timestamp,
    life: Duration,
}

/// What is to be done for a request.
enum Step {
    Use(Arc<Keyring>),
    Wait(watch::Receiver<()>),
    Fail(Error),
}

impl Cache {
    pub(crate) fn new(source: Source, times: Times, clock: Arc<dyn Clock>) -> Self {
        let (state, landed) = (Mutex::default(), watch::Sender::new(()));
        Self(Arc::new(Shared { source, times, clock, state, landed }))
    }

    /// Keys to check a token with.
    pub(crate) async fn keys(&self) -> Result<Arc<Keyring>, Error> {
        let mut waited = false;
        loop {
            match self.step(waited) {
                Step::Use(keys) => return Ok(keys),
                Step::Fail(error) => return Err(error),
                Step::Wait(mut landed) => _ = landed.changed().await,
            }
            waited = true;
        }
    }

    /// Keys for a token whose key is not among `known`; `None` where there are no others. An error where
    /// there may be, and the issuer does not say.
    pub(crate) async fn others_than(
        &self,
        known: &Arc<Keyring>,
    ) -> Result<Option<Arc<Keyring>>, Error> {
        if let Some(mut landed) = self.seek(known) {
            _ = landed.changed().await;
        }
        let state = self.0.state();
        match (state.others_than(known), &state.failure) {
            (Some(others), _) => Ok(Some(others)),
            (None, Some((_, error))) => Err(error.clone()),
            (None, None) => Ok(None),
        }
    }

    /// Fetches the keys now.
    pub(crate) async fn refresh(&self) -> Result<(), Error> {
        let mut landed = self.board(self.0.state());
        _ = landed.changed().await;
        match &self.0.state().failure {
            Some((_, error)) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// Nobody waits for a second flight after one that has failed.
    fn step(&self, waited: bool) -> Step {
        let Times { stale_for, retry_after, .. } = self.0.times;
        let state = self.0.state();
        let now = self.0.clock.now();
        let failure = state.failure.clone();
        let may_ask = failure.as_ref().is_none_or(|(at, _)| over(*at, retry_after, now));
        if let Some(held) = &state.held {
            let keys = Arc::clone(&held.keys);
            let due = over(held.fetched, held.life.mul_f64(0.8), now);
            let longer = if failure.is_some() { stale_for } else { Duration::ZERO };
            if !over(held.fetched, held.life.saturating_add(longer), now) {
                if due && may_ask {
                    self.board(state);
                }
                return Step::Use(keys);
            }
        }
        match failure {
            Some((_, error)) if waited || (!may_ask && !state.in_flight) => Step::Fail(error),
            _ => Step::Wait(self.board(state)),
        }
    }

    fn seek(&self, known: &Arc<Keyring>) -> Option<watch::Receiver<()>> {
        let mut state = self.0.state();
        let now = self.0.clock.now();
        if state.others_than(known).is_some() {
            return None;
        }
        if !state.in_flight {
            if state.sought.is_some_and(|at| !over(at, self.0.times.cool_down, now)) {
                return None;
            }
            state.sought = Some(now);
        }
        Some(self.board(state))
    }

    /// The flight that is in the air, or a new one; what it returns changes when it has landed.
    fn board(&self, mut state: MutexGuard<'_, State>) -> watch::Receiver<()> {
        let landed = self.0.landed.subscribe();
        if std::mem::replace(&mut state.in_flight, true) {
            return landed;
        }
        // A runtime that is about to end drops the task at once, which then wants the state.
        drop(state);
        let flight = Flight { shared: Arc::clone(&self.0), outcome: None };
        tokio::spawn(flight.fly());
        landed
    }
}

/// Fetches keys. It lands when it is dropped, so that it does even where its task is ended.
struct Flight {
    shared: Arc<Shared>,
    outcome: Option<Result<(Keyring, Option<Duration>), Error>>,
}

impl Flight {
    async fn fly(mut self) {
        self.outcome = Some(self.shared.source.fetch().await);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Shared { source, times, clock, landed, .. } = &*self.shared;
        let issuer = source.name.as_str();
        let now = clock.now();
        let outcome = self.outcome.take().unwrap_or_else(|| {
            Err(Error::new(format!("fetching the keys of {issuer:?} was interrupted")))
        });
        let mut state = self.shared.state();
        state.in_flight = false;
        match outcome {
            Ok((keys, max_age)) => {
                let life = max_age.unwrap_or(USUAL_LIFE).clamp(times.at_least, times.at_most);
                tracing::debug!(issuer, keys = keys.verifying_keys().len(), ?life, "fetched keys");
                state.held = Some(Held { keys: Arc::new(keys), fetched: now, life });
                state.failure = None;
            }
            Err(error) => {
                tracing::warn!(
                    issuer,
                    error = &error as &dyn std::error::Error,
                    "the keys of an issuer could not be fetched"
                );
                state.failure = Some((now, error));
            }
        }
        drop(state);
        landed.send_replace(());
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it can leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn others_than(&self, known: &Arc<Keyring>) -> Option<Arc<Keyring>> {
        let held = &self.held.as_ref()?.keys;
        (!Arc::ptr_eq(held, known)).then(|| Arc::clone(held))
    }
}

/// Whether `span` has passed since `start`. A clock that was set back has told wrong times before, so
/// what began then is over.
fn over(start: Timestamp, span: Duration, now: Timestamp) -> bool {
    now < start || now.since(start) >= span
}
