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
//! - [`outside`]: tokens that were made elsewhere.
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
mod encoded;
mod engine;
mod error;
mod found;
mod identity;
#[doc(hidden)]
pub mod json;
pub mod jws;
mod key;
mod locations;
pub mod outside;
mod policy;
mod random;
pub mod request;
mod revoke;
mod scope;
pub mod store;
mod token;
mod unverified;
mod verified_cache;
mod verify;

pub use algorithm::{Algorithm, Algorithms, UnknownAlgorithm};
pub use answer::{Answer, answer};
#[doc(hidden)]
pub use claims::Member;
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use config::{
    Config, ConfigBuilder, ConfigError, Lifetime, Location, Preset, SameSite, Settings,
};
pub use cookie;
pub use cookies::CookieOptions;
pub use create::{CustomClaims, PendingRotation, RotationBuilder, TokenBuilder, TokenPairBuilder};
pub use encoded::{EncodedToken, TokenPair};
pub use engine::{DecodeOptions, JwtEngine};
pub use error::{AuthError, BoxError, ErrorContext, ErrorKind, Result};
pub use found::{FoundToken, KeyChoice};
pub use identity::Identity;
pub use key::{GeneratedKey, JwkSet, KeyError, Keyring, PublicKey, SigningKey, VerifyingKey};
#[doc(hidden)]
pub use locations::usual_token;
pub use policy::{OptionalPolicy, Policy};
pub use random::{Random, RandomUnavailable, SystemRandom};
pub use request::RequestView;
pub use token::{Freshness, TokenKind, VerifiedToken};
pub use unverified::UnverifiedToken;
pub use verify::{Pending, Verdict};
