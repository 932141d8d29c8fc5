//! Random histories, played to a store and to a model.

use std::collections::BTreeSet;
use std::ops::Range;

use super::plain::Model;
use super::*;
use crate::store::RevokedRecord;

/// Plays a random history for each of these seeds to a new store, and to a model in plain code. A
/// difference panics with the shortest history that still shows it.
pub async fn model<S, F>(make: &impl Fn() -> F, seeds: Range<u64>)
where
    S: RevocationStore,
    F: Future<Output = S>,
{
    for seed in seeds {
        let mut steps = history(seed);
        let Err(mut difference) = play(&make().await, &steps).await else { continue };
        let mut n = 0;
        while n < steps.len() {
            let step = steps.remove(n);
            if let Err(shorter) = play(&make().await, &steps).await {
                difference = shorter;
            } else {
                steps.insert(n, step);
                n += 1;
            }
        }
        panic!("seed {seed}: {difference}\n{steps:#?}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Revoke { owner: usize, what: RevokedName, until: Option<u32> },
    Restore { owner: usize, what: RevokedName },
    Rotate { token: Token, next: u32, until: Option<u32>, burnt_until: Option<u32> },
    Status { token: Token },
    Purge { now: f64 },
}

/// Names are numbers here: of tokens, and of sessions.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum RevokedName {
    Token(u32),
    Session(u32),
    Subject { issued_until: f64, keep: Option<u32> },
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) owner: usize,
    pub(super) jti: u32,
    pub(super) session: Option<u32>,
    pub(super) is_refresh: bool,
    pub(super) issued_at: Option<f64>,
    pub(super) now: f64,
}

/// A history in which few names come up again and again. Time goes on, in quarters of a second.
fn history(seed: u64) -> Vec<Step> {
    let mut dice = Dice(seed);
    let mut now = 100.0;
    let mut next = 10;
    let mut steps = Vec::new();
    for _ in 0..dice.roll(60) + 5 {
        now += f64::from(dice.roll(12)) / 4.0;
        let owner = dice.roll(2) as usize;
        let session = |dice: &mut Dice| Some(dice.roll(3)).filter(|n| *n > 0);
        let end = |dice: &mut Dice| Some(dice.roll(4) * 1000).filter(|n| *n > 0);
        let what = |dice: &mut Dice| match dice.roll(3) {
            0 => RevokedName::Token(dice.roll(next)),
            1 => RevokedName::Session(dice.roll(4)),
            _ => RevokedName::Subject {
                issued_until: f64::from(dice.roll(40)) / 4.0,
                keep: session(dice),
            },
        };
        // Mostly what was made last, or just before.
        let recent = |dice: &mut Dice| match dice.roll(3) {
            0 => dice.roll(next),
            back => next - back,
        };
        let token = |dice: &mut Dice, is_refresh| Token {
            owner,
            jti: recent(dice),
            session: session(dice),
            is_refresh,
            issued_at: Some(dice.roll(60)).filter(|n| *n > 2).map(|n| f64::from(n) / 4.0),
            now,
        };
        steps.push(match dice.roll(20) {
            0 => Step::Revoke { owner, what: what(&mut dice), until: end(&mut dice) },
            1 => Step::Restore { owner, what: what(&mut dice) },
            2..10 => {
                let is_refresh = dice.roll(3) > 0;
                Step::Status { token: token(&mut dice, is_refresh) }
            }
            10 => Step::Purge { now },
            _ => {
                let token = token(&mut dice, true);
                next += dice.roll(2);
                let (until, burnt_until) = (end(&mut dice), end(&mut dice));
                Step::Rotate { token, next, until, burnt_until }
            }
        });
    }
    steps
}

