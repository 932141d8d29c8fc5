//! Runs a file of test vectors through the engine and tells where the two disagree:
//!
//! ```text
//! cargo run --example verify-vectors -- crates/jwt-extended/tests/data/public.jsonl
//! ```
#![expect(clippy::print_stdout, reason = "a program that tells what it found")]

use std::error::Error;
use std::process::ExitCode;

#[path = "../tests/support/vectors.rs"]
mod vectors;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: verify-vectors FILE")?;
    let outcome = vectors::run(&std::fs::read_to_string(file)?)?;
    for case in &outcome.disagreements {
        println!("{}: expected {}, got {}: {}", case.id, case.expected, case.got, case.why);
    }
    println!(
        "{} accepted, {} refused, {} disagreements",
        outcome.accepted,
        outcome.refused,
        outcome.disagreements.len()
    );
    Ok(if outcome.disagreements.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
