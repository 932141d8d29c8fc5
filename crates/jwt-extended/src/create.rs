//! Making tokens: builders, and the JSON they write.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Map, Value};

use crate::claims::Name;
use crate::clock::Timestamp;
use crate::config::{Lifetime, Settings};
use crate::csrf;
use crate::engine::{JwtEngine, session_span};
use crate::error::{AuthError, ErrorKind, Result};
use crate::jws::base64url;
use crate::key::SigningKey;
use crate::random::uuids;
use crate::token::{
    EncodedToken, Freshness, Identity, IdentityValue, TokenKind, TokenPair, VerifiedToken,
};

/// Claims and headers of an application's own, for one token or, from a hook, for all.
///
/// Names that the library gives a meaning (`exp`, `sub`, `type`, `fresh`...) are refused as claims, so
/// that data from a user can not become a longer life or another identity; who wants that says
/// [`CustomClaims::override_claim`].
#[derive(Clone, Default)]
#[must_use = "claims do nothing until they are in a token"]
pub struct CustomClaims {
    claims: BTreeMap<String, Value>,
    overrides: BTreeMap<String, Value>,
    headers: BTreeMap<String, Value>,
    fault: Option<String>,
}

impl CustomClaims {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a claim. A value that is no JSON makes the token fail.
    pub fn claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        if Name::of(&name).is_some() {
            return self.fail(format!(
                "the claim {name} is the library's own: there is a method to set it, and `override_claim` where there is none"
            ));
        }
        match serde_json::to_value(value) {
            Ok(value) => {
                self.claims.insert(name, value);
                self
            }
            Err(error) => self.fail(format!("the claim {name} is no JSON: {error}")),
        }
    }

    /// Adds every field of a struct or map.
    pub fn claims(self, claims: impl Serialize) -> Self {
        match serde_json::to_value(claims) {
            Ok(Value::Object(fields)) => {
                fields.into_iter().fold(self, |all, (name, value)| all.claim(name, value))
            }
            Ok(_) => self.fail("claims come from a struct or a map".to_owned()),
            Err(error) => self.fail(format!("the claims are no JSON: {error}")),
        }
    }

    /// Sets a claim whatever its name, in place of what the library would have written.
    pub fn override_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        match serde_json::to_value(value) {
            // RFC 7519 section 4.1.1; nobody could read such a token back.
            Ok(value) if name == "iss" && !value.is_string() => {
                self.fail("the claim iss must be a text".to_owned())
            }
            Ok(value) => {
                self.overrides.insert(name, value);
                self
            }
            Err(error) => self.fail(format!("the claim {name} is no JSON: {error}")),
        }
    }

    /// Adds a header parameter. `alg`, `crit` and `b64` are refused: the key decides what the
    /// signature is. `typ` is left out where it is null or empty.
    pub fn header(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        if matches!(name.as_str(), "alg" | "crit" | "b64") {
            return self.fail(format!("the header {name} is the key's to set"));
        }
        match serde_json::to_value(value) {
            // RFC 7515 section 4.1.4
            Ok(value) if name == "kid" && !value.is_string() => {
                self.fail("the header kid must be a text".to_owned())
            }
            Ok(value) => {
                self.headers.insert(name, value);
                self
            }
            Err(error) => self.fail(format!("the header {name} is no JSON: {error}")),
        }
    }

    fn fail(mut self, fault: String) -> Self {
        self.fault.get_or_insert(fault);
        self
    }

    /// What `later` sets wins.
    fn merge(mut self, later: &Self) -> Self {
        let copy = |map: &BTreeMap<String, Value>| {
            map.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
        };
        self.claims.extend(copy(&later.claims));
        self.overrides.extend(copy(&later.overrides));
        self.headers.extend(copy(&later.headers));
        self.fault = self.fault.or_else(|| later.fault.clone());
        self
    }
}

/// One login or refresh, as far as both its tokens share it.
#[derive(Clone)]
struct Order {
    identity: Identity,
    custom: CustomClaims,
    freshness: Fresh,
    audience: Option<Vec<String>>,
    session: Option<Session>,
}

#[derive(Clone, Copy)]
enum Fresh {
    No,
    Yes,
    For(Duration),
}

#[derive(Clone)]
struct Session {
    id: String,
    began: Timestamp,
}

/// Makes one token; [`JwtEngine::create_access_token`] starts it.
#[must_use = "a builder does nothing until `encode` is called"]
pub struct TokenBuilder<'e> {
    engine: &'e JwtEngine,
    kind: TokenKind,
    order: Order,
    lifetime: Option<Lifetime>,
}

