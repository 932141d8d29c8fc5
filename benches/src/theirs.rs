//! jsonwebtoken, with typed claims and the same checks.

use std::hint::black_box;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::KeyPair as _;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use jwt_extended::Algorithm;
use serde::{Deserialize, Serialize};

use crate::primitive::{ec, ed25519, rsa};
use crate::{AUDIENCE, Contender, IDENTITY, ISSUER, LIFETIME, ROLE, Result, SECRET, private_der};

#[derive(Serialize, Deserialize)]
struct Claims {
    fresh: bool,
    iat: u64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    sub: String,
    nbf: u64,
    aud: String,
    iss: String,
    exp: u64,
    role: String,
}

fn name(algorithm: Algorithm) -> Result<jsonwebtoken::Algorithm> {
    Ok(algorithm.name().parse()?)
}

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

pub(crate) fn verify(algorithm: Algorithm, token: &str) -> Result<Contender> {
    let key = match algorithm {
        Algorithm::RS256 => DecodingKey::from_rsa_der(rsa()?.public_key().as_ref()),
        Algorithm::ES256 => DecodingKey::from_ec_der(ec()?.public_key().as_ref()),
        Algorithm::EdDSA => DecodingKey::from_ed_der(ed25519()?.public_key().as_ref()),
        _ => DecodingKey::from_secret(SECRET.as_bytes()),
    };
    let mut validation = Validation::new(name(algorithm)?);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    let token = token.to_owned();
    Contender::new("jsonwebtoken", move || {
        let claims = jsonwebtoken::decode::<Claims>(black_box(&token), &key, &validation)?.claims;
        // What its validation does not look at, and ours does.
        if claims.iat > now()? || claims.kind != "access" {
            return Err("refused".into());
        }
        Ok(black_box(&claims).sub.len() + claims.role.len())
    })
}

pub(crate) fn create(algorithm: Algorithm) -> Result<Contender> {
    let key = match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_der(&private_der(algorithm)?),
        Algorithm::ES256 => EncodingKey::from_ec_der(&private_der(algorithm)?),
        Algorithm::EdDSA => EncodingKey::from_ed_der(&private_der(algorithm)?),
        _ => EncodingKey::from_secret(SECRET.as_bytes()),
    };
    let header = Header::new(name(algorithm)?);
    Contender::new("jsonwebtoken + uuid", move || {
        let now = now()?;
        let claims = Claims {
            fresh: false,
            iat: now,
            jti: uuid::Uuid::new_v4().to_string(),
            csrf: Some(uuid::Uuid::new_v4().to_string()),
            kind: "access".to_owned(),
            sub: IDENTITY.to_owned(),
            nbf: now,
            aud: AUDIENCE.to_owned(),
            iss: ISSUER.to_owned(),
            exp: now + LIFETIME,
            role: ROLE.to_owned(),
        };
        Ok(jsonwebtoken::encode(&header, &claims, &key)?.len())
    })
}
