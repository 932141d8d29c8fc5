//! Requests of any form: only the tokens that were made here are let in, and only where and how they
//! may come.
//!
//! The input is lines of `name: value`: `method`, `authorization`, `csrf` (the header), `cookie` (any
//! number of them), `query`, `json` and `form` (a body). `<0>`, `<1>`... in a value stand for the
//! tokens, `<a>`, `<b>`... for their CSRF values, so that a fuzzer need not invent signatures.
#![no_main]

use std::borrow::Cow;
use std::sync::LazyLock;

use jwt_extended::request::{FormField, JsonField, RequestView, find_cookie, find_query};
use jwt_extended::store::RevocationStatus;
use jwt_extended::{
    Config, EncodedToken, ErrorKind, JwtEngine, Location, Policy, Verdict, VerifiedToken,
};
use jwt_extended_fuzz::{SECRET, check_error, engine};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

struct World {
    engines: Vec<JwtEngine>,
    /// Good ones first, as many as `good` says.
    tokens: Vec<EncodedToken>,
    claims: Vec<Map<String, Value>>,
    good: usize,
}

const ALL: [Location; 4] =
    [Location::Headers, Location::Cookies, Location::QueryString, Location::Json];

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let native = || Config::builder().secret_key(SECRET).token_location(ALL);
    let flask = || Config::flask().secret_key(SECRET).token_location(ALL);
    let turned = ALL.into_iter().rev().collect::<Vec<_>>();
    let engines = vec![
        engine(native()),
        engine(flask()),
        engine(native().header_type("").query_string_value_prefix("jwt ").token_location(turned)),
        engine(flask().csrf_check_form(true).token_location([Location::Cookies])),
    ];
    let maker = &engines[0];
    let pair = maker.create_token_pair("anna").fresh(true).encode().expect("tokens");
    let good = vec![
        pair.access_token,
        pair.refresh_token,
        maker.create_access_token("otto").encode().expect("a token"),
    ];
    let stranger = engine(Config::builder().secret_key("another-secret-of-thirty-two-b-!"));
    let admin = engine(native().manager_name("admin"));
    let bad = [
        maker.create_access_token("anna").override_claim("exp", 1).encode(),
        maker.create_access_token("anna").override_claim("nbf", 9_000_000_000_u64).encode(),
        maker.create_access_token("anna").override_claim("sub", 1).encode(),
        stranger.create_access_token("anna").encode(),
        admin.create_access_token("anna").encode(),
    ];
    let claims = good
        .iter()
        .map(|token| {
            let decoded = maker.decode(token.as_str(), &Default::default()).expect("a good token");
            decoded.claims().expect("an object")
        })
        .collect();
    let (count, bad) = (good.len(), bad.map(|token| token.expect("a token")));
    World { engines, tokens: good.into_iter().chain(bad).collect(), claims, good: count }
});

#[derive(Default)]
struct Request {
    method: String,
    authorization: Option<Vec<u8>>,
    csrf: Option<Vec<u8>>,
    cookies: Vec<Vec<u8>>,
    query: String,
    json: Option<Value>,
    form: Option<String>,
}

impl Request {
    fn parse(world: &World, data: &[u8]) -> Self {
        let mut request = Self::default();
        for line in data.split(|b| *b == b'\n') {
            let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len());
            let (name, value) = line.split_at(colon);
            let value = fill_in(world, value.get(1..).unwrap_or_default().trim_ascii());
            let text = || String::from_utf8_lossy(&value).into_owned();
            match name {
                b"method" => request.method = text(),
                b"authorization" => request.authorization = Some(value),
                b"csrf" => request.csrf = Some(value),
                b"cookie" => request.cookies.push(value),
                b"query" => request.query = text(),
                // A broken body is a JSON body without the field.
                b"json" => request.json = Some(serde_json::from_slice(&value).unwrap_or_default()),
                b"form" => request.form = Some(text()),
                _ => {}
            }
        }
        request
    }
}

