//! The guide: for who knows axum, and nothing of JSON Web Tokens.
//!
//! **Start**
//! - [Quickstart](quickstart): a login and a protected route in ten minutes
//! - [How it works](how_it_works): what is in a token, and a request's way
//!
//! **Tokens**
//! - [Where tokens travel](locations): headers, cookies, JSON bodies, the query string; the browser's side
//! - [Cookies and CSRF](cookies)
//! - [Refresh tokens](refresh): by the client, by cookies, good once
//! - [Fresh tokens](freshness): for what needs a recent login
//! - [Claims of your own](claims)
//!
//! **Who may do what**
//! - [Users](users): the user as a handler's argument
//! - [Routes for everybody](optional) that know who is logged in
//! - [Logging out](revocation): revocation and its stores
//! - [Roles and scopes](roles), and an extractor of your own
//! - [Error answers](errors), and how to change them
//! - [Tokens of others](oidc): OpenID Connect
//!
//! **In production**
//! - [Options](options): all of them in one table
//! - [Keys](keys), and how to change them while the service runs
//! - [Testing your application](testing)
//! - [Deploying](deploying): proxies, HTTPS, keys, several instances
//!
//! **Coming from elsewhere**
//! - [From Flask-JWT-Extended](from_flask): every name there, and the one here
//! - [From jsonwebtoken or axum-login](from_others)
//!
//! **When it does not work**
//! - [Troubleshooting](troubleshooting): each error, its cause, its mend
//! - [Ten mistakes](mistakes) that the compiler catches, and what it means by what it says

// The examples are compiled and run as what they are; once more as a doctest would be in vain.
#[cfg(doctest)]
macro_rules! example {
    ($name:literal) => {
        ""
    };
}
#[cfg(not(doctest))]
macro_rules! example {
    ($name:literal) => {
        concat!("```rust\n", include_str!(concat!("../../examples/", $name, ".rs")), "\n```\n")
    };
}

pub mod claims;
pub mod cookies;
pub mod deploying;
pub mod errors;
pub mod freshness;
pub mod from_flask;
pub mod from_others;
pub mod how_it_works;
pub mod keys;
pub mod locations;
pub mod mistakes;
pub mod oidc;
pub mod optional;
pub mod options;
pub mod quickstart;
pub mod refresh;
pub mod revocation;
pub mod roles;
pub mod testing;
pub mod troubleshooting;
pub mod users;
