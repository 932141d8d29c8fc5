//! From an issuer to its keys: metadata, JWK Set, keyring.

use std::time::Duration;

use jwt_extended::{Algorithms, Keyring};
use serde::Deserialize;

use crate::error::Error;
use crate::fetch::Fetcher;
use crate::issuer::{Issuer, KeysAt};

/// Where the keys of one issuer come from. Nothing is remembered here.
pub(crate) struct Source {
    pub(crate) name: String,
    keys_at: KeysAt,
    metadata_address: String,
    algorithms: Algorithms,
    fetcher: Fetcher,
}

/// The metadata of an issuer, as far as they matter here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Source {
    pub(crate) fn new(issuer: &Issuer, algorithms: Algorithms) -> Result<Self, Error> {
        Ok(Self {
            name: issuer.name.clone(),
            keys_at: issuer.keys_at.clone(),
            metadata_address: issuer.metadata_address(),
            algorithms,
            fetcher: Fetcher::new(issuer.fetching.clone())?,
        })
    }

    /// The keys as they are now, and how long the issuer says they are good.
    pub(crate) async fn fetch(&self) -> Result<(Keyring, Option<Duration>), Error> {
        let timeout = self.fetcher.timeout();
        match tokio::time::timeout(timeout, self.fetch_all()).await {
            Ok(fetched) => fetched,
            Err(_) => Err(Error::new(format!(
                "the keys of {:?} could not be fetched within {timeout:?}",
                self.name
            ))),
        }
    }

    async fn fetch_all(&self) -> Result<(Keyring, Option<Duration>), Error> {
        let metadata;
        let address = match &self.keys_at {
            KeysAt::Url(url) => url,
            KeysAt::Metadata(url) => {
                metadata = self.metadata(url.as_ref().unwrap_or(&self.metadata_address)).await?;
                &metadata.jwks_uri
            }
        };
        let fetched = self.fetcher.get(self.fetcher.url(address)?).await?;
        let keyring = Keyring::from_jwk_set(self.algorithms, &fetched.text)
            .map_err(|why| Error::new(format!("{address} has no keys that can be used: {why}")))?;
        Ok((keyring, fetched.max_age))
    }

    async fn metadata(&self, address: &str) -> Result<Metadata, Error> {
        let fetched = self.fetcher.get(self.fetcher.url(address)?).await?;
        let metadata: Metadata = serde_json::from_str(&fetched.text).map_err(|fault| {
            // The parser's own words may quote the answer.
            Error::new(format!(
                "{address} is no metadata of an issuer, with `issuer` and `jwks_uri` (line {}, column {})",
                fault.line(),
                fault.column()
            ))
        })?;
        // OpenID Connect Discovery 1.0 section 4.3: else one issuer could speak for another.
        if metadata.issuer != self.name {
            return Err(Error::new(format!(
                "{address} is of the issuer {:?} and not of {:?}: the name must be exactly the issuer's own",
                metadata.issuer, self.name
            )));
        }
        Ok(metadata)
    }
}
