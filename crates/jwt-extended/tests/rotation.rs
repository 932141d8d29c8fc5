//! Refresh tokens that are good once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::time::Duration;

use jwt_extended::store::{
    MemoryStore, RevocationStatus, RevocationStore, RotationOutcome, Subject,
};
use jwt_extended::{
    AuthError, Config, ConfigBuilder, CustomClaims, DecodeOptions, ErrorKind, JwtEngine, Lifetime,
    ManualClock, Policy, Timestamp, TokenPair, Verdict, VerifiedToken,
};
use serde_json::{Map, Value, json};
use support::{NOW, flask, native};

const DAY: Duration = Duration::from_secs(86_400);

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_seconds(NOW + seconds)
}

/// An engine that rotates, its clock, and a store.
struct Service {
    engine: JwtEngine,
    clock: ManualClock,
    store: MemoryStore,
}

impl Service {
    fn new(config: ConfigBuilder) -> Self {
        let clock = ManualClock::at(at(0.0));
        let config = config.refresh_rotation(true).build().unwrap();
        let engine = JwtEngine::new(config).with_clock(clock.clone());
        Self { engine, clock, store: MemoryStore::new() }
    }

    fn later(&self, seconds: f64) {
        self.clock.set(at(seconds));
    }

    fn read(&self, token: impl AsRef<str>) -> VerifiedToken {
        self.engine.decode(token.as_ref(), &DecodeOptions::default()).unwrap()
    }

    async fn rotate(&self, token: &VerifiedToken) -> Result<TokenPair, AuthError> {
        let pending = self.engine.rotate(token).claim("role", "admin").prepare()?;
        let outcome = self.store.rotate(&pending.question()).await.unwrap();
        pending.answer(outcome)
    }

    async fn status(&self, token: impl AsRef<str>) -> RevocationStatus {
        match self.engine.check_token(token.as_ref(), &Policy::any()).unwrap() {
            Verdict::Pending(pending) => {
                self.store.status(&pending.question().unwrap()).await.unwrap()
            }
            Verdict::Done(_) => panic!("nobody asked a store"),
        }
    }
}

fn claims(token: &VerifiedToken) -> Map<String, Value> {
    token.claims().unwrap()
}

fn without_store(engine: &JwtEngine, token: &str) -> VerifiedToken {
    match engine.check_token(token, &Policy::required().refresh()).unwrap() {
        Verdict::Pending(pending) => pending.without_store(),
        Verdict::Done(_) => panic!("nobody could have asked"),
    }
}

fn kind<T: std::fmt::Debug>(outcome: Result<T, AuthError>) -> ErrorKind {
    outcome.unwrap_err().kind()
}

#[tokio::test]
async fn a_new_pair_in_the_same_session() {
    let config =
        native().manager_name("partners").encode_audience(["us"]).decode_audience(["us", "them"]);
    let s = Service::new(config);
    let login =
        s.engine.create_token_pair("anna").fresh(true).claim("cart", 7).audience(["them", "us"]);
    let login = login.encode().unwrap();
    s.later(3600.5);
    let first = s.read(&login.refresh_token);
    let pair = s.rotate(&first).await.unwrap();
    assert_eq!(pair.session_id(), first.session_id());
    for (token, kind) in [(&pair.access_token, "access"), (&pair.refresh_token, "refresh")] {
        let new = s.read(token);
        assert_eq!((new.identity(), new.token_type()), ("anna", kind));
        assert_eq!(new.session_id(), first.session_id());
        assert_eq!(new.auth_time(), Some(at(0.0)), "when the password was given");
        assert_eq!(new.issued_at(), Some(at(3600.0)));
        assert_eq!(token.expires_at(), new.expires_at(), "in whole seconds");
        assert!(new.jti() != first.jti() && new.csrf() != first.csrf());
        let claims = claims(&new);
        assert_eq!(claims["fresh"], false);
        assert_eq!(claims["aud"], json!(["them", "us"]));
        assert_eq!(claims["mgr"], "partners");
        assert_eq!(claims["role"], "admin");
        assert!(!claims.contains_key("cart"), "it may have changed");
        assert_eq!(s.status(token).await, RevocationStatus::Active);
    }
    assert_ne!(pair.access_token.jti(), pair.refresh_token.jti());
    assert_ne!(pair.access_token.csrf(), pair.refresh_token.csrf());
    // And so on, for as long as it is refreshed.
    let mut current = pair.refresh_token;
    for day in 1..100 {
        s.later(86_400.0 * f64::from(day));
        current = s.rotate(&s.read(&current)).await.unwrap().refresh_token;
    }
    assert_eq!(s.read(&current).auth_time(), Some(at(0.0)));
}

