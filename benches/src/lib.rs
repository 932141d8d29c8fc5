//! What is compared: each contest has our engine, jsonwebtoken, the bare primitive and perhaps others do
//! one thing with one token.

mod by_hand;
mod growth;
mod ours;
mod primitive;
mod race;
mod theirs;

use std::error::Error;

use jwt_extended::Algorithm;

pub use growth::{Point, growth};
pub use race::{Contender, Measured, race};

/// The algorithms that are compared.
pub const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

pub(crate) type BoxError = Box<dyn Error>;
pub(crate) type Result<T> = std::result::Result<T, BoxError>;

pub(crate) const SECRET: &str = "a-secret-of-at-least-32-random-bytes";
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "api";
pub(crate) const IDENTITY: &str = "8f14e45f-ceea-467f";
pub(crate) const ROLE: &str = "admin";
pub(crate) const LIFETIME: u64 = 900;

/// The private key's DER: PKCS#1 for RSA, PKCS#8 for the others.
pub(crate) fn private_der(algorithm: Algorithm) -> Result<Vec<u8>> {
    Ok(pem::parse(private_pem(algorithm))?.into_contents())
}

pub(crate) fn private_pem(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => include_str!("../../crates/jwt-extended/tests/data/keys/rsa.pkcs1.pem"),
        Algorithm::ES256 => include_str!("../../conformance/keys/p256.pem"),
        _ => include_str!("../../conformance/keys/ed25519.pem"),
    }
}

/// An access token of ours with every claim that RFC 7519 registers.
pub fn token(algorithm: Algorithm) -> Result<String> {
    ours::Ours::new(algorithm)?.create()
}

/// Everybody verifies the same token.
pub fn verify(algorithm: Algorithm) -> Result<Vec<Contender>> {
    let token = token(algorithm)?;
    let mut contenders = vec![
        primitive::verify(algorithm, &token)?,
        ours::check(algorithm, &token)?,
        ours::decode(algorithm, &token)?,
        ours::cached(algorithm, 1_000)?,
        theirs::verify(algorithm, &token)?,
    ];
    if algorithm == Algorithm::HS256 {
        contenders.push(by_hand::verify(&token)?);
    }
    Ok(contenders)
}

/// Everybody makes such a token: claims, identifier and all. The primitive signs one, and `jws::sign`
/// makes one of a payload that is ready.
pub fn create(algorithm: Algorithm) -> Result<Vec<Contender>> {
    let token = token(algorithm)?;
    Ok(vec![
        primitive::sign(algorithm, &token)?,
        ours::create(algorithm)?,
        ours::sign(algorithm, &token)?,
        theirs::create(algorithm)?,
    ])
}
