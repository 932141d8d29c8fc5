//! A look into a token.

pub(crate) mod json;
mod times;

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use jwt_extended::{Algorithm, jws};
use serde_json::Value;

use crate::{Failure, keys, output};

/// Shows what a token says: header, claims, and its times in words.
///
/// Nothing is believed: unless `--verify` finds the signature good, anybody may have written it.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Inspect {
    /// The token, with or without `Bearer`; `-` or nothing reads standard input, which unlike an
    /// argument stays out of the shell's history and the list of processes
    token: Option<String>,
    /// Checks the signature with the keys in this file: PEM, JWK, JWK Set, or a secret by itself
    #[arg(long, value_name = "FILE")]
    verify: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jwt-extended inspect < token.txt
  jwt-extended inspect --verify key.pub.pem < token.txt

`--verify` checks the signature and nothing else: neither times nor issuer, audience or revocation.";

/// Longer texts are no tokens.
const MAX_TOKEN: u64 = 1 << 20;

/// What is said of a token whose signature is not known to be good.
const UNVERIFIED: &str = "UNVERIFIED: anybody may have written this token. Believe nothing below.";

impl Inspect {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let text = match self.token {
            Some(token) if token != "-" => token,
            _ if self.verify.as_deref() == Some(Path::new("-")) => {
                return Err("standard input cannot be both the token and the key".into());
            }
            _ => from_standard_input()?,
        };
        let token = bare(&text);
        let [header, claims] = contents(token)?;
        let verdict = match &self.verify {
            None => None,
            Some(path) => {
                let text = keys::read(path)?;
                let ring = keys::ring(&text)
                    .map_err(|failure| format!("{}: {}", path.display(), failure.message))?;
                Some(jws::verify(token.as_bytes(), &ring, Algorithm::ALL))
            }
        };
        let opening = match &verdict {
            None => UNVERIFIED.to_owned(),
            Some(Err(error)) => format!("NOT VERIFIED: {error}\n{UNVERIFIED}"),
            Some(Ok(_)) => {
                "The signature is good. Neither times nor issuer, audience or revocation were \
                 checked."
                    .to_owned()
            }
        };
        // At each part again, since the first line of a long one is soon out of sight.
        let mark = if matches!(verdict, Some(Ok(_))) { "" } else { " (UNVERIFIED)" };
        let value = serde_json::from_str::<Value>(&claims).unwrap_or_default();
        let shown = format!(
            "{opening}\n\nHeader{mark}\n{}\n\nClaims{mark}\n{}\n\nTimes{mark}\n{}\n",
            json::pretty(&header),
            json::pretty(&claims),
            times::lines(&value, times::now()).join("\n")
        );
        output::print(&shown)?;
        match verdict {
            Some(Err(error)) => {
                Err(Failure { message: format!("the signature is not good: {error}"), code: 3 })
            }
            _ => Ok(()),
        }
    }
}

fn from_standard_input() -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        output::note("reading a token from standard input");
    }
    let mut text = String::new();
    let length = input.lock().take(MAX_TOKEN + 1).read_to_string(&mut text);
    match length {
        Ok(length) if length as u64 > MAX_TOKEN => Err("this is too long to be a token".into()),
        Ok(_) => Ok(text),
        Err(error) => Err(format!("cannot read standard input: {error}").into()),
    }
}

/// The token of a line that was copied out of a request.
fn bare(text: &str) -> &str {
    let mut token = text.trim();
    for prefix in ["authorization:", "bearer "] {
        if let Some(start) = token.get(..prefix.len())
            && start.eq_ignore_ascii_case(prefix)
        {
            token = token.get(prefix.len()..).unwrap_or_default().trim_start();
        }
    }
    token
}

/// Header and claims, as the JSON that they are.
fn contents(token: &str) -> Result<[String; 2], Failure> {
    match *token.split('.').collect::<Vec<_>>() {
        [""] => Err("there is no token".into()),
        [header, claims, _signature] => Ok([object(header, "header")?, object(claims, "payload")?]),
        [_, _, _, _, _] => {
            Err("this token is encrypted (a JWE): only who has its key can look into it".into())
        }
        ref segments => Err(format!(
            "a token has three segments with a dot between each two, and this has {}",
            segments.len()
        )
        .into()),
    }
}

fn object(segment: &str, what: &str) -> Result<String, Failure> {
    // Some write the padding, and a look is not a judgement.
    let bytes = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(segment.trim_end_matches('='))
        .map_err(|_| format!("the token's {what} is no base64url"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("the token's {what} is no UTF-8"))?;
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(_)) => Ok(text),
        Ok(_) => Err(format!("the token's {what} is JSON, but no object").into()),
        Err(error) => Err(format!("the token's {what} is no JSON: {error}").into()),
    }
}
