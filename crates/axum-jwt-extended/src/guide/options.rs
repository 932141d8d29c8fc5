//! # Options
//!
//! Every option has one name and three ways to be set; what is set later wins:
//!
//! ```
//! use axum_jwt_extended::{Config, ConfigBuilder, env_config};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In code.
//! let defaults = Config::builder().access_token_expires(Duration::from_secs(300));
//!
//! // From a section of a configuration file, by serde.
//! let defaults: ConfigBuilder = serde_json::from_str(r#"{
//!     "JWT_ACCESS_TOKEN_EXPIRES": "5m",
//!     "JWT_TOKEN_LOCATION": ["headers", "cookies"]
//! }"#)?;
//!
//! // From the environment, on top of that. `JwtManager::from_env` is this without defaults.
//! # let defaults = defaults.secret_key("a-secret-of-at-least-32-random-bytes");
//! let config = env_config(defaults)?;
//! assert_eq!(config.access_token_expires.duration(), Some(Duration::from_secs(300)));
//! # Ok(())
//! # }
//! ```
//!
//! - **Times** are seconds (`900`) or have a unit (`90s`, `15m`, `12h`, `30d`, `2w`); `false` is no end. **Lists** have commas.
//!   **Yes and no** are `true`, `1`, `yes`, `on` and `false`, `0`, `no`, `off`.
//! - **Algorithms** are HS256, HS384, HS512 (secrets); RS and PS with the same numbers (RSA); ES256, ES384, ES512, ES256K, EdDSA (curves).
//! - **Keys** can be files: `JWT_SECRET_KEY_FILE`, `JWT_PRIVATE_KEY_FILE`, `JWT_PUBLIC_KEY_FILE`, `JWT_SECRET_KEY_FALLBACKS_FILE`,
//!   `JWT_PUBLIC_KEY_FALLBACKS_FILE`. In a variable, `\n` is a line break of a PEM. How to change them: [keys](super::keys).
//! - **`JWT_PRESET`** chooses the defaults: `native`, or `flask`, which are those of Flask-JWT-Extended ([`Config::flask`]).
//! - Everything is checked when it is built, alone and together. An error names each option, what is wrong and what mends it.
//! - An unknown `JWT_` name is a warning, with the name that was probably meant.
//! - A laxer check has a name of its own; what is dangerous starts with `JWT_INSECURE_`.
//! - [`JwtManager::diagnostics`] tells what is allowed and risky. It is logged at the start.
//!
//! ## The table
//!
#![doc = include_str!("options.md")]
//!
//! In code each is a method of [`ConfigBuilder`]: `JWT_ACCESS_TOKEN_EXPIRES` is
//! [`access_token_expires`](ConfigBuilder::access_token_expires). [`config::OPTIONS`] is the same table as a value.
//!
//! Next: [testing your application](super::testing).

use crate::*;
