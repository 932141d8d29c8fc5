//! A request's head as the engine sees it.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use jwt_extended::request::{FormField, JsonField, RequestView, find_cookie, find_query};
use serde_json::{Map, Value};

use crate::body::KeptBody;

pub(crate) struct PartsView<'p> {
    parts: &'p Parts,
}

impl<'p> PartsView<'p> {
    pub(crate) fn new(parts: &'p Parts) -> Self {
        Self { parts }
    }
}

impl RequestView for PartsView<'_> {
    fn method(&self) -> &str {
        self.parts.method.as_str()
    }

    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        let headers = &self.parts.headers;
        // To read a name takes longer than to find it, and this one is asked for on most requests.
        let is_usual = name.eq_ignore_ascii_case(AUTHORIZATION.as_str());
        let lines = if is_usual { headers.get_all(AUTHORIZATION) } else { headers.get_all(name) };
        let mut lines = lines.iter();
        let first = lines.next()?.as_bytes();
        let Some(second) = lines.next() else {
            return Some(Cow::Borrowed(first));
        };
        let mut joined = [first, b",", second.as_bytes()].concat();
        for line in lines {
            joined.push(b',');
            joined.extend_from_slice(line.as_bytes());
        }
        Some(Cow::Owned(joined))
    }

    fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        find_cookie(
            self.parts.headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes),
            name,
        )
    }

    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        find_query(self.parts.uri.query()?, name)
    }

    fn json(&self, field: &str) -> JsonField<'_> {
        let body = match self.parts.extensions.get() {
            Some(KeptBody::Json(body)) => body,
            Some(KeptBody::Form(_) | KeptBody::Other) => return JsonField::NotJson,
            None => return JsonField::NotKept,
        };
        let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return JsonField::Absent;
        };
        match fields.remove(field) {
            Some(Value::String(text)) => JsonField::Text(text.into()),
            None | Some(Value::Null | Value::Bool(false)) => JsonField::Absent,
            Some(Value::Number(number)) if number.as_f64() == Some(0.0) => JsonField::Absent,
            Some(Value::Array(items)) if items.is_empty() => JsonField::Absent,
            Some(Value::Object(items)) if items.is_empty() => JsonField::Absent,
            Some(_) => JsonField::NotText,
        }
    }

    fn form(&self, field: &str) -> FormField<'_> {
        match self.parts.extensions.get() {
            Some(KeptBody::Form(body)) => form_urlencoded::parse(body)
                .find(|(name, _)| name == field)
                .map_or(FormField::Absent, |(_, value)| FormField::Value(value)),
            Some(KeptBody::Json(_) | KeptBody::Other) => FormField::Absent,
            None => FormField::NotKept,
        }
    }
}