#[tokio::test]
async fn within_the_grace_it_is_the_very_same_pair() {
    let s = Service::new(native());
    let login = s.engine.create_token_pair("anna").encode().unwrap();
    s.later(100.75);
    let first = s.read(&login.refresh_token);
    let pair = s.rotate(&first).await.unwrap();
    s.later(110.75);
    assert_eq!(s.status(&login.refresh_token).await, RevocationStatus::Active);
    // HMAC is the same each time, so the tokens are, to the last byte; and the CSRF values with them.
    assert!(s.rotate(&first).await.unwrap() == pair);
    s.later(111.0);
    assert_eq!(s.status(&login.refresh_token).await, RevocationStatus::Reused);
    assert_eq!(kind(s.rotate(&first).await), ErrorKind::TokenRevoked);
    for token in
        [&login.access_token, &login.refresh_token, &pair.access_token, &pair.refresh_token]
    {
        assert_eq!(s.status(token).await, RevocationStatus::Revoked);
    }
    assert_eq!(kind(s.rotate(&s.read(&pair.refresh_token)).await), ErrorKind::TokenRevoked);
    let records = s.store.list(&Subject::new("anna"), at(111.0)).await.unwrap();
    assert_eq!(records[0].reason.as_deref(), Some("refresh token reuse"));
    assert_eq!(records[0].until, Some(at(111.0) + 30 * DAY), "no token of it lives longer");
}

/// Another key may have become the signing one, and the application may know better by then; the
/// tokens are the same.
#[tokio::test]
async fn a_repeated_pair_is_signed_anew() {
    let s = Service::new(native());
    let login = s.engine.create_token_pair("anna").encode().unwrap();
    let first = s.read(&login.refresh_token);
    let pair = s.rotate(&first).await.unwrap();
    let pending = s.engine.rotate(&first).claim("role", "none any more").prepare().unwrap();
    let outcome = s.store.rotate(&pending.question()).await.unwrap();
    let again = pending.answer(outcome).unwrap();
    for (one, other) in
        [(&pair.access_token, &again.access_token), (&pair.refresh_token, &again.refresh_token)]
    {
        let (mut one, mut other) = (claims(&s.read(one)), claims(&s.read(other)));
        assert_eq!(one.remove("role"), Some("admin".into()));
        assert_eq!(other.remove("role"), Some("none any more".into()));
        assert_eq!(one, other);
    }
}

#[tokio::test]
async fn a_token_without_session_begins_one_of_its_name() {
    // As in Flask, where each token is made by itself.
    let s = Service::new(flask().require_jti(true));
    let refresh = s.engine.create_refresh_token("anna").encode().unwrap();
    assert_eq!(refresh.session_id(), None);
    s.later(100.0);
    let first = s.read(&refresh);
    let pair = s.rotate(&first).await.unwrap();
    assert_eq!(pair.session_id(), refresh.jti());
    let second = s.read(&pair.refresh_token);
    assert_eq!(second.auth_time(), Some(at(0.0)), "it was made then, at the latest");
    s.later(200.0);
    let third = s.rotate(&second).await.unwrap();
    assert_eq!(third.session_id(), refresh.jti());
    assert_eq!(s.read(&third.access_token).auth_time(), Some(at(0.0)));
    assert_eq!(kind(s.rotate(&first).await), ErrorKind::TokenRevoked);
    assert_eq!(s.status(&third.access_token).await, RevocationStatus::Revoked);
    // A pair has a session where tokens rotate, whatever JWT_SESSION_CLAIMS says.
    assert!(s.engine.create_token_pair("anna").encode().unwrap().session_id().is_some());
}

