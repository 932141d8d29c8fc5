//! Cases of the kinds `encode` and `decode`.
//!
//! How the arguments of upstream's functions are said here:
//!
//! | upstream | here |
//! | --- | --- |
//! | an identity of any type | `Identity::json` |
//! | `user_identity_loader` | whoever makes a token says the identity |
//! | `additional_claims` of any name | `override_claim` |
//! | `expires_delta=False`, or no time at all | `never_expires` |
//! | an `expires_delta` or `fresh` in the past | `override_claim`, since a `Duration` has no sign |

use std::time::Duration;

use axum_jwt_extended::{DecodeOptions, Identity, JwtManager, TokenBuilder};
use serde_json::{Map, Value};

use crate::app::claims_of;
use crate::recorded::{AppConfig, DecodeArguments, Decoded, Encoded, From, Recipe};
use crate::values::{base64, is_random_uuid, same};
use crate::{Expected, Outcome};

pub(crate) fn encode(
    jwt: &JwtManager,
    config: &AppConfig,
    now: f64,
    recipe: &Recipe,
    answer: &Encoded,
    expected: Expected<'_>,
) -> Outcome {
    let got = builder(jwt, config, now, recipe).encode();
    let shown = match &got {
        Ok(token) => format!("{:?}", segments(token.as_str())),
        Err(error) => format!("failed: {error:?}"),
    };
    if let Expected::Deviation(deviation) = expected {
        let fails = deviation.fails.expect("a deviation says whether it fails");
        return Outcome::of(format!("fails: {fails}"), shown, got.is_err() == fails);
    }
    let same = match (answer, &got) {
        (Encoded::Failed {}, Err(_)) => true,
        (Encoded::Token { header, payload, random_claims }, Ok(token)) => {
            let (got_header, got_payload) = segments(token.as_str());
            same(header, &got_header)
                && same_claims(payload, got_payload, random_claims)
                && is_signed(jwt, token.as_str())
        }
        _ => false,
    };
    Outcome::of(format!("{answer:?}"), shown, same)
}

fn builder<'j>(
    jwt: &'j JwtManager,
    config: &AppConfig,
    now: f64,
    recipe: &Recipe,
) -> TokenBuilder<'j> {
    let identity = match &config.hooks.identity_key {
        Some(key) => &recipe.identity[key],
        None => &recipe.identity,
    };
    let identity = Identity::json(identity.clone());
    let is_access = recipe.kind == "access";
    let mut token = if is_access {
        jwt.create_access_token(identity)
    } else {
        jwt.create_refresh_token(identity)
    };
    token = match &recipe.expires {
        Value::Null => token,
        Value::Bool(false) => token.never_expires(),
        seconds => match seconds.as_f64().unwrap() {
            0.0 => token.never_expires(),
            past @ ..0.0 => token.override_claim("exp", now + past),
            seconds => token.expires_in(Duration::from_secs_f64(seconds)),
        },
    };
    if is_access {
        token = match &recipe.fresh {
            Value::Null => token,
            Value::Bool(fresh) => token.fresh(*fresh),
            seconds => match seconds.as_f64().unwrap() {
                past @ ..0.0 => token.override_claim("fresh", now + past),
                seconds => token.fresh_for(Duration::from_secs_f64(seconds)),
            },
        };
    }
    let claims = recipe.claims.iter().flatten();
    token = claims.fold(token, |token, (name, value)| token.override_claim(name, value));
    let headers = recipe.headers.iter().flatten();
    headers.fold(token, |token, (name, value)| token.header(name, value))
}

/// Header and payload.
fn segments(token: &str) -> (Value, Value) {
    let mut segments = token.split('.').map(|s| serde_json::from_slice(&base64(s)?).ok());
    let mut next = || segments.next().flatten().unwrap_or(Value::Null);
    (next(), next())
}

/// Random claims by their shape, the others by their value.
fn same_claims(expected: &Map<String, Value>, mut got: Value, random: &[String]) -> bool {
    let mut expected = expected.clone();
    let mut random = random.iter();
    let shapes_fit = random.all(|name| {
        let (_, got) = (expected.remove(name), got.as_object_mut().and_then(|g| g.remove(name)));
        got.is_some_and(|got| got.as_str().is_some_and(is_random_uuid))
    });
    shapes_fit && same(&Value::Object(expected), &got)
}

fn is_signed(jwt: &JwtManager, token: &str) -> bool {
    let Some((message, signature)) = token.rsplit_once('.') else { return false };
    let signature = base64(signature).unwrap_or_default();
    let verify = |key: &axum_jwt_extended::VerifyingKey| {
        key.verify(jwt.config().algorithm, message.as_bytes(), &signature)
    };
    jwt.engine().keys().verifying_keys().iter().any(verify)
}

pub(crate) fn decode(
    jwt: &JwtManager,
    arguments: &DecodeArguments,
    answer: &Decoded,
    expected: Expected<'_>,
) -> Outcome {
    let mut options = DecodeOptions::default();
    if arguments.allow_expired {
        options = options.allow_expired();
    }
    // Upstream compares nothing with an empty text.
    if let Some(value) = arguments.csrf_value.as_deref().filter(|value| !value.is_empty()) {
        options = options.csrf_value(value);
    }
    let got = jwt.decode(&arguments.encoded_token, &options);
    let shown = match &got {
        Ok(token) => Value::Object(claims_of(token)).to_string(),
        Err(error) => format!("failed: {error:?}"),
    };
    if let Expected::Deviation(deviation) = expected {
        let fails = deviation.fails.expect("a deviation says whether it fails");
        return Outcome::of(format!("fails: {fails}"), shown, got.is_err() == fails);
    }
    let same = match (answer, &got) {
        (Decoded::Claims { claims }, Ok(token)) => same(claims, &claims_of(token).into()),
        (Decoded::Failed(failed), Err(error)) => {
            failed.from == From::Parser || failed.text == error.message()
        }
        _ => false,
    };
    Outcome::of(format!("{answer:?}"), shown, same)
}
