//! The engine of `axum-jwt-extended` and of the Flask drop-in `flask-jwt-extended-rs`: everything that
//! JSON Web Tokens need in a web application, and no I/O.
//!
//! Most applications want one of these two; this crate is for adapters to other frameworks and for
//! services without one. What it does, in the order in which a request meets it:
//!
//! - [`Config`]: every option checked once, from a builder, a file or the environment.
//! - [`JwtEngine`]: makes tokens ([`JwtEngine::create_token_pair`]), finds them in requests
//!   ([`RequestView`]) and checks them against a [`Policy`].
//! - [`Verdict`]: a token is either [done](Verdict::Done) or [pending](Pending) until a
//!   [store](store::RevocationStore) has answered.
//! - [`VerifiedToken`]: identity, claims, header, and the facts of what was checked.
//! - [`AuthError`]: why not, with a stable code; [`answer`] makes an HTTP answer of it.

mod algorithm;
mod answer;
mod base64url;
mod claims;
mod clock;
pub mod config;
mod cookies;
mod create;
mod csrf;
mod engine;
mod error;
mod identity;
mod json;
pub mod jws;
mod key;
mod locations;
mod policy;
mod random;
pub mod request;
mod scope;
pub mod store;
mod token;
mod verify;

pub use algorithm::{Algorithm, Algorithms, UnknownAlgorithm};
pub use answer::{Answer, answer};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use config::{
    Config, ConfigBuilder, ConfigError, Lifetime, Location, Preset, SameSite, Settings,
};
pub use cookie;
pub use cookies::CookieOptions;
pub use create::{CustomClaims, TokenBuilder, TokenPairBuilder};
pub use engine::{DecodeOptions, JwtEngine};
pub use error::{AuthError, BoxError, ErrorContext, ErrorKind, Result};
pub use identity::Identity;
pub use key::{KeyError, Keyring, SigningKey, VerifyingKey};
pub use policy::{OptionalPolicy, Policy};
pub use random::{Random, RandomUnavailable, SystemRandom};
pub use request::RequestView;
pub use token::{EncodedToken, Freshness, TokenKind, TokenPair, VerifiedToken};
pub use verify::{Pending, Verdict};
