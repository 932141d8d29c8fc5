//! From an order to a signed token.

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Map, Value};

use super::{CustomClaims, Fresh, Order, not_created};
use crate::clock::Timestamp;
use crate::config::{Lifetime, Settings};
use crate::csrf;
use crate::engine::{JwtEngine, session_span};
use crate::error::Result;
use crate::identity::IdentityValue;
use crate::key::SigningKey;
use crate::random::uuids;
use crate::token::{EncodedToken, Freshness, TokenKind};
use crate::{base64url, json};

pub(super) fn encode(
    engine: &JwtEngine,
    kind: TokenKind,
    order: &Order,
    lifetime: Option<Lifetime>,
    now: Timestamp,
) -> Result<EncodedToken> {
    let settings: &Settings = engine.config();
    let key = engine.config().keys().signing_key().ok_or_else(|| {
        not_created("there is no key to sign with: set JWT_SECRET_KEY or JWT_PRIVATE_KEY")
    })?;
    let hooked;
    let custom = match engine.claims_hook() {
        Some(hook) => {
            hooked = hook(&order.identity, kind).merge(&order.custom);
            &hooked
        }
        None => &order.custom,
    };
    if let Some(fault) = &custom.fault {
        return Err(not_created(fault.as_str()));
    }
    if let Some(name) = custom.claims.keys().find(|name| **name == settings.identity_claim) {
        return Err(not_created(format!("the claim {name} holds the identity")));
    }

    let lifetime = lifetime.unwrap_or(match kind {
        TokenKind::Access => settings.access_token_expires,
        TokenKind::Refresh => settings.refresh_token_expires,
    });
    if order.session.is_some() && outlives_session(lifetime, settings) {
        return Err(not_created(
            "a token of a session cannot live longer than JWT_ACCESS_TOKEN_EXPIRES and \
             JWT_REFRESH_TOKEN_EXPIRES say, since a revoked session is forgotten after that time",
        ));
    }
    let [jti, csrf] = uuids::<2>(engine.random()).map_err(not_created)?;
    let (mut jti_text, mut csrf_text) = ([0; 36], [0; 36]);
    let payload = Payload {
        settings,
        custom,
        order,
        kind,
        now,
        jti: jti.hyphenated().encode_lower(&mut jti_text),
        csrf: settings
            .cookie_csrf_protect
            .then(|| &*csrf.hyphenated().encode_lower(&mut csrf_text)),
        expires_at: lifetime.duration().map(|lifetime| now + lifetime),
    };
    let mut json = Vec::with_capacity(384);
    serde_json::to_writer(&mut json, &payload).map_err(not_created)?;

    if payload.has_containers() && json::check(&json).is_err() {
        return Err(not_created("a claim is nested too deep to be read again"));
    }
    let overridden = |name| custom.overrides.get(name);
    if overridden("csrf").and_then(Value::as_str).is_some_and(|text| !csrf::fits_cookie(text)) {
        return Err(not_created("the claim csrf holds what no cookie can carry"));
    }
    let text = |name, own: Option<&str>| match overridden(name) {
        Some(value) => value.as_str().map(str::to_owned),
        None => own.map(str::to_owned),
    };
    Ok(EncodedToken {
        text: sign(key, custom, &json)?,
        csrf: text("csrf", payload.csrf),
        jti: text("jti", Some(payload.jti)),
        expires_at: match overridden("exp") {
            Some(value) => value.as_f64().map(Timestamp::from_seconds),
            None => payload.expires_at,
        },
    })
}

fn outlives_session(lifetime: Lifetime, settings: &Settings) -> bool {
    match (lifetime.duration(), session_span(settings)) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(lifetime), Some(span)) => lifetime > span,
    }
}

