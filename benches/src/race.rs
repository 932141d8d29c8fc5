//! Measuring several things side by side.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Result;

/// Odd, so that there is one in the middle.
const ROUNDS: usize = 501;
/// Shorter than what the system gives a program at a time: most rounds are not interrupted.
const ROUND: Duration = Duration::from_millis(1);

/// Something that can be measured. It tells a size, so that nothing of it can be left out.
pub struct Contender {
    name: String,
    run: Box<dyn FnMut() -> Result<usize>>,
}

/// What a contender needed.
pub struct Measured {
    /// Who.
    pub name: String,
    /// The median over all rounds.
    pub nanoseconds: f64,
    /// The best round's: what is left where other programs run beside.
    pub least: f64,
}

impl Contender {
    /// Tries `run` once: what fails is not measured.
    pub(crate) fn new(
        name: impl Into<String>,
        mut run: impl FnMut() -> Result<usize> + 'static,
    ) -> Result<Self> {
        run()?;
        Ok(Self { name: name.into(), run: Box::new(run) })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Does it once.
    pub fn run(&mut self) -> Result<usize> {
        (self.run)()
    }

    pub(crate) fn time(&mut self, times: u32) -> Result<Duration> {
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
        let least = taken.first().copied().unwrap_or_default();
        Measured { name: contender.name.clone(), nanoseconds, least }
    });
    Ok(measured.collect())
}
