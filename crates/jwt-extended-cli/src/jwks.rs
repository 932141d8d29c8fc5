use std::path::PathBuf;

use clap::Args;
use jwt_extended::{Algorithm, JwkSet, PublicKey};

use crate::inspect::json;
use crate::keygen::one_of;
use crate::{Failure, keys, output};

/// Prints the public JWK Set of keys.
///
/// Takes PEM files, X.509 certificates and JWKs, private or public; only public parts are printed.
/// Secrets are refused. A key without a name is named by its thumbprint (RFC 7638), as services with
/// `JWT_KEY_ID=thumbprint` name it in their tokens.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Jwks {
    /// The keys; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What RSA keys are used for; without it, their `alg` stays open
    #[arg(long, value_parser = one_of(keys::RSA), ignore_case = true, value_name = "ALGORITHM")]
    alg: Option<Algorithm>,
    /// Names the key, of which there must be only one: its `JWT_KEY_ID`
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    kid: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  jwt-extended jwks new.pem old.pub.pem > jwks.json
  jwt-extended jwks --alg RS256 --kid 2026 rsa.pem";

impl Jwks {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if self.kid.is_some() && self.files.len() > 1 {
            return Err("`--kid` names one key, and there are several".into());
        }
        let mut keys: Vec<PublicKey> = Vec::new();
        for path in &self.files {
            let text = keys::read(path)?;
            let failed = |problem: &str| format!("{}: {problem}", path.display());
            let mut key =
                keys::asymmetric(&text, self.alg).map_err(|failure| failed(&failure.message))?;
            if let Some(kid) = &self.kid {
                key = key.with_kid(kid);
            }
            let key = key.public_key().ok_or_else(|| failed("a secret cannot be published"))?;
            if keys.iter().any(|other| other.kid() == key.kid()) {
                return Err(failed("a key before it has the same `kid`").into());
            }
            keys.push(key);
        }
        let set: JwkSet = keys.into_iter().collect();
        output::print(&(json::pretty(&set.to_json()) + "\n"))
    }
}
