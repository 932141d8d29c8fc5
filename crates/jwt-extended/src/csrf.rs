//! CSRF double submit: a request with a cookie must send the token's `csrf` claim in a second way,
//! which another site's page cannot read.

use std::borrow::Cow;

use subtle::ConstantTimeEq;

use crate::config::Settings;
use crate::error::{AuthError, ErrorKind, Result};
use crate::request::{FormField, RequestView};
use crate::token::TokenKind;

/// What a token's `csrf` claim has to be.
pub(crate) enum CsrfDemand<'r> {
    /// Anything: the token came by a way on which browsers send nothing by themselves, or the method
    /// changes nothing.
    None,
    /// This.
    Is(Cow<'r, [u8]>),
}

/// The value that came with the request; refused if it should have come and did not.
pub(crate) fn demand<'r>(
    request: &'r impl RequestView,
    settings: &Settings,
    names: TokenKind,
) -> Result<CsrfDemand<'r>> {
    if !settings.cookie_csrf_protect
        || !settings.csrf_methods.iter().any(|method| method.eq_ignore_ascii_case(request.method()))
    {
        return Ok(CsrfDemand::None);
    }
    let (header, field) = match names {
        TokenKind::Access => (&settings.access_csrf_header_name, &settings.access_csrf_field_name),
        TokenKind::Refresh => {
            (&settings.refresh_csrf_header_name, &settings.refresh_csrf_field_name)
        }
    };
    if let Some(value) = request.header(header).filter(|value| !value.is_empty()) {
        return Ok(CsrfDemand::Is(value));
    }
    if settings.csrf_check_form {
        match request.form(field) {
            FormField::Value(value) if !value.is_empty() => {
                return Ok(CsrfDemand::Is(Cow::Owned(value.into_owned().into_bytes())));
            }
            FormField::Value(_) | FormField::Absent => {}
            FormField::NotKept => {
                return Err(AuthError::new(
                    ErrorKind::Misconfigured,
                    "JWT_CSRF_CHECK_FORM is on, but the body layer that reads forms is missing",
                ));
            }
        }
    }
    Err(AuthError::new(
        ErrorKind::CsrfMissing,
        format!(
            "Missing CSRF token: send the value of the token's csrf claim in the header {header}; the cookie alone is not enough"
        ),
    ))
}

/// Compares in a time that depends on nothing but the lengths. What could not have been sent as a
/// cookie matches nothing.
pub(crate) fn matches(claim: &str, value: &[u8]) -> bool {
    !value.is_empty() && bool::from(claim.as_bytes().ct_eq(value)) && claim.is_ascii()
}

/// Whether a cookie can carry `value` as it is: RFC 6265 section 4.1.1.
pub(crate) fn fits_cookie(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_cookie_can_carry_matches() {
        assert!(matches("a-b", b"a-b"));
        assert!(!matches("a-b", b"a-c"));
        assert!(!matches("a-b", b"a-"));
        assert!(!matches("\u{fc}", "\u{fc}".as_bytes()));
    }

    #[test]
    fn cookies_carry_graphic_ascii_but_for_five_characters() {
        assert!(fits_cookie("5a6d3125-1bab-4e51-9b95-c2cab7adf478"));
        for text in ["a b", "a;Domain=evil.example", "a,b", "\"a\"", "a\\b", "a\r\nb", "\u{fc}"] {
            assert!(!fits_cookie(text), "{text:?}");
        }
    }
}
