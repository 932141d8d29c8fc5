//! Replays what Flask-JWT-Extended was recorded to answer (`conformance/recorded.json`) against an
//! axum router in the Flask preset. `conformance/README.md` describes the recording.
//!
//! 1. Each case is set up as it was recorded: options, hooks, route, clock.
//! 2. The answer is compared with the recorded one.
//! 3. Where `conformance/deviations.json` has a row for the case, the answer has to be that row's
//!    instead, and has to differ from the recorded one: a row that is not needed any more fails.
//! 4. Every case counts as one of replayed, by deviation and not yet; none gets lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is all test code"
)]

mod app;
mod cookies;
mod files;
mod recorded;
mod request;
mod tokens;
mod values;

use std::fmt::Write as _;
use std::io::Write as _;

use recorded::{Case, Deviation, Kind, Recorded};

/// How many cases there are, that none gets lost.
const CASES: usize = 1254;

/// How many of them have to be answered as upstream answers.
const REPLAYED: usize = 1181;

/// Cases that cannot be replayed here, and why.
const NOT_YET: &[(&str, &str)] = &[];

/// How many differences are printed in full.
const SHOWN: usize = 30;

/// What a case is compared with.
#[derive(Clone, Copy)]
enum Expected<'d> {
    /// What was recorded.
    Recorded,
    /// A row of the table of deviations.
    Deviation(&'d Deviation),
}

/// How a case went.
enum Outcome {
    Same,
    /// Neither the recorded answer nor the deviation's.
    Differs(Difference),
    /// The application cannot be built with this configuration.
    Refused(String),
}

struct Difference {
    expected: String,
    got: String,
}

impl Outcome {
    /// `Same` where both are.
    fn of(expected: impl Into<String>, got: impl Into<String>, same: bool) -> Self {
        if same {
            Self::Same
        } else {
            Self::Differs(Difference { expected: expected.into(), got: got.into() })
        }
    }
}

#[derive(Default)]
struct Tally {
    replayed: usize,
    by_deviation: usize,
    not_yet: usize,
    failures: Vec<String>,
}

impl Tally {
    fn count(&mut self, recorded: &Recorded, id: &str, case: &Case, deviation: Option<&Deviation>) {
        if NOT_YET.iter().any(|(not_yet, _)| *not_yet == id) {
            self.not_yet += 1;
            return;
        }
        let as_recorded = replay(recorded, case, Expected::Recorded);
        let Some(deviation) = deviation else {
            self.replayed += 1;
            match as_recorded {
                Outcome::Same => {}
                Outcome::Differs(difference) => self.fail(recorded, id, case, &difference),
                Outcome::Refused(why) => {
                    let expected = "an application with this configuration".to_owned();
                    self.fail(recorded, id, case, &Difference { expected, got: why });
                }
            }
            return;
        };
        self.by_deviation += 1;
        match as_recorded {
            Outcome::Refused(_) | Outcome::Same if deviation.config_may_be_refused => return,
            Outcome::Same => {
                let expected = format!("a deviation: {}", deviation.reason);
                let got = "the recorded answer: the row can be dropped".to_owned();
                return self.fail(recorded, id, case, &Difference { expected, got });
            }
            _ => {}
        }
        match replay(recorded, case, Expected::Deviation(deviation)) {
            Outcome::Same => {}
            Outcome::Differs(difference) => self.fail(recorded, id, case, &difference),
            Outcome::Refused(why) => {
                let expected = format!("a deviation: {}", deviation.reason);
                self.fail(recorded, id, case, &Difference { expected, got: why });
            }
        }
    }

    fn fail(&mut self, recorded: &Recorded, id: &str, case: &Case, difference: &Difference) {
        let config = &recorded.configs[&case.config];
        let mut text = format!("{id}, at {}\n", case.now);
        for (label, value) in [
            ("config", format!("{} {config}", case.config)),
            ("request", case.kind.to_string()),
            ("expected", difference.expected.clone()),
            ("got", difference.got.clone()),
        ] {
            let _ = writeln!(text, "  {label:<9} {value}");
        }
        self.failures.push(text);
    }
}

fn replay(recorded: &Recorded, case: &Case, expected: Expected<'_>) -> Outcome {
    let config = &recorded.configs[&case.config];
    let app = |blocklist| app::manager(config, case.now, blocklist);
    let jwt = match &case.kind {
        Kind::Request { blocklist, .. } => app(blocklist.as_ref()),
        _ => app(None),
    };
    let jwt = match jwt {
        Ok(jwt) => jwt,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    match &case.kind {
        Kind::Request { route, request, answer, .. } => {
            let app = app::router(jwt, &recorded.routes[route], config);
            request::replay(app, config, request, answer, expected)
        }
        Kind::Encode { create, answer } => {
            tokens::encode(&jwt, config, case.now, create, answer, expected)
        }
        Kind::Decode { decode, answer } => tokens::decode(&jwt, decode, answer, expected),
        Kind::Cookies { call, token, arguments, answer } => {
            cookies::replay(&jwt, *call, token.as_deref(), arguments, answer, expected)
        }
    }
}

#[test]
fn answers_as_recorded() {
    let recorded = files::cases();
    let deviations = files::deviations();
    assert_eq!(recorded.cases.len(), CASES, "cases came or went");
    for id in deviations.keys() {
        assert!(recorded.cases.contains_key(id), "deviations.json: there is no case {id:?}");
    }
    for (id, _) in NOT_YET {
        assert!(recorded.cases.contains_key(*id), "there is no case {id:?}");
    }

    let mut tally = Tally::default();
    for (id, case) in &recorded.cases {
        tally.count(&recorded, id, case, deviations.get(id));
    }

    let mut report = String::new();
    for failure in tally.failures.iter().take(SHOWN) {
        let _ = writeln!(report, "\n{failure}");
    }
    for (id, reason) in NOT_YET {
        let _ = writeln!(report, "not yet: {id}: {reason}");
    }
    let Tally { replayed, by_deviation, not_yet, failures } = tally;
    let _ = writeln!(
        report,
        "conformance: {replayed} replayed, {by_deviation} by deviation, {not_yet} not yet"
    );
    // Past the capturing of output, for whoever reads the log of a run that went well.
    let _ = std::io::stderr().write_all(report.as_bytes());

    assert_eq!(failures.len(), 0, "cases are answered otherwise than recorded; see above");
    assert_eq!(replayed + by_deviation + not_yet, CASES);
    assert!(replayed >= REPLAYED, "only {replayed} cases are answered as upstream does");
}
