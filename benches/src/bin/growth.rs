//! Prints how the cost of a verification grows with the size of the token, the keys in the ring, the
//! tokens in the cache and the threads: as CSV with the columns `line`, `x` and `nanoseconds`, one row for
//! each point, a header first.
//!
//! ```sh
//! cargo run --release --package benches --bin growth > growth.csv
//! ```
#![expect(clippy::print_stdout, reason = "a program that tells what it measured")]

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("line,x,nanoseconds");
    for point in benches::growth()? {
        println!("\"{}\",{},{:.0}", point.line, point.x, point.nanoseconds);
    }
    Ok(())
}
