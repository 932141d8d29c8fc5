//! How the cost of a verification grows, and with what.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use jwt_extended::{Algorithm, Config, DecodeOptions, GeneratedKey, JwtEngine, Keyring};

use crate::ours::{self, Ours};
use crate::{Contender, Result, primitive, race};

/// One point of one line.
pub struct Point {
    /// What it is about.
    pub line: &'static str,
    /// How much of it there is.
    pub x: usize,
    /// What one verification needs then.
    pub nanoseconds: f64,
}

/// Token sizes below the limit, in bytes.
const SIZES: [usize; 7] = [364, 512, 1024, 2048, 4096, 8192, 16_000];
const KEYS: [usize; 4] = [1, 10, 100, 1000];
const CACHED: [usize; 5] = [1, 10, 100, 1000, 10_000];
const THREADS: [usize; 3] = [1, 2, 4];
const LIVE: usize = 1000;

/// Every line, as a whole.
pub fn growth() -> Result<Vec<Point>> {
    let mut points = contest("bytes of a token", &SIZES, of_size)?;
    points.extend(contest("keys in the ring", &KEYS, among_keys)?);
    points.extend(contest("cached tokens", &CACHED, |n| ours::cached(Algorithm::HS256, n))?);
    let tokens: Vec<_> = {
        let ours = Ours::new(Algorithm::HS256)?;
        (0..LIVE).map(|_| ours.create()).collect::<Result<_>>()?
    };
    let room = LIVE * 4096 * thread::available_parallelism()?.get();
    let (plain, cached) = (with_cache(0)?, with_cache(room)?);
    points.extend(threads("threads", &tokens, &|token| plain.decode(token).is_ok())?);
    points.extend(threads("threads, cached", &tokens, &|token| cached.decode(token).is_ok())?);
    // What the machine's processors have in common.
    points.extend(threads("threads, the primitive", &tokens, &primitive::mac())?);
    Ok(points)
}

/// All points of a line take turns.
fn contest(
    line: &'static str,
    sizes: &[usize],
    contender: impl Fn(usize) -> Result<Contender>,
) -> Result<Vec<Point>> {
    let contenders = sizes.iter().map(|size| contender(*size)).collect::<Result<_>>()?;
    let measured = race(contenders)?.into_iter().zip(sizes);
    Ok(measured.map(|(m, x)| Point { line, x: *x, nanoseconds: m.nanoseconds }).collect())
}

/// An HS256 token with one claim that is so long that the token is.
fn of_size(bytes: usize) -> Result<Contender> {
    let ours = Ours::new(Algorithm::HS256)?;
    let mut padding = 0;
    let mut token = ours.create()?;
    while token.len() < bytes {
        padding += (bytes - token.len()).div_ceil(2);
        token = ours.create_with("padding", &"x".repeat(padding))?;
    }
    Contender::new(bytes.to_string(), move || ours.decode(black_box(&token)))
}

/// A token of the key in the middle of the ring.
fn among_keys(count: usize) -> Result<Contender> {
    let key = |n: usize| -> Result<_> {
        Ok(GeneratedKey::new(Algorithm::HS256)?.signing_key().clone().with_kid(n.to_string()))
    };
    let signing = key(count / 2)?;
    let mut ring: Option<Keyring> = None;
    for n in 0..count {
        let public = if n == count / 2 { signing.clone() } else { key(n)? }.verifying_key();
        ring = Some(match ring {
            Some(ring) => ring.also_verify(public)?,
            None => Keyring::verify_only(public),
        });
    }
    let engine =
        |ring| Ok::<_, crate::BoxError>(JwtEngine::new(Config::builder().keyring(ring).build()?));
    let token: String = engine(Keyring::new(signing))?.create_access_token("anna").encode()?.into();
    let engine = engine(ring.ok_or("no keys")?)?;
    Contender::new(count.to_string(), move || {
        Ok(engine.decode(black_box(&token), &DecodeOptions::default())?.identity().len())
    })
}

fn with_cache(bytes: usize) -> Result<Ours> {
    Ours::with(Algorithm::HS256, |config| {
        config.cookie_csrf_protect(false).verified_cache_size(bytes)
    })
}

/// The time for one verification while so many threads verify; each point is the middle of several.
fn threads(
    line: &'static str,
    tokens: &[String],
    verify: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Vec<Point>> {
    let each = 50_000;
    let mut points: Vec<_> = THREADS.iter().map(|threads| (*threads, Vec::new())).collect();
    for _ in 0..9 {
        for (threads, taken) in &mut points {
            taken.push(together(verify, tokens, *threads, each)?);
        }
    }
    let middle = |mut taken: Vec<f64>| {
        taken.sort_by(f64::total_cmp);
        taken.get(taken.len() / 2).copied().unwrap_or_default()
    };
    Ok(points.into_iter().map(|(x, taken)| Point { line, x, nanoseconds: middle(taken) }).collect())
}

#[expect(clippy::cast_precision_loss, reason = "they are few")]
fn together(
    verify: &(dyn Fn(&str) -> bool + Sync),
    tokens: &[String],
    threads: usize,
    each: usize,
) -> Result<f64> {
    let barrier = Barrier::new(threads + 1);
    let run = |thread: usize| {
        // Those that are known are known to each thread.
        let mut good = tokens.iter().all(|token| verify(token));
        barrier.wait();
        // No two threads look at one token at the same time.
        for token in tokens.iter().cycle().skip(thread * tokens.len() / threads).take(each) {
            good &= verify(black_box(token));
        }
        good
    };
    thread::scope(|scope| {
        let run = &run;
        let running: Vec<_> = (0..threads).map(|n| scope.spawn(move || run(n))).collect();
        barrier.wait();
        let begin = Instant::now();
        if !running.into_iter().all(|thread| thread.join().unwrap_or(false)) {
            return Err("a token was refused".into());
        }
        Ok(begin.elapsed().as_secs_f64() * 1e9 / (threads * each) as f64)
    })
}
