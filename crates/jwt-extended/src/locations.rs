//! Where in a request the token lies, and the CSRF value that came with it.
//!
//! 1. The places are looked at in order.
//! 2. "There is no token here" moves on to the next place, and its reason is kept.
//! 3. Anything else ends the search: a token, or something that should be one and is not.
//! 4. With no token anywhere, the reasons are gathered into one sentence.

use std::borrow::Cow;

use crate::config::{Location, Settings};
use crate::csrf::{self, CsrfDemand};
use crate::error::{AuthError, ErrorKind, Result};
use crate::policy::Names;
use crate::request::{JsonField, RequestView};
use crate::token::TokenKind;

/// A token as it stands in a request.
pub(crate) struct Found<'r> {
    pub(crate) token: Cow<'r, [u8]>,
    pub(crate) location: Location,
    pub(crate) csrf: CsrfDemand<'r>,
}

/// Why there is no token in one place.
enum Miss {
    /// Look on.
    NotHere(String),
    /// Stop.
    Bad(AuthError),
}

impl From<AuthError> for Miss {
    fn from(error: AuthError) -> Self {
        Self::Bad(error)
    }
}

pub(crate) fn find<'r>(
    request: &'r impl RequestView,
    settings: &Settings,
    locations: &[Location],
    names: Names,
) -> Result<Found<'r>> {
    let mut reasons = Vec::new();
    for &location in locations {
        let found = match location {
            Location::Headers => header(request, settings).map(|token| (token, CsrfDemand::None)),
            Location::Cookies => first(names, |kind| cookie(request, settings, kind)),
            Location::QueryString => {
                query(request, settings).map(|token| (token, CsrfDemand::None))
            }
            Location::Json => first(names, |kind| json(request, settings, kind))
                .map(|token| (token, CsrfDemand::None)),
        };
        match found {
            Ok((token, csrf)) => return Ok(Found { token, location, csrf }),
            Err(Miss::NotHere(reason)) => reasons.push(reason),
            Err(Miss::Bad(error)) => return Err(error),
        }
    }
    Err(AuthError::new(ErrorKind::TokenMissing, gather(locations, &reasons)))
}

/// What is found under the first name of a kind that has something.
fn first<T>(names: Names, find: impl Fn(TokenKind) -> Result<T, Miss>) -> Result<T, Miss> {
    let mut missed = Miss::NotHere(String::new());
    for kind in names.kinds() {
        match find(*kind) {
            Err(miss @ Miss::NotHere(_)) => missed = miss,
            found => return found,
        }
    }
    Err(missed)
}

fn gather(locations: &[Location], reasons: &[String]) -> String {
    match (locations.split_last(), reasons) {
        (Some((_, [])), [reason]) => reason.clone(),
        (Some((last, others)), _) => {
            let others: Vec<_> = others.iter().map(|l| l.name()).collect();
            let (others, last, reasons) = (others.join(", "), last.name(), reasons.join("; "));
            format!("Missing JWT in {others} or {last} ({reasons})")
        }
        (None, _) => "Missing JWT".to_owned(),
    }
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn header<'r>(request: &'r impl RequestView, settings: &Settings) -> Result<Cow<'r, [u8]>, Miss> {
    let (name, kind) = (&settings.header_name, settings.header_type.as_str());
    let missing = || Miss::NotHere(format!("Missing {name} Header"));
    let value = request.header(name).ok_or_else(missing)?;
    let place = header_token(&value, kind, settings.header_type_ignore_case);
    let place = place.map_err(|fault| match fault {
        HeaderFault::Missing => missing(),
        HeaderFault::OtherType => Miss::NotHere(format!(
            "Missing '{kind}' type in '{name}' header. Expected '{name}: {kind} <JWT>'"
        )),
        HeaderFault::Malformed => {
            let form = if kind.is_empty() { String::new() } else { format!("{kind} ") };
            Miss::Bad(AuthError::new(
                ErrorKind::RequestMalformed,
                format!("Bad {name} header. Expected '{name}: {form}<JWT>'"),
            ))
        }
    })?;
    Ok(match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.get(place).unwrap_or_default()),
        Cow::Owned(value) => Cow::Owned(value.get(place).unwrap_or_default().to_vec()),
    })
}

enum HeaderFault {
    Missing,
    OtherType,
    Malformed,
}

/// The place of the token in a header's value: in a comma-separated list, the one field that starts
/// with `kind`.
fn header_token(
    value: &[u8],
    kind: &str,
    ignore_case: bool,
) -> Result<std::ops::Range<usize>, HeaderFault> {
    if let Some(token) = usual_token(value, kind.as_bytes()) {
        return Ok(token);
    }
    let is_outer = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    if value.iter().all(is_outer) {
        return Err(HeaderFault::Missing);
    }
    if kind.is_empty() {
        let mut words = words(value, 0);
        return match (words.next(), words.next()) {
            (Some(word), None) => {
                let text = value.get(word.clone()).unwrap_or_default();
                let inner = text.trim_ascii();
                let start = inner.iter().take_while(|b| **b == b',').count();
                let end = inner.iter().rev().take_while(|b| **b == b',').count();
                Ok(word.start + start..word.end - end)
            }
            _ => Err(HeaderFault::Malformed),
        };
    }
    let is_kind = |word: &[u8]| {
        word == kind.as_bytes() || (ignore_case && word.eq_ignore_ascii_case(kind.as_bytes()))
    };
    let mut start = 0;
    let mut chosen = None;
    for field in value.split(|byte| *byte == b',') {
        let mut words = words(field, start);
        start += field.len() + 1;
        if !words.next().is_some_and(|word| is_kind(value.get(word).unwrap_or_default())) {
            continue;
        }
        if chosen.is_some() {
            // Two tokens: neither is *the* token.
            return Err(HeaderFault::OtherType);
        }
        chosen = Some((words.next(), words.next()));
    }
    match chosen {
        Some((Some(token), None)) => Ok(token),
        Some(_) => Err(HeaderFault::Malformed),
        None => Err(HeaderFault::OtherType),
    }
}

