//! The routes: each answers with the identity in the token, as far as it looks at one.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use axum_jwt_auth::{Decoder, LocalDecoder};
use axum_jwt_extended::{AccessToken, Config, JwtManager};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::Result;

/// The paths, without the slash. The first is open.
pub const NAMES: [&str; 5] =
    ["open", "jwt-extended", "hand-written", "axum-jwt-auth", "signature-only"];

const SECRET: &str = "a-secret-of-at-least-32-random-bytes";
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "api";
const IDENTITY: &str = "8f14e45f-ceea-467f";

/// A server's routes, and a token that opens them.
pub struct Routes {
    pub router: Router,
    pub token: String,
}

impl Routes {
    pub fn new() -> Result<Self> {
        let config = Config::builder()
            .secret_key(SECRET)
            .encode_issuer(ISSUER)
            .decode_issuer([ISSUER])
            .encode_audience([AUDIENCE])
            .decode_audience([AUDIENCE])
            .access_token_expires(std::time::Duration::from_secs(24 * 3600))
            .cookie_csrf_protect(false)
            .build()?;
        let jwt = JwtManager::new(config);
        let token = jwt.create_access_token(IDENTITY).claim("role", "admin").encode()?.into();
        let state = App {
            jwt,
            hand_written: Arc::new((DecodingKey::from_secret(SECRET.as_bytes()), validation())),
            decoder: peer()?,
            key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes())),
        };
        let router = Router::new()
            .route("/open", get(async || IDENTITY.to_owned()))
            .route("/jwt-extended", get(async |token: AccessToken| token.identity().to_owned()))
            .route("/hand-written", get(async |HandWritten(claims)| claims.sub))
            .route("/axum-jwt-auth", get(axum_jwt_auth))
            .route("/signature-only", get(async |_: SignatureOnly| IDENTITY.to_owned()))
            .with_state(state);
        Ok(Self { router, token })
    }
}

#[derive(Clone, FromRef)]
struct App {
    jwt: JwtManager,
    hand_written: Arc<(DecodingKey, Validation)>,
    decoder: Decoder<Claims>,
    key: Arc<hmac::Key>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    iat: u64,
    #[serde(rename = "type")]
    kind: String,
}

async fn axum_jwt_auth(user: axum_jwt_auth::Claims<Claims>) -> String {
    user.claims.sub
}

/// What its guide sets up, with the same checks.
fn peer() -> Result<Decoder<Claims>> {
    use jsonwebtoken_10::{Algorithm, DecodingKey, Validation};
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    let keys = vec![DecodingKey::from_secret(SECRET.as_bytes())];
    Ok(Arc::new(LocalDecoder::builder().keys(keys).validation(validation).build()?))
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation
}

/// What one writes by hand, on jsonwebtoken.
struct HandWritten(Claims);

impl FromRequestParts<App> for HandWritten {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> std::result::Result<Self, StatusCode> {
        let token = bearer(&parts.headers).ok_or(StatusCode::UNAUTHORIZED)?;
        let (key, validation) = &*app.hand_written;
        let claims = jsonwebtoken::decode::<Claims>(token, key, validation)
            .map_err(|_| StatusCode::UNAUTHORIZED)?
            .claims;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        // What its validation does not look at, and ours does.
        if claims.iat > now || claims.kind != "access" {
            return Err(StatusCode::UNAUTHORIZED);
        }
        Ok(Self(claims))
    }
}

/// Nobody can do with less: the signature alone, and nothing read.
struct SignatureOnly;

impl FromRequestParts<App> for SignatureOnly {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> std::result::Result<Self, StatusCode> {
        let verified = || {
            let (message, signature) = bearer(&parts.headers)?.rsplit_once('.')?;
            let signature = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(signature).ok()?;
            hmac::verify(&app.key, message.as_bytes(), &signature).ok()
        };
        verified().map(|()| Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