/// Makes an access and a refresh token for one login; [`JwtEngine::create_token_pair`] starts it.
#[must_use = "a builder does nothing until `encode` is called"]
pub struct TokenPairBuilder<'e> {
    engine: &'e JwtEngine,
    order: Order,
    access: Option<Lifetime>,
    refresh: Option<Lifetime>,
}

macro_rules! shared_methods {
    () => {
        /// Whether the token is fresh: made from credentials just now, not from a refresh. Of a pair,
        /// the access token.
        pub fn fresh(mut self, fresh: bool) -> Self {
            self.order.freshness = if fresh { Fresh::Yes } else { Fresh::No };
            self
        }

        /// Fresh for this long only.
        pub fn fresh_for(mut self, duration: Duration) -> Self {
            self.order.freshness = Fresh::For(duration);
            self
        }

        /// Adds a claim of the application's own; see [`CustomClaims::claim`].
        pub fn claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.claim(name, value);
            self
        }

        /// Adds every field of a struct or map; see [`CustomClaims::claims`].
        pub fn claims(mut self, claims: impl Serialize) -> Self {
            self.order.custom = self.order.custom.claims(claims);
            self
        }

        /// Sets a claim whatever its name; see [`CustomClaims::override_claim`].
        pub fn override_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.override_claim(name, value);
            self
        }

        /// Adds a header parameter; see [`CustomClaims::header`].
        pub fn header(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
            self.order.custom = self.order.custom.header(name, value);
            self
        }

        /// Who the token is for (`aud`), instead of `JWT_ENCODE_AUDIENCE`.
        pub fn audience(mut self, audience: impl IntoIterator<Item = impl Into<String>>) -> Self {
            self.order.audience = Some(audience.into_iter().map(Into::into).collect());
            self
        }
    };
}

impl<'e> TokenBuilder<'e> {
    pub(crate) fn new(engine: &'e JwtEngine, kind: TokenKind, identity: Identity) -> Self {
        Self { engine, kind, order: Order::new(identity), lifetime: None }
    }

    shared_methods!();

    /// How long the token lives, instead of what the configuration says.
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(Lifetime::After(lifetime));
        self
    }

    /// Makes a token that lives until it is revoked or its key is withdrawn.
    pub fn never_expires(mut self) -> Self {
        self.lifetime = Some(Lifetime::Never);
        self
    }

    /// Makes the token part of the session of `token`: it takes over `sid` and `auth_time`.
    pub fn in_session_of(mut self, token: &VerifiedToken) -> Self {
        self.order.session = token.session_id().map(|id| Session {
            id: id.to_owned(),
            began: token.auth_time().unwrap_or_else(|| self.engine.now()),
        });
        self
    }

    /// Signs the token.
    pub fn encode(self) -> Result<EncodedToken> {
        encode(self.engine, self.kind, &self.order, self.lifetime, self.engine.now())
    }
}

impl<'e> TokenPairBuilder<'e> {
    pub(crate) fn new(engine: &'e JwtEngine, identity: Identity) -> Self {
        Self { engine, order: Order::new(identity), access: None, refresh: None }
    }

    shared_methods!();

    /// How long the access token lives, instead of what the configuration says.
    pub fn access_expires_in(mut self, lifetime: Duration) -> Self {
        self.access = Some(Lifetime::After(lifetime));
        self
    }

    /// How long the refresh token lives, instead of what the configuration says.
    pub fn refresh_expires_in(mut self, lifetime: Duration) -> Self {
        self.refresh = Some(Lifetime::After(lifetime));
        self
    }

    /// Signs both tokens.
    pub fn encode(mut self) -> Result<TokenPair> {
        let now = self.engine.now();
        if self.engine.config().session_claims {
            let [id] = uuids::<1>(self.engine.random()).map_err(not_created)?;
            self.order.session = Some(Session { id: id.to_string(), began: now });
        }
        let access_token = encode(self.engine, TokenKind::Access, &self.order, self.access, now)?;
        // A refresh token is never fresh: what it yields is not either.
        self.order.freshness = Fresh::No;
        let refresh_token =
            encode(self.engine, TokenKind::Refresh, &self.order, self.refresh, now)?;
        Ok(TokenPair { access_token, refresh_token })
    }
}

impl Order {
    fn new(identity: Identity) -> Self {
        Self {
            identity,
            custom: CustomClaims::default(),
            freshness: Fresh::No,
            audience: None,
            session: None,
        }
    }
}

fn not_created(source: impl Into<crate::error::BoxError>) -> AuthError {
    AuthError::from(ErrorKind::TokenNotCreated).with_source(source)
}

fn encode(
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
    fn freshness(&self) -> Freshness {
        match self.order.freshness {
            Fresh::No => Freshness::NotFresh,
            Fresh::Yes => Freshness::Fresh,
            Fresh::For(duration) => Freshness::Until(self.now + duration),
        }
    }
}
