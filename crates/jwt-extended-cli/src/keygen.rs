use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use jwt_extended::{Algorithm, GeneratedKey};
use zeroize::Zeroizing;

use crate::Failure;
use crate::output::{self, Readers};

/// Makes a new key for an algorithm.
///
/// Prints the private key, unless `--out` says where to write it. A key is named by the thumbprint of
/// its public part (RFC 7638), unless it is given a name.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Keygen {
    /// What the key is for
    #[arg(value_parser = one_of(Algorithm::ALL), ignore_case = true, value_name = "ALGORITHM")]
    algorithm: Algorithm,
    /// The form of the key [default: pem; jwk for secrets]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The key's name, its `kid` [default: the thumbprint; none for secrets]
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    kid: Option<String>,
    /// Bits of an RSA key: 2048, 3072, 4096 or 8192 [default: 3072]
    #[arg(long)]
    bits: Option<usize>,
    /// Writes the private key to this new file, which only you may read
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Writes the public key to this new file
    #[arg(long, value_name = "FILE")]
    public: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jwt-extended keygen ES256 --out key.pem --public key.pub.pem
  jwt-extended keygen EdDSA --format jwk --kid 2026 --out key.jwk
  jwt-extended keygen RS256 --bits 4096 --out rsa.pem

Then JWT_ALGORITHM=ES256 JWT_PRIVATE_KEY_FILE=key.pem is all that a service needs.";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// PKCS#8 and SPKI, as openssl writes them
    Pem,
    /// A JSON Web Key, with its name
    Jwk,
}

impl Keygen {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let symmetric = self.algorithm.is_symmetric();
        let default = if symmetric { Format::Jwk } else { Format::Pem };
        let format = self.format.unwrap_or(default);
        if symmetric && format == Format::Pem {
            return Err(format!(
                "{} works with a secret, and PEM has no form for one: take `--format jwk`, or \
                 `jwt-extended secret` for JWT_SECRET_KEY",
                self.algorithm
            )
            .into());
        }
        if symmetric && self.public.is_some() {
            return Err(format!(
                "{} works with a secret, of which nothing is public",
                self.algorithm
            )
            .into());
        }
        let mut key = match self.bits {
            Some(bits) => GeneratedKey::rsa(self.algorithm, bits)?,
            None => GeneratedKey::new(self.algorithm)?,
        };
        if let Some(kid) = &self.kid {
            key = key.with_kid(kid);
        }
        let private = match format {
            Format::Pem => key.private_pem()?,
            Format::Jwk => line(&key.private_jwk()),
        };
        let public = key.public_key().map(|key| match format {
            Format::Pem => key.to_pem(),
            Format::Jwk => key.to_jwk() + "\n",
        });
        match &self.out {
            Some(path) => output::create(path, &private, Readers::Owner)?,
            None => output::print(&private)?,
        }
        if let (Some(path), Some(public)) = (&self.public, public) {
            output::create(path, &public, Readers::Everybody).inspect_err(|_| {
                // Not half of what was asked for.
                if let Some(path) = &self.out {
                    let _ = std::fs::remove_file(path);
                }
            })?;
        }
        if let Some(kid) = key.signing_key().kid() {
            output::note(&format!("kid: {kid}"));
            if self.kid.is_some() && format == Format::Pem {
                output::note("PEM has no room for a name: set JWT_KEY_ID to it");
            }
        }
        Ok(())
    }
}

/// Reads the name of one of these algorithms.
pub(crate) fn one_of<const N: usize>(
    algorithms: [Algorithm; N],
) -> impl TypedValueParser<Value = Algorithm> {
    PossibleValuesParser::new(algorithms.map(Algorithm::name)).try_map(move |name| {
        let named = algorithms.into_iter().find(|a| a.name().eq_ignore_ascii_case(&name));
        named.ok_or(jwt_extended::UnknownAlgorithm)
    })
}

fn line(text: &str) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(text.len() + 1));
    line.push_str(text);
    line.push('\n');
    line
}
