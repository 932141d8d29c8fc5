//! What a store must answer, by the plainest code there is: the model keeps every event, and finds each
//! answer by going through all of them.

use std::collections::BTreeSet;

use super::model::{RevokedName, Token, shown};
use super::*;
use crate::store::RevokedRecord;

/// Everything that ever happened to a subject, oldest first.
#[derive(Default)]
pub(super) struct Model {
    events: Vec<Event>,
}

enum Event {
    Revoked(RevokedName, Option<u32>),
    Restored(RevokedName),
    Rotated { family: u32, jti: u32, next: u32, successor: String, at: f64, until: Option<u32> },
}

impl Model {
    /// The ends of the revocations of `what` that nobody took back.
    fn ends(&self, what: RevokedName) -> Vec<Option<u32>> {
        let mut ends = Vec::new();
        for event in &self.events {
            match event {
                Event::Revoked(w, until) if *w == what => ends.push(*until),
                Event::Restored(w) if *w == what => ends.clear(),
                _ => {}
            }
        }
        ends
    }

    /// The cutoffs that nobody took back: moment, session to keep, end.
    fn cutoffs(&self) -> Vec<(f64, Option<u32>, Option<u32>)> {
        let mut all = Vec::new();
        for event in &self.events {
            match event {
                Event::Revoked(RevokedName::Subject { issued_until, keep }, until) => {
                    all.push((*issued_until, *keep, *until));
                }
                Event::Restored(RevokedName::Subject { .. }) => all.clear(),
                _ => {}
            }
        }
        all
    }

    /// The two of them that say what all do: the latest one, and the latest one that does not keep the
    /// same session.
    fn listed_cutoffs(&self) -> Vec<(f64, Option<u32>)> {
        let all = self.cutoffs();
        let latest = |all: &[(f64, Option<u32>, Option<u32>)]| {
            all.iter().map(|(cut, ..)| *cut).reduce(f64::max)
        };
        let Some(last) = latest(&all) else { return Vec::new() };
        let (_, keep, _) = all.iter().find(|(cut, ..)| *cut >= last).unwrap();
        let others: Vec<_> = all.iter().filter(|(_, other, _)| other != keep).copied().collect();
        match latest(&others).filter(|_| keep.is_some()) {
            Some(hit) if hit >= last => vec![(last, None)],
            Some(hit) => vec![(last, *keep), (hit, None)],
            None => vec![(last, *keep)],
        }
    }

    fn is_revoked(&self, token: &Token) -> bool {
        let family = token.session.or(token.is_refresh.then_some(token.jti));
        !self.ends(RevokedName::Token(token.jti)).is_empty()
            || family.is_some_and(|family| !self.ends(RevokedName::Session(family)).is_empty())
            || self.cutoffs().iter().any(|(cut, keep, _)| {
                let is_kept = keep.is_some() && *keep == token.session;
                !is_kept && token.issued_at.is_none_or(|issued| issued <= *cut)
            })
    }

    fn rotations(&self, of: u32) -> Vec<&Event> {
        let is_of = |e: &&Event| matches!(e, Event::Rotated { family, .. } if *family == of);
        self.events.iter().filter(is_of).collect()
    }

    fn family_end(&self, family: u32) -> Vec<Option<u32>> {
        let end = |e: &Event| if let Event::Rotated { until, .. } = e { *until } else { None };
        self.rotations(family).into_iter().map(end).collect()
    }

    pub(super) fn revoke(&mut self, what: RevokedName, until: Option<u32>) {
        let mut ends = vec![until];
        if let RevokedName::Session(family) = what {
            ends.extend(self.family_end(family));
        }
        self.events.push(Event::Revoked(what, latest_end(ends)));
    }

    pub(super) fn restore(&mut self, what: RevokedName) -> bool {
        let was = match what {
            RevokedName::Subject { .. } => !self.cutoffs().is_empty(),
            what => !self.ends(what).is_empty(),
        };
        self.events.push(Event::Restored(what));
        was
    }

    pub(super) fn status(&self, token: &Token) -> RevocationStatus {
        if self.is_revoked(token) {
            return RevocationStatus::Revoked;
        }
        let last = self.rotations(token.session.unwrap_or(token.jti)).into_iter().next_back();
        match last {
            Some(Event::Rotated { jti, next, at, .. }) if token.is_refresh => {
                let in_grace = *jti == token.jti && token.now <= at + 4.0;
                if *next == token.jti || in_grace {
                    RevocationStatus::Active
                } else {
                    RevocationStatus::Reused
                }
            }
            _ => RevocationStatus::Active,
        }
    }

    pub(super) fn rotate(
        &mut self,
        token: &Token,
        next: &str,
        successor: &str,
        (until, burnt_until): (Option<u32>, Option<u32>),
    ) -> String {
        let family = token.session.unwrap_or(token.jti);
        let last = self.rotations(family).into_iter().next_back();
        match (self.status(token), last) {
            (RevocationStatus::Revoked, _) => "revoked".to_owned(),
            (RevocationStatus::Reused, _) => {
                self.revoke(RevokedName::Session(family), burnt_until);
                "reused".to_owned()
            }
            (_, Some(Event::Rotated { next: current, successor, .. })) if *current != token.jti => {
                if self.ends(RevokedName::Token(*current)).is_empty() {
                    format!("repeated {successor}")
                } else {
                    "revoked".to_owned()
                }
            }
            _ => {
                let (jti, next, at) = (token.jti, next.parse().unwrap(), token.now);
                let successor = successor.to_owned();
                self.events.push(Event::Rotated { family, jti, next, successor, at, until });
                "rotated".to_owned()
            }
        }
    }

    pub(super) fn list(&self) -> BTreeSet<String> {
        let names = self.events.iter().filter_map(|event| match event {
            Event::Revoked(what, _) => Some(*what),
            _ => None,
        });
        let cutoffs_end = latest_end(self.cutoffs().iter().map(|(.., until)| *until));
        let cutoffs = self.listed_cutoffs().into_iter().map(|(cut, keep)| {
            let keep = keep.map(|n| n.to_string());
            let what = RevokedRecord::Subject { issued_until: at(cut), keep };
            shown(&what, cutoffs_end.map(|end| at(f64::from(end))))
        });
        let mut list: BTreeSet<_> = cutoffs.collect();
        for name in names {
            let (what, ends) = match name {
                RevokedName::Token(n) => {
                    (RevokedRecord::Token { jti: n.to_string() }, self.ends(name))
                }
                RevokedName::Session(n) => {
                    (RevokedRecord::Session { id: n.to_string() }, self.ends(name))
                }
                RevokedName::Subject { .. } => continue,
            };
            if !ends.is_empty() {
                list.insert(shown(&what, latest_end(ends).map(|end| at(f64::from(end)))));
            }
        }
        list
    }
}

/// `None` is the latest of all.
fn latest_end(ends: impl IntoIterator<Item = Option<u32>>) -> Option<u32> {
    ends.into_iter().try_fold(0, |latest, end| Some(latest.max(end?)))
}