#[tokio::test]
async fn a_session_ends_when_its_life_is_over() {
    let config = || native().session_lifetime(Duration::from_secs(3600));
    let s = Service::new(config());
    let login = s.engine.create_token_pair("anna").encode().unwrap();
    assert_eq!(login.refresh_token.expires_at(), Some(at(3600.0)), "not 30 days");
    assert_eq!(login.access_token.expires_at(), Some(at(900.0)));
    let mut current = login.refresh_token;
    for seconds in [1000.0, 2000.0, 3000.0, 3599.0] {
        s.later(seconds);
        let pair = s.rotate(&s.read(&current)).await.unwrap();
        assert_eq!(pair.refresh_token.expires_at(), Some(at(3600.0)));
        assert_eq!(pair.access_token.expires_at(), Some(at((seconds + 900.0).min(3600.0))));
        current = pair.refresh_token;
    }
    let last = s.read(&current);
    for seconds in [3599.5, 3600.0, 4000.0] {
        s.later(seconds);
        assert_eq!(kind(s.rotate(&last).await), ErrorKind::TokenExpired);
    }

    // Tokens from a time when there was no such end have it all the same, rotating or not.
    for rotates in [true, false] {
        let clock = ManualClock::at(at(0.0));
        let old = JwtEngine::new(native().build().unwrap()).with_clock(clock.clone());
        let refresh = old.create_token_pair("anna").encode().unwrap().refresh_token;
        let new = JwtEngine::new(config().refresh_rotation(rotates).build().unwrap());
        let new = new.with_clock(clock.clone());
        clock.set(at(3000.0));
        let refresh = without_store(&new, refresh.as_str());
        let ends = |engine: &JwtEngine| -> Result<_, AuthError> {
            if rotates {
                let pending = engine.rotate(&refresh).prepare()?;
                Ok(pending.answer(RotationOutcome::Rotated)?.access_token.expires_at())
            } else {
                Ok(engine.refresh_access_token(&refresh).encode()?.expires_at())
            }
        };
        assert_eq!(ends(&new).unwrap(), Some(at(3600.0)));
        clock.set(at(3600.0));
        assert_eq!(kind(ends(&new)), ErrorKind::TokenExpired);
    }
}

#[tokio::test]
async fn only_a_refresh_token_of_this_manager_that_lives() {
    let s = Service::new(native());
    let login = s.engine.create_token_pair("anna").encode().unwrap();
    let refused = |token: &VerifiedToken| kind(s.engine.rotate(token).prepare());
    assert_eq!(refused(&s.read(&login.access_token)), ErrorKind::WrongTokenType);
    let other = Service::new(native().manager_name("partners"));
    let others = other.engine.create_token_pair("anna").encode().unwrap();
    let others = other.read(&others.refresh_token);
    assert_eq!(refused(&others), ErrorKind::WrongManager);
    assert_eq!(
        kind(other.engine.rotate(&s.read(&login.refresh_token)).prepare()),
        ErrorKind::WrongManager
    );
    let lax = Service::new(flask());
    let nameless =
        support::forge(support::good_without("jti").replace("\"access\"", "\"refresh\""));
    assert_eq!(kind(lax.engine.rotate(&lax.read(nameless)).prepare()), ErrorKind::MissingClaim);
    // One that was let in in spite of its age.
    s.later(31.0 * 86_400.0);
    let old =
        s.engine.decode(login.refresh_token.as_str(), &DecodeOptions::default().allow_expired());
    assert_eq!(refused(&old.unwrap()), ErrorKind::TokenExpired);

    // With rotation off there is another way, and with it on there is no other.
    let off = JwtEngine::new(native().build().unwrap()).with_clock(ManualClock::at(at(0.0)));
    let refresh = off.create_token_pair("anna").encode().unwrap().refresh_token;
    let skipped = off.decode(refresh.as_str(), &DecodeOptions::default()).unwrap();
    let refresh = without_store(&off, refresh.as_str());
    let error = off.rotate(&refresh).prepare().unwrap_err();
    assert!(
        error.kind() == ErrorKind::Misconfigured
            && error.message().contains("refresh_access_token")
    );
    assert!(off.refresh_access_token(&refresh).encode().is_ok());
    // Nobody asked whether this one is revoked.
    let error = off.refresh_access_token(&skipped).encode().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.message().contains("authenticate_token"), "{error}");
    assert_eq!(kind(off.refresh_access_token(&others).encode()), ErrorKind::WrongManager);
    s.later(0.0);
    let error = s.engine.refresh_access_token(&refresh).encode().unwrap_err();
    assert!(error.kind() == ErrorKind::Misconfigured && error.message().contains("rotate"));
}

