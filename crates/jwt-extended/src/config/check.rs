//! What options must be, alone and beside each other.

use super::{ErrorStyle, Fault, Lifetime, Preset, SameSite, Settings};
use crate::claims::Name;

/// Checks `settings`. What a browser or RFC would not have is a fault in the native preset; where the
/// Flask preset has to take it as upstream does, it is a warning.
pub(super) fn check(
    settings: &mut Settings,
    preset: Preset,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<String>,
) {
    if settings.token_location.is_empty() {
        faults.push(Fault::new(
            "JWT_TOKEN_LOCATION",
            "is empty",
            "name at least one of headers, cookies, query_string, json",
        ));
    }
    if preset == Preset::Native && settings.cookie_csrf_protect && settings.csrf_methods.is_empty()
    {
        faults.push(Fault::new(
            "JWT_CSRF_METHODS",
            "is empty, so that no request needs the CSRF value",
            "name methods such as POST, PUT, PATCH, DELETE, leave it unset, or say \
             JWT_COOKIE_CSRF_PROTECT=false where that is meant",
        ));
    }
    lifetimes(settings, preset, faults);
    names(settings, faults);
    identity(settings, faults);
    let mut consistency = Vec::new();
    cookies(settings, &mut consistency);
    match preset {
        Preset::Native => faults.append(&mut consistency),
        Preset::Flask => warnings.extend(consistency.iter().map(ToString::to_string)),
    }
    if settings.max_token_size < 64 {
        faults.push(Fault::new(
            "JWT_MAX_TOKEN_SIZE",
            "is smaller than any token",
            "set it to some thousand bytes, or leave it unset",
        ));
    }
    if settings.error_message_key == "error" && settings.error_style == ErrorStyle::Native {
        faults.push(Fault::new(
            "JWT_ERROR_MESSAGE_KEY",
            "is `error`, where the code of the error stands",
            "give it another name, such as `msg`",
        ));
    }
    if settings.error_message_key.is_empty() {
        faults.push(Fault::new(
            "JWT_ERROR_MESSAGE_KEY",
            "is empty",
            "give it a name such as `msg`",
        ));
    }
}

/// What two managers of one application must not share.
pub(super) fn check_beside(one: &Settings, other: &Settings) -> Vec<Fault> {
    let mut faults = Vec::new();
    if one.manager_name == other.manager_name {
        faults.push(Fault::new(
            "JWT_MANAGER_NAME",
            "is the same as another manager's, whose tokens would be good here",
            "give each manager a name of its own; one may be without",
        ));
    }
    for (option, name, path) in cookie_names(one) {
        if cookie_names(other).iter().any(|(_, n, p)| *n == name && *p == path) {
            faults.push(Fault::new(
                option,
                "is the same as a cookie of another manager, which would overwrite it",
                "leave it unset, so that it starts with the manager's name, or give it a name of its own",
            ));
        }
    }
    faults
}

