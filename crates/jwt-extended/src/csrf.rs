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
        || !settings.csrf_methods.iter().any(|method| method == request.method())
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
            "Missing CSRF token: send the value of the token's csrf claim in the header {header}; the cookie alone does not do"
        ),
    ))
}

/// Compares in a time that depends on nothing but the lengths.
pub(crate) fn matches(claim: &str, value: &[u8]) -> bool {
    claim.as_bytes().ct_eq(value).into()
}
