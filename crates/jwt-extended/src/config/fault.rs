//! What is wrong with a configuration, and what mends it.

use std::fmt;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    option: &'static str,
    problem: String,
    mend: String,
}

impl Fault {
    /// A fault of an adapter's own; together the three make a sentence.
    pub fn new(option: &'static str, problem: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { option, problem: problem.into(), mend: mend.into() }
    }

    /// The option's name.
    pub fn option(&self) -> &'static str {
        self.option
    }

    /// What is wrong with it. Never the value of a secret.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What mends it.
    pub fn mend(&self) -> &str {
        &self.mend
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.option, self.problem, self.mend)
    }
}

/// A configuration cannot be used: all that is wrong with it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub(super) faults: Vec<Fault>,
}

impl ConfigError {
    /// The faults, each with its option and what mends it.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl From<Fault> for ConfigError {
    fn from(fault: Fault) -> Self {
        Self { faults: vec![fault] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if n == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// The same sentences: of an error that `main` returns, Rust prints the `Debug` form.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
