//! Who a token is for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::claims::Value;
use crate::token::VerifiedToken;

/// Who a token is for.
#[derive(Clone, PartialEq)]
pub struct Identity(pub(crate) IdentityValue);

#[derive(Clone, PartialEq)]
pub(crate) enum IdentityValue {
    Text(String),
    Integer(i128),
    Json(serde_json::Value),
}

impl Identity {
    /// An identity that is any JSON value, for a claim of one's own or with `JWT_VERIFY_SUB` off.
    pub fn json(value: impl Into<serde_json::Value>) -> Self {
        Self(match value.into() {
            serde_json::Value::String(text) => IdentityValue::Text(text),
            other => IdentityValue::Json(other),
        })
    }

    /// The identity as text, as [`VerifiedToken::identity`] tells it and stores know it: of one that is
    /// no string, its JSON text.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            IdentityValue::Text(text) => text.into(),
            IdentityValue::Integer(number) => number.to_string().into(),
            IdentityValue::Json(value) => canonical(value).into(),
        }
    }
}

/// The JSON text of a value: the same for equal values, without spaces and with the names of objects in
/// their order.
pub(crate) fn canonical(value: &serde_json::Value) -> String {
    use serde_json::Value::{Array, Object};
    // Spelled out, since any crate of a build may make serde_json keep the order of names.
    match value {
        Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let members = members.into_iter().map(|(name, value)| {
                format!("{}:{}", serde_json::Value::from(name.as_str()), canonical(value))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

impl From<&VerifiedToken> for Identity {
    /// The same identity again, of the same JSON type.
    fn from(token: &VerifiedToken) -> Self {
        match token.signed.claims.identity() {
            Value::Text(_) => token.identity().into(),
            _ => Self::json(
                serde_json::from_str::<serde_json::Value>(token.identity()).unwrap_or_default(),
            ),
        }
    }
}

impl From<&str> for Identity {
    fn from(text: &str) -> Self {
        Self(IdentityValue::Text(text.to_owned()))
    }
}

impl From<String> for Identity {
    fn from(text: String) -> Self {
        Self(IdentityValue::Text(text))
    }
}

impl From<&String> for Identity {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<uuid::Uuid> for Identity {
    fn from(uuid: uuid::Uuid) -> Self {
        uuid.to_string().into()
    }
}

macro_rules! integer_identities {
    ($($integer:ty),+) => {
        $(impl From<$integer> for Identity {
            fn from(number: $integer) -> Self {
                Self(IdentityValue::Integer(number.into()))
            }
        })+
    };
}

integer_identities!(i8, i16, i32, i64, u8, u16, u32, u64);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}
