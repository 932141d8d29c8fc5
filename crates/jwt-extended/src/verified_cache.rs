//! Tokens whose signatures were good, so that the next request with one of them does not compute its
//! signature again (`JWT_VERIFIED_CACHE_SIZE`; off by default).
//!
//! Why that is as safe as to check anew:
//!
//! 1. What is kept is the outcome of steps 1 to 3, 5 and 6 of [`crate::verify`], which depends on the
//!    token's text, the engine's settings and the ring of keys. Settings never change; text and ring are
//!    compared, the text whole. All that can change between two requests (times, CSRF value, policy,
//!    freshness, revocation) is not kept but checked each time.
//! 2. Each ring has a number of its own, so nothing that was checked with one is found with another. When
//!    keys are replaced, all is dropped besides.
//! 3. Only tokens with a good signature that are for this service come in: whoever has none cannot push
//!    others out.
//! 4. It is bounded in bytes. A flood of good tokens pushes out what was not asked for again, and costs
//!    each its signature, as without a cache.
//! 5. Tokens are found by a keyed hash of their last characters. These belong to the signature, which
//!    only the key's owner can choose; the hash's key is random, so tokens cannot be collected that meet.
//! 6. These characters are compared first, in constant time: how long a comparison takes tells nothing
//!    of a signature that one does not have already.
//!
//! Each thread has its own part of it, as far as there are processors, so that threads do not pass
//! memory to and fro; nobody ever waits for another: a part that is in use, or was when the process
//! forked, knows nothing.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, Weighter};
use subtle::ConstantTimeEq;

use crate::token::Signed;

pub(crate) struct VerifiedCache {
    parts: Box<[Part]>,
}

type Entries = Cache<Key, Arc<Signed>, Bytes, DefaultHashBuilder>;

/// On cache lines of its own.
#[repr(align(128))]
struct Part(Mutex<Entries>);

/// So many characters of the token's end are hashed: 192 bits of the signature.
const HASHED: usize = 32;

/// The end of a token, and the number of the ring that it is checked with.
#[derive(Clone, Copy)]
struct Key {
    end: [u128; 2],
    ring: u64,
}

/// What the cache itself needs for a token, about.
const OVERHEAD: usize = 96;

impl VerifiedCache {
    /// A cache that needs no more than `bytes`, or none.
    pub(crate) fn new(bytes: usize) -> Option<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (bytes > 0).then(|| Self::with_parts(bytes, threads))
    }

    fn with_parts(bytes: usize, parts: usize) -> Self {
        let share = bytes / parts;
        // Only a guess, which costs nothing if it is wrong.
        let tokens = share / 1024;
        let part = || {
            let lifecycle = DefaultLifecycle::default();
            let hasher = DefaultHashBuilder::default();
            let entries = Cache::with(tokens, share as u64, Bytes, hasher, lifecycle);
            Part(Mutex::new(entries))
        };
        Self { parts: (0..parts).map(|_| part()).collect() }
    }

    /// The token of this text, if it was found good with the ring of this number.
    pub(crate) fn get(&self, token: &str, ring: u64) -> Option<Arc<Signed>> {
        let key = Key::of(token.as_bytes(), ring)?;
        let entries = self.part()?.0.try_lock().ok()?;
        let found = entries.get(&key)?;
        (found.encoded() == token.as_bytes()).then(|| Arc::clone(found))
    }

    /// Keeps a token that was found good with the ring of this number.
    pub(crate) fn insert(&self, signed: &Arc<Signed>, ring: u64) {
        if let Some(key) = Key::of(signed.encoded(), ring)
            && let Some(part) = self.part()
            && let Ok(mut entries) = part.0.try_lock()
        {
            entries.insert(key, Arc::clone(signed));
        }
    }

    /// Drops all, but for what is just being looked for.
    pub(crate) fn clear(&self) {
        for part in &self.parts {
            if let Ok(mut entries) = part.0.try_lock() {
                entries.clear();
            }
        }
    }

    /// This thread's.
    fn part(&self) -> Option<&Part> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed));
        self.parts.get(NUMBER.with(|number| *number) % self.parts.len())
    }
}

impl Key {
    fn of(token: &[u8], ring: u64) -> Option<Self> {
        let (first, last) = token.last_chunk::<HASHED>()?.split_at(HASHED / 2);
        let [first, last] =
            [first, last].map(|half| half.first_chunk().map(|b| u128::from_ne_bytes(*b)));
        Some(Self { end: [first?, last?], ring })
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.ring == other.ring && self.end.ct_eq(&other.end).into()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.end.iter().for_each(|half| state.write_u128(*half));
    }
}

#[derive(Clone, Copy)]
struct Bytes;

impl Weighter<Key, Arc<Signed>> for Bytes {
    fn weight(&self, _: &Key, signed: &Arc<Signed>) -> u64 {
        (signed.memory() + OVERHEAD) as u64
    }
}

impl fmt::Debug for VerifiedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, Settings};

    fn token(number: usize) -> Arc<Signed> {
        let text = format!("header.payload.{number:064}");
        let mut signed = Signed::default();
        signed.read(&text, 6, "{}", &Settings::preset(Preset::Native)).unwrap();
        Arc::new(signed)
    }

    fn text(signed: &Signed) -> &str {
        str::from_utf8(signed.encoded()).unwrap()
    }

    #[test]
    fn the_whole_text_and_the_ring_must_be_the_same() {
        let cache = VerifiedCache::with_parts(64 * 1024, 1);
        let one = token(1);
        cache.insert(&one, 7);
        assert!(cache.get(text(&one), 7).is_some_and(|found| Arc::ptr_eq(&found, &one)));
        assert!(cache.get(text(&one), 8).is_none());
        assert!(cache.get(&text(&one).replace("header", "Header"), 7).is_none(), "same end");
        for place in 0..text(&one).len() {
            let mut other = text(&one).to_owned();
            other.replace_range(place..=place, "x");
            assert!(cache.get(&other, 7).is_none(), "{place}");
            assert!(cache.get(&text(&one)[place + 1..], 7).is_none(), "{place}");
        }
        cache.clear();
        assert!(cache.get(text(&one), 7).is_none());
    }

    #[test]
    fn a_flood_does_not_make_it_grow_nor_push_out_what_is_in_use() {
        let size = 64 * 1024;
        let cache = VerifiedCache::with_parts(size, 2);
        let used = token(0);
        cache.insert(&used, 0);
        for number in 1..10_000 {
            cache.insert(&token(number), 0);
            assert!(cache.get(text(&used), 0).is_some(), "{number}");
        }
        let weight: u64 = cache.parts.iter().map(|part| part.0.lock().unwrap().weight()).sum();
        assert!(weight <= size as u64 / 2, "{weight}");
        let kept = (0..10_000).filter(|n| cache.get(text(&token(*n)), 0).is_some()).count();
        assert!(kept > 10, "{kept}");
        assert!(kept * (size_of::<Signed>() + 80) < size / 2, "{kept}");
    }

    #[test]
    fn nobody_waits() {
        let cache = VerifiedCache::with_parts(64 * 1024, 1);
        let one = token(1);
        cache.insert(&one, 0);
        let held = cache.parts[0].0.lock().unwrap();
        assert!(cache.get(text(&one), 0).is_none());
        cache.insert(&token(2), 0);
        cache.clear();
        drop(held);
        assert!(cache.get(text(&one), 0).is_some());
        assert!(cache.get(text(&token(2)), 0).is_none());
    }

    #[test]
    fn none_is_none() {
        assert!(VerifiedCache::new(0).is_none());
    }
}
