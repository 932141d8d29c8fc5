use std::time::Duration;

use jwt_extended::store::RevocationStore;
use jwt_extended::{Clock, SystemClock, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::SqlStore;

/// A clock that is a little wrong, or was for a moment, must not make anybody forget a revocation.
const MARGIN: Duration = Duration::from_hours(24);

/// Deletes what has ended, from time to time, until it is dropped.
#[derive(Debug)]
#[must_use = "it stops when it is dropped"]
pub struct PurgeTask(JoinHandle<()>);

impl SqlStore {
    /// Deletes what has ended more than a day ago, at once and then once every `interval`, as long as
    /// the task is kept. Any number of processes may do so on the same tables. To be called within a
    /// tokio runtime.
    ///
    /// What goes wrong is logged as a warning, and tried again the next time.
    pub fn spawn_purge(&self, interval: Duration) -> PurgeTask {
        let store = self.clone();
        PurgeTask(tokio::spawn(async move {
            let mut ticks = tokio::time::interval(interval.max(Duration::from_secs(1)));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let now = SystemClock.now().as_seconds() - MARGIN.as_secs_f64();
                match store.purge(Timestamp::from_seconds(now)).await {
                    Ok(rows) => tracing::debug!(rows, "purged what has ended"),
                    Err(error) => {
                        let source = std::error::Error::source(&error).map(tracing::field::display);
                        tracing::warn!(source, "could not purge what has ended: {error}");
                    }
                }
            }
        }))
    }
}

impl Drop for PurgeTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}
