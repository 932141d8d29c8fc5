//! Whether the time that a refusal takes tells how much of a value was right. It measures, so it needs a
//! quiet machine and runs only when it is asked for:
//!
//! ```sh
//! cargo test --release --package jwt-extended --test timing -- --ignored --nocapture
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that fails may panic; clippy sees only what is marked as a test"
)]

mod support;

use std::hint::black_box;
use std::time::Instant;

use jwt_extended::DecodeOptions;
use support::{engine, forge, good, good_with, native};

/// The mean of many runs of each, taken in turns, and Welch's t of the two.
fn compare(mut first: impl FnMut(), mut second: impl FnMut()) -> (f64, f64, f64) {
    let mut times = [Vec::new(), Vec::new()];
    let batch = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        for _ in 0..20 {
            run();
        }
        start.elapsed().as_secs_f64() / 20.0 * 1e9
    };
    for turn in 0..2_000 {
        let swapped = turn % 2 == 1;
        for which in [swapped, !swapped] {
            let time = if which { batch(&mut second) } else { batch(&mut first) };
            times[usize::from(which)].push(time);
        }
    }
    let [(a, a_var), (b, b_var)] = times.map(|mut times| {
        // Interruptions are noise, and only ever make a run longer.
        times.sort_by(f64::total_cmp);
        times.truncate(times.len() * 9 / 10);
        let count = f64::from(u32::try_from(times.len()).unwrap());
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    (a, b, (a - b) / (a_var + b_var).sqrt())
}

/// An early end at the first wrong byte would be a difference of many nanoseconds, and show in a t far
/// beyond this.
#[track_caller]
fn looks_alike(what: &str, first: impl FnMut(), second: impl FnMut()) {
    let (a, b, t) = compare(first, second);
    println!(
        "{what}: {a:.1} ns when the first byte is wrong, {b:.1} ns when the last is; t = {t:.1}"
    );
    assert!((a - b).abs() < a / 100.0 || t.abs() < 5.0, "{what}: t = {t}");
}

#[test]
#[ignore = "it measures"]
fn a_wrong_csrf_value() {
    // Long, so that what each byte costs shows.
    let value = "c".repeat(2048);
    let token = forge(good_with("csrf", value.as_str()));
    let engine = engine(native());
    let wrong = |place: usize| {
        let mut value = value.clone();
        value.replace_range(place..=place, "x");
        DecodeOptions::default().csrf_value(value)
    };
    let (first, last) = (wrong(0), wrong(2047));
    let decode = |options: &DecodeOptions| {
        assert!(black_box(engine.decode(black_box(&token), options)).is_err());
    };
    looks_alike("CSRF value", || decode(&first), || decode(&last));
}

#[test]
#[ignore = "it measures"]
fn a_wrong_mac() {
    let token = forge(good().to_string());
    let engine = engine(native());
    let start = token.rfind('.').unwrap() + 1;
    let wrong = |place: usize| {
        let mut token = token.clone();
        let other = if &token[place..=place] == "A" { "E" } else { "A" };
        token.replace_range(place..=place, other);
        token
    };
    let (first, last) = (wrong(start), wrong(token.len() - 2));
    let decode = |token: &str| {
        assert!(black_box(engine.decode(black_box(token), &DecodeOptions::default())).is_err());
    };
    looks_alike("MAC", || decode(&first), || decode(&last));
}
