//! Has one contender do its work so often, and nothing else: for a profiler that counts instructions.
//!
//! ```sh
//! cargo build --release --package benches
//! valgrind --tool=callgrind target/release/calls HS256 verify 'jwt-extended `decode`' 2000
//! ```

use std::error::Error;

use benches::{create, verify};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [algorithm, contest, name, count] = arguments.as_slice() else {
        return Err("say an algorithm, `verify` or `create`, a contender and how often".into());
    };
    let contenders = match contest.as_str() {
        "verify" => verify(algorithm.parse()?)?,
        "create" => create(algorithm.parse()?)?,
        _ => return Err("the contests are `verify` and `create`".into()),
    };
    let known: Vec<_> = contenders.iter().map(|it| it.name().to_owned()).collect();
    let mut meant = contenders
        .into_iter()
        .find(|it| it.name() == name)
        .ok_or_else(|| format!("there is no {name:?} among {known:?}"))?;
    for _ in 0..count.parse()? {
        meant.run()?;
    }
    Ok(())
}