/// Replaces `<0>` by a token, `<a>` by a CSRF value.
fn fill_in(world: &World, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, after @ ..] = rest {
        let filled = match rest {
            [b'<', n @ b'0'..=b'9', b'>', ..] => {
                world.tokens.get(usize::from(n - b'0')).map(EncodedToken::as_str)
            }
            [b'<', n @ b'a'..=b'j', b'>', ..] => {
                world.tokens.get(usize::from(n - b'a')).and_then(EncodedToken::csrf)
            }
            _ => None,
        };
        match filled {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                rest = &rest[3..];
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

impl RequestView for Request {
    fn method(&self) -> &str {
        &self.method
    }

    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        let value = match name {
            "Authorization" => self.authorization.as_ref(),
            "X-CSRF-TOKEN" => self.csrf.as_ref(),
            _ => None,
        };
        value.map(|value| Cow::Borrowed(&**value))
    }

    fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        find_cookie(self.cookies.iter().map(|line| &**line), name)
    }

    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        find_query(&self.query, name)
    }

    fn json(&self, field: &str) -> JsonField<'_> {
        match self.json.as_ref().map(|json| json.get(field)) {
            None => JsonField::NotJson,
            Some(None) => JsonField::Absent,
            Some(Some(Value::String(text))) => JsonField::Text(Cow::Borrowed(text)),
            Some(Some(_)) => JsonField::NotText,
        }
    }

    fn form(&self, field: &str) -> FormField<'_> {
        match self.form.as_ref().and_then(|form| find_query(form, field)) {
            Some(value) => FormField::Value(value),
            None => FormField::Absent,
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let world = &*WORLD;
    let request = Request::parse(world, data);
    for engine in &world.engines {
        let mut policies = vec![
            Policy::required(),
            Policy::required().fresh(),
            Policy::required().refresh(),
            Policy::required().any_type(),
        ];
        policies.extend(ALL.map(|place| Policy::required().any_type().locations([place])));
        let known = check(world, engine, &request, &policies[3], None);
        for policy in &policies {
            let alone = check(world, engine, &request, policy, None);
            // What is remembered of a laxer check changes nothing.
            let again = check(world, engine, &request, policy, known.as_ref());
            let identity = |token: &Option<VerifiedToken>| {
                token.as_ref().map(|token| (token.jti().map(str::to_owned), token.location()))
            };
            assert_eq!(identity(&alone), identity(&again), "{policy:?}");
        }
    }
});

fn check(
    world: &World,
    engine: &JwtEngine,
    request: &Request,
    policy: &Policy,
    known: Option<&VerifiedToken>,
) -> Option<VerifiedToken> {
    let token = match engine.check_request(request, policy, known) {
        Ok(Verdict::Done(token)) => {
            assert!(known.is_some(), "a store was to be asked");
            token
        }
        Ok(Verdict::Pending(pending)) => {
            assert!(pending.question().is_ok(), "every token here has a jti");
            pending.answer(RevocationStatus::Active).expect("the store knows nothing of it")
        }
        Err(error) => {
            check_error(&error, &[engine]);
            return None;
        }
    };
    let claims: Map<String, Value> = token.claims().expect("an object");
    let which = world.claims.iter().position(|made| *made == claims);
    let which = which.expect("only tokens made here are let in");
    assert!(which < world.good);
    let is_refresh = claims["type"] == "refresh";
    assert_eq!(token.is_refresh(), is_refresh);
    if *policy == Policy::required().refresh() {
        assert!(is_refresh);
    } else if *policy == Policy::required() {
        assert!(!is_refresh);
    } else if *policy == Policy::required().fresh() {
        assert!(claims["fresh"] == true);
    }
    let place = token.location().expect("it was in a request");
    assert!(engine.config().token_location.contains(&place) || policy != &Policy::required());
    if place == Location::Cookies && engine.config().csrf_methods.contains(&request.method) {
        let value = claims["csrf"].as_str().expect("every token here has a csrf value");
        let form = request.form.as_deref().and_then(|form| find_query(form, "csrf_token"));
        assert!(
            request.csrf.as_deref() == Some(value.as_bytes())
                || (engine.config().csrf_check_form && form.as_deref() == Some(value)),
            "a cookie alone does not do"
        );
    }
    // The same token, once it is revoked.
    if let Ok(Verdict::Pending(pending)) = engine.check_request(request, policy, None) {
        let error = pending.answer(RevocationStatus::Revoked).expect_err("it is revoked");
        assert_eq!(error.kind(), ErrorKind::TokenRevoked);
        check_error(&error, &[engine]);
    }
    Some(token)
}
