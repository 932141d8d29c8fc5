use std::path::PathBuf;

use clap::Args;
use jwt_extended::{Random as _, SystemRandom};
use zeroize::Zeroizing;

use crate::Failure;
use crate::output::{self, Readers};

/// Makes a random secret for HS256, HS384 and HS512, in base64url.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Secret {
    /// How many random bytes; 48 of them are 64 letters, enough for all three algorithms
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u16).range(32..=1024))]
    bytes: u16,
    /// Prints a line of an environment file: `JWT_SECRET_KEY=...`
    #[arg(long)]
    env: bool,
    /// Writes it to this new file, which only you may read
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jwt-extended secret --env >> .env
  jwt-extended secret --out jwt-secret    # for JWT_SECRET_KEY_FILE=jwt-secret";

impl Secret {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut secret = Zeroizing::new(vec![0; usize::from(self.bytes)]);
        SystemRandom.fill(&mut secret)?;
        // At once as long as it will be, or a shorter copy would be left behind.
        let mut line = Zeroizing::new(String::with_capacity(secret.len() * 2 + 32));
        if self.env {
            line.push_str("JWT_SECRET_KEY=");
        }
        base64_simd::URL_SAFE_NO_PAD.encode_append(&*secret, &mut *line);
        line.push('\n');
        match &self.out {
            Some(path) => output::create(path, &line, Readers::Owner),
            None => output::print(&line),
        }
    }
}
