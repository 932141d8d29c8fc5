//! What is allowed and risky all the same.

use std::fmt;
use std::time::Duration;

use super::{Config, Lifetime, Location, SameSite};

/// Something about a configuration that its operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// A stable code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, and what mends it. Never a secret.
    pub message: String,
}

/// How much a [`Diagnostic`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Fine, if it is meant.
    Note,
    /// It weakens what the tokens protect.
    Risk,
}

impl Diagnostic {
    /// A diagnostic of an adapter's own.
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into() }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Config {
    /// What is risky about this configuration, or may not be meant.
    ///
    /// ```
    /// use jwt_extended::{Config, Location};
    /// let config = Config::builder()
    ///     .secret_key("a-secret-of-at-least-32-random-bytes")
    ///     .token_location([Location::Cookies])
    ///     .cookie_secure(false)
    ///     .build()?;
    /// assert_eq!(config.diagnostics()[0].code, "cookie_not_secure");
    /// # Ok::<(), jwt_extended::ConfigError>(())
    /// ```
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        use Severity::{Note, Risk};

        let mut found: Vec<_> = (self.warnings.iter())
            .map(|warning| Diagnostic::new("configuration", Severity::Risk, warning))
            .collect();
        let mut say = |applies: bool, code, severity, message: &str| {
            if applies {
                found.push(Diagnostic::new(code, severity, message));
            }
        };
        let day = Duration::from_secs(86_400);

        self.about_cookies(&mut say);
        say(
            self.token_location.contains(&Location::QueryString),
            "query_string",
            Risk,
            "JWT_TOKEN_LOCATION has query_string: tokens end in logs, histories and Referer headers",
        );
        say(
            self.access_token_expires == Lifetime::Never,
            "access_never_expires",
            Risk,
            "JWT_ACCESS_TOKEN_EXPIRES is false: a stolen access token is good until its key is withdrawn",
        );
        say(
            self.access_token_expires.duration().is_some_and(|d| d > day),
            "access_long_lived",
            Risk,
            "JWT_ACCESS_TOKEN_EXPIRES is more than a day: make access tokens short and refresh them",
        );
        say(
            self.refresh_token_expires == Lifetime::Never,
            "refresh_never_expires",
            Risk,
            "JWT_REFRESH_TOKEN_EXPIRES is false: a stolen refresh token is good until its key is withdrawn",
        );
        say(
            self.refresh_rotation && self.refresh_rotation_grace > Duration::from_secs(60),
            "rotation_grace",
            Risk,
            "JWT_REFRESH_ROTATION_GRACE is more than a minute: for as long, a stolen refresh token yields tokens unnoticed",
        );
        say(
            self.session_lifetime != Lifetime::Never
                && !self.session_claims
                && !self.refresh_rotation,
            "no_sessions",
            Risk,
            "JWT_SESSION_LIFETIME is set and JWT_SESSION_CLAIMS off: tokens without a session have no such end",
        );
        say(
            self.decode_leeway > Duration::from_secs(300),
            "leeway",
            Risk,
            "JWT_DECODE_LEEWAY is more than five minutes: expired tokens live on for as long",
        );
        say(
            !self.strict_claims
                || !self.strict_token_type
                || !self.require_jti
                || !self.reject_unexpected_audience,
            "lax_checks",
            Note,
            "some of JWT_STRICT_CLAIMS, JWT_STRICT_TOKEN_TYPE, JWT_REQUIRE_JTI and JWT_REJECT_UNEXPECTED_AUDIENCE are off, as in the Flask preset",
        );
        say(
            self.ring().signing_key().is_none(),
            "verify_only",
            Note,
            "there is no key to sign with: tokens of others are checked, none are made",
        );
        found
    }

    fn about_cookies(&self, say: &mut impl FnMut(bool, &'static str, Severity, &str)) {
        use Severity::{Note, Risk};

        let cookies = self.token_location.contains(&Location::Cookies);
        let unsafe_methods = ["POST", "PUT", "PATCH", "DELETE"];
        let unprotected = |m: &&str| !self.csrf_methods.iter().any(|method| method == m);

        say(
            cookies && !self.cookie_secure,
            "cookie_not_secure",
            Risk,
            "JWT_COOKIE_SECURE is off: cookies with tokens travel over plain HTTP too",
        );
        say(
            cookies && !self.cookie_csrf_protect,
            "csrf_off",
            Risk,
            "JWT_COOKIE_CSRF_PROTECT is off: other sites' pages can act with the user's cookies",
        );
        say(
            cookies && self.cookie_csrf_protect && unsafe_methods.iter().any(unprotected),
            "csrf_methods",
            Risk,
            "JWT_CSRF_METHODS lacks one of POST, PUT, PATCH, DELETE",
        );
        say(
            cookies && self.cookie_samesite.is_none(),
            "samesite_unset",
            Note,
            "JWT_COOKIE_SAMESITE is not set: each browser has its own default",
        );
        say(
            cookies && self.cookie_samesite == Some(SameSite::None),
            "samesite_none",
            Note,
            "JWT_COOKIE_SAMESITE is None: cookies are sent with requests from every site",
        );
        say(
            cookies && self.cookie_domain.is_some(),
            "cookie_domain",
            Note,
            "JWT_COOKIE_DOMAIN is set: every host below it gets the tokens, and can set them",
        );
    }
}
