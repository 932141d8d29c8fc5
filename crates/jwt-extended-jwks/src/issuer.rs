//! What is said of an issuer before anything is fetched.

use std::fmt;
use std::time::Duration;

use jwt_extended::Algorithms;
use jwt_extended::outside::Expectations;
use reqwest::Url;

use crate::error::Error;

/// An outside issuer: who it is, where its keys are, and what its tokens must be to be taken.
///
/// Its name and its audience cannot be left out; all else has defaults.
///
/// ```
/// use std::time::Duration;
/// use jwt_extended_jwks::{Algorithm, Issuer};
///
/// let keycloak = Issuer::new("https://login.example.com/realms/shop", "orders-api");
/// let partner = Issuer::new("partner.example", "https://api.example.com")
///     .jwks_url("https://partner.example/keys.json")
///     .algorithms(Algorithm::ES256)
///     .leeway(Duration::from_secs(5));
/// ```
#[derive(Clone)]
#[must_use = "an issuer does nothing until it is part of `Issuers`"]
pub struct Issuer {
    pub(crate) name: String,
    pub(crate) keys_at: KeysAt,
    audience: String,
    other_audiences: Vec<String>,
    algorithms: Option<Algorithms>,
    leeway: Option<Duration>,
    token_type: Option<String>,
    pub(crate) fetching: Fetching,
    pub(crate) times: Times,
}

/// Where an issuer's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeysAt {
    /// Its metadata say it. `None`: they are where OpenID Connect wants them.
    Metadata(Option<String>),
    /// Here.
    Url(String),
}

/// How an issuer is spoken to.
#[derive(Clone)]
pub(crate) struct Fetching {
    pub(crate) timeout: Duration,
    pub(crate) insecure_http: bool,
    pub(crate) root_certificates: Vec<String>,
}

/// How long keys are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) at_least: Duration,
    pub(crate) at_most: Duration,
    pub(crate) stale_for: Duration,
    pub(crate) cool_down: Duration,
    pub(crate) retry_after: Duration,
}

