//! What `recorded.json` and `deviations.json` hold, as far as a replay needs it.

use std::collections::BTreeMap;
use std::fmt;

use axum_jwt_extended::Location;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::{Map, Value};

/// `recorded.json`.
#[derive(Deserialize)]
pub(crate) struct Recorded {
    pub(crate) configs: BTreeMap<String, AppConfig>,
    pub(crate) routes: BTreeMap<String, Guard>,
    pub(crate) cases: BTreeMap<String, Case>,
}

/// An application's options and hooks.
#[derive(Deserialize)]
pub(crate) struct AppConfig {
    #[serde(default)]
    pub(crate) hooks: Hooks,
    #[serde(flatten)]
    pub(crate) options: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hooks {
    pub(crate) blocklist: Option<Vec<Option<String>>>,
    pub(crate) users: Option<Vec<Value>>,
    pub(crate) require_claim: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) additional_claims: Map<String, Value>,
    #[serde(default)]
    pub(crate) additional_headers: Map<String, Value>,
    pub(crate) identity_key: Option<String>,
    pub(crate) keys_by_kid: Option<BTreeMap<String, String>>,
    /// Keys to sign with, chosen by identity; the tokens of such an application come with the case.
    #[expect(dead_code, reason = "no case makes a token with them")]
    keys_by_identity: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) responses: BTreeMap<String, Loader>,
}

/// What an application's own error loader answers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Loader {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

/// The arguments of a route's guard.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "they are upstream's arguments")]
pub(crate) struct Guard {
    pub(crate) optional: bool,
    pub(crate) fresh: bool,
    pub(crate) refresh: bool,
    #[serde(deserialize_with = "locations")]
    pub(crate) locations: Vec<Location>,
    pub(crate) verify_type: bool,
    pub(crate) skip_revocation_check: bool,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            optional: false,
            fresh: false,
            refresh: false,
            locations: Vec::new(),
            verify_type: true,
            skip_revocation_check: false,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) config: String,
    pub(crate) now: f64,
    #[serde(flatten)]
    pub(crate) kind: Kind,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Kind {
    Request {
        route: String,
        blocklist: Option<Vec<Option<String>>>,
        request: Request,
        answer: Answer,
    },
    Encode {
        create: Recipe,
        answer: Encoded,
    },
    Decode {
        decode: DecodeArguments,
        answer: Decoded,
    },
    Cookies {
        call: Call,
        token: Option<String>,
        arguments: CookieArguments,
        answer: CookieAnswer,
    },
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, HeaderText)>,
    pub(crate) body: Option<String>,
}

/// A header's value: as UTF-8, or with one byte for each character.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum HeaderText {
    Utf8(String),
    Bytes { latin1: String },
}

#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Option<Value>,
    pub(crate) body_base64: Option<String>,
    pub(crate) from: From,
}

/// Whose words an error's text is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum From {
    Upstream,
    Parser,
}

/// How a token is made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) identity: Value,
    #[serde(default)]
    pub(crate) fresh: Value,
    #[serde(default)]
    pub(crate) expires: Value,
    pub(crate) claims: Option<Map<String, Value>>,
    pub(crate) headers: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Encoded {
    Token { header: Value, payload: Map<String, Value>, random_claims: Vec<String> },
    Failed {},
}

#[derive(Debug, Deserialize)]
pub(crate) struct DecodeArguments {
    pub(crate) encoded_token: String,
    pub(crate) csrf_value: Option<String>,
    pub(crate) allow_expired: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Decoded {
    Claims { claims: Value },
    Failed(Failed),
}

/// A call upstream that ended in an exception.
#[derive(Debug, Deserialize)]
pub(crate) struct Failed {
    pub(crate) text: String,
    pub(crate) from: From,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "they are upstream's functions")]
pub(crate) enum Call {
    SetAccessCookies,
    SetRefreshCookies,
    UnsetJwtCookies,
    UnsetAccessCookies,
    UnsetRefreshCookies,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CookieArguments {
    pub(crate) max_age: Option<i64>,
    pub(crate) domain: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum CookieAnswer {
    Cookies { set_cookie: Vec<SetCookie> },
    Failed {},
}

#[derive(Debug, PartialEq, PartialOrd, Deserialize)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    #[serde(deserialize_with = "attributes")]
    pub(crate) attributes: BTreeMap<String, String>,
}

/// A row of `deviations.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deviation {
    pub(crate) reason: String,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Value>,
    pub(crate) fails: Option<bool>,
    #[serde(default)]
    pub(crate) config_may_be_refused: bool,
    /// The only adapter that the row is for.
    pub(crate) adapter: Option<String>,
}

fn locations<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<Location>, D::Error> {
    let names = match Value::deserialize(d)? {
        Value::Array(names) => names,
        name => vec![name],
    };
    let location = |name: &Value| {
        [Location::Headers, Location::Cookies, Location::QueryString, Location::Json]
            .into_iter()
            .find(|location| name == location.name())
            .ok_or_else(|| D::Error::custom("no location"))
    };
    names.iter().map(location).collect()
}

/// Attributes without a value get the empty text as theirs.
fn attributes<'de, D: serde::Deserializer<'de>>(
    d: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Bool(true) => Ok((name, String::new())),
        _ => Err(D::Error::custom("no attribute")),
    };
    Map::deserialize(d)?.into_iter().map(text).collect()
}

impl fmt::Display for AppConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options: Vec<_> = self
            .options
            .iter()
            .map(|(name, value)| match value.as_str() {
                Some(text) if text.len() > 40 => format!("{name}=..."),
                _ => format!("{name}={value}"),
            })
            .collect();
        f.write_str(&options.join(" "))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { request, .. } => write!(f, "{request:?}"),
            Self::Encode { create, .. } => write!(f, "{create:?}"),
            Self::Decode { decode, .. } => write!(f, "{decode:?}"),
            Self::Cookies { call, token, arguments, .. } => {
                write!(f, "{call:?} {token:?} {arguments:?}")
            }
        }
    }
}