async fn play(store: &impl RevocationStore, steps: &[Step]) -> Result<(), String> {
    let subject = unique();
    let owners = [main(&subject), Subject::new(&subject).of_manager("partners")];
    let mut model = [Model::default(), Model::default()];
    for (n, step) in steps.iter().enumerate() {
        let same = match step {
            Step::Revoke { owner, what, until } => {
                let names = Names::of(*what);
                let end = until.map(|end| at(f64::from(end)));
                let revocation = Revocation::new(owners[*owner], names.revoked(), end, at(0.0));
                store.revoke(&revocation).await.unwrap();
                model[*owner].revoke(*what, *until);
                Ok(())
            }
            Step::Restore { owner, what } => {
                let names = Names::of(*what);
                let was = store.restore(&owners[*owner], &names.revoked()).await.unwrap();
                same(&was, &model[*owner].restore(*what))
            }
            Step::Rotate { token, next, until, burnt_until } => {
                let (names, next) = (TokenNames::of(token), next.to_string());
                let successor = format!("{next} at {n}");
                let mut rotation =
                    Rotation::new(names.token(owners[token.owner], token), &next, &successor)
                        .unwrap();
                rotation.until = until.map(|end| at(f64::from(end)));
                rotation.burnt_until = burnt_until.map(|end| at(f64::from(end)));
                let outcome = match store.rotate(&rotation).await.unwrap() {
                    RotationOutcome::Rotated => "rotated".to_owned(),
                    RotationOutcome::Repeated { successor } => format!("repeated {successor}"),
                    RotationOutcome::Reused => "reused".to_owned(),
                    RotationOutcome::Revoked => "revoked".to_owned(),
                };
                let ends = (*until, *burnt_until);
                same(&outcome, &model[token.owner].rotate(token, &next, &successor, ends))
            }
            Step::Status { token } => {
                let names = TokenNames::of(token);
                let status = store.status(&names.token(owners[token.owner], token)).await.unwrap();
                same(&status, &model[token.owner].status(token))
            }
            Step::Purge { now } => {
                store.purge(at(*now)).await.map(|_| ()).map_err(|e| e.to_string())
            }
        };
        same.map_err(|difference| format!("step {n}, {step:?}: {difference}"))?;
    }
    for (owner, model) in owners.iter().zip(&model) {
        let found = store.list(owner, at(999.0)).await.unwrap();
        let found: BTreeSet<_> = found.iter().map(|r| shown(&r.what, r.until)).collect();
        same(&found, &model.list()).map_err(|difference| format!("the list: {difference}"))?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(answer: &T, expected: &T) -> Result<(), String> {
    if answer == expected { Ok(()) } else { Err(format!("{answer:?} instead of {expected:?}")) }
}

pub(super) fn shown(what: &RevokedRecord, until: Option<Timestamp>) -> String {
    let what = match what {
        RevokedRecord::Token { jti } => format!("token {jti}"),
        RevokedRecord::Session { id } => format!("session {id}"),
        RevokedRecord::Subject { issued_until, keep } => {
            format!("subject {} {keep:?}", issued_until.as_seconds() - NOW)
        }
    };
    format!("{what} {:?}", until.map(|until| until.as_seconds() - NOW))
}

/// The texts of a [`RevokedName`].
struct Names {
    what: RevokedName,
    text: String,
}

impl Names {
    fn of(what: RevokedName) -> Self {
        let text = match what {
            RevokedName::Token(n) | RevokedName::Session(n) => n.to_string(),
            RevokedName::Subject { keep, .. } => keep.map_or_else(String::new, |n| n.to_string()),
        };
        Self { what, text }
    }

    fn revoked(&self) -> Revoked<'_> {
        match self.what {
            RevokedName::Token(_) => token(&self.text),
            RevokedName::Session(_) => session(&self.text),
            RevokedName::Subject { issued_until, keep } => {
                cutoff(issued_until, keep.map(|_| &*self.text))
            }
        }
    }
}

/// The texts of a [`Token`].
struct TokenNames(String, Option<String>);

impl TokenNames {
    fn of(token: &Token) -> Self {
        Self(token.jti.to_string(), token.session.map(|n| n.to_string()))
    }

    fn token<'a>(&'a self, owner: Subject<'a>, token: &Token) -> TokenRef<'a> {
        let make = if token.is_refresh { refresh } else { access };
        let mut known = later(make(owner, &self.0, self.1.as_deref()), token.now);
        known.issued_at = token.issued_at.map(at);
        known.grace = std::time::Duration::from_secs(4);
        known
    }
}

/// Numbers that look random, and are the same everywhere (`SplitMix64`).
struct Dice(u64);

impl Dice {
    /// Below `sides`.
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((z ^ (z >> 31)) % u64::from(sides)).unwrap_or_default()
    }
}
