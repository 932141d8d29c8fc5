//! Measuring several things side by side.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Result;

/// Odd, so that there is one in the middle.
const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(25);

/// Something that can be measured. It tells a size, so that nothing of it can be left out.
pub struct Contender {
    name: &'static str,
    run: Box<dyn FnMut() -> Result<usize>>,
}

/// What a contender needed.
pub struct Measured {
    /// Who.
    pub name: &'static str,
    /// The median over all rounds.
    pub nanoseconds: f64,
}

impl Contender {
    /// Tries `run` once: what fails is not measured.
    pub(crate) fn new(
        name: &'static str,
        mut run: impl FnMut() -> Result<usize> + 'static,
    ) -> Result<Self> {
        run()?;
        Ok(Self { name, run: Box::new(run) })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Does it once.
    pub fn run(&mut self) -> Result<usize> {
        (self.run)()
    }

    fn time(&mut self, times: u32) -> Result<Duration> {
        let begin = Instant::now();
        for _ in 0..times {
            black_box((self.run)()?);
        }
        Ok(begin.elapsed())
    }

    /// How often it can be done in one round.
    fn per_round(&mut self) -> Result<u32> {
        let mut times = 1;
        loop {
            let took = self.time(times)?;
            if took >= ROUND / 2 || times > u32::MAX / 4 {
                let share = ROUND.as_secs_f64() / took.as_secs_f64();
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                return Ok((f64::from(times) * share).max(1.0) as u32);
            }
            times *= 2;
        }
    }
}

/// Lets them all run in turn, round after round, so that what else happens on the machine meets each
/// of them alike.
pub fn race(mut contenders: Vec<Contender>) -> Result<Vec<Measured>> {
    let times = contenders.iter_mut().map(Contender::per_round).collect::<Result<Vec<_>>>()?;
    let mut rounds = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for ((contender, times), taken) in contenders.iter_mut().zip(&times).zip(&mut rounds) {
            taken.push(contender.time(*times)?.as_secs_f64() * 1e9 / f64::from(*times));
        }
    }
    let measured = contenders.iter().zip(rounds).map(|(contender, mut taken)| {
        taken.sort_by(f64::total_cmp);
        let nanoseconds = taken.get(ROUNDS / 2).copied().unwrap_or_default();
        Measured { name: contender.name, nanoseconds }
    });
    Ok(measured.collect())
}
