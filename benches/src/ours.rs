//! Our engine, as an application uses it.

use std::hint::black_box;
use std::time::Duration;

use jwt_extended::{Algorithm, Config, DecodeOptions, JwtEngine, Policy, Verdict};

use crate::{AUDIENCE, Contender, IDENTITY, ISSUER, LIFETIME, ROLE, Result, SECRET, private_pem};

pub(crate) struct Ours(JwtEngine);

impl Ours {
    pub(crate) fn new(algorithm: Algorithm) -> Result<Self> {
        let config = Config::builder()
            .algorithm(algorithm)
            .encode_issuer(ISSUER)
            .decode_issuer([ISSUER])
            .encode_audience([AUDIENCE])
            .decode_audience([AUDIENCE])
            .access_token_expires(Duration::from_secs(LIFETIME))
            // A token for headers: no `csrf` claim.
            .cookie_csrf_protect(false);
        let config = if algorithm.is_symmetric() {
            config.secret_key(SECRET)
        } else {
            config.private_key(private_pem(algorithm))
        };
        Ok(Self(JwtEngine::new(config.build()?)))
    }

    pub(crate) fn create(&self) -> Result<String> {
        let token = self.0.create_access_token(IDENTITY).claim("role", ROLE).encode()?;
        Ok(token.into())
    }

    /// All that a request's token goes through in the native preset, without a store; then what a
    /// handler reads of it.
    fn check(&self, token: &str) -> Result<usize> {
        let verified = match self.0.check_token(token, &Policy::required())? {
            Verdict::Done(verified) => verified,
            Verdict::Pending(pending) => {
                pending.question()?;
                pending.without_store()
            }
        };
        let role: String = verified.claim("role")?.ok_or("no role")?;
        Ok(verified.identity().len() + role.len())
    }

    fn decode(&self, token: &str) -> Result<usize> {
        Ok(self.0.decode(token, &DecodeOptions::default())?.identity().len())
    }
}

pub(crate) fn check(algorithm: Algorithm, token: &str) -> Result<Contender> {
    let (ours, token) = (Ours::new(algorithm)?, token.to_owned());
    Contender::new("jwt-extended", move || ours.check(black_box(&token)))
}

pub(crate) fn decode(algorithm: Algorithm, token: &str) -> Result<Contender> {
    let (ours, token) = (Ours::new(algorithm)?, token.to_owned());
    Contender::new("jwt-extended `decode`", move || ours.decode(black_box(&token)))
}

pub(crate) fn create(algorithm: Algorithm) -> Result<Contender> {
    let ours = Ours::new(algorithm)?;
    Contender::new("jwt-extended", move || Ok(ours.create()?.len()))
}
