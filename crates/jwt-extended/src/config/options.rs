//! The table of options: one row each, from which the settings, the builder's methods, the reading of
//! files and environments, and the documentation's table are made.

use std::time::Duration;

use serde_json::Value;

use super::convert::IntoSetting;
use super::value::{ErrorStyle, KeyId, Lifetime, Location, Preset, SameSite, Secret, Setting};
use super::{ConfigBuilder, Fault};
use crate::algorithm::Algorithm;

/// One row of the table of options.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OptionInfo {
    /// The name, in the environment and in configuration files.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// What a value must be.
    pub expected: &'static str,
    /// The default of the native preset, as Rust writes it.
    pub native: &'static str,
    /// The default of the Flask preset, as Rust writes it.
    pub flask: &'static str,
}

macro_rules! options {
    ($($(#[doc = $doc:literal])+ $name:literal $field:ident: $type:ty = $native:expr, $flask:expr;)+) => {
        /// The value of every option, checked against each other: what [`Config`](super::Config) derefs to.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct Settings {
            $(
                #[doc = concat!("`", $name, "`.")]
                $(#[doc = $doc])+
                pub $field: $type,
            )+
        }

        impl Settings {
            pub(crate) fn preset(preset: Preset) -> Self {
                match preset {
                    Preset::Native => Self { $($field: $native,)+ },
                    Preset::Flask => Self { $($field: $flask,)+ },
                }
            }
        }

        impl Default for Settings {
            /// The native preset's.
            fn default() -> Self {
                Self::preset(Preset::Native)
            }
        }

        /// The options that were given a value.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Options {
            $(pub(super) $field: Option<$type>,)+
        }

        impl Options {
            /// Sets the option of this name; `None`: there is no such option.
            pub(crate) fn set(&mut self, name: &str, value: &Value) -> Option<Result<(), Fault>> {
                match name {
                    $($name => Some(match <$type as Setting>::read(value) {
                        Some(read) => {
                            self.$field = Some(read);
                            Ok(())
                        }
                        None => Err(Fault::new(
                            $name,
                            "cannot be read",
                            format!("it must be {}", <$type as Setting>::EXPECTED),
                        )),
                    }),)+
                    _ => None,
                }
            }

            pub(crate) fn apply_to(self, settings: &mut Settings) {
                $(if let Some(value) = self.$field {
                    settings.$field = value;
                })+
            }
        }

        impl ConfigBuilder {
            $(
                #[doc = concat!("`", $name, "`.")]
                $(#[doc = $doc])+
                #[doc = concat!("\n\nNative default: `", stringify!($native), "`; Flask preset: `", stringify!($flask), "`.")]
                pub fn $field(mut self, value: impl IntoSetting<$type>) -> Self {
                    self.options.$field = Some(value.into_setting());
                    self
                }
            )+
        }

        /// Every option with its two defaults, in the order of the guide's table.
        pub const OPTIONS: &[OptionInfo] = &[$(OptionInfo {
            name: $name,
            description: concat!($($doc),+).trim_ascii(),
            expected: <$type as Setting>::EXPECTED,
            native: stringify!($native),
            flask: stringify!($flask),
        },)+];
    };
}

const MINUTES_15: Lifetime = Lifetime::After(Duration::from_secs(15 * 60));
const SECONDS_10: Duration = Duration::from_secs(10);
const DAYS_30: Lifetime = Lifetime::After(Duration::from_secs(30 * 24 * 60 * 60));

fn unsafe_methods() -> Vec<String> {
    ["POST", "PUT", "PATCH", "DELETE"].map(str::to_owned).to_vec()
}

options! {
    /// The secret of HS256, HS384 and HS512: at least as many random bytes as the hash has.
    "JWT_SECRET_KEY" secret_key: Option<Secret> = None, None;
    /// The private key of the asymmetric algorithms, in PEM or as a JWK. Signs.
    "JWT_PRIVATE_KEY" private_key: Option<Secret> = None, None;
    /// The public key of the asymmetric algorithms, in PEM (a certificate too) or as a JWK. Verifies; without it the private key's own public part does.
    "JWT_PUBLIC_KEY" public_key: Option<Secret> = None, None;
    /// Secrets that still verify, after `JWT_SECRET_KEY` was changed or its algorithm given up: one on each line.
    "JWT_SECRET_KEY_FALLBACKS" secret_key_fallbacks: Vec<Secret> = vec![], vec![];
    /// Public keys that still verify: PEMs one behind another, a JWK, or a JWK Set.
    "JWT_PUBLIC_KEY_FALLBACKS" public_key_fallbacks: Vec<Secret> = vec![], vec![];
    /// The algorithm that signs.
    "JWT_ALGORITHM" algorithm: Algorithm = Algorithm::HS256, Algorithm::HS256;
    /// The algorithms that are accepted besides the one that signs.
    "JWT_DECODE_ALGORITHMS" decode_algorithms: Vec<Algorithm> = vec![], vec![];
    /// The `kid` of new tokens: a name, which the key then has, or `thumbprint` for the public key's thumbprint (RFC 7638), unless the key is a secret or a JWK with a name of its own; empty for none.
    "JWT_KEY_ID" key_id: Option<KeyId> = Some(KeyId::Thumbprint), None;
    /// Where a request's token is looked for, in this order.
    "JWT_TOKEN_LOCATION" token_location: Vec<Location> = vec![Location::Headers], vec![Location::Headers];
    /// How long an access token lives.
    "JWT_ACCESS_TOKEN_EXPIRES" access_token_expires: Lifetime = MINUTES_15, MINUTES_15;
    /// How long a refresh token lives.
    "JWT_REFRESH_TOKEN_EXPIRES" refresh_token_expires: Lifetime = DAYS_30, DAYS_30;
    /// Whether a refresh token is good only once: it is exchanged for a new pair of tokens, and one that comes again ends its whole session.
    "JWT_REFRESH_ROTATION" refresh_rotation: bool = false, false;
    /// For how long a refresh token that was exchanged is answered with the same pair again: an honest second click, or a lost answer.
    "JWT_REFRESH_ROTATION_GRACE" refresh_rotation_grace: Duration = SECONDS_10, SECONDS_10;
    /// How long after the login a session ends, however often it is refreshed; false: as long as it is refreshed.
    "JWT_SESSION_LIFETIME" session_lifetime: Lifetime = Lifetime::Never, Lifetime::Never;
    /// The claim that holds the identity.
    "JWT_IDENTITY_CLAIM" identity_claim: String = "sub".into(), "sub".into();
    /// Whether tokens get an `nbf`.
    "JWT_ENCODE_NBF" encode_nbf: bool = true, true;
    /// The `aud` of new tokens.
    "JWT_ENCODE_AUDIENCE" encode_audience: Vec<String> = vec![], vec![];
    /// The audiences that a token may be for; one of them is enough.
    "JWT_DECODE_AUDIENCE" decode_audience: Vec<String> = vec![], vec![];
    /// The `iss` of new tokens.
    "JWT_ENCODE_ISSUER" encode_issuer: Option<String> = None, None;
    /// The issuers of which one must have made the token.
    "JWT_DECODE_ISSUER" decode_issuer: Vec<String> = vec![], vec![];
    /// How far clocks may differ: `exp`, `nbf` and `iat` are judged with this much indulgence.
    "JWT_DECODE_LEEWAY" decode_leeway: Duration = Duration::ZERO, Duration::ZERO;
    /// Whether `sub` must be a string.
    "JWT_VERIFY_SUB" verify_sub: bool = true, true;
    /// The header that carries the token.
    "JWT_HEADER_NAME" header_name: String = "Authorization".into(), "Authorization".into();
    /// The word before the token in the header; empty for none.
    "JWT_HEADER_TYPE" header_type: String = "Bearer".into(), "Bearer".into();
    /// Whether that word may be written in any case (RFC 9110 section 11.1).
    "JWT_HEADER_TYPE_IGNORE_CASE" header_type_ignore_case: bool = true, false;
    /// The query parameter that carries the token.
    "JWT_QUERY_STRING_NAME" query_string_name: String = "jwt".into(), "jwt".into();
    /// What stands before the token in the query parameter.
    "JWT_QUERY_STRING_VALUE_PREFIX" query_string_value_prefix: String = String::new(), String::new();
    /// The field of a JSON body that carries an access token.
    "JWT_JSON_KEY" json_key: String = "access_token".into(), "access_token".into();
    /// The field of a JSON body that carries a refresh token.
    "JWT_REFRESH_JSON_KEY" refresh_json_key: String = "refresh_token".into(), "refresh_token".into();
    /// The cookie that carries the access token.
    "JWT_ACCESS_COOKIE_NAME" access_cookie_name: String = "access_token_cookie".into(), "access_token_cookie".into();
    /// The path of the access cookie.
    "JWT_ACCESS_COOKIE_PATH" access_cookie_path: String = "/".into(), "/".into();
    /// The cookie that carries the refresh token.
    "JWT_REFRESH_COOKIE_NAME" refresh_cookie_name: String = "refresh_token_cookie".into(), "refresh_token_cookie".into();
    /// The path of the refresh cookie.
    "JWT_REFRESH_COOKIE_PATH" refresh_cookie_path: String = "/".into(), "/".into();
    /// The domain of the cookies; none: the host that set them, alone.
    "JWT_COOKIE_DOMAIN" cookie_domain: Option<String> = None, None;
    /// Whether cookies are only sent over HTTPS (and to localhost).
    "JWT_COOKIE_SECURE" cookie_secure: bool = true, false;
    /// With which cross-site requests cookies are sent.
    "JWT_COOKIE_SAMESITE" cookie_samesite: Option<SameSite> = Some(SameSite::Lax), None;
    /// Whether cookies are kept apart for each top-level site (CHIPS).
    "JWT_COOKIE_PARTITIONED" cookie_partitioned: bool = false, false;
    /// Whether cookies end with the browser's session.
    "JWT_SESSION_COOKIE" session_cookie: bool = true, true;
    /// How long cookies are kept where they outlast the session; none: as long as their token lives.
    "JWT_COOKIE_MAX_AGE" cookie_max_age: Option<Duration> = None, Some(Duration::from_secs(31_540_000));
    /// Whether tokens in cookies need the CSRF double submit value.
    "JWT_COOKIE_CSRF_PROTECT" cookie_csrf_protect: bool = true, true;
    /// The methods that need it.
    "JWT_CSRF_METHODS" csrf_methods: Vec<String> = unsafe_methods(), unsafe_methods();
    /// Whether the value is set as a cookie that scripts can read.
    "JWT_CSRF_IN_COOKIES" csrf_in_cookies: bool = true, true;
    /// Whether the value is looked for in a form field when the header lacks it.
    "JWT_CSRF_CHECK_FORM" csrf_check_form: bool = false, false;
    /// The CSRF cookie beside the access cookie.
    "JWT_ACCESS_CSRF_COOKIE_NAME" access_csrf_cookie_name: String = "csrf_access_token".into(), "csrf_access_token".into();
    /// Its path.
    "JWT_ACCESS_CSRF_COOKIE_PATH" access_csrf_cookie_path: String = "/".into(), "/".into();
    /// The header in which the value is sent back with an access token.
    "JWT_ACCESS_CSRF_HEADER_NAME" access_csrf_header_name: String = "X-CSRF-TOKEN".into(), "X-CSRF-TOKEN".into();
    /// The form field for the same.
    "JWT_ACCESS_CSRF_FIELD_NAME" access_csrf_field_name: String = "csrf_token".into(), "csrf_token".into();
    /// The CSRF cookie beside the refresh cookie.
    "JWT_REFRESH_CSRF_COOKIE_NAME" refresh_csrf_cookie_name: String = "csrf_refresh_token".into(), "csrf_refresh_token".into();
    /// Its path.
    "JWT_REFRESH_CSRF_COOKIE_PATH" refresh_csrf_cookie_path: String = "/".into(), "/".into();
    /// The header in which the value is sent back with a refresh token.
    "JWT_REFRESH_CSRF_HEADER_NAME" refresh_csrf_header_name: String = "X-CSRF-TOKEN".into(), "X-CSRF-TOKEN".into();
    /// The form field for the same.
    "JWT_REFRESH_CSRF_FIELD_NAME" refresh_csrf_field_name: String = "csrf_token".into(), "csrf_token".into();
    /// The name of the sentence in the JSON of error answers.
    "JWT_ERROR_MESSAGE_KEY" error_message_key: String = "msg".into(), "msg".into();
    /// What error answers look like.
    "JWT_ERROR_STYLE" error_style: ErrorStyle = ErrorStyle::Native, ErrorStyle::Flask;
    /// The longest token that is looked at, in bytes.
    "JWT_MAX_TOKEN_SIZE" max_token_size: usize = 16 * 1024, 1024 * 1024;
    /// How many bytes of memory tokens may take whose signatures were good, so that they are not computed again; 0: none. All that can change is still checked each time. A usual token takes about 1.2 KiB, once for each processor.
    "JWT_VERIFIED_CACHE_SIZE" verified_cache_size: usize = 0, 0;
    /// Whether registered claims must have the types of RFC 7519 and appear only once, and base64url be unpadded.
    "JWT_STRICT_CLAIMS" strict_claims: bool = true, false;
    /// Whether a token's `type` must be exactly the wanted one; otherwise everything but `refresh` is an access token.
    "JWT_STRICT_TOKEN_TYPE" strict_token_type: bool = true, false;
    /// Whether a token with an `aud` is refused where no audience is expected (RFC 7519 section 4.1.3).
    "JWT_REJECT_UNEXPECTED_AUDIENCE" reject_unexpected_audience: bool = true, false;
    /// Whether a token without `jti` is refused where revocation is checked.
    "JWT_REQUIRE_JTI" require_jti: bool = true, false;
    /// Whether new tokens get the session's claims `sid` and `auth_time`.
    "JWT_SESSION_CLAIMS" session_claims: bool = true, false;
    /// The manager's name, where one service has several: tokens carry it as `mgr` and are good for it alone, and its cookies' default names start with it.
    "JWT_MANAGER_NAME" manager_name: Option<String> = None, None;
    /// Lets an HMAC secret be shorter than RFC 7518 section 3.2 asks for.
    "JWT_INSECURE_SHORT_SECRET" insecure_short_secret: bool = false, true;
}
