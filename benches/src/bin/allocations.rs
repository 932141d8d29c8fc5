//! Prints how often each contender asks for memory, and for how much: lines of the contest, the contender,
//! allocations and bytes.
#![expect(clippy::print_stdout, reason = "a program that tells what it counted")]

use std::alloc::System;
use std::error::Error;

use benches::{Contender, create, verify};
use jwt_extended::Algorithm;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), Box<dyn Error>> {
    count("HS256 verify", verify(Algorithm::HS256)?)?;
    count("HS256 create", create(Algorithm::HS256)?)
}

fn count(title: &str, contenders: Vec<Contender>) -> Result<(), Box<dyn Error>> {
    for mut contender in contenders {
        contender.run()?;
        let region = Region::new(ALLOCATOR);
        contender.run()?;
        let change = region.change();
        println!(
            "{title},\"{}\",{},{}",
            contender.name(),
            change.allocations + change.reallocations,
            change.bytes_allocated,
        );
    }
    Ok(())
}
