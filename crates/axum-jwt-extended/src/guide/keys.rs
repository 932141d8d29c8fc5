//! # Keys and rotation
//!
//! ## A secret, or a pair of keys?
//!
//! | | `HS256` and its like | `ES256`, `EdDSA`, `RS256` and their like |
//! | --- | --- | --- |
//! | is | one secret | a private key that signs, and a public one that checks |
//! | who checks could also forge | yes | no |
//! | costs | next to nothing | more, for both |
//! | for | one service, or services that trust each other fully | tokens that others check |
//!
//! ```sh
//! openssl rand -base64 48                      # JWT_SECRET_KEY
//! jwt-extended keygen ES256 --out key.pem      # JWT_ALGORITHM=ES256 JWT_PRIVATE_KEY_FILE=key.pem
//! ```
//!
//! Of the asymmetric ones take `ES256` or `EdDSA`; `RS256` where a client knows nothing else. A key is bound to its algorithm: what a
//! token says of its own algorithm only has to agree.
//!
//! ## Other services check the tokens
//!
//! Publish the public keys; every client for JWK Sets reads them. A manager whose keys are secrets has nothing to publish, and answers 500.
//!
//! ```
//! use axum::{Router, extract::State, http::HeaderMap, routing::get};
//! use axum_jwt_extended::{Error, Jwks, JwtManager};
//!
//! async fn keys(State(jwt): State<JwtManager>, headers: HeaderMap) -> Result<Jwks, Error> {
//!     Ok(jwt.jwks()?.if_none_match(&headers))
//! }
//!
//! let app = Router::<JwtManager>::new().route("/.well-known/jwks.json", get(keys));
//! ```
//!
//! Each key has a name, `kid`, which its tokens carry: a name of yours (`JWT_KEY_ID=2026-11`), or the key's thumbprint.
//!
//! ## A new key, and nobody logs in anew
//!
//! The manager holds a [`Keyring`]: one key signs, any number check. A change of keys is three steps, with time between them:
//!
//! | step | the new key | the old key | then wait |
//! | --- | --- | --- | --- |
//! | 1. [`also_verify`](Keyring::also_verify) | checks, is published | signs, checks | as long as clients keep the published keys: [`Jwks::MAX_AGE`], five minutes |
//! | 2. [`rotate_to`](Keyring::rotate_to) | signs, checks | checks | as long as the last token lives: `JWT_REFRESH_TOKEN_EXPIRES` |
//! | 3. [`withdraw`](Keyring::withdraw) | signs, checks | is gone | |
//!
//! ```
//! use axum_jwt_extended::{Config, GeneratedKey, Algorithm, JwtManager, Keyring};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = |name| -> Result<_, axum_jwt_extended::KeyError> { Ok(GeneratedKey::new(Algorithm::ES256)?.with_kid(name).signing_key().clone()) };
//! let (old, new) = (key("2025")?, key("2026")?); // SigningKey::from_pem, for example
//! let config = Config::builder().algorithm(Algorithm::ES256).keyring(Keyring::new(old));
//! let jwt = JwtManager::new(config.build()?);
//! let token = jwt.create_access_token("anna").encode()?;
//!
//! jwt.update_keys(|keys| keys.also_verify(new.verifying_key()))?; // 1
//! jwt.update_keys(|keys| keys.rotate_to(new))?;                   // 2
//! assert!(jwt.decode(token.as_str(), &Default::default()).is_ok());
//! jwt.update_keys(|keys| keys.withdraw("2025"))?;                 // 3
//! assert!(jwt.decode(token.as_str(), &Default::default()).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! Where nobody fetches the keys, step 1 can be left out. [`update_keys`](JwtManager::update_keys) takes effect for all requests
//! at once, without a restart; a request that is being answered goes on with the keys it began with.
//!
//! ## Keys from files, read again
//!
//! [`reload_keys`](JwtManager::reload_keys) reads the keys from where they came. A manager of [`JwtManager::from_env`] reads its `JWT_..._FILE`
//! files. Keys that only check any more stand in `JWT_SECRET_KEY_FALLBACKS_FILE`, one secret on each line, or in
//! `JWT_PUBLIC_KEY_FALLBACKS_FILE`, one PEM behind another:
//!
//! 1. Copy the present secret into the file of fallbacks, and write the new one into `JWT_SECRET_KEY_FILE`. Rename files into their places,
//!    so that there is never half of one.
//! 2. `reload_keys`, in each instance. The new secret signs, and both check.
//! 3. When the last token of the old one has expired, take it out of the fallbacks, and `reload_keys`.
//!
//! A public key that others are to know before it signs goes into the fallbacks first. From one algorithm to another, name both in
//! `JWT_DECODE_ALGORITHMS`; a key checks only what it is made for.
//!
//! Keys that are elsewhere, or make a ring of your own, need a [`key_source`](JwtManagerBuilder::key_source):
//!
//! ```no_run
//! use axum_jwt_extended::{Algorithm, BoxError, Config, JwtManager, Keyring, SigningKey, VerifyingKey};
//! use std::fs::read_to_string;
//!
//! /// `new.pem` signs; tokens of `old.pub.pem` stay good while it is there.
//! fn keys() -> Result<Keyring, BoxError> {
//!     let ring = Keyring::new(SigningKey::from_pem(Algorithm::ES256, read_to_string("keys/new.pem")?)?);
//!     Ok(match read_to_string("keys/old.pub.pem") {
//!         Ok(old) => ring.also_verify(VerifyingKey::from_pem(Algorithm::ES256, old)?)?,
//!         Err(_) => ring,
//!     })
//! }
//!
//! # fn main() -> Result<(), BoxError> {
//! let config = Config::builder().algorithm(Algorithm::ES256).keyring(keys()?).build()?;
//! let jwt = JwtManager::builder(config).key_source(keys).build();
//! jwt.reload_keys()?; // on SIGHUP, or each hour
//! # Ok(())
//! # }
//! ```
//!
//! Where what is found is no good, the present keys stay and the error says why. [`reload_keys`](JwtManager::reload_keys) shows how to listen
//! for `SIGHUP`.
//!
//! ## A key has leaked
//!
//! No three steps: a new ring with a new key alone, at once. Every token is void, and everybody logs in anew. Clients of published
//! keys believe the old one until they ask again.
//!
//! ## A key for each tenant
//!
//! [`decode_keys`](JwtManagerBuilder::decode_keys) chooses the keys that check a token, [`encode_keys`](JwtManagerBuilder::encode_keys) the one that
//! signs it. What the first is given is **not verified**: it is for choosing a key, and nothing in it is to be believed.
//!
//! ```
//! use axum_jwt_extended::{BoxError, Config, JwtManager, Keyring};
//! use std::sync::Arc;
//!
//! # #[derive(Clone)] struct Tenants;
//! # impl Tenants {
//! #     async fn keys(&self, _: &str) -> Result<Option<Arc<Keyring>>, BoxError> { Ok(None) }
//! #     fn keys_at_hand(&self, _: &str) -> Option<Arc<Keyring>> { None }
//! # }
//! fn manager(config: Config, tenants: Tenants) -> JwtManager {
//!     let signing = tenants.clone();
//!     JwtManager::builder(config)
//!         .decode_keys(move |token| {
//!             let tenants = tenants.clone();
//!             async move {
//!                 match token.unverified_claim::<String>("tenant")? {
//!                     Some(tenant) => tenants.keys(&tenant).await, // an error is 503, `None` is 401
//!                     None => Ok(None),
//!                 }
//!             }
//!         })
//!         .encode_keys(move |_identity, claims| {
//!             let tenant = claims.get("tenant").and_then(|tenant| tenant.as_str());
//!             Ok::<_, BoxError>(tenant.and_then(|tenant| signing.keys_at_hand(tenant)))
//!         })
//!         .build()
//! }
//! ```
//!
//! - Choose by the claim that your handlers go by afterwards. Chosen by `kid`, the claim `tenant` of a checked token can be any that the holder
//!   of that key likes.
//! - No answer within [`store_timeout`](JwtManagerBuilder::store_timeout) is 503, too.
//! - Keep rings, in an `Arc`. To parse an RSA key for each request costs more than to check a signature.
//! - A store knows people by their identities. If two tenants may both have an `anna`, let the identity say whose: `acme/anna`.
//! - For keys that must be waited for, the tokens' builders have [`signed_with`](TokenBuilder::signed_with).
//!
//! Keys of an identity provider are another matter: [tokens of others](super::oidc).
//!
//! Next: [tokens of others](super::oidc).

use crate::*;