/// Whatever can go wrong goes wrong before the token is used up.
#[tokio::test]
async fn what_a_store_knows_a_token_by_cannot_be_overridden() {
    let hooked = |name: &'static str, value: Value| {
        let config = native().refresh_rotation(true).build().unwrap();
        JwtEngine::new(config)
            .with_clock(ManualClock::at(at(0.0)))
            .with_claims_hook(move |_, _| CustomClaims::new().override_claim(name, value.clone()))
    };
    let s = Service::new(native());
    let refresh = s.read(s.engine.create_token_pair("anna").encode().unwrap().refresh_token);
    for name in ["jti", "sid", "sub", "type", "exp", "iat", "auth_time", "mgr", "csrf", "fresh"] {
        let error = hooked(name, "x".into()).rotate(&refresh).prepare().unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(name), "{source}");
    }
    for (name, value) in
        [("aud", json!("x")), ("iss", json!("x")), ("nbf", json!(NOW)), ("mine", json!([1]))]
    {
        assert!(hooked(name, value).rotate(&refresh).prepare().is_ok(), "{name}");
    }
    let faulty = s.engine.rotate(&refresh).claim("sid", "x").prepare();
    assert_eq!(kind(faulty), ErrorKind::TokenNotCreated);
    let longer = s.engine.rotate(&refresh).refresh_expires_in(31 * DAY).prepare();
    assert_eq!(kind(longer), ErrorKind::TokenNotCreated);
}

#[tokio::test]
async fn the_store_is_told_ends_that_cover_every_token() {
    let s = Service::new(native().decode_leeway(Duration::from_secs(60)));
    let refresh = s.read(s.engine.create_token_pair("anna").encode().unwrap().refresh_token);
    s.later(86_400.0);
    let leeway = Duration::from_secs(60);
    let pending = s.engine.rotate(&refresh).prepare().unwrap();
    let question = pending.question();
    assert_eq!(question.until, Some(at(86_400.0) + 30 * DAY + leeway));
    assert_eq!(question.burnt_until, question.until);
    assert_eq!((question.token.now, question.token.grace), (at(86_400.0), Duration::from_secs(10)));
    assert_eq!(Some(question.family), refresh.session_id());
    assert!(question.successor.is_ascii() && question.successor.len() < 256);
    // The one that is used up lives longer than its successor.
    let pending = s.engine.rotate(&refresh).refresh_expires_in(DAY).prepare().unwrap();
    assert_eq!(pending.question().until, Some(at(0.0) + 30 * DAY + leeway));
    assert_eq!(pending.question().burnt_until, Some(at(86_400.0) + 30 * DAY + leeway));

    let s = Service::new(native().refresh_token_expires(Lifetime::Never));
    let refresh = s.read(s.engine.create_token_pair("anna").encode().unwrap().refresh_token);
    let pending = s.engine.rotate(&refresh).refresh_expires_in(DAY).prepare().unwrap();
    let question = pending.question();
    assert_eq!((question.until, question.burnt_until), (None, None), "the first one never ends");
    let repeated = RotationOutcome::Repeated { successor: question.successor.to_owned() };
    assert_eq!(pending.answer(repeated).unwrap().refresh_token.expires_at(), Some(at(0.0) + DAY));
}

