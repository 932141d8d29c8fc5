//! Cases of the kind `cookies`: a route that sets or unsets them, and its `Set-Cookie` headers.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::SET_COOKIE;
use axum::routing::get;
use axum_jwt_extended::{CookieOptions, Error, JwtCookies, JwtManager, TokenKind};

use crate::recorded::{Call, CookieAnswer, CookieArguments, SetCookie};
use crate::request;
use crate::{Expected, Outcome};

pub(crate) fn replay(
    jwt: &JwtManager,
    call: Call,
    token: Option<&str>,
    arguments: &CookieArguments,
    answer: &CookieAnswer,
    expected: Expected<'_>,
) -> Outcome {
    let got = options(arguments).and_then(|options| {
        let cookies = cookies(jwt, call, token, &options);
        cookies.map_err(|error| format!("{error:?}")).and_then(answered)
    });
    let shown = match &got {
        Ok(cookies) => format!("{cookies:?}"),
        Err(error) => format!("failed: {error}"),
    };
    if let Expected::Deviation(deviation) = expected {
        let fails = deviation.fails.expect("a deviation says whether it fails");
        return Outcome::of(format!("fails: {fails}"), shown, got.is_err() == fails);
    }
    let same = match (answer, &got) {
        (CookieAnswer::Failed {}, Err(_)) => true,
        (CookieAnswer::Cookies { set_cookie }, Ok(got)) => set_cookie == got,
        _ => false,
    };
    Outcome::of(format!("{answer:?}"), shown, same)
}

/// The arguments of upstream's call; the text is why they cannot be said here.
fn options(arguments: &CookieArguments) -> Result<CookieOptions, String> {
    let mut options = CookieOptions::new();
    // Upstream takes zero for an argument that was not given.
    if let Some(seconds) = arguments.max_age.filter(|seconds| *seconds != 0) {
        let seconds = seconds.try_into().map_err(|_| "a Duration has no sign".to_owned())?;
        options = options.max_age(Duration::from_secs(seconds));
    }
    if let Some(domain) = &arguments.domain {
        options = options.domain(domain);
    }
    Ok(options)
}

fn cookies(
    jwt: &JwtManager,
    call: Call,
    token: Option<&str>,
    options: &CookieOptions,
) -> Result<JwtCookies, Error> {
    let set = |kind| {
        let token = jwt.engine().read_encoded(token.unwrap())?;
        Ok(jwt.set_cookies_with(kind, &token, options))
    };
    let unset = |kind| jwt.unset_cookies_with(kind, options);
    match call {
        Call::SetAccessCookies => set(TokenKind::Access),
        Call::SetRefreshCookies => set(TokenKind::Refresh),
        Call::UnsetAccessCookies => Ok(unset(TokenKind::Access)),
        Call::UnsetRefreshCookies => Ok(unset(TokenKind::Refresh)),
        Call::UnsetJwtCookies => Ok(unset(TokenKind::Access).and(unset(TokenKind::Refresh))),
    }
}

/// The cookies as a browser would get them.
fn answered(cookies: JwtCookies) -> Result<Vec<SetCookie>, String> {
    let app = Router::new().route("/", get(|| async move { (cookies, "done") }));
    let (head, body) = request::answer(app, Request::new(Body::empty()));
    if body != "done" {
        return Err(body);
    }
    let lines = head.headers.get_all(SET_COOKIE).iter();
    Ok(lines.map(|line| parse(&String::from_utf8_lossy(line.as_bytes()))).collect())
}

fn parse(line: &str) -> SetCookie {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.to_owned(), value.to_owned())
    };
    let mut parts = line.split("; ");
    let (name, value) = pair(parts.next().unwrap());
    SetCookie { name, value, attributes: parts.map(pair).collect::<BTreeMap<_, _>>() }
}