/// The place of the token where `value` is the kind, one space and a token: what nearly all clients send,
/// told from the rest many bytes at a time.
///
/// No part of the public interface: it is for the binding to Python.
pub fn usual_token(value: &[u8], kind: &[u8]) -> Option<std::ops::Range<usize>> {
    // White space and the comma are among the bytes up to the comma.
    // A fold, since `min` looks at one byte after the other.
    let is_one_word =
        |text: &[u8]| !text.is_empty() && text.iter().copied().fold(u8::MAX, u8::min) > b',';
    let token = value.strip_prefix(kind)?.strip_prefix(b" ")?;
    (is_one_word(token) && is_one_word(kind)).then_some(kind.len() + 1..value.len())
}

/// The places of the words of `text`, which itself starts at `offset`.
fn words(text: &[u8], offset: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = offset;
    text.split(u8::is_ascii_whitespace).filter_map(move |word| {
        let place = start..start + word.len();
        start = place.end + 1;
        (!word.is_empty()).then_some(place)
    })
}

fn cookie<'r>(
    request: &'r impl RequestView,
    settings: &Settings,
    names: TokenKind,
) -> Result<(Cow<'r, [u8]>, CsrfDemand<'r>), Miss> {
    let name = match names {
        TokenKind::Access => &settings.access_cookie_name,
        TokenKind::Refresh => &settings.refresh_cookie_name,
    };
    let token = request.cookie(name).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Miss::NotHere(format!("Missing cookie \"{name}\"")))?;
    Ok((bytes(token), csrf::demand(request, settings, names)?))
}

fn query<'r>(request: &'r impl RequestView, settings: &Settings) -> Result<Cow<'r, [u8]>, Miss> {
    let (name, prefix) = (&settings.query_string_name, settings.query_string_value_prefix.as_str());
    let value = request.query(name).filter(|value| !value.is_empty());
    // The misspelling is upstream's, and clients compare such texts.
    let value = value.ok_or_else(|| Miss::NotHere(format!("Missing '{name}' query paramater")))?;
    if !value.starts_with(prefix) {
        return Err(Miss::Bad(AuthError::new(
            ErrorKind::RequestMalformed,
            format!(
                "Invalid value for query parameter '{name}'. Expected the value to start with '{prefix}'"
            ),
        )));
    }
    Ok(match bytes(value) {
        Cow::Borrowed(value) => Cow::Borrowed(value.get(prefix.len()..).unwrap_or_default()),
        Cow::Owned(mut value) => {
            value.drain(..prefix.len());
            Cow::Owned(value)
        }
    })
}

fn json<'r>(
    request: &'r impl RequestView,
    settings: &Settings,
    names: TokenKind,
) -> Result<Cow<'r, [u8]>, Miss> {
    let field = match names {
        TokenKind::Access => &settings.json_key,
        TokenKind::Refresh => &settings.refresh_json_key,
    };
    match request.json(field) {
        JsonField::NotJson => {
            Err(Miss::NotHere("Invalid content-type. Must be application/json.".to_owned()))
        }
        JsonField::Text(token) if !token.is_empty() => Ok(bytes(token)),
        JsonField::Absent | JsonField::Text(_) => {
            Err(Miss::NotHere(format!("Missing \"{field}\" key in json data.")))
        }
        JsonField::NotText => Err(Miss::Bad(AuthError::new(
            ErrorKind::MalformedToken,
            format!("The \"{field}\" in the json data is no text"),
        ))),
        JsonField::NotKept => Err(Miss::Bad(AuthError::new(
            ErrorKind::Misconfigured,
            "JWT_TOKEN_LOCATION has json, but the body layer that reads JSON bodies is missing",
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(value: &str, kind: &str) -> Result<String, &'static str> {
        header_token(value.as_bytes(), kind, false).map(|place| value[place].to_owned()).map_err(
            |fault| match fault {
                HeaderFault::Missing => "missing",
                HeaderFault::OtherType => "type",
                HeaderFault::Malformed => "malformed",
            },
        )
    }

    #[test]
    fn header_forms() {
        for (value, kind, expected) in [
            ("Bearer a.b.c", "Bearer", Ok("a.b.c")),
            ("  Bearer \t a.b.c ,", "Bearer", Ok("a.b.c")),
            ("Basic xyz, Bearer abc", "Bearer", Ok("abc")),
            ("Basic xyz,Bearer abc,", "Bearer", Ok("abc")),
            ("Bearer abc, Basic xyz", "Bearer", Ok("abc")),
            ("Bearer abc, Bearer def", "Bearer", Err("type")),
            ("bearer abc", "Bearer", Err("type")),
            ("Basic abc", "Bearer", Err("type")),
            ("Bearer", "Bearer", Err("malformed")),
            ("Bearer a b", "Bearer", Err("malformed")),
            ("Bearera.b.c", "Bearer", Err("type")),
            ("", "Bearer", Err("missing")),
            (" , ,, ", "Bearer", Err("missing")),
            ("a.b.c", "", Ok("a.b.c")),
            (" ,a.b.c,", "", Ok("a.b.c")),
            ("Bearer a.b.c", "", Err("malformed")),
            ("", "", Err("missing")),
        ] {
            assert_eq!(token(value, kind), expected.map(str::to_owned), "{value:?} {kind:?}");
        }
    }
}
