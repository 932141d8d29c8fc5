//! What several test files share.
#![allow(dead_code, reason = "each test file uses its part")]

use std::borrow::Cow;

use base64_simd::URL_SAFE_NO_PAD;
use jwt_extended::request::{FormField, JsonField, RequestView, find_cookie, find_query};
use jwt_extended::{
    Algorithm, AuthError, Config, ConfigBuilder, ErrorKind, JwtEngine, ManualClock, Policy,
    SigningKey, Timestamp, Verdict, VerifiedToken,
};
use serde_json::{Value, json};

/// What the clock shows.
pub(crate) const NOW: f64 = 1_700_000_000.0;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn native() -> ConfigBuilder {
    Config::builder().secret_key(SECRET)
}

pub(crate) fn flask() -> ConfigBuilder {
    Config::flask().secret_key(SECRET)
}

pub(crate) fn engine(config: ConfigBuilder) -> JwtEngine {
    at(config, NOW)
}

pub(crate) fn at(config: ConfigBuilder, now: f64) -> JwtEngine {
    let clock = ManualClock::at(Timestamp::from_seconds(now));
    JwtEngine::new(config.build().unwrap()).with_clock(clock)
}

/// The claims of a good access token.
pub(crate) fn good() -> Value {
    json!({
        "fresh": false, "iat": NOW, "jti": "j", "type": "access", "sub": "anna", "nbf": NOW,
        "csrf": "c", "exp": NOW + 900.0,
    })
}

pub(crate) fn good_with(name: &str, value: impl Into<Value>) -> String {
    let mut claims = good();
    claims[name] = value.into();
    claims.to_string()
}

pub(crate) fn good_without(name: &str) -> String {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims.to_string()
}

/// A token of any payload, signed with the engines' own secret.
pub(crate) fn forge(payload: impl AsRef<[u8]>) -> String {
    forge_with(r#"{"alg":"HS256","typ":"JWT"}"#, payload)
}

pub(crate) fn forge_with(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let segment = |bytes: &[u8]| URL_SAFE_NO_PAD.encode_to_string(bytes);
    let signed = format!("{}.{}", segment(header.as_ref()), segment(payload.as_ref()));
    let key = SigningKey::hmac(Algorithm::HS256, SECRET).unwrap();
    let signature = key.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", segment(&signature))
}

pub(crate) type Answer = Result<(), ErrorKind>;

/// What an engine of this configuration says to a token with this payload.
pub(crate) fn says(config: ConfigBuilder, payload: impl AsRef<[u8]>) -> Answer {
    says_to_token(config, &forge(payload), &Policy::required())
}

pub(crate) fn says_to_token(config: ConfigBuilder, token: &str, policy: &Policy) -> Answer {
    check(&engine(config), token, policy).map(|_| ()).map_err(|error| error.kind())
}

#[track_caller]
pub(crate) fn both(payload: impl AsRef<[u8]>, native_says: Answer, flask_says: Answer) {
    let payload = payload.as_ref();
    let shown: String = String::from_utf8_lossy(payload).chars().take(400).collect();
    assert_eq!(says(native(), payload), native_says, "native: {shown}");
    assert_eq!(says(flask(), payload), flask_says, "flask: {shown}");
}

/// None of these configurations lets the token in, as whatever kind of token.
#[track_caller]
pub(crate) fn refused(configs: impl IntoIterator<Item = ConfigBuilder>, token: &str) {
    for config in configs {
        let answer = says_to_token(config, token, &Policy::required().any_type());
        assert!(answer.is_err(), "let in: {token}");
    }
}

/// Each of these does.
#[track_caller]
pub(crate) fn taken(configs: impl IntoIterator<Item = ConfigBuilder>, token: &str) {
    for config in configs {
        assert_eq!(says_to_token(config, token, &Policy::required().any_type()), Ok(()), "{token}");
    }
}

/// All of verification, in an application without a store.
pub(crate) fn check(
    engine: &JwtEngine,
    token: &str,
    policy: &Policy,
) -> Result<VerifiedToken, AuthError> {
    finish(engine.check_token(token, policy)?)
}

pub(crate) fn finish(verdict: Verdict) -> Result<VerifiedToken, AuthError> {
    match verdict {
        Verdict::Done(token) => Ok(token),
        Verdict::Pending(pending) => {
            pending.question()?;
            Ok(pending.without_store())
        }
    }
}

/// A request without a body.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) query: String,
}

impl RequestView for Request {
    fn method(&self) -> &str {
        self.method
    }

    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        let same = |(other, _): &&(String, Vec<u8>)| other.eq_ignore_ascii_case(name);
        self.headers.iter().find(same).map(|(_, value)| value.into())
    }

    fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        let cookies = self.headers.iter().filter(|(name, _)| name == "cookie");
        find_cookie(cookies.map(|(_, value)| value.as_slice()), name)
    }

    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        find_query(&self.query, name)
    }

    fn json(&self, _: &str) -> JsonField<'_> {
        JsonField::NotJson
    }

    fn form(&self, _: &str) -> FormField<'_> {
        FormField::Absent
    }
}