fn sign(key: &SigningKey, custom: &CustomClaims, payload: &[u8]) -> Result<String> {
    let mut token = String::with_capacity(key.header_segment().len() + payload.len() * 4 / 3 + 96);
    if custom.headers.is_empty() {
        token.push_str(key.header_segment());
    } else {
        let mut header = Map::new();
        header.insert("alg".into(), key.algorithm().name().into());
        header.insert("typ".into(), "JWT".into());
        if let Some(kid) = key.kid() {
            header.insert("kid".into(), kid.into());
        }
        header.extend(custom.headers.clone());
        if header.get("typ").is_some_and(|typ| typ.is_null() || typ == "") {
            header.remove("typ");
        }
        token.push_str(&base64url::encode(Value::Object(header).to_string().as_bytes()));
    }
    token.push('.');
    base64url::encode_append(payload, &mut token);
    let signature = key.sign(token.as_bytes()).map_err(not_created)?;
    token.push('.');
    base64url::encode_append(&signature, &mut token);
    Ok(token)
}

/// The claims of a token, in upstream's order.
struct Payload<'p> {
    settings: &'p Settings,
    custom: &'p CustomClaims,
    order: &'p Order,
    kind: TokenKind,
    now: Timestamp,
    jti: &'p str,
    csrf: Option<&'p str>,
    expires_at: Option<Timestamp>,
}

impl Serialize for Payload<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let (settings, order) = (self.settings, self.order);
        // Whatever is overridden is written once, at the end.
        macro_rules! put {
            ($name:expr, $value:expr) => {
                if !self.custom.overrides.contains_key($name) {
                    map.serialize_entry($name, &$value)?;
                }
            };
        }
        match self.freshness() {
            Freshness::NotFresh => put!("fresh", false),
            Freshness::Fresh => put!("fresh", true),
            Freshness::Until(until) => put!("fresh", until.as_seconds()),
        }
        let now = self.now.as_whole_seconds();
        put!("iat", now);
        put!("jti", self.jti);
        put!("type", self.kind.name());
        match &order.identity.0 {
            IdentityValue::Text(text) => put!(&settings.identity_claim, text),
            // RFC 7519 section 4.1.2: a subject is a string, and `identity_as` reads it back.
            IdentityValue::Integer(number)
                if settings.verify_sub && settings.identity_claim == "sub" =>
            {
                put!(&settings.identity_claim, number.to_string());
            }
            IdentityValue::Integer(number) => put!(&settings.identity_claim, number),
            IdentityValue::Json(value) => put!(&settings.identity_claim, value),
        }
        if settings.encode_nbf {
            put!("nbf", now);
        }
        if let Some(csrf) = self.csrf {
            put!("csrf", csrf);
        }
        match order.audience.as_ref().unwrap_or(&settings.encode_audience).as_slice() {
            [] => {}
            [one] => put!("aud", one),
            several => put!("aud", several),
        }
        if let Some(issuer) = &settings.encode_issuer {
            put!("iss", issuer);
        }
        if let Some(end) = self.expires_at {
            put!("exp", end.as_whole_seconds());
        }
        if let Some(session) = &order.session {
            put!("sid", session.id);
            put!("auth_time", session.began.as_whole_seconds());
        }
        if let Some(name) = &settings.manager_name {
            put!("mgr", name);
        }
        for (name, value) in &self.custom.claims {
            put!(name.as_str(), value);
        }
        for (name, value) in &self.custom.overrides {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Payload<'_> {
    /// Whether anything in it can be nested: what the library itself writes is not.
    fn has_containers(&self) -> bool {
        let identity = match &self.order.identity.0 {
            IdentityValue::Json(value) => Some(value),
            IdentityValue::Text(_) | IdentityValue::Integer(_) => None,
        };
        let custom = self.custom.claims.values().chain(self.custom.overrides.values());
        custom.chain(identity).any(|value| value.is_array() || value.is_object())
    }

    fn freshness(&self) -> Freshness {
        match self.order.freshness {
            // What a refresh token yields is not fresh, so neither is it.
            _ if self.kind == TokenKind::Refresh => Freshness::NotFresh,
            Fresh::No => Freshness::NotFresh,
            Fresh::Yes => Freshness::Fresh,
            Fresh::For(duration) => Freshness::Until(self.now + duration),
        }
    }
}
