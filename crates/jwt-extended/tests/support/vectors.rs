//! Runs cases of published test vectors through the engine. One JSON object a line:
//!
//! - `alg_allow`: what the caller accepts; `key`: `hmac`, `pem` or `jwk` (also a JWK Set);
//! - `token`, and `now` in seconds (null: any time);
//! - `level`: `jws` for form and signature alone, otherwise all of a JWT;
//! - `check`: the caller's `aud`, `iss`, `sub`, `leeway`, `require`;
//! - `expect`: `accept`, `reject`, or `either` with what a strict validator prefers.

use std::collections::BTreeMap;
use std::error::Error;

use jwt_extended::{
    Algorithm, Algorithms, Config, DecodeOptions, JwtEngine, Keyring, ManualClock, Timestamp,
    VerifyingKey, jws,
};
use serde::Deserialize;
use serde_json::Value;

/// One line of the file.
#[derive(Deserialize)]
struct Case {
    id: String,
    why: String,
    alg_allow: Vec<String>,
    key: Key,
    token: String,
    now: Option<f64>,
    expect: String,
    prefer: Option<String>,
    level: Option<String>,
    #[serde(default)]
    check: Check,
}

#[derive(Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
enum Key {
    Hmac(String),
    Pem(String),
    Jwk(Value),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Check {
    aud: Vec<String>,
    iss: Vec<String>,
    sub: Option<String>,
    leeway: u64,
    require: Vec<String>,
}

/// A case in which the engine does something else than the file says.
pub(crate) struct Disagreement {
    pub(crate) id: String,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) why: String,
}

/// What became of a file.
pub(crate) struct Outcome {
    /// How many cases the engine accepted and refused.
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    pub(crate) disagreements: Vec<Disagreement>,
}

/// Runs every line of `text`.
pub(crate) fn run(text: &str) -> Result<Outcome, Box<dyn Error>> {
    let mut outcome = Outcome { accepted: 0, refused: 0, disagreements: Vec::new() };
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let case: Case =
            serde_json::from_str(line).map_err(|e| format!("line {}: {e}", number + 1))?;
        let answer = validate(&case);
        let (verdict, got) = match &answer {
            Ok(()) => ("accept", "accept".to_owned()),
            Err(error) => ("reject", format!("reject ({error})")),
        };
        match verdict {
            "accept" => outcome.accepted += 1,
            _ => outcome.refused += 1,
        }
        let expected = match case.expect.as_str() {
            "either" => case.prefer,
            _ => Some(case.expect),
        };
        if let Some(expected) = expected.filter(|expected| *expected != verdict) {
            let (id, why) = (case.id, case.why);
            outcome.disagreements.push(Disagreement { id, expected, got, why });
        }
    }
    Ok(outcome)
}

fn validate(case: &Case) -> Result<(), Box<dyn Error>> {
    let algorithms: Algorithms =
        case.alg_allow.iter().filter_map(|name| name.parse::<Algorithm>().ok()).collect();
    let keys = keyring(&case.key, algorithms)?;
    let jws = jws::verify(case.token.as_bytes(), &keys, algorithms)?;
    if case.level.as_deref() == Some("jws") {
        return Ok(());
    }
    let check = &case.check;
    let mut config = Config::builder()
        .keyring(keys)
        .identity_claim(identity_claim(&jws.payload))
        .decode_leeway(std::time::Duration::from_secs(check.leeway));
    if !check.aud.is_empty() {
        config = config.decode_audience(check.aud.clone());
    }
    if !check.iss.is_empty() {
        config = config.decode_issuer(check.iss.clone());
    }
    let config = config.build()?;
    let now = Timestamp::from_seconds(case.now.unwrap_or_default());
    let token = JwtEngine::new(config)
        .with_clock(ManualClock::at(now))
        .decode(&case.token, &DecodeOptions::default())?;
    let claims: BTreeMap<String, Value> = token.claims()?;
    if let Some(missing) = check.require.iter().find(|name| !claims.contains_key(*name)) {
        return Err(format!("the claim {missing} is missing").into());
    }
    if check.sub.as_deref().is_some_and(|sub| claims.get("sub") != Some(&sub.into())) {
        return Err("the subject is another".into());
    }
    Ok(())
}

fn keyring(key: &Key, algorithms: Algorithms) -> Result<Keyring, Box<dyn Error>> {
    Ok(match key {
        Key::Pem(text) => Keyring::verify_only(VerifyingKey::from_pem(algorithms, text)?),
        Key::Jwk(set) if set.get("keys").is_some() => {
            Keyring::from_jwk_set(algorithms, &set.to_string())?
        }
        Key::Jwk(jwk) => Keyring::verify_only(VerifyingKey::from_jwk(algorithms, jwk.to_string())?),
        // The secret's octets, by way of the JWK that has them in base64url too.
        Key::Hmac(secret) => Keyring::verify_only(VerifyingKey::from_jwk(
            algorithms,
            serde_json::json!({ "kty": "oct", "k": secret }).to_string(),
        )?),
    })
}

/// The engine's tokens are always somebody's, the RFCs' examples are not: where there is no `sub`,
/// the claim that they do have besides the registered ones stands for it.
fn identity_claim(payload: &[u8]) -> String {
    let claims: BTreeMap<String, Value> = serde_json::from_slice(payload).unwrap_or_default();
    let own = claims.keys().find(|name| name.contains("://"));
    own.filter(|_| !claims.contains_key("sub")).map_or_else(|| "sub".into(), Clone::clone)
}
