//! Prints one table: what each contender needs, and how that compares with ours.
#![expect(clippy::print_stdout, reason = "a program that tells what it measured")]

use std::error::Error;

use benches::{ALGORITHMS, Contender, create, race, token, verify};

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1);
    println!("{:<15} {:<24} {:>10} {:>13} {:>8}", "", "", "median ns", "x primitive", "x ours");
    for algorithm in ALGORITHMS {
        if wanted.as_deref().is_some_and(|wanted| wanted != algorithm.name()) {
            continue;
        }
        contest(&format!("{algorithm} verify"), verify(algorithm)?)?;
        contest(&format!("{algorithm} create"), create(algorithm)?)?;
        println!("{:<15} {} bytes\n", "", token(algorithm)?.len());
    }
    Ok(())
}

fn contest(title: &str, contenders: Vec<Contender>) -> Result<(), Box<dyn Error>> {
    let measured = race(contenders)?;
    let [primitive, ours, ..] = measured.as_slice() else {
        return Err("the primitive and ours come first".into());
    };
    for contender in &measured {
        println!(
            "{title:<15} {:<24} {:>10.0} {:>13.2} {:>8.2}",
            contender.name,
            contender.nanoseconds,
            contender.nanoseconds / primitive.nanoseconds,
            contender.nanoseconds / ours.nanoseconds,
        );
    }
    Ok(())
}
