//! A request as the engine sees it: a view through which it asks for what it needs, and nothing else.

use std::borrow::Cow;

use cookie::Cookie;

/// What an adapter lets the engine see of a request.
pub trait RequestView {
    /// The method, in capitals.
    fn method(&self) -> &str;

    /// The value of a header; several lines of one name are joined with commas (RFC 9110 section
    /// 5.3). The name may be in any case.
    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>>;

    /// The value of the first cookie of this name. [`find_cookie`] does the parsing.
    fn cookie(&self, name: &str) -> Option<Cow<'_, str>>;

    /// The decoded value of the first query parameter of this name. [`find_query`] does the parsing.
    fn query(&self, name: &str) -> Option<Cow<'_, str>>;

    /// A field of a JSON body.
    fn json(&self, field: &str) -> JsonField<'_>;

    /// The first value of a field of a form body.
    fn form(&self, field: &str) -> FormField<'_>;
}

/// What became of the question for a field of a JSON body.
#[derive(Clone, PartialEq, Eq)]
pub enum JsonField<'r> {
    /// The content type is not JSON.
    NotJson,
    /// There is no such field, or no JSON object.
    Absent,
    /// The field is a text.
    Text(Cow<'r, str>),
    /// The field is something else.
    NotText,
    /// The adapter did not keep the body, though it should have.
    NotKept,
}

/// What became of the question for a form's field.
#[derive(Clone, PartialEq, Eq)]
pub enum FormField<'r> {
    /// The body is no form, or the form has no such field.
    Absent,
    /// The field's value.
    Value(Cow<'r, str>),
    /// The adapter did not keep the body, though it should have.
    NotKept,
}

/// The value of the first cookie called `name` in `Cookie` header values, of which HTTP/2 may bring
/// several (RFC 9113 section 8.2.3).
pub fn find_cookie<'r>(
    headers: impl IntoIterator<Item = &'r [u8]>,
    name: &str,
) -> Option<Cow<'r, str>> {
    headers.into_iter().find_map(|header| {
        let find = |text: &str| -> Option<String> {
            Cookie::split_parse(text)
                .filter_map(Result::ok)
                .find(|cookie| cookie.name() == name)
                .map(|cookie| cookie.value_trimmed().to_owned())
        };
        match std::str::from_utf8(header) {
            Ok(text) => Cookie::split_parse(text)
                .filter_map(Result::ok)
                .find(|cookie| cookie.name() == name)
                .map(|cookie| match cookie.value_raw() {
                    Some(raw) => Cow::Borrowed(raw.trim_matches('"')),
                    None => Cow::Owned(cookie.value_trimmed().to_owned()),
                }),
            // One faulty cookie must not hide the others.
            Err(_) => find(&String::from_utf8_lossy(header)).map(Cow::Owned),
        }
    })
}

/// The decoded value of the first parameter called `name` in a query string (without its `?`).
pub fn find_query<'r>(query: &'r str, name: &str) -> Option<Cow<'r, str>> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_in_any_line() {
        let lines =
            [b"a=1; b=2".as_slice(), b"c=\"3\"; b=4; broken; =; d=", b"\xff=1; e=5; f=\xfe"];
        let find = |name| find_cookie(lines, name);
        assert_eq!(find("a").as_deref(), Some("1"));
        assert_eq!(find("b").as_deref(), Some("2"), "the first one counts");
        assert_eq!(find("c").as_deref(), Some("3"), "quotes are no part of the value");
        assert_eq!(find("d").as_deref(), Some(""));
        assert_eq!(find("e").as_deref(), Some("5"), "beside bytes that are no text");
        assert_eq!(find("f").as_deref(), Some("\u{fffd}"));
        assert_eq!(find("broken"), None);
        assert_eq!(find("g"), None);
    }

    #[test]
    fn query_parameters_are_decoded() {
        assert_eq!(find_query("x=1&jwt=a%2Eb+c&jwt=2", "jwt").as_deref(), Some("a.b c"));
        assert_eq!(find_query("x=1", "jwt"), None);
        assert_eq!(find_query("", "jwt"), None);
    }
}