impl Issuer {
    /// The issuer of this name, whose tokens are taken if they are meant for `audience`.
    ///
    /// `issuer` is its name exactly as it stands in the claim `iss` of its tokens, be there a slash at the end
    /// or not. Its keys are found by OpenID Connect discovery, at `/.well-known/openid-configuration` below
    /// the name, unless [`jwks_url`](Self::jwks_url) tells where they are.
    ///
    /// `audience` is what the issuer calls this API, in the claim `aud` of access tokens. Not the client's id:
    /// that is the audience of ID tokens, which tell a client who has logged in, and are no permission to
    /// call an API.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            name: issuer.into(),
            keys_at: KeysAt::Metadata(None),
            audience: audience.into(),
            other_audiences: Vec::new(),
            algorithms: None,
            leeway: None,
            token_type: None,
            fetching: Fetching {
                timeout: Duration::from_secs(5),
                insecure_http: false,
                root_certificates: Vec::new(),
            },
            times: Times {
                at_least: Duration::from_secs(60),
                at_most: Duration::from_secs(3600),
                stale_for: Duration::from_secs(3600),
                cool_down: Duration::from_secs(30),
                retry_after: Duration::from_secs(5),
            },
        }
    }

    /// Takes tokens for this audience too.
    pub fn or_audience(mut self, audience: impl Into<String>) -> Self {
        self.other_audiences.push(audience.into());
        self
    }

    /// Fetches the keys, a JWK Set (RFC 7517 section 5), from this address, without discovery: for an issuer
    /// that does not speak OpenID Connect.
    pub fn jwks_url(mut self, url: impl Into<String>) -> Self {
        self.keys_at = KeysAt::Url(url.into());
        self
    }

    /// Takes only signatures by these algorithms. Unless set, those that each key is for by its own kind
    /// and `alg`. Symmetric ones are refused: who can fetch such a key could sign with it.
    pub fn algorithms(mut self, algorithms: impl Into<Algorithms>) -> Self {
        self.algorithms = Some(algorithms.into());
        self
    }

    /// How far the issuer's clock may be from ours, for `exp`, `nbf` and `iat`. 60 seconds, unless set.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = Some(leeway);
        self
    }

    /// Takes only tokens with this `typ` in their header, in small or big letters, with or without
    /// `application/` in front (RFC 7515 section 4.1.9). With `at+jwt`, nothing but an access token in the form
    /// of RFC 9068 is taken: worth it with every issuer that makes them.
    ///
    /// Unless set, a token with this `typ`, with `JWT` or with none is taken, and any other one is refused:
    /// it stands for something that is no access token (RFC 8725 section 3.11).
    pub fn token_type(mut self, typ: impl Into<String>) -> Self {
        self.token_type = Some(typ.into());
        self
    }

    /// Fetches the metadata from this address instead: where this service reaches its issuer by another
    /// name, or for metadata of RFC 8414 (`/.well-known/oauth-authorization-server`). What they say the
    /// issuer's name is must still be what it is.
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        self.keys_at = KeysAt::Metadata(Some(url.into()));
        self
    }

    /// Keeps keys for as long as the answer's `Cache-Control: max-age` says, but no shorter than `at_least`
    /// and no longer than `at_most`: a key that was withdrawn is believed for as long. One minute and one
    /// hour, unless set; without `max-age`, five minutes within these.
    pub fn keep_keys(mut self, at_least: Duration, at_most: Duration) -> Self {
        (self.times.at_least, self.times.at_most) = (at_least, at_most);
        self
    }

    /// Goes on with old keys for this long while the issuer does not answer. One hour, unless set: as
    /// long as access tokens live, nothing is gained by more, since nobody gets new ones.
    pub fn keep_stale_keys(mut self, longer: Duration) -> Self {
        self.times.stale_for = longer;
        self
    }

    /// Looks for a key that is not known at most once in this time, whatever tokens arrive. 30 seconds,
    /// unless set.
    pub fn cool_down(mut self, pause: Duration) -> Self {
        self.times.cool_down = pause;
        self
    }

    /// After an issuer has not answered, asks it again only when this time is over. 5 seconds, unless set.
    pub fn retry_after(mut self, pause: Duration) -> Self {
        self.times.retry_after = pause;
        self
    }

    /// Gives up on fetching keys, metadata included, after this time. 5 seconds, unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.fetching.timeout = timeout;
        self
    }

    /// Trusts the certificates of this authority (PEM) too, besides those that the operating system trusts:
    /// for an issuer in a network of one's own.
    pub fn root_certificate(mut self, pem: impl Into<String>) -> Self {
        self.fetching.root_certificates.push(pem.into());
        self
    }

    /// Fetches keys without TLS as well. **Whoever is on the way can then put in keys of his own, and
    /// make any token**: for tests, and for an issuer on the same machine.
    pub fn insecure_http(mut self) -> Self {
        self.fetching.insecure_http = true;
        self
    }

    /// What its tokens have to fulfil; or what is wrong with it, as far as that can be told without asking
    /// anybody.
    pub(crate) fn expectations(&self) -> Result<Expectations, Error> {
        let fault = |what: &str| Err(Error::new(format!("the issuer {:?} {what}", self.name)));
        if self.name.is_empty() {
            return Err(Error::new(
                "an issuer needs a name: what its tokens have in the claim `iss`",
            ));
        }
        if self.audience.is_empty() || self.other_audiences.iter().any(String::is_empty) {
            return fault(
                "has an empty audience: name what its tokens have in the claim `aud` for this service; a \
                 token for any other service must not be good here",
            );
        }
        if self.times.at_least > self.times.at_most {
            return fault("keeps keys for at least longer than for at most");
        }
        if self.times.at_most.is_zero() || self.fetching.timeout.is_zero() {
            return fault("has a time of zero in which nothing can be done");
        }
        match &self.keys_at {
            KeysAt::Metadata(None) => self.fetching.url(&self.metadata_address())?,
            KeysAt::Metadata(Some(url)) | KeysAt::Url(url) => self.fetching.url(url)?,
        };
        let mut expectations = Expectations::new(&*self.name, &*self.audience);
        for audience in &self.other_audiences {
            expectations = expectations.or_audience(audience);
        }
        if let Some(algorithms) = self.algorithms {
            expectations = expectations
                .algorithms(algorithms)
                .map_err(|fault| Error::new(format!("the issuer {:?}: {fault}", self.name)))?;
        }
        if let Some(leeway) = self.leeway {
            expectations = expectations.leeway(leeway);
        }
        if let Some(typ) = &self.token_type {
            expectations = expectations.token_type(typ);
        }
        Ok(expectations)
    }

    /// OpenID Connect Discovery 1.0 section 4: a slash at the end of the name is left out.
    pub(crate) fn metadata_address(&self) -> String {
        let below = self.name.strip_suffix('/').unwrap_or(&self.name);
        format!("{below}/.well-known/openid-configuration")
    }
}

impl Fetching {
    /// An address that may be asked.
    pub(crate) fn url(&self, url: &str) -> Result<Url, Error> {
        let parsed = Url::parse(url)
            .map_err(|fault| Error::new(format!("{url:?} is no URL")).with_source(fault))?;
        match parsed.scheme() {
            "https" => Ok(parsed),
            "http" if self.insecure_http => Ok(parsed),
            "http" => Err(Error::new(format!(
                "{url:?} is not https: whoever is on the way could put in keys of his own (for tests \
                 there is `.insecure_http()`)"
            ))),
            _ => Err(Error::new(format!("{url:?} is no address on the web: it needs https"))),
        }
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("name", &self.name)
            .field("keys_at", &self.keys_at)
            .field("audience", &self.audience)
            .field("other_audiences", &self.other_audiences)
            .field("algorithms", &self.algorithms)
            .field("insecure_http", &self.fetching.insecure_http)
            .finish_non_exhaustive()
    }
}
