//! Our engine, as an application uses it.

use std::hint::black_box;
use std::time::Duration;

use jwt_extended::{
    Algorithm, Config, ConfigBuilder, DecodeOptions, JwtEngine, Policy, SigningKey, Verdict, jws,
};

use crate::{AUDIENCE, Contender, IDENTITY, ISSUER, LIFETIME, ROLE, Result, SECRET, private_pem};

pub(crate) struct Ours(JwtEngine);

impl Ours {
    /// For tokens in headers: without the claim `csrf`.
    pub(crate) fn new(algorithm: Algorithm) -> Result<Self> {
        Self::with(algorithm, |config| config.cookie_csrf_protect(false))
    }

    pub(crate) fn with(
        algorithm: Algorithm,
        more: impl FnOnce(ConfigBuilder) -> ConfigBuilder,
    ) -> Result<Self> {
        let config = Config::builder()
            .algorithm(algorithm)
            .encode_issuer(ISSUER)
            .decode_issuer([ISSUER])
            .encode_audience([AUDIENCE])
            .decode_audience([AUDIENCE])
            .access_token_expires(Duration::from_secs(LIFETIME));
        let config = if algorithm.is_symmetric() {
            config.secret_key(SECRET)
        } else {
            config.private_key(private_pem(algorithm))
        };
        Ok(Self(JwtEngine::new(more(config).build()?)))
    }

    pub(crate) fn create(&self) -> Result<String> {
        self.create_with("role", ROLE)
    }

    /// With one claim of the application's own.
    pub(crate) fn create_with(&self, claim: &str, value: &str) -> Result<String> {
        Ok(self.0.create_access_token(IDENTITY).claim(claim, value).encode()?.into())
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

    pub(crate) fn decode(&self, token: &str) -> Result<usize> {
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

/// Verifies so many tokens in turn, of which all but the first sight of each are known.
pub(crate) fn cached(algorithm: Algorithm, tokens: usize) -> Result<Contender> {
    // Twice what they need, so that nothing of it is about what has to go.
    let bytes = tokens * 4096 * std::thread::available_parallelism()?.get();
    let ours = Ours::with(algorithm, |config| {
        config.cookie_csrf_protect(false).verified_cache_size(bytes)
    })?;
    let tokens: Vec<_> = (0..tokens).map(|_| ours.create()).collect::<Result<_>>()?;
    for token in &tokens {
        ours.decode(token)?;
    }
    let mut next = 0;
    Contender::new(format!("jwt-extended `decode`, {} cached", tokens.len()), move || {
        next = (next + 1) % tokens.len();
        ours.decode(black_box(tokens.get(next).ok_or("no token")?))
    })
}

/// With the claims of both places: an identifier and a CSRF value.
pub(crate) fn create(algorithm: Algorithm) -> Result<Contender> {
    let ours = Ours::with(algorithm, |config| config)?;
    Contender::new("jwt-extended", move || Ok(ours.create()?.len()))
}

/// The last part of it: a payload that is ready becomes a token.
pub(crate) fn sign(algorithm: Algorithm, token: &str) -> Result<Contender> {
    let key = if algorithm.is_symmetric() {
        SigningKey::hmac(algorithm, SECRET.as_bytes())?
    } else {
        SigningKey::from_pem(algorithm, private_pem(algorithm))?
    };
    let payload = token.split('.').nth(1).ok_or("no token")?;
    let payload = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload)?;
    Contender::new("jwt-extended `jws::sign`", move || {
        Ok(jws::sign(&key, None, black_box(&payload))?.len())
    })
}