#[tokio::test]
async fn a_successor_that_was_not_written_here_is_refused() {
    let config = || native().session_lifetime(Duration::from_secs(3600));
    let s = Service::new(config());
    let refresh = s.read(s.engine.create_token_pair("anna").encode().unwrap().refresh_token);
    let answer = |successor: &str| {
        let pending = s.engine.rotate(&refresh).prepare().unwrap();
        pending.answer(RotationOutcome::Repeated { successor: successor.to_owned() })
    };
    let good = s.engine.rotate(&refresh).prepare().unwrap().question().successor.to_owned();
    assert!(answer(&good).is_ok());
    let parts: Vec<_> = good.split('.').collect();
    let (now, hour) = (NOW.to_string(), (NOW + 3600.0).to_string());
    assert_eq!(parts[5..], [&*now, &*(NOW + 900.0).to_string(), &*hour]);
    for (n, value) in [
        (5, (NOW + 61.5).trunc().to_string()),
        (6, (NOW + 3601.0).to_string()),
        (6, "-".to_owned()),
        (7, (NOW + 3601.0).to_string()),
        (7, "-".to_owned()),
        (7, "9223372036854775807".to_owned()),
        (1, "x".to_owned()),
        (0, "2".to_owned()),
        (3, "Ä".to_owned()),
    ] {
        let mut parts = parts.clone();
        parts[n] = &value;
        let outcome = answer(&parts.join("."));
        assert_eq!(kind(outcome), ErrorKind::StoreUnavailable, "{n} {value}");
    }
    for nonsense in ["", "OK", "null", "{}", &good[1..], &format!("{good} "), "\0"] {
        assert_eq!(kind(answer(nonsense)), ErrorKind::StoreUnavailable);
    }
    // Without an end of the session, no token outlives what the configuration says.
    let s = Service::new(native());
    let pending = s.engine.rotate(&refresh).prepare().unwrap();
    let good = pending.question().successor.to_owned();
    let longer = good.replace(&(NOW + 2_592_000.0).to_string(), &(NOW + 2_592_001.0).to_string());
    assert_ne!(good, longer);
    assert_eq!(
        kind(pending.answer(RotationOutcome::Repeated { successor: longer })),
        ErrorKind::StoreUnavailable
    );
}

#[tokio::test]
async fn one_subject_whatever_its_identity_looks_like() {
    let s = Service::new(flask().verify_sub(false));
    for (payload, text) in [
        (r#"{"b":[1,{"d":2,"c":"é\u0041"}],"a":1.5}"#, r#"{"a":1.5,"b":[1,{"c":"éA","d":2}]}"#),
        (r#"{ "a" : 1.5, "b" : [1, {"c":"éA","d":2}]}"#, r#"{"a":1.5,"b":[1,{"c":"éA","d":2}]}"#),
        (r#"["b", "a"]"#, r#"["b","a"]"#),
        ("42", "42"),
        ("true", "true"),
    ] {
        let token = support::forge(support::good().to_string().replace("\"anna\"", payload));
        assert_eq!(s.read(token).identity(), text);
        let identity =
            jwt_extended::Identity::json(serde_json::from_str::<Value>(payload).unwrap());
        assert_eq!(identity.text(), text);
    }
    for (identity, text) in [(jwt_extended::Identity::from(-7), "-7"), ("anna".into(), "anna")] {
        assert_eq!(identity.text(), text);
        assert_eq!(
            s.read(s.engine.create_access_token(identity).encode().unwrap()).identity(),
            text
        );
    }
}

#[test]
fn rotation_is_looked_at_when_the_service_starts() {
    let on = || native().refresh_rotation(true);
    let fault = on().build().unwrap().works_without_store().unwrap_err();
    assert!(fault.to_string().contains("JWT_REFRESH_ROTATION"), "{fault}");
    assert!(native().build().unwrap().works_without_store().is_ok());
    let codes = |config: ConfigBuilder| -> Vec<_> {
        config.build().unwrap().diagnostics().iter().map(|found| found.code).collect()
    };
    assert!(
        codes(on().refresh_rotation_grace(Duration::from_secs(61))).contains(&"rotation_grace")
    );
    assert!(!codes(on()).contains(&"rotation_grace"));
    assert!(
        codes(Config::flask().secret_key(support::SECRET).session_lifetime(DAY))
            .contains(&"no_sessions")
    );
    assert!(!codes(on().session_lifetime(DAY)).contains(&"no_sessions"));
}
