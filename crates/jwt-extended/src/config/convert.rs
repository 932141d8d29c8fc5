//! What the builder's methods take for each type of option.

use std::time::Duration;

use super::value::{KeyId, Lifetime, SameSite, Secret};

/// What a builder's method takes for an option of type `T`.
pub trait IntoSetting<T> {
    /// The option's value.
    fn into_setting(self) -> T;
}

impl<T> IntoSetting<T> for T {
    fn into_setting(self) -> T {
        self
    }
}

impl IntoSetting<String> for &str {
    fn into_setting(self) -> String {
        self.to_owned()
    }
}

impl IntoSetting<Vec<String>> for &str {
    fn into_setting(self) -> Vec<String> {
        vec![self.to_owned()]
    }
}

impl IntoSetting<Option<String>> for &str {
    fn into_setting(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl IntoSetting<Option<String>> for String {
    fn into_setting(self) -> Option<String> {
        Some(self)
    }
}

impl IntoSetting<Option<Secret>> for &str {
    fn into_setting(self) -> Option<Secret> {
        Some(Secret(self.as_bytes().to_vec()))
    }
}

impl IntoSetting<Option<Secret>> for String {
    fn into_setting(self) -> Option<Secret> {
        Some(Secret(self.into_bytes()))
    }
}

impl IntoSetting<Option<Secret>> for Vec<u8> {
    fn into_setting(self) -> Option<Secret> {
        Some(Secret(self))
    }
}

impl IntoSetting<Option<Secret>> for &[u8] {
    fn into_setting(self) -> Option<Secret> {
        Some(Secret(self.to_vec()))
    }
}

impl<const N: usize> IntoSetting<Option<Secret>> for [u8; N] {
    fn into_setting(self) -> Option<Secret> {
        Some(Secret(self.to_vec()))
    }
}

impl IntoSetting<Secret> for &str {
    fn into_setting(self) -> Secret {
        Secret(self.as_bytes().to_vec())
    }
}

impl IntoSetting<Secret> for String {
    fn into_setting(self) -> Secret {
        Secret(self.into_bytes())
    }
}

impl IntoSetting<Secret> for Vec<u8> {
    fn into_setting(self) -> Secret {
        Secret(self)
    }
}

impl IntoSetting<Lifetime> for Duration {
    fn into_setting(self) -> Lifetime {
        Lifetime::After(self)
    }
}

impl IntoSetting<Option<KeyId>> for KeyId {
    fn into_setting(self) -> Option<KeyId> {
        Some(self)
    }
}

impl IntoSetting<Option<KeyId>> for &str {
    fn into_setting(self) -> Option<KeyId> {
        KeyId::of(self)
    }
}

impl IntoSetting<Option<Duration>> for Duration {
    fn into_setting(self) -> Option<Duration> {
        Some(self)
    }
}

impl IntoSetting<Option<SameSite>> for SameSite {
    fn into_setting(self) -> Option<SameSite> {
        Some(self)
    }
}

impl<T, U: IntoSetting<T>, const N: usize> IntoSetting<Vec<T>> for [U; N] {
    fn into_setting(self) -> Vec<T> {
        self.into_iter().map(IntoSetting::into_setting).collect()
    }
}
