//! The HTTP answer to a refused request, in either style, for an adapter to send.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::config::{ErrorStyle, Location, Settings};
use crate::error::{AuthError, ErrorKind};

/// An answer without a framework: status, some headers, and a JSON body.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `WWW-Authenticate` (RFC 6750 section 3), where it belongs.
    pub www_authenticate: Option<String>,
    /// `Retry-After`, in seconds, where a later try can help.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: Map<String, Value>,
}

/// The answer to `error` in the style that `settings` ask for.
///
/// ```
/// use jwt_extended::{AuthError, Config, ErrorKind, answer};
/// # fn main() -> Result<(), jwt_extended::ConfigError> {
/// let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?;
/// let answer = answer(&AuthError::from(ErrorKind::TokenExpired), &config);
/// assert_eq!(answer.status, 401);
/// assert_eq!(answer.body["error"], "token_expired");
/// assert!(answer.www_authenticate.unwrap().starts_with("Bearer error=\"invalid_token\""));
/// # Ok(())
/// # }
/// ```
pub fn answer(error: &AuthError, settings: &Settings) -> Answer {
    match settings.error_style {
        ErrorStyle::Native => native(error, settings),
        ErrorStyle::Flask => flask(error, settings),
    }
}

fn native(error: &AuthError, settings: &Settings) -> Answer {
    let mut body = Map::new();
    body.insert("error".into(), error.code().into());
    body.insert(settings.error_message_key.clone(), error.message().into());
    Answer {
        status: error.status(),
        www_authenticate: challenge(error, settings),
        retry_after: error.is_unavailable().then_some(1),
        body,
    }
}

/// RFC 6750 section 3; the code for a token that is not fresh is RFC 9470's. Services that take no
/// `Bearer` header do not ask for one: browsers would put up a box.
fn challenge(error: &AuthError, settings: &Settings) -> Option<String> {
    let takes_bearer = settings.token_location.contains(&Location::Headers)
        && settings.header_name.eq_ignore_ascii_case("Authorization")
        && settings.header_type.eq_ignore_ascii_case("Bearer");
    if !takes_bearer {
        return None;
    }
    let code = match error.kind() {
        ErrorKind::TokenMissing => return Some("Bearer".to_owned()),
        ErrorKind::RequestMalformed => "invalid_request",
        ErrorKind::FreshTokenRequired => "insufficient_user_authentication",
        ErrorKind::InsufficientScope => "insufficient_scope",
        _ if error.status() == 401 => "invalid_token",
        _ => return None,
    };
    // RFC 6750 section 3: no quotes, backslashes or controls in a description.
    let quotable = |text: &str| -> String {
        text.chars().filter(|c| matches!(c, ' '..='!' | '#'..='[' | ']'..='~')).collect()
    };
    let description = quotable(error.message());
    let mut challenge = format!("Bearer error=\"{code}\", error_description=\"{description}\"");
    if !error.scopes().is_empty() {
        let _ = write!(challenge, ", scope=\"{}\"", quotable(&error.scopes().join(" ")));
    }
    Some(challenge)
}

/// Flask-JWT-Extended 4.7's default callbacks: their statuses and their sentences.
fn flask(error: &AuthError, settings: &Settings) -> Answer {
    let (status, message) = match error.kind() {
        ErrorKind::TokenMissing => (401, error.message().to_owned()),
        ErrorKind::CsrfMissing
        | ErrorKind::CsrfMismatch
        | ErrorKind::TokenExpired
        | ErrorKind::FreshTokenRequired
        | ErrorKind::TokenRevoked => (401, AuthError::from(error.kind()).message().to_owned()),
        ErrorKind::UserNotFound => {
            let identity = error.claims::<Map<String, Value>>().and_then(|claims| {
                Some(match claims.get(&settings.identity_claim)? {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                })
            });
            (401, format!("Error loading the user {}", identity.unwrap_or_default()))
        }
        ErrorKind::ClaimsRejected => {
            (400, AuthError::from(ErrorKind::ClaimsRejected).message().to_owned())
        }
        ErrorKind::InsufficientScope
        | ErrorKind::StoreUnavailable
        | ErrorKind::TokenNotCreated
        | ErrorKind::Misconfigured => (error.status(), error.message().to_owned()),
        _ => (422, error.message().to_owned()),
    };
    let mut body = Map::new();
    body.insert(settings.error_message_key.clone(), message.into());
    let retry_after = error.is_unavailable().then_some(1);
    Answer { status, www_authenticate: None, retry_after, body }
}
