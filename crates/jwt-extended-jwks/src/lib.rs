#![doc = include_str!("../README.md")]

mod cache;
mod error;
#[cfg(feature = "test-issuer")]
mod fake;
mod fetch;
mod issuer;
mod issuers;
mod source;

pub use error::Error;
#[cfg(feature = "test-issuer")]
pub use fake::{FakeIssuer, FakeToken};
pub use issuer::Issuer;
pub use issuers::Issuers;
pub use jwt_extended::outside::OutsideToken;
pub use jwt_extended::{Algorithm, Algorithms};
