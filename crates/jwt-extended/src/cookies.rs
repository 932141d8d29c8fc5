//! The cookies that carry tokens, and the ones that carry their CSRF values to scripts.

use std::time::Duration;

use cookie::time::{Duration as CookieDuration, OffsetDateTime};
use cookie::{Cookie, Expiration};

use crate::clock::Timestamp;
use crate::config::{SameSite, Settings};
use crate::encoded::EncodedToken;
use crate::token::TokenKind;

/// Overrides of the configuration for one response, as the arguments of upstream's
/// `set_access_cookies`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookieOptions {
    /// How long the browser keeps the cookies, instead of what `JWT_SESSION_COOKIE` says.
    pub max_age: Option<Duration>,
    /// The cookies' domain, instead of `JWT_COOKIE_DOMAIN`; the empty text is none given.
    pub domain: Option<String>,
}

impl CookieOptions {
    /// No departures.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the browser keeps the cookies.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// The cookies' domain.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }
}

/// Lasting cookies of a token without end stay this long.
const A_YEAR: Duration = Duration::from_secs(31_540_000);

/// The cookies that bring `token` to the browser.
pub(crate) fn set(
    settings: &Settings,
    kind: TokenKind,
    token: &EncodedToken,
    options: &CookieOptions,
    now: Timestamp,
) -> Vec<Cookie<'static>> {
    let lasting = || {
        settings
            .cookie_max_age
            .unwrap_or_else(|| token.expires_at().map_or(A_YEAR, |end| end.since(now)))
    };
    let max_age = options.max_age.or_else(|| (!settings.session_cookie).then(lasting));
    let keep = |mut cookie: Cookie<'static>| {
        if let Some(age) = max_age {
            let age = CookieDuration::seconds(age.as_secs().try_into().unwrap_or(i64::MAX));
            cookie.set_max_age(age);
            let now = OffsetDateTime::from_unix_timestamp(now.as_whole_seconds());
            if let Some(end) = now.ok().and_then(|now| now.checked_add(age)) {
                cookie.set_expires(end);
            }
        }
        cookie
    };
    let csrf = token.csrf().map(str::to_owned).filter(|_| has_csrf_cookie(settings));
    let mut cookies = vec![keep(token_cookie(settings, kind, token.as_str().to_owned(), options))];
    cookies.extend(csrf.map(|value| keep(csrf_cookie(settings, kind, value, options))));
    cookies
}

/// The cookies that make the browser forget the token.
pub(crate) fn unset(
    settings: &Settings,
    kind: TokenKind,
    options: &CookieOptions,
) -> Vec<Cookie<'static>> {
    let mut cookies = vec![token_cookie(settings, kind, String::new(), options)];
    if has_csrf_cookie(settings) {
        cookies.push(csrf_cookie(settings, kind, String::new(), options));
    }
    for cookie in &mut cookies {
        cookie.set_expires(Expiration::DateTime(OffsetDateTime::UNIX_EPOCH));
    }
    cookies
}

pub(crate) fn has_csrf_cookie(settings: &Settings) -> bool {
    settings.cookie_csrf_protect && settings.csrf_in_cookies
}

fn token_cookie(
    settings: &Settings,
    kind: TokenKind,
    value: String,
    options: &CookieOptions,
) -> Cookie<'static> {
    let (name, path) = match kind {
        TokenKind::Access => (&settings.access_cookie_name, &settings.access_cookie_path),
        TokenKind::Refresh => (&settings.refresh_cookie_name, &settings.refresh_cookie_path),
    };
    let mut cookie = cookie(settings, name, value, path, options);
    cookie.set_http_only(true);
    cookie
}

fn csrf_cookie(
    settings: &Settings,
    kind: TokenKind,
    value: String,
    options: &CookieOptions,
) -> Cookie<'static> {
    let (name, path) = match kind {
        TokenKind::Access => (&settings.access_csrf_cookie_name, &settings.access_csrf_cookie_path),
        TokenKind::Refresh => {
            (&settings.refresh_csrf_cookie_name, &settings.refresh_csrf_cookie_path)
        }
    };
    cookie(settings, name, value, path, options)
}

fn cookie(
    settings: &Settings,
    name: &str,
    value: String,
    path: &str,
    options: &CookieOptions,
) -> Cookie<'static> {
    let mut cookie = Cookie::new(name.to_owned(), value);
    cookie.set_path(path.to_owned());
    let own_domain = options.domain.as_ref().filter(|domain| !domain.is_empty());
    if let Some(domain) = own_domain.or(settings.cookie_domain.as_ref()) {
        cookie.set_domain(domain.trim_start_matches('.').to_owned());
    }
    // Said in any case: left open, `SameSite=None` and `Partitioned` would bring it along.
    cookie.set_secure(settings.cookie_secure);
    if settings.cookie_partitioned {
        cookie.set_partitioned(true);
    }
    cookie.set_same_site(settings.cookie_samesite.map(|same_site| match same_site {
        SameSite::Strict => cookie::SameSite::Strict,
        SameSite::Lax => cookie::SameSite::Lax,
        SameSite::None => cookie::SameSite::None,
    }));
    cookie
}
