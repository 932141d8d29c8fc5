//! A small web app with everything that `axum-jwt-extended` does, for a browser and for curl.
//!
//! - [`users`]: who there is, and how a token's user is loaded.
//! - [`login`]: how tokens are made, renewed and ended.
//! - [`api`]: what tokens protect.
//! - [`pages`]: the page that shows it, and what guards it in the browser.

pub mod api;
pub mod login;
pub mod pages;
pub mod refusal;
pub mod users;

use std::time::Duration;

use argon2::password_hash;
use axum::Router;
use axum::extract::FromRef;
use axum::middleware::map_response;
use axum_jwt_extended::store::MemoryStore;
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
    /// The demo's users, and a store that remembers revoked sessions until the process ends.
    pub fn new(config: Config) -> Result<Self, password_hash::Error> {
        let jwt = JwtManager::builder(config).store(MemoryStore::new()).build();
        Ok(Self { jwt, users: Users::demo()? })
    }
}

/// The showcase's own settings, without a key.
pub fn defaults() -> ConfigBuilder {
    Config::builder()
        .token_location([Location::Headers, Location::Cookies])
        // Short, so that one can watch it run out.
        .access_token_expires(Duration::from_secs(5 * 60))
}

/// The whole app.
pub fn app(state: AppState) -> Router {
    // Everything that holds tokens or somebody's data, whatever the handler answers.
    let personal = login::routes().merge(api::routes()).layer(map_response(pages::no_store));
    pages::routes().merge(personal).layer(map_response(pages::harden)).with_state(state)
}
