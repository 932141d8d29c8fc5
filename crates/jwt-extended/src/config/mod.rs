//! The configuration: every option checked once, when it is built.
//!
//! A [`Config`] comes from a typed builder, a deserialized file or the environment, in any mixture;
//! all three fill the same table of options ([`OPTIONS`]) on top of one of two sets of defaults
//! ([`Preset`]). Whatever is wrong is told at once, by option, with what mends it.
//!
//! ```
//! use jwt_extended::{Config, Location};
//! use std::time::Duration;
//!
//! let config = Config::builder()
//!     .secret_key("a-secret-of-at-least-32-random-bytes")
//!     .token_location([Location::Headers, Location::Cookies])
//!     .access_token_expires(Duration::from_secs(300))
//!     .build()?;
//! assert!(config.cookie_secure);
//!
//! let error = Config::builder().secret_key("secret").build().unwrap_err();
//! assert!(error.to_string().contains("JWT_SECRET_KEY"));
//! # Ok::<(), jwt_extended::ConfigError>(())
//! ```

mod check;
mod convert;
mod diagnostics;
mod fallbacks;
mod fault;
mod keys;
mod options;
pub(crate) mod value;

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::key::Keyring;
pub use convert::IntoSetting;
pub use diagnostics::{Diagnostic, Severity};
pub use fault::{ConfigError, Fault};
pub use options::{OPTIONS, OptionInfo, Settings};
use value::Setting as _;
pub use value::{ErrorStyle, KeyId, Lifetime, Location, Preset, SameSite, Secret};

/// A checked configuration with its keys. The single settings are fields of [`Settings`], to which it
/// derefs.
#[derive(Debug)]
pub struct Config {
    settings: Settings,
    /// Swapped whole, so that each token is judged by one ring.
    keys: ArcSwap<Keyring>,
    warnings: Vec<String>,
    of_stores: Vec<&'static str>,
}

impl Config {
    /// A builder on the native preset: strict, with `Secure` and `SameSite=Lax` cookies.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// A builder on the defaults of Flask-JWT-Extended 4.7, for services that share tokens, cookies
    /// or clients with a Flask application.
    pub fn flask() -> ConfigBuilder {
        ConfigBuilder::default().preset(Preset::Flask)
    }

    /// The keys; of an engine's configuration, those that it works with at this moment.
    pub fn keys(&self) -> Arc<Keyring> {
        self.keys.load_full()
    }

    pub(crate) fn ring(&self) -> arc_swap::Guard<Arc<Keyring>> {
        self.keys.load()
    }

    pub(crate) fn replace_keys(&self, keys: Keyring) {
        self.keys.store(Arc::new(keys::announced(&self.settings, keys)));
    }

    /// A fault, unless the manager has a name: for adapters, where one service has several managers.
    pub fn require_manager_name(&self) -> Result<(), ConfigError> {
        match self.settings.manager_name {
            Some(_) => Ok(()),
            None => Err(Fault::new(
                "JWT_MANAGER_NAME",
                "is not set, and this manager is one of several, whose tokens would be good for it",
                "give the manager a name, such as `partners`",
            )
            .into()),
        }
    }

    /// A fault where it does not: for adapters that were given none.
    pub fn works_without_store(&self) -> Result<(), ConfigError> {
        if !self.settings.refresh_rotation {
            return Ok(());
        }
        Err(Fault::new(
            "JWT_REFRESH_ROTATION",
            "is on, and there is no store to remember which refresh tokens were used",
            "give the manager a store, or leave the option off",
        )
        .into())
    }

    /// What is worth knowing about this configuration though it is no error, such as `JWT_` names
    /// that no option has.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The options of stores (`JWT_STORE_URL` and others) that stood beside those of tokens. Nothing here
    /// opens a store: for adapters that were given none.
    pub fn store_options(&self) -> &[&'static str] {
        &self.of_stores
    }
}

impl Clone for Config {
    /// The copy has the same keys, and keeps them when this one's are replaced.
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            keys: ArcSwap::new(self.keys()),
            warnings: self.warnings.clone(),
            of_stores: self.of_stores.clone(),
        }
    }
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

/// Gathers options for a [`Config`]. What is set later wins.
///
/// Deserializing one takes a map of `JWT_` names, as a section of a configuration file has them;
/// names of others are passed over, unknown `JWT_` names become warnings. `JWT_PRESET` chooses the
/// defaults.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ConfigBuilder {
    preset: Option<Preset>,
    options: options::Options,
    /// Flask's own secret, which its preset falls back on.
    app_secret: Option<Secret>,
    keyring: Option<Keyring>,
    beside: Vec<Settings>,
    /// Whether the manager's name was given as an empty text.
    empty_name: bool,
    /// Options of stores that were given.
    of_stores: Vec<&'static str>,
    faults: Vec<Fault>,
    warnings: Vec<String>,
}