/// The cookies by their option, with their names and paths.
fn cookie_names(s: &Settings) -> [(&'static str, &str, &str); 4] {
    [
        ("JWT_ACCESS_COOKIE_NAME", &s.access_cookie_name, &s.access_cookie_path),
        ("JWT_REFRESH_COOKIE_NAME", &s.refresh_cookie_name, &s.refresh_cookie_path),
        ("JWT_ACCESS_CSRF_COOKIE_NAME", &s.access_csrf_cookie_name, &s.access_csrf_cookie_path),
        ("JWT_REFRESH_CSRF_COOKIE_NAME", &s.refresh_csrf_cookie_name, &s.refresh_csrf_cookie_path),
    ]
}

fn lifetimes(settings: &mut Settings, preset: Preset, faults: &mut Vec<Fault>) {
    for (option, lifetime) in [
        ("JWT_ACCESS_TOKEN_EXPIRES", &mut settings.access_token_expires),
        ("JWT_REFRESH_TOKEN_EXPIRES", &mut settings.refresh_token_expires),
        ("JWT_SESSION_LIFETIME", &mut settings.session_lifetime),
    ] {
        if let Lifetime::After(duration) = *lifetime {
            if duration.is_zero() && preset == Preset::Flask {
                // Upstream's tokens have no `exp` then.
                *lifetime = Lifetime::Never;
            } else if duration.as_secs() == 0 {
                faults.push(Fault::new(
                    option,
                    "is shorter than a second",
                    "give it a length, or say false for no end",
                ));
            } else if duration.as_secs() > 1000 * 365 * 86_400 {
                faults.push(Fault::new(
                    option,
                    "is longer than a thousand years",
                    "it is meant in seconds; say false for no end",
                ));
            }
        }
    }
}

/// Names that become part of a header must be tokens of RFC 9110 section 5.6.2.
fn names(settings: &Settings, faults: &mut Vec<Fault>) {
    let s = settings;
    for (option, name) in [
        ("JWT_HEADER_NAME", &s.header_name),
        ("JWT_ACCESS_CSRF_HEADER_NAME", &s.access_csrf_header_name),
        ("JWT_REFRESH_CSRF_HEADER_NAME", &s.refresh_csrf_header_name),
        ("JWT_ACCESS_COOKIE_NAME", &s.access_cookie_name),
        ("JWT_REFRESH_COOKIE_NAME", &s.refresh_cookie_name),
        ("JWT_ACCESS_CSRF_COOKIE_NAME", &s.access_csrf_cookie_name),
        ("JWT_REFRESH_CSRF_COOKIE_NAME", &s.refresh_csrf_cookie_name),
    ] {
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            faults.push(Fault::new(
                option,
                "is not a valid name in HTTP",
                "use letters, digits, `-` and `_`",
            ));
        }
    }
    if !s.header_type.bytes().all(is_token_byte) {
        faults.push(Fault::new(
            "JWT_HEADER_TYPE",
            "is not one word",
            "use one such as `Bearer`, or the empty text for none",
        ));
    }
    for (option, name) in [
        ("JWT_QUERY_STRING_NAME", &s.query_string_name),
        ("JWT_JSON_KEY", &s.json_key),
        ("JWT_REFRESH_JSON_KEY", &s.refresh_json_key),
        ("JWT_ACCESS_CSRF_FIELD_NAME", &s.access_csrf_field_name),
        ("JWT_REFRESH_CSRF_FIELD_NAME", &s.refresh_csrf_field_name),
    ] {
        if name.is_empty() {
            faults.push(Fault::new(option, "is empty", "give it a name, or leave it unset"));
        }
    }
    for (option, path) in [
        ("JWT_ACCESS_COOKIE_PATH", &s.access_cookie_path),
        ("JWT_REFRESH_COOKIE_PATH", &s.refresh_cookie_path),
        ("JWT_ACCESS_CSRF_COOKIE_PATH", &s.access_csrf_cookie_path),
        ("JWT_REFRESH_CSRF_COOKIE_PATH", &s.refresh_csrf_cookie_path),
    ] {
        if !path.starts_with('/') || !path.bytes().all(is_attribute_byte) {
            faults.push(Fault::new(option, "is no path", "let it start with `/`, without `;`"));
        }
    }
    if let Some(domain) = &s.cookie_domain {
        let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
        if domain.is_empty() || !domain.bytes().all(letters) {
            faults.push(Fault::new(
                "JWT_COOKIE_DOMAIN",
                "is no domain",
                "name a host such as `example.com`, without scheme, port and path",
            ));
        }
    }
    if s.csrf_methods.iter().any(|m| m.is_empty() || !m.bytes().all(|b| b.is_ascii_uppercase())) {
        faults.push(Fault::new(
            "JWT_CSRF_METHODS",
            "has something that is no HTTP method",
            "name methods in capitals, such as POST, PUT, PATCH, DELETE",
        ));
    }
}

fn identity(settings: &Settings, faults: &mut Vec<Fault>) {
    let claim = settings.identity_claim.as_str();
    if claim.is_empty() || Name::of(claim).is_some_and(|name| name != Name::Subject) {
        faults.push(Fault::new(
            "JWT_IDENTITY_CLAIM",
            "is empty or the name of a claim that means something else",
            "use `sub`, or a name of your own such as `identity`",
        ));
    }
    if settings.manager_name.as_ref().is_some_and(|name| !is_manager_name(name)) {
        faults.push(Fault::new(
            "JWT_MANAGER_NAME",
            "is empty or not one word; cookies are named after it",
            "use letters, digits, `-` and `_`, or leave it unset",
        ));
    }
}

/// What browsers would ignore or refuse, and what could not work.
fn cookies(s: &Settings, faults: &mut Vec<Fault>) {
    if s.cookie_samesite == Some(SameSite::None) && !s.cookie_secure {
        faults.push(Fault::new(
            "JWT_COOKIE_SAMESITE",
            "is None while JWT_COOKIE_SECURE is off, and browsers drop such cookies",
            "set JWT_COOKIE_SECURE=true, or SameSite to Lax or Strict",
        ));
    }
    if s.cookie_partitioned && !s.cookie_secure {
        faults.push(Fault::new(
            "JWT_COOKIE_PARTITIONED",
            "is on while JWT_COOKIE_SECURE is off, and browsers drop such cookies",
            "set JWT_COOKIE_SECURE=true",
        ));
    }
    let cookies = cookie_names(s);
    for (n, (option, name, path)) in cookies.iter().enumerate() {
        // RFC 6265bis section 4.1.3: browsers refuse such names with other attributes.
        if name.starts_with("__Host-")
            && (!s.cookie_secure || s.cookie_domain.is_some() || *path != "/")
        {
            faults.push(Fault::new(
                option,
                "starts with `__Host-`, which browsers take only with Secure, the path / and no domain",
                "set JWT_COOKIE_SECURE=true and the path to /, leave JWT_COOKIE_DOMAIN unset, or choose another name",
            ));
        }
        if name.starts_with("__Secure-") && !s.cookie_secure {
            faults.push(Fault::new(
                option,
                "starts with `__Secure-`, which browsers take only with Secure",
                "set JWT_COOKIE_SECURE=true, or choose another name",
            ));
        }
        if let Some((other, ..)) =
            cookies.iter().skip(n + 1).find(|(_, n, p)| n == name && p == path)
        {
            faults.push(Fault::new(
                other,
                format!("is the same as {option}, on the same path: one would overwrite the other"),
                "give each cookie a name of its own",
            ));
        }
    }
}

pub(super) fn is_manager_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.bytes().all(allowed)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 6265 section 4.1.1 `av-octet`, without what a path does not need.
fn is_attribute_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b';'
}
