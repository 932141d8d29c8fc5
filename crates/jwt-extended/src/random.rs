//! Randomness as a value, and the identifiers made from it.

use uuid::Uuid;

/// Where random bytes come from.
///
/// An implementation must be safe to use on both sides of a `fork`: two children of one process must
/// never see the same bytes, or two tokens get the same `jti`.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`. Fails only when the system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable>;
}

/// The system had no random bytes to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomUnavailable;

impl std::fmt::Display for RandomUnavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the system's random generator gave no bytes")
    }
}

impl std::error::Error for RandomUnavailable {}

/// The operating system's generator. Nothing is kept in the process, so there is nothing that a `fork`
/// could repeat.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        getrandom::fill(bytes).map_err(|_| RandomUnavailable)
    }
}

/// `N` random UUIDs (version 4, RFC 9562) from one request to the generator.
pub(crate) fn uuids<const N: usize>(random: &dyn Random) -> Result<[Uuid; N], RandomUnavailable> {
    let mut bytes = [[0u8; 16]; N];
    random.fill(bytes.as_flattened_mut())?;
    Ok(bytes.map(|b| uuid::Builder::from_random_bytes(b).into_uuid()))
}