impl ConfigBuilder {
    /// Chooses the defaults.
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = Some(preset);
        self
    }

    /// Uses these keys instead of `JWT_SECRET_KEY`, `JWT_PRIVATE_KEY` and `JWT_PUBLIC_KEY`. The
    /// accepted algorithms are then those of the keys.
    pub fn keyring(mut self, keyring: Keyring) -> Self {
        self.keyring = Some(keyring);
        self
    }

    /// Makes sure that this configuration can serve in one application beside `other`: with another
    /// [`manager_name`](Self::manager_name), and with cookies of other names.
    pub fn beside(mut self, other: &Config) -> Self {
        self.beside.push(other.settings.clone());
        self
    }

    /// Notes that an option has a value that is no text, such as an environment variable that is no
    /// UTF-8: a fault, where it must not look as if it had not been set.
    pub fn unreadable(mut self, name: &str) -> Self {
        self.set_value(name.strip_suffix("_FILE").unwrap_or(name), &Value::Object(Map::new()));
        self
    }

    /// Sets one option by its name. A fault shows when the configuration is built.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set_value(name, &value.into());
        self
    }

    /// Sets options from environment variables. For `JWT_SECRET_KEY`, `JWT_PRIVATE_KEY`,
    /// `JWT_PUBLIC_KEY` and the two with `_FALLBACKS` at the end, there are forms with `_FILE` at the end, which name a file; `read_file` reads
    /// it, and one line end at its end is dropped. To set both forms is a fault.
    pub fn vars(
        mut self,
        vars: impl IntoIterator<Item = (String, String)>,
        read_file: impl Fn(&str) -> std::io::Result<String>,
    ) -> Self {
        let (files, plain): (Vec<_>, Vec<_>) =
            vars.into_iter().partition(|(name, _)| file_option(name).is_some());
        for (name, value) in &plain {
            self.set_value(name, &value.as_str().into());
        }
        for (name, path) in &files {
            let Some(option) = file_option(name) else { continue };
            if plain.iter().any(|(other, value)| other == option && !value.is_empty()) {
                // An environment has no order by which one of them could win.
                self.faults.push(Fault::new(
                    option,
                    format!("is given twice, by itself and as {name}"),
                    "set one of the two",
                ));
                continue;
            }
            match read_file(path) {
                Ok(text) => {
                    let text = text.strip_suffix('\n').unwrap_or(&text);
                    let text = text.strip_suffix('\r').unwrap_or(text);
                    self.set_value(option, &text.into());
                }
                Err(error) => self.faults.push(Fault::new(
                    option,
                    format!("cannot be read from its file: {error}"),
                    format!("let {name} name a file that this process may read"),
                )),
            }
        }
        self
    }

    fn set_value(&mut self, name: &str, value: &Value) {
        if name == "JWT_PRESET" {
            match Preset::read(value) {
                Some(preset) => self.preset = Some(preset),
                None => self.faults.push(Fault::new(
                    "JWT_PRESET",
                    "cannot be read",
                    format!("it must be {}", Preset::EXPECTED),
                )),
            }
        } else if name == "SECRET_KEY" {
            self.app_secret = Option::<Secret>::read(value).flatten();
        } else if let Some(set) = self.options.set(name, value) {
            match name {
                // Nothing at all is as good as not set; an empty list may not be meant.
                "JWT_DECODE_ISSUER" if value.is_null() => self.options.decode_issuer = None,
                "JWT_DECODE_AUDIENCE" if value.is_null() => self.options.decode_audience = None,
                "JWT_MANAGER_NAME" => {
                    self.empty_name = value.as_str().is_some_and(|text| text.trim().is_empty());
                }
                _ => {}
            }
            if let Err(fault) = set {
                self.faults.push(fault);
            }
        } else if let Some(option) = OF_STORES.into_iter().find(|option| *option == name) {
            self.of_stores.push(option);
        } else if name.starts_with("JWT_") {
            self.warnings.push(match nearest(name) {
                Some(near) => format!("{name} is not an option; did you mean {near}?"),
                None => format!("{name} is not an option"),
            });
        }
    }

    /// Checks everything and makes the configuration, or tells every fault there is.
    pub fn build(self) -> Result<Config, ConfigError> {
        let preset = self.preset.unwrap_or(Preset::Native);
        let mut settings = Settings::preset(preset);
        let is_empty = |list: &Option<Vec<String>>| list.as_ref().is_some_and(Vec::is_empty);
        let empty = [
            ("JWT_DECODE_ISSUER", is_empty(&self.options.decode_issuer)),
            ("JWT_DECODE_AUDIENCE", is_empty(&self.options.decode_audience)),
            ("JWT_MANAGER_NAME", self.empty_name),
        ];
        self.options.apply_to(&mut settings);
        let (mut faults, mut warnings) = (self.faults, self.warnings);
        if settings.secret_key.is_none() && preset == Preset::Flask {
            settings.secret_key = self.app_secret;
        }
        for (option, _) in empty.into_iter().filter(|(_, is_empty)| *is_empty) {
            // As `JWT_DECODE_ISSUER=${ISSUER}` is, where that is not set.
            let fault =
                Fault::new(option, "is empty, so nothing is checked", "set it, or leave it unset");
            match preset {
                Preset::Native => faults.push(fault),
                Preset::Flask => warnings.push(fault.to_string()),
            }
        }
        name_cookies(&mut settings);
        for other in &self.beside {
            faults.extend(check::check_beside(&settings, other));
        }
        check::check(&mut settings, preset, &mut faults, &mut warnings);
        let keys = match self.keyring {
            Some(keys) => Ok(keys::given(&settings, keys, &mut warnings)),
            None => keys::keyring(&settings, &mut warnings),
        };
        // The ring has them now, parsed.
        (settings.secret_key, settings.private_key, settings.public_key) = (None, None, None);
        settings.secret_key_fallbacks.clear();
        settings.public_key_fallbacks.clear();
        match keys {
            Ok(keys) if faults.is_empty() => {
                let (keys, of_stores) = (ArcSwap::from_pointee(keys), self.of_stores);
                Ok(Config { settings, keys, warnings, of_stores })
            }
            Ok(_) => Err(ConfigError { faults }),
            Err(fault) => {
                // That a key is not set is no news where it could not be read.
                if !faults.iter().any(|known| known.option() == fault.option()) {
                    faults.push(fault);
                }
                Err(ConfigError { faults })
            }
        }
    }
}

