//! The command-line tool: keys, secrets, a look into tokens, public keys.

mod inspect;
mod jwks;
mod keygen;
mod keys;
mod output;
mod secret;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Makes keys and secrets for JSON Web Tokens, shows what a token says, publishes public keys.
///
/// Works on this machine alone: nothing is sent or fetched.
#[derive(Parser)]
#[command(name = "jwt-extended", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused or failed; standard error says why
  2  the command line is wrong
  3  `inspect --verify`: the signature is not good";

#[derive(Subcommand)]
enum Command {
    Keygen(keygen::Keygen),
    Secret(secret::Secret),
    Inspect(inspect::Inspect),
    Jwks(jwks::Jwks),
}

/// Why a command did not do what it was asked for.
struct Failure {
    message: String,
    code: u8,
}

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { message: error.to_string(), code: 1 }
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Keygen(command) => command.run(),
        Command::Secret(command) => command.run(),
        Command::Inspect(command) => command.run(),
        Command::Jwks(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::note(&format!("error: {}", failure.message));
            ExitCode::from(failure.code)
        }
    }
}
