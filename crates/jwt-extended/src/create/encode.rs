//! From an order to a signed token.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::custom::Named;
use super::members::{Members, known};
use super::{CustomClaims, Fresh, Order, earlier, not_created};
use crate::clock::Timestamp;
use crate::config::{Lifetime, Settings};
use crate::csrf;
use crate::encoded::EncodedToken;
use crate::engine::{JwtEngine, session_span};
use crate::error::{AuthError, ErrorKind, Result};
use crate::found::KeyChoice;
use crate::identity::IdentityValue;
use crate::key::SigningKey;
use crate::random::uuids;
use crate::token::{Freshness, TokenKind};
use crate::{json, jws};

pub(super) fn encode(
    engine: &JwtEngine,
    kind: TokenKind,
    order: &Order,
    lifetime: Option<Lifetime>,
    now: Timestamp,
) -> Result<EncodedToken> {
    write(engine, kind, order, &draft(engine, kind, order, lifetime, now)?)
}

/// What tells one token from the next.
pub(super) struct Draft {
    pub(super) jti: Uuid,
    pub(super) csrf: Uuid,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

pub(super) fn draft(
    engine: &JwtEngine,
    kind: TokenKind,
    order: &Order,
    lifetime: Option<Lifetime>,
    now: Timestamp,
) -> Result<Draft> {
    let settings: &Settings = engine.config();
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
    let expires_at = lifetime.duration().map(|lifetime| now + lifetime);
    let session_end = order.session.as_ref().and_then(|session| session.end(settings));
    // `exp` is in whole seconds: with less than one left, a token would be expired from the start.
    if session_end.is_some_and(|end| end < now + Duration::from_secs(1)) {
        return Err(AuthError::new(ErrorKind::TokenExpired, "The session has ended"));
    }
    let [jti, csrf] = uuids(engine.random()).map_err(not_created)?;
    Ok(Draft { jti, csrf, issued_at: now, expires_at: earlier(expires_at, session_end) })
}

pub(super) fn write(
    engine: &JwtEngine,
    kind: TokenKind,
    order: &Order,
    draft: &Draft,
) -> Result<EncodedToken> {
    let settings: &Settings = engine.config();
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
    if let Some(name) = custom.claims.names().find(|name| *name == settings.identity_claim) {
        return Err(not_created(format!("the claim {name} holds the identity")));
    }

    if let Some(name) = order.fixed_override(custom, settings) {
        return Err(not_created(format!(
            "the claim {name} of a rotated token is the library's to set: no `override_claim` and no claims hook can"
        )));
    }
    let choice = match &order.keys {
        Some(keys) => KeyChoice::These(Arc::clone(keys)),
        None => engine.encode_keys(&order.identity, custom).map_err(not_created)?,
    };
    let (own, announced);
    let key = match &choice {
        KeyChoice::Own => {
            own = engine.config().ring();
            own.signing_key().ok_or_else(|| {
                not_created("there is no key to sign with: set JWT_SECRET_KEY or JWT_PRIVATE_KEY")
            })?
        }
        KeyChoice::These(keys) => {
            let key = keys.signing_key().ok_or_else(|| {
                not_created(
                    "the keys that were chosen for this token only verify: add one that signs",
                )
            })?;
            announced = settings.announced(key);
            &announced
        }
        KeyChoice::Unknown => {
            return Err(not_created("no keys are known for whom this token is to be made"));
        }
    };
    let (mut jti_text, mut csrf_text) = ([0; 36], [0; 36]);
    let payload = Payload {
        settings,
        shared: engine.shared_claims(),
        custom,
        order,
        kind,
        now: draft.issued_at,
        jti: draft.jti.hyphenated().encode_lower(&mut jti_text),
        csrf: settings
            .cookie_csrf_protect
            .then(|| &*draft.csrf.hyphenated().encode_lower(&mut csrf_text)),
        expires_at: draft.expires_at,
    };
    let json = payload.to_json().map_err(not_created)?;
    if payload.has_containers() && json::check(&json).is_err() {
        return Err(not_created("a claim is nested too deep to be read again"));
    }
    let overridden = |name| custom.overrides.get(name);
    if overridden("csrf").and_then(Value::as_str).is_some_and(|text| !csrf::fits_cookie(text)) {
        return Err(not_created("the claim csrf holds what no cookie can carry"));
    }
    fn text<'t>(own: Option<&'t str>, overridden: Option<&'t Value>) -> Option<&'t str> {
        overridden.map_or(own, Value::as_str)
    }
    let expires_at = match overridden("exp") {
        Some(value) => value.as_f64().map(Timestamp::from_seconds),
        None => payload.expires_at,
    };
    let session = order.session.as_ref().map(|session| &*session.id);
    Ok(EncodedToken::new(
        sign(key, custom, &json)?,
        text(Some(payload.jti), overridden("jti")),
        text(payload.csrf, overridden("csrf")),
        text(session, overridden("sid")),
        expires_at,
    ))
}

fn outlives_session(lifetime: Lifetime, settings: &Settings) -> bool {
    match (lifetime.duration(), session_span(settings)) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(lifetime), Some(span)) => lifetime > span,
    }
}

