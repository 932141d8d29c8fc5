//! The application of a case: a manager and the one route that the case asks.

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use axum_jwt_extended::{
    Algorithm, ConfigBuilder, ConfigError, CustomClaims, Error, ErrorKind, JwtManager, Keyring,
    Location, ManualClock, OptionalPolicy, Policy, Preset, Timestamp, VerifiedToken, VerifyingKey,
};
use serde_json::{Map, Value, json};

use crate::recorded::{AppConfig, Guard, Hooks, Loader};
use crate::values::{python_equal, python_text, same};

/// The manager of a configuration, at the time `now`; `blocklist` is the case's own.
pub(crate) fn manager(
    config: &AppConfig,
    now: f64,
    blocklist: Option<&Vec<Option<String>>>,
) -> Result<JwtManager, ConfigError> {
    let options = Value::Object(config.options.clone());
    let builder: ConfigBuilder = serde_json::from_value(options).unwrap();
    let mut builder = builder.preset(Preset::Flask);
    let hooks = config.hooks.clone();
    if let Some(keys) = &hooks.keys_by_kid {
        let mut ring = Keyring::default();
        for (kid, secret) in keys {
            let key = VerifyingKey::insecure_hmac(Algorithm::HS256, secret.as_bytes()).unwrap();
            ring = ring.also_verify(key.with_kid(kid)).unwrap();
        }
        builder = builder.keyring(ring);
    }
    let clock = ManualClock::at(Timestamp::from_seconds(now));
    let mut jwt = JwtManager::builder(builder.build()?).clock(clock);

    if let Some(revoked) = blocklist.or(hooks.blocklist.as_ref()).cloned() {
        jwt = jwt.blocklist(move |token| {
            let revoked = revoked.contains(&token.jti);
            async move { Ok::<_, std::convert::Infallible>(revoked) }
        });
    }
    if let Some(required) = hooks.require_claim {
        jwt = jwt.verify_claims(move |token| {
            let claims = claims_of(&token);
            let has = |(name, value)| claims.get(name).is_some_and(|c| python_equal(c, value));
            let accepted = required.iter().all(has);
            async move { Ok::<_, std::convert::Infallible>(accepted) }
        });
    }
    let (claims, headers) = (hooks.additional_claims, hooks.additional_headers);
    if !claims.is_empty() || !headers.is_empty() {
        jwt = jwt.claims_hook(move |_, _| {
            let custom = claims
                .iter()
                .fold(CustomClaims::new(), |all, (name, value)| all.override_claim(name, value));
            headers.iter().fold(custom, |all, (name, value)| all.header(name, value))
        });
    }
    if !hooks.responses.is_empty() {
        let responses = hooks.responses;
        jwt = jwt.on_error(move |error, _| match responses.get(loader(error.kind())) {
            Some(Loader { status, json }) => {
                (StatusCode::from_u16(*status).unwrap(), Json(json)).into_response()
            }
            None => error.default_response(),
        });
    }
    Ok(jwt.build())
}

/// The name of upstream's loader for such errors.
fn loader(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TokenMissing | ErrorKind::CsrfMissing | ErrorKind::CsrfMismatch => {
            "unauthorized"
        }
        ErrorKind::TokenExpired => "expired_token",
        ErrorKind::FreshTokenRequired => "needs_fresh_token",
        ErrorKind::TokenRevoked => "revoked_token",
        ErrorKind::ClaimsRejected => "token_verification_failed",
        ErrorKind::UserNotFound => "user_lookup_error",
        _ => "invalid_token",
    }
}

/// All claims of a token. Upstream fills in three that a token lacks; here they are methods.
pub(crate) fn claims_of(token: &VerifiedToken) -> Map<String, Value> {
    let mut claims: Map<String, Value> = token.claims().unwrap();
    claims.entry("type").or_insert_with(|| token.token_type().into());
    claims.entry("fresh").or_insert(Value::Bool(false));
    claims.entry("jti").or_insert_with(|| token.jti().into());
    claims
}

#[derive(Clone)]
struct App {
    jwt: JwtManager,
    guard: Guard,
    hooks: Hooks,
}

/// A router with the guarded route under every path.
pub(crate) fn router(jwt: JwtManager, guard: &Guard, config: &AppConfig) -> Router {
    let bodies = jwt.body_layer().with_json();
    let app = App { jwt, guard: guard.clone(), hooks: config.hooks.clone() };
    Router::new().route("/{route}", any(view)).layer(bodies).with_state(app)
}

async fn view(State(app): State<App>, parts: Parts) -> Result<Response, Error> {
    let token = match policy(&app.guard) {
        // Upstream's guard lets OPTIONS pass, as the extractors do by `Option`.
        _ if parts.method == Method::OPTIONS => None,
        Asks::Required(policy) => Some(app.jwt.authenticate(&parts, policy).await?),
        Asks::Optional(policy) => app.jwt.authenticate(&parts, policy).await?,
    };
    let Some(token) = token else {
        let nobody =
            json!({"identity": null, "claims": {}, "header": {}, "location": null, "user": null});
        return Ok(Json(nobody).into_response());
    };
    let identity: Value = token.identity_as()?;
    let user = match &app.hooks.users {
        None => None,
        Some(users) if users.iter().any(|user| same(user, &identity)) => {
            Some(format!("user:{}", python_text(&identity)))
        }
        Some(_) => return Err(app.jwt.error(token.refuse(ErrorKind::UserNotFound))),
    };
    Ok(Json(json!({
        "identity": identity,
        "claims": claims_of(&token),
        "header": token.header::<Value>()?,
        "location": token.location().map(Location::name),
        "user": user,
    }))
    .into_response())
}

enum Asks {
    Required(Policy),
    Optional(OptionalPolicy),
}

fn policy(guard: &Guard) -> Asks {
    let mut policy = Policy::required();
    if !guard.locations.is_empty() {
        policy = policy.locations(guard.locations.iter().copied());
    }
    if guard.refresh {
        policy = policy.refresh();
    }
    if guard.fresh {
        policy = policy.fresh();
    }
    if !guard.verify_type {
        policy = policy.any_type();
    }
    if guard.skip_revocation_check {
        policy = policy.skip_revocation();
    }
    if guard.optional { Asks::Optional(policy.optional()) } else { Asks::Required(policy) }
}
