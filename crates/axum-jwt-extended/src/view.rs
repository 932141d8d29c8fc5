//! A request's head as the engine sees it.

use std::borrow::Cow;

use http::header::COOKIE;
use http::request::Parts;
use jwt_extended::request::{FormField, JsonField, RequestView, find_cookie, find_query};

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
        let mut lines = self.parts.headers.get_all(name).iter();
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

    fn json(&self, _field: &str) -> JsonField<'_> {
        JsonField::NotKept
    }

    fn form(&self, _field: &str) -> FormField<'_> {
        FormField::NotKept
    }
}
