//! Scopes and roles: what a token allows its bearer to do.

use serde_json::Value;

use crate::error::{ErrorKind, Result};
use crate::token::VerifiedToken;

impl VerifiedToken {
    /// The claim `scope`: a text with spaces (RFC 8693 section 4.2) or a list of texts.
    pub fn scopes(&self) -> Vec<String> {
        match self.claim::<String>("scope") {
            Ok(Some(text)) => text.split_ascii_whitespace().map(str::to_owned).collect(),
            _ => self.texts("scope"),
        }
    }

    /// The claims `roles` and `role`: a list of texts, or one text, which is one role whatever is in
    /// it.
    pub fn roles(&self) -> Vec<String> {
        let mut roles = self.texts("roles");
        roles.extend(self.texts("role"));
        roles
    }

    /// Refuses, with 403 `insufficient_scope`, a token that lacks one of `scopes`. Scopes are compared
    /// whole: `read` is neither `read:all` nor `READ`. An empty list refuses every token, as that of
    /// [`require_any_role`](Self::require_any_role) does: a list that came out empty must not open a door.
    ///
    /// ```
    /// # use jwt_extended::{Config, JwtEngine};
    /// # let engine = JwtEngine::new(Config::builder().secret_key("a-secret-of-at-least-32-random-bytes").build()?);
    /// let token = engine.create_access_token("anna").claim("scope", "read write").encode()?;
    /// let token = engine.decode(token.as_str(), &Default::default())?;
    /// token.require_scopes(["read", "write"])?;
    /// assert_eq!(token.require_scopes(["admin"]).unwrap_err().code(), "insufficient_scope");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn require_scopes<S: AsRef<str>>(&self, scopes: impl IntoIterator<Item = S>) -> Result<()> {
        let (held, wanted) = (self.scopes(), texts(scopes));
        if !wanted.is_empty() && wanted.iter().all(|scope| held.contains(scope)) {
            return Ok(());
        }
        Err(self.refuse(ErrorKind::InsufficientScope).with_scopes(wanted))
    }

    /// Refuses, with 403 `insufficient_scope`, a token that has none of `roles`.
    pub fn require_any_role<S: AsRef<str>>(
        &self,
        roles: impl IntoIterator<Item = S>,
    ) -> Result<()> {
        let (held, wanted) = (self.roles(), texts(roles));
        if wanted.iter().any(|role| held.contains(role)) {
            return Ok(());
        }
        Err(self.refuse(ErrorKind::InsufficientScope))
    }

    fn texts(&self, claim: &str) -> Vec<String> {
        match self.claim::<Value>(claim) {
            Ok(Some(Value::String(text))) => vec![text],
            Ok(Some(Value::Array(values))) => {
                values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn texts<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Vec<String> {
    items.into_iter().map(|item| item.as_ref().to_owned()).collect()
}
