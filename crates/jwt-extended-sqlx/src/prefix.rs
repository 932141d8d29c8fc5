use std::fmt;
use std::str::FromStr;

use crate::Error;

/// What the names of a store's tables begin with: `jwt_`, unless another one is asked for.
///
/// ```
/// use jwt_extended_sqlx::TablePrefix;
/// assert_eq!(TablePrefix::default().to_string(), "jwt_");
/// assert!("shop_jwt_".parse::<TablePrefix>().is_ok());
/// assert!("jwt; DROP TABLE users".parse::<TablePrefix>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TablePrefix(String);

/// With the longest name behind it, it is still one that PostgreSQL does not cut off (63 bytes).
const LONGEST: usize = 32;

impl FromStr for TablePrefix {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '_';
        let has_form = text.starts_with(is_plain)
            && text.chars().all(|c| is_plain(c) || c.is_ascii_digit())
            && text.len() <= LONGEST;
        if has_form {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(format!(
                "{text:?} cannot begin the names of tables: it must be of 1 to {LONGEST} of the \
                 characters a to z, 0 to 9 and _, and not begin with a digit"
            )))
        }
    }
}

impl Default for TablePrefix {
    fn default() -> Self {
        Self("jwt_".to_owned())
    }
}

impl fmt::Display for TablePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_name_and_nothing_else() {
        let longest = "a".repeat(LONGEST);
        for good in ["a", "_", "jwt_", "a1_b", &longest] {
            assert_eq!(good.parse::<TablePrefix>().unwrap().to_string(), good);
        }
        let longer = "a".repeat(LONGEST + 1);
        for bad in ["", "1a", "A", "a.b", "a b", "a\"", "ä", "a-", "a\0", &longer] {
            let error = bad.parse::<TablePrefix>().unwrap_err();
            assert!(error.to_string().contains("1 to 32"), "{error}");
        }
    }
}
