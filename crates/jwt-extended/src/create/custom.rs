//! What an application adds to tokens.

use serde::Serialize;
use serde_json::Value;

use crate::claims::Name;

/// Claims and headers of an application's own, for one token or, from a hook, for all.
///
/// Names that the library gives a meaning (`exp`, `sub`, `type`, `fresh`...) are refused as claims, so
/// that data from a user can not become a longer life or another identity; who wants that says
/// [`CustomClaims::override_claim`].
#[derive(Clone, Default)]
#[must_use = "claims do nothing until they are in a token"]
pub struct CustomClaims {
    pub(super) claims: Named,
    pub(super) overrides: Named,
    pub(super) headers: Named,
    pub(super) fault: Option<String>,
}

impl CustomClaims {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a claim. A value that is no JSON makes the token fail.
    pub fn claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        if Name::of(&name).is_some() {
            return self.fail(format!(
                "the claim {name} is the library's own: there is a method to set it, and `override_claim` where there is none"
            ));
        }
        match serde_json::to_value(value) {
            Ok(value) => {
                self.claims.insert(name, value);
                self
            }
            Err(error) => self.fail(format!("the claim {name} is no JSON: {error}")),
        }
    }

    /// Adds every field of a struct or map.
    pub fn claims(self, claims: impl Serialize) -> Self {
        match serde_json::to_value(claims) {
            Ok(Value::Object(fields)) => {
                fields.into_iter().fold(self, |all, (name, value)| all.claim(name, value))
            }
            Ok(_) => self.fail("claims come from a struct or a map".to_owned()),
            Err(error) => self.fail(format!("the claims are no JSON: {error}")),
        }
    }

    /// Sets a claim whatever its name, in place of what the library would have written.
    pub fn override_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        match serde_json::to_value(value) {
            // RFC 7519 section 4.1.1; nobody could read such a token back.
            Ok(value) if name == "iss" && !value.is_string() => {
                self.fail("the claim iss must be a text".to_owned())
            }
            Ok(value) => {
                self.overrides.insert(name, value);
                self
            }
            Err(error) => self.fail(format!("the claim {name} is no JSON: {error}")),
        }
    }

    /// Adds a header parameter. `alg`, `crit` and `b64` are refused: the key decides what the
    /// signature is. `typ` is left out where it is null or empty.
    pub fn header(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        if matches!(name.as_str(), "alg" | "crit" | "b64") {
            return self.fail(format!("the header {name} is the key's to set"));
        }
        match serde_json::to_value(value) {
            // RFC 7515 section 4.1.4
            Ok(value) if name == "kid" && !value.is_string() => {
                self.fail("the header kid must be a text".to_owned())
            }
            Ok(value) => {
                self.headers.insert(name, value);
                self
            }
            Err(error) => self.fail(format!("the header {name} is no JSON: {error}")),
        }
    }

    /// The value of a claim, by its name, where the application sets it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.overrides.get(name).or_else(|| self.claims.get(name))
    }

    fn fail(mut self, fault: String) -> Self {
        self.fault.get_or_insert(fault);
        self
    }

    /// What `later` sets wins.
    pub(super) fn merge(mut self, later: &Self) -> Self {
        self.claims.extend(&later.claims);
        self.overrides.extend(&later.overrides);
        self.headers.extend(&later.headers);
        self.fault = self.fault.or_else(|| later.fault.clone());
        self
    }
}

/// Values by their names, in the order of these: a list, since there are few.
#[derive(Clone, Default)]
pub(super) struct Named(Vec<(String, Value)>);

impl Named {
    /// Of two values of one name, the later one counts.
    pub(super) fn insert(&mut self, name: String, value: Value) {
        match self.place(&name) {
            Ok(place) => {
                if let Some((_, old)) = self.0.get_mut(place) {
                    *old = value;
                }
            }
            Err(place) => self.0.insert(place, (name, value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(self.place(name).ok()?).map(|(_, value)| value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    fn extend(&mut self, later: &Self) {
        later.0.iter().cloned().for_each(|(name, value)| self.insert(name, value));
    }

    /// Where it is, or where it belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl<'n> IntoIterator for &'n Named {
    type Item = &'n (String, Value);
    type IntoIter = std::slice::Iter<'n, (String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
