//! One small JSON text over HTTPS, and how long it is good.

use std::time::Duration;

use reqwest::header::{ACCEPT, AGE, CACHE_CONTROL, HeaderMap};
use reqwest::{Certificate, Client, Url, redirect};

use crate::error::Error;
use crate::issuer::Fetching;

/// More than any issuer's keys or metadata need: the largest known are below 100 kB.
const LARGEST: usize = 512 * 1024;

/// So that no chain of addresses is followed for ever.
const REDIRECTS: usize = 3;

pub(crate) struct Fetcher {
    client: Client,
    fetching: Fetching,
}

pub(crate) struct Fetched {
    pub(crate) text: String,
    /// What `Cache-Control` says, less the `Age` that the answer has already.
    pub(crate) max_age: Option<Duration>,
}

impl Fetcher {
    pub(crate) fn new(fetching: Fetching) -> Result<Self, Error> {
        let mut roots = Vec::new();
        for pem in &fetching.root_certificates {
            let certificates = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|fault| {
                Error::new("a root certificate is no certificate in PEM").with_source(fault)
            })?;
            if certificates.is_empty() {
                return Err(Error::new(
                    "a root certificate is empty: it needs a block `-----BEGIN CERTIFICATE-----`",
                ));
            }
            roots.extend(certificates);
        }
        let client = Client::builder()
            .https_only(!fetching.insecure_http)
            .redirect(redirect::Policy::custom(same_origin))
            .referer(false)
            .timeout(fetching.timeout)
            .tls_certs_merge(roots)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|fault| {
                Error::new(
                    "there can be no HTTPS client: are there root certificates on this system (a package \
                     such as ca-certificates)?",
                )
                .with_source(fault)
            })?;
        Ok(Self { client, fetching })
    }

    /// An address that may be asked.
    pub(crate) fn url(&self, url: &str) -> Result<Url, Error> {
        self.fetching.url(url)
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.fetching.timeout
    }

    pub(crate) async fn get(&self, url: Url) -> Result<Fetched, Error> {
        let place = url.to_string();
        let failed = |fault: reqwest::Error| {
            Error::new(format!("{place} could not be fetched")).with_source(fault.without_url())
        };
        let too_large = || Error::new(format!("{place} is larger than {LARGEST} bytes"));
        let request = self.client.get(url).header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(failed)?;
        if response.status() != 200 {
            return Err(Error::new(format!("{place} answers with {}", response.status())));
        }
        if response.content_length().is_some_and(|length| length > LARGEST as u64) {
            return Err(too_large());
        }
        let max_age = max_age(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let text =
            String::from_utf8(body).map_err(|_| Error::new(format!("{place} is no text")))?;
        Ok(Fetched { text, max_age })
    }
}

/// A redirection within one origin (scheme, host and port) is followed. One that leads elsewhere would have this
/// service ask whatever address an issuer likes, inside its own network too.
fn same_origin(attempt: redirect::Attempt<'_>) -> redirect::Action {
    if attempt.previous().len() > REDIRECTS {
        return attempt.error(format!("it redirects more than {REDIRECTS} times"));
    }
    let from = attempt.previous().last().map(Url::origin);
    if from.is_some_and(|origin| origin == attempt.url().origin()) {
        return attempt.follow();
    }
    let to = attempt.url().origin().ascii_serialization();
    attempt.error(format!(
        "it redirects to {to}, and no other place is asked than the one that was named: name that one, \
         if it is right"
    ))
}

/// RFC 9111 sections 4.2.1 and 5.2: how much longer an answer is good; `None` where it does not say.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut lifetime = None;
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    for directive in lines.flat_map(|line| line.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(Duration::ZERO);
        }
        if name.eq_ignore_ascii_case("max-age") && lifetime.is_none() {
            lifetime = Some(seconds(value));
        }
    }
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()).map_or(Duration::ZERO, seconds);
    lifetime.map(|lifetime| lifetime.saturating_sub(age))
}

/// What is no number is as if it were over (RFC 9111 section 4.2.1).
fn seconds(value: &str) -> Duration {
    Duration::from_secs(value.trim().trim_matches('"').parse::<u32>().map_or(0, u64::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_good_for_what_it_says_less_its_age() {
        let seconds = |s| Some(Duration::from_secs(s));
        for (lines, age, expected) in [
            (&["max-age=300"][..], None, seconds(300)),
            (&["public, Max-Age = \"300\" , must-revalidate"], None, seconds(300)),
            (&["public", "max-age=300"], Some("100"), seconds(200)),
            (&["max-age=300"], Some("400"), seconds(0)),
            (&["max-age=300"], Some("soon"), seconds(300)),
            (&["max-age=300, no-cache"], None, seconds(0)),
            (&["no-store"], None, seconds(0)),
            (&["max-age=-1"], None, seconds(0)),
            (&["max-age"], None, seconds(0)),
            (&["s-maxage=300, x-max-age=300"], None, None),
            (&[], Some("100"), None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CACHE_CONTROL, line.parse().unwrap());
            }
            if let Some(age) = age {
                headers.insert(AGE, age.parse().unwrap());
            }
            assert_eq!(max_age(&headers), expected, "{lines:?} {age:?}");
        }
    }
}
