//! The issuers side by side, and the check of a token.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jwt_extended::outside::{Expectations, OutsideToken, OutsideVerifier};
use jwt_extended::{
    AuthError, Clock, ErrorKind, Result as AuthResult, SystemClock, UnverifiedToken,
};

use crate::cache::Cache;
use crate::error::Error;
use crate::issuer::Issuer;
use crate::source::Source;

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// The issuers whose tokens a service takes: it is part of the application's state. Cheap to clone; all
/// clones share what was fetched.
///
/// A token chooses its issuer by its claim `iss`, compared as a whole, and nothing else: it is checked with the
/// keys, the audience and the algorithms of that issuer alone, whatever `kid` others use.
///
/// ```no_run
/// use jwt_extended_jwks::{Issuer, Issuers};
///
/// # async fn check(token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let issuers = Issuers::new([
///     Issuer::new("https://login.example.com/realms/shop", "orders-api"),
///     Issuer::new("https://accounts.partner.example/", "https://api.example.com"),
/// ])?;
/// let token = issuers.verify(token).await?;
/// println!("{:?} of {}", token.subject(), token.issuer());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Issuers(Arc<Inner>);

struct Inner {
    trusted: HashMap<String, Trusted>,
    clock: Arc<dyn Clock>,
}

struct Trusted {
    expectations: Expectations,
    cache: Cache,
}

impl Issuers {
    /// These issuers. Nothing is fetched before the first token, or [`fetch_all`](Self::fetch_all).
    ///
    /// An error where one of them cannot work: an address without https, a symmetric algorithm, a name that is
    /// there twice.
    pub fn new(issuers: impl IntoIterator<Item = Issuer>) -> Result<Self, Error> {
        Self::with_clock(issuers, SystemClock)
    }

    /// These issuers, by this clock.
    pub fn with_clock(
        issuers: impl IntoIterator<Item = Issuer>,
        clock: impl Clock,
    ) -> Result<Self, Error> {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let mut trusted = HashMap::new();
        for issuer in issuers {
            let expectations = issuer.expectations()?.max_token_size(LONGEST);
            let source = Source::new(&issuer, expectations.accepted_algorithms())?;
            let cache = Cache::new(source, issuer.times, Arc::clone(&clock));
            let Issuer { name, .. } = issuer;
            if trusted.contains_key(&name) {
                return Err(Error::new(format!("the issuer {name:?} is there twice")));
            }
            trusted.insert(name, Trusted { expectations, cache });
        }
        if trusted.is_empty() {
            return Err(Error::new(
                "there is no issuer at all, so that every token would be refused",
            ));
        }
        Ok(Self(Arc::new(Inner { trusted, clock })))
    }

    /// Fetches the keys of all issuers, at once: for a service that wants to know at its start whether its
    /// settings are right, and not to let its first request wait. The first error, if there are several.
    pub async fn fetch_all(&self) -> Result<(), Error> {
        let caches = self.0.trusted.values().map(|trusted| trusted.cache.clone());
        let flights: Vec<_> =
            caches.map(|cache| tokio::spawn(async move { cache.refresh().await })).collect();
        for flight in flights {
            flight.await.map_err(|fault| {
                Error::new("fetching the keys was interrupted").with_source(fault)
            })??;
        }
        Ok(())
    }

    /// Checks a token: that it is one of these issuers' and signed by it, its audience, type and times.
    ///
    /// 401 where it is not good. Where its issuer has no keys to check it with, since it does not answer, it
    /// is 503 `store_unavailable`: nobody can tell.
    pub async fn verify(&self, token: &str) -> AuthResult<OutsideToken> {
        let unverified = UnverifiedToken::read(token, LONGEST)?;
        let issuer = unverified.unverified_issuer();
        let Some(trusted) = issuer.and_then(|issuer| self.0.trusted.get(&issuer)) else {
            return Err(ErrorKind::InvalidIssuer.into());
        };
        let Trusted { expectations, cache } = trusted;
        let mut keys = cache.keys().await.map_err(AuthError::store_unavailable)?;
        // Once with keys that came meanwhile, once with keys that were fetched for it.
        for _ in 0..2 {
            match expectations.verify(token, &keys, self.0.clock.now()) {
                Err(error) if expectations.wants_newer_keys(&unverified, &keys, &error) => {
                    let others = cache.others_than(&keys).await;
                    match others.map_err(AuthError::store_unavailable)? {
                        Some(others) => keys = others,
                        None => return Err(error),
                    }
                }
                checked => return checked,
            }
        }
        expectations.verify(token, &keys, self.0.clock.now())
    }
}

impl OutsideVerifier for Issuers {
    async fn verify(&self, token: &str) -> AuthResult<OutsideToken> {
        Issuers::verify(self, token).await
    }
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.trusted.keys()).finish()
    }
}