fn sign(key: &SigningKey, custom: &CustomClaims, payload: &[u8]) -> Result<String> {
    let header = (!custom.headers.is_empty()).then(|| {
        let mut header = Map::new();
        header.insert("alg".into(), key.algorithm().name().into());
        header.insert("typ".into(), "JWT".into());
        if let Some(kid) = key.kid() {
            header.insert("kid".into(), kid.into());
        }
        header.extend((&custom.headers).into_iter().cloned());
        if header.get("typ").is_some_and(|typ| typ.is_null() || typ == "") {
            header.remove("typ");
        }
        Value::Object(header).to_string()
    });
    jws::sign(key, header.as_ref().map(String::as_bytes), payload).map_err(not_created)
}

/// `aud` and `iss` as most tokens of an engine have them: JSON that is ready, each behind a comma.
pub(crate) struct SharedClaims(Vec<u8>);

impl SharedClaims {
    pub(crate) fn of(settings: &Settings) -> Self {
        let none = Named::default();
        let mut members = Members::new(&none);
        // Texts are always JSON.
        let _ = put_audience_and_issuer(&mut members, &settings.encode_audience, settings);
        Self(members.into_members())
    }
}

fn put_audience_and_issuer(
    members: &mut Members<'_>,
    audience: &[String],
    settings: &Settings,
) -> Result<(), serde_json::Error> {
    match audience {
        [] => {}
        [one] => members.put_text(known!("aud"), one)?,
        several => members.put(known!("aud"), several)?,
    }
    match &settings.encode_issuer {
        Some(issuer) => members.put_text(known!("iss"), issuer),
        None => Ok(()),
    }
}

/// The claims of a token, in upstream's order.
struct Payload<'p> {
    settings: &'p Settings,
    shared: &'p SharedClaims,
    custom: &'p CustomClaims,
    order: &'p Order,
    kind: TokenKind,
    now: Timestamp,
    jti: &'p str,
    csrf: Option<&'p str>,
    expires_at: Option<Timestamp>,
}

impl Payload<'_> {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let (settings, order) = (self.settings, self.order);
        let mut members = Members::new(&self.custom.overrides);
        match self.freshness() {
            Freshness::NotFresh => members.put_ready(known!("fresh"), "false"),
            Freshness::Fresh => members.put_ready(known!("fresh"), "true"),
            Freshness::Until(until) => members.put(known!("fresh"), &until.as_seconds())?,
        }
        let mut digits = itoa::Buffer::new();
        let now = digits.format(self.now.as_whole_seconds());
        members.put_ready(known!("iat"), now);
        members.put_plain(known!("jti"), self.jti);
        members.put_plain(known!("type"), self.kind.name());
        let claim = &*settings.identity_claim;
        match &order.identity.0 {
            IdentityValue::Text(text) if claim == "sub" => members.put_text(known!("sub"), text)?,
            IdentityValue::Text(text) => members.put_any(claim, text)?,
            // RFC 7519 section 4.1.2: a subject is a string, and `identity_as` reads it back.
            IdentityValue::Integer(number) if settings.verify_sub && claim == "sub" => {
                members.put_plain(known!("sub"), &number.to_string());
            }
            IdentityValue::Integer(number) => members.put_any(claim, number)?,
            IdentityValue::Json(value) => members.put_value(claim, value)?,
        }
        if settings.encode_nbf {
            members.put_ready(known!("nbf"), now);
        }
        if let Some(csrf) = self.csrf {
            members.put_plain(known!("csrf"), csrf);
        }
        match &order.audience {
            None if self.custom.overrides.is_empty() => members.put_members(&self.shared.0),
            own => {
                let audience = own.as_ref().unwrap_or(&settings.encode_audience);
                put_audience_and_issuer(&mut members, audience, settings)?;
            }
        }
        if let Some(end) = self.expires_at {
            let mut digits = itoa::Buffer::new();
            members.put_ready(known!("exp"), digits.format(end.as_whole_seconds()));
        }
        if let Some(session) = &order.session {
            members.put_text(known!("sid"), &session.id)?;
            members.put(known!("auth_time"), &session.began.as_whole_seconds())?;
        }
        if let Some(name) = &settings.manager_name {
            members.put_text(known!("mgr"), name)?;
        }
        for (name, value) in &self.custom.claims {
            members.put_value(name, value)?;
        }
        members.end()
    }

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
