//! Time as a value: what "now" is, is handed in, so that tests can stop it and Flask can pass its own.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, in seconds since 1970-01-01T00:00:00Z, with fractions: `NumericDate` of RFC 7519
/// section 2.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Timestamp(f64);

impl Timestamp {
    /// The moment `seconds` after the epoch. Something that is no finite number becomes the epoch,
    /// at which every token has yet to become valid.
    pub fn from_seconds(seconds: f64) -> Self {
        Self(if seconds.is_finite() { seconds } else { 0.0 })
    }

    /// Seconds since the epoch, with fractions.
    pub fn as_seconds(self) -> f64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down: what goes into `iat`, `nbf` and `exp`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a cast saturates, and what it has cut off is looked for"
    )]
    pub fn as_whole_seconds(self) -> i64 {
        // Without `floor`, which is a call where processors need not know it.
        let cut = self.0 as i64;
        if cut as f64 > self.0 { cut.saturating_sub(1) } else { cut }
    }

    /// How long it is from `earlier` to this moment; zero if it lies before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from_secs_f64((self.0 - earlier.0).max(0.0)).unwrap_or(Duration::MAX)
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0 + rhs.as_secs_f64())
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(after.as_secs_f64()),
            Err(before) => Self(-before.duration().as_secs_f64()),
        }
    }
}

/// Where "now" comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// A clock that stands still until it is set: for tests.
///
/// ```
/// use jwt_extended::{Clock, ManualClock, Timestamp};
/// use std::time::Duration;
///
/// let clock = ManualClock::at(Timestamp::from_seconds(1_700_000_000.0));
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().as_seconds(), 1_700_000_060.0);
/// ```
#[derive(Clone)]
pub struct ManualClock(Arc<std::sync::atomic::AtomicU64>);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(std::sync::atomic::AtomicU64::new(now.0.to_bits())))
    }

    /// Makes this clock, and all its clones, show `now`.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0.to_bits(), std::sync::atomic::Ordering::SeqCst);
    }

    /// Moves this clock, and all its clones, forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(f64::from_bits(self.0.load(std::sync::atomic::Ordering::SeqCst)))
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "a float to integer cast saturates")]
    fn whole_seconds_are_rounded_down() {
        for seconds in [0.0, 0.5, 1.0, 1.999, 1_700_000_000.75, 9e15, 9.3e18, 1e300] {
            for seconds in [seconds, -seconds] {
                let whole = Timestamp::from_seconds(seconds).as_whole_seconds();
                assert_eq!(whole, seconds.floor() as i64, "{seconds}");
            }
        }
    }
}
