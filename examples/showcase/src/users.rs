//! The users: two for the demo, in memory, with hashed passwords.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use axum_jwt_extended::{LoadUser, VerifiedToken};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::AppState;

/// Login and password of the demo's users; the first one is an admin.
pub const DEMO_LOGINS: [(&str, &str); 2] = [("anna", "correct horse"), ("ben", "battery staple")];

const MOST_NOTES: usize = 20;

/// How many passwords are hashed at a time: each takes 19 MiB.
const HASHED_AT_ONCE: usize = 4;

/// A user, as handlers see one. The password's hash stays behind.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// What their tokens say.
    pub id: u32,
    /// What they log in with.
    pub login: String,
    /// What they are called.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees who else there is.
    Admin,
    /// Sees only what is theirs.
    Member,
}

/// All users. Cheap to clone.
#[derive(Clone)]
pub struct Users {
    accounts: Arc<RwLock<Vec<Account>>>,
    nobodys_password: PasswordHash,
    hashing: Arc<Semaphore>,
}

struct Account {
    user: User,
    password: PasswordHash,
    notes: Vec<String>,
}

impl LoadUser<AppState> for User {
    type Error = Infallible;

    async fn load_user(
        token: &VerifiedToken,
        state: &AppState,
    ) -> Result<Option<Self>, Infallible> {
        let Ok(id) = token.identity_as() else { return Ok(None) };
        Ok(state.users.by_id(id))
    }
}

impl Users {
    /// Anna, who is an admin, and Ben. Hashes their passwords, so it takes a moment.
    pub fn demo() -> Result<Self, password_hash::Error> {
        let mut accounts = Vec::new();
        for ((login, password), id) in DEMO_LOGINS.into_iter().zip(1..) {
            let (display_name, role) =
                if id == 1 { ("Anna", Role::Admin) } else { ("Ben", Role::Member) };
            let user = User { id, login: login.into(), display_name: display_name.into(), role };
            accounts.push(Account { user, password: hash(password)?, notes: Vec::new() });
        }
        Ok(Self {
            accounts: Arc::new(RwLock::new(accounts)),
            nobodys_password: hash("nobody's")?,
            hashing: Arc::new(Semaphore::new(HASHED_AT_ONCE)),
        })
    }

    /// The user of this login, if the password is theirs.
    pub async fn check_password(&self, login: &str, password: String) -> Option<User> {
        let known = self.read(|accounts| {
            let account = accounts.iter().find(|account| account.user.login == login)?;
            Some((account.user.clone(), account.password.clone()))
        });
        // Whoever is unknown takes as long as anybody else: time must not tell who has an account.
        let (user, hash) = match known {
            Some((user, hash)) => (Some(user), hash),
            None => (None, self.nobodys_password.clone()),
        };
        let turn = Arc::clone(&self.hashing).acquire_owned().await.ok()?;
        let fits = spawn_blocking(move || {
            let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            drop(turn);
            fits
        });
        let fits = fits.await.unwrap_or(false);
        user.filter(|_| fits)
    }

    /// Everybody.
    pub fn all(&self) -> Vec<User> {
        self.read(|accounts| accounts.iter().map(|account| account.user.clone()).collect())
    }

    /// Calls a user something else; `None` where there is no such user.
    pub fn rename(&self, id: u32, display_name: String) -> Option<User> {
        self.change(id, |account| {
            account.user.display_name = display_name;
            account.user.clone()
        })
    }

    /// A user's own notes.
    pub fn notes(&self, id: u32) -> Vec<String> {
        self.change(id, |account| account.notes.clone()).unwrap_or_default()
    }

    /// Adds to a user's notes and returns them; beyond twenty the oldest goes.
    pub fn add_note(&self, id: u32, note: String) -> Vec<String> {
        let notes = self.change(id, |account| {
            if account.notes.len() >= MOST_NOTES {
                account.notes.remove(0);
            }
            account.notes.push(note);
            account.notes.clone()
        });
        notes.unwrap_or_default()
    }

    fn by_id(&self, id: u32) -> Option<User> {
        self.change(id, |account| account.user.clone())
    }

    fn read<T>(&self, read: impl FnOnce(&[Account]) -> T) -> T {
        read(&self.accounts.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, id: u32, change: impl FnOnce(&mut Account) -> T) -> Option<T> {
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        accounts.iter_mut().find(|account| account.user.id == id).map(change)
    }
}

fn hash(password: &str) -> Result<PasswordHash, password_hash::Error> {
    Argon2::default().hash_password(password.as_bytes())
}
