//! Prints one table: what each contender needs, and how that compares with ours. With `--csv` it is lines
//! of the contest, the contender and nanoseconds. A name (`HS256`) asks for one algorithm.
#![expect(clippy::print_stdout, reason = "a program that tells what it measured")]

use std::error::Error;

use benches::{ALGORITHMS, Measured, create, race, token, verify};

fn main() -> Result<(), Box<dyn Error>> {
    let (flags, names): (Vec<String>, _) =
        std::env::args().skip(1).partition(|argument| argument == "--csv");
    let csv = !flags.is_empty();
    if !csv {
        println!(
            "{:<15} {:<34} {:>9} {:>11} {:>6} {:>9} {:>11} {:>6}",
            "", "", "median ns", "x primitive", "x ours", "least ns", "x primitive", "x ours"
        );
    }
    for algorithm in ALGORITHMS {
        if !names.is_empty() && names.iter().all(|name| name != algorithm.name()) {
            continue;
        }
        for (title, contenders) in [("verify", verify(algorithm)?), ("create", create(algorithm)?)]
        {
            let (title, measured) = (format!("{algorithm} {title}"), race(contenders)?);
            if csv { as_csv(&title, &measured) } else { as_table(&title, &measured)? }
        }
        if csv {
            continue;
        }
        println!("{:<15} {} bytes\n", "", token(algorithm)?.len());
    }
    Ok(())
}

fn as_csv(title: &str, measured: &[Measured]) {
    for contender in measured {
        println!("{title},\"{}\",{:.0}", contender.name, contender.nanoseconds);
    }
}

fn as_table(title: &str, measured: &[Measured]) -> Result<(), Box<dyn Error>> {
    let [primitive, ours, ..] = measured else {
        return Err("the primitive and ours come first".into());
    };
    for contender in measured {
        println!(
            "{title:<15} {:<34} {:>9.0} {:>11.2} {:>6.2} {:>9.0} {:>11.2} {:>6.2}",
            contender.name,
            contender.nanoseconds,
            contender.nanoseconds / primitive.nanoseconds,
            contender.nanoseconds / ours.nanoseconds,
            contender.least,
            contender.least / primitive.least,
            contender.least / ours.least,
        );
    }
    Ok(())
}
