//! A small web app with everything that `axum-jwt-extended` does, for a browser and for curl.
//!
//! - [`users`]: who there is, and how a token's user is loaded.
//! - [`login`]: how tokens are made, renewed and ended.
//! - [`api`]: what tokens protect.
//! - [`pages`]: the page that shows it, and what guards it in the browser.
//! - [`store`]: where it is remembered who has logged out.

pub mod api;
pub mod login;
pub mod pages;
pub mod refusal;
pub mod store;
pub mod users;

use std::time::Duration;

use argon2::password_hash;
use axum::Router;
use axum::extract::FromRef;
use axum::middleware::map_response;
use axum_jwt_extended::store::RevocationStore;
use axum_jwt_extended::{Config, ConfigBuilder, JwtManager, Location};

use crate::users::Users;

/// What handlers share. Extractors find the manager in it by `FromRef`.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// Makes and checks tokens.
    pub jwt: JwtManager,
    /// The users.
    pub users: Users,
}

impl AppState {
    /// The demo's users, and a store that remembers what was revoked.
    pub fn new(config: Config, store: impl RevocationStore) -> Result<Self, password_hash::Error> {
        let jwt = JwtManager::builder(config).store(store).build();
        Ok(Self { jwt, users: Users::demo()? })
    }
}

/// With less than this left of an access cookie, it is renewed by using the page.
pub const RENEWED_WITHIN: Duration = Duration::from_mins(1);

/// How long after the login that ends, however much the page is used.
pub const LONGEST_SESSION: Duration = Duration::from_hours(8);

/// The showcase's own settings, without a key. A cookie whose name begins with `__Host-` can be set by
/// this host alone, and over a safe connection: browsers see to it.
pub fn defaults() -> ConfigBuilder {
    with_plain_cookies()
        .access_cookie_name("__Host-access_token")
        .refresh_cookie_name("__Host-refresh_token")
        .access_csrf_cookie_name("__Host-csrf_access_token")
        .refresh_csrf_cookie_name("__Host-csrf_refresh_token")
}

/// The same with names that promise nothing: for cookies that are not `Secure`, or of another path or
/// domain.
pub fn with_plain_cookies() -> ConfigBuilder {
    Config::builder()
        .token_location([Location::Headers, Location::Cookies])
        // Short, so that one can watch it run out.
        .access_token_expires(Duration::from_mins(5))
}

/// The whole app.
pub fn app(state: AppState) -> Router {
    // Everything that holds tokens or somebody's data, whatever the handler answers.
    let renew = state.jwt.implicit_refresh(RENEWED_WITHIN).max_session(LONGEST_SESSION);
    let used = api::routes().layer(renew);
    let personal = login::routes().merge(used).layer(map_response(pages::no_store));
    pages::routes().merge(personal).layer(map_response(pages::harden)).with_state(state)
}
