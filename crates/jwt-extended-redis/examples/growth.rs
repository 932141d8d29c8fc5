//! Do a status and a revocation cost more when much is revoked? Measures them beside a bare PING and a bare
//! SET with a time to live, with a thousand to a million revocations: of one subject each, and all of one.
//!
//! ```sh
//! cargo run --release -p jwt-extended-redis --example growth [LARGEST]
//! ```
//!
//! The server is one of its own, unless `REDIS_URL` names another, which must be empty.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program to look at"
)]

use std::time::{Duration, Instant};

use jwt_extended::Timestamp;
use jwt_extended::store::{Revocation, RevocationStore as _, Revoked, Subject, TokenRef};
use jwt_extended_redis::{RedisStore, redis};
use servers::{AnyRedis, Redis};

const NOW: f64 = 1_800_000_000.0;
/// Questions of each kind, in turn, so that both see the same machine.
const ROUNDS: usize = 5_000;

#[tokio::main]
async fn main() {
    let largest = std::env::args().nth(1).map_or(1_000_000, |number| number.parse().unwrap());
    println!(
        "{:>9}  {:25} {:>9} {:>9} {:>6} {:>9} {:>9} {:>6} {:>11}",
        "revoked", "", "PING", "status", "ratio", "SET PX", "revoke", "ratio", "each"
    );
    for one_subject in [false, true] {
        // To memory alone, or the disk is what would be measured while it fills.
        let server = match AnyRedis::find().unwrap() {
            AnyRedis::Given(url) => AnyRedis::Given(url),
            AnyRedis::Own(_) => AnyRedis::Own(Redis::start(&[("appendonly", "no")]).unwrap()),
        };
        let url = server.url();
        let store = RedisStore::options().subject_key("only for this program");
        let store = store.connect(url.as_str()).await.unwrap();
        let client = redis::Client::open(url).unwrap();
        let mut raw = client.get_multiplexed_async_connection().await.unwrap();
        let empty = memory(&mut raw).await;
        let mut filled = 0;
        for size in [0, 1_000, 10_000, 100_000, 1_000_000] {
            if size > largest {
                break;
            }
            fill(&store, filled..size, one_subject).await;
            filled = size;
            let [ping, status, set, revoke] = measure(&store, &mut raw, one_subject, size).await;
            let each = (memory(&mut raw).await - empty).checked_div(size as u64).unwrap_or(0);
            println!(
                "{size:>9}  {:25} {:>6.1} µs {:>6.1} µs {:>6.2} {:>6.1} µs {:>6.1} µs {:>6.2} {each:>6} byte",
                if one_subject { "tokens of one subject" } else { "tokens of a subject each" },
                micros(ping),
                micros(status),
                micros(status) / micros(ping),
                micros(set),
                micros(revoke),
                micros(revoke) / micros(set),
            );
        }
    }
}

fn subject(number: usize, one_subject: bool) -> String {
    if one_subject { "anna".to_owned() } else { format!("user-{number}") }
}

fn jti(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

async fn fill(store: &RedisStore, numbers: std::ops::Range<usize>, one_subject: bool) {
    let tasks = (0..64).map(|task| {
        let (store, numbers) = (store.clone(), numbers.clone());
        tokio::spawn(async move {
            for number in numbers.skip(task).step_by(64) {
                let (subject, jti) = (subject(number, one_subject), jti(number));
                let owner = Subject::new(&subject);
                store.revoke(&revocation(owner, &jti)).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// The medians of a bare round trip, of a status, of a bare write, and of a revocation.
async fn measure(
    store: &RedisStore,
    raw: &mut redis::aio::MultiplexedConnection,
    one_subject: bool,
    size: usize,
) -> [Duration; 4] {
    let mut times = [const { Vec::new() }; 4];
    for round in 0..ROUNDS {
        let begin = Instant::now();
        redis::cmd("PING").exec_async(raw).await.unwrap();
        times[0].push(begin.elapsed());

        // Every second one is revoked.
        let number = (round * 7919) % (2 * size.max(1));
        let (subject, jti) = (subject(number, one_subject), jti(number));
        let owner = Subject::new(&subject);
        let mut token = TokenRef::new(owner, Timestamp::from_seconds(NOW));
        (token.jti, token.session, token.token_type) =
            (Some(jti.as_str()), Some("s"), Some("access"));
        let begin = Instant::now();
        let _ = store.status(&token).await.unwrap();
        times[1].push(begin.elapsed());

        // Fewer, so that they do not become what is measured.
        if round % 10 == 0 {
            let jti = format!("another-{size}-{round}");
            let mut set = redis::cmd("SET");
            set.arg(format!("bare:{jti}")).arg("=1800003600").arg("PX").arg(7_200_000).arg("NX");
            let begin = Instant::now();
            set.exec_async(raw).await.unwrap();
            times[2].push(begin.elapsed());
            redis::cmd("DEL").arg(format!("bare:{jti}")).exec_async(raw).await.unwrap();

            let begin = Instant::now();
            store.revoke(&revocation(owner, &jti)).await.unwrap();
            times[3].push(begin.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

fn revocation<'a>(owner: Subject<'a>, jti: &'a str) -> Revocation<'a> {
    let until = Some(Timestamp::from_seconds(NOW + 3600.0));
    Revocation::new(owner, Revoked::Token { jti }, until, Timestamp::from_seconds(NOW))
}

async fn memory(raw: &mut redis::aio::MultiplexedConnection) -> u64 {
    let info: String = redis::cmd("INFO").arg("memory").query_async(raw).await.unwrap();
    info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap().parse().unwrap()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