impl<'de> Deserialize<'de> for ConfigBuilder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut builder = Self::default();
        for (name, value) in Map::deserialize(deserializer)? {
            builder.set_value(&name, &value);
        }
        Ok(builder)
    }
}

/// Options of the stores, which stand beside those of tokens and are no concern of theirs.
const OF_STORES: [&str; 4] =
    ["JWT_STORE_PREFIX", "JWT_STORE_SUBJECT_KEY", "JWT_STORE_TIMEOUT", "JWT_STORE_URL"];

/// The option that a variable with `_FILE` at its end is for.
fn file_option(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix("_FILE")?;
    [
        "JWT_SECRET_KEY",
        "JWT_PRIVATE_KEY",
        "JWT_PUBLIC_KEY",
        "JWT_SECRET_KEY_FALLBACKS",
        "JWT_PUBLIC_KEY_FALLBACKS",
    ]
    .into_iter()
    .find(|option| *option == name)
}

/// The cookies of a named manager are told from others' by its name, where they have default names.
fn name_cookies(settings: &mut Settings) {
    let is_word = |name: &String| check::is_manager_name(name);
    let Some(manager) = settings.manager_name.clone().filter(is_word) else {
        return;
    };
    let defaults = Settings::default();
    for (name, default) in [
        (&mut settings.access_cookie_name, defaults.access_cookie_name),
        (&mut settings.refresh_cookie_name, defaults.refresh_cookie_name),
        (&mut settings.access_csrf_cookie_name, defaults.access_csrf_cookie_name),
        (&mut settings.refresh_csrf_cookie_name, defaults.refresh_csrf_cookie_name),
    ] {
        if *name == default {
            *name = format!("{manager}_{default}");
        }
    }
}

/// The option whose name is one slip away from `name`: a letter more, less, other or two exchanged.
fn nearest(name: &str) -> Option<&'static str> {
    OPTIONS.iter().map(|option| option.name).find(|option| {
        let (a, b) = (name.as_bytes(), option.as_bytes());
        let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        let rest = |bytes: &[u8]| bytes.len() - same_start;
        let same_end = (a.iter().rev()).zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
        let differing = |bytes: &[u8]| rest(bytes).saturating_sub(same_end);
        differing(a) <= 2 && differing(b) <= 2
    })
}

#[cfg(test)]
mod tests;
