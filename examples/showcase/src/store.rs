//! Where it is remembered who has logged out.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use axum_jwt_extended::store::SharedStore;
use jwt_extended_redis::RedisStore;
use jwt_extended_sqlx::{PurgeTask, SqlStore};

/// How often what has ended is deleted, where it does not end by itself.
const PURGED_EVERY: Duration = Duration::from_hours(1);

/// A store that is open.
pub struct Opened {
    /// To be given to the manager.
    pub store: SharedStore,
    /// Where it is, in words.
    pub place: String,
    /// Lasts as long as this is kept.
    pub purging: Option<PurgeTask>,
}

/// Opens the Redis of `REDIS_URL` or the database of `DATABASE_URL`, and otherwise a file of the user's.
pub async fn open() -> Result<Opened, Box<dyn Error>> {
    if let Ok(url) = env::var("REDIS_URL") {
        // Everybody knows the demo's users. Where there are real ones, so has the key to be.
        let key = env::var("JWT_STORE_SUBJECT_KEY").unwrap_or_else(|_| DEMO_SUBJECT_KEY.to_owned());
        let store = RedisStore::options().prefix("showcase").subject_key(key).connect(url).await;
        let store = store.map_err(|error| format!("REDIS_URL: {}", with_source(&error)))?;
        let place = "the Redis of REDIS_URL".to_owned();
        return Ok(Opened { store: SharedStore::new(store), place, purging: None });
    }
    if let Ok(url) = env::var("DATABASE_URL") {
        let store = SqlStore::connect(&url).await;
        let store = store.map_err(|error| format!("DATABASE_URL: {}", with_source(&error)))?;
        return Ok(opened(store, "the database of DATABASE_URL".to_owned()));
    }
    let folder = data_folder();
    std::fs::create_dir_all(&folder).map_err(|error| {
        format!("cannot make the folder {}: {error}; or set DATABASE_URL", folder.display())
    })?;
    let file = folder.join("showcase.db");
    let store = SqlStore::options().sqlite_file(&file).await;
    Ok(opened(store.map_err(|error| with_source(&error))?, file.display().to_string()))
}

const DEMO_SUBJECT_KEY: &str = "of the showcase, whose users are no secret";

fn opened(store: SqlStore, place: String) -> Opened {
    let purging = Some(store.spawn_purge(PURGED_EVERY));
    Opened { store: SharedStore::new(store), place, purging }
}

fn with_source(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Where programs of this user keep what is to be there the next time.
fn data_folder() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || env::home_dir().map(|home| home.join(".local/state"));
    let state = set("XDG_STATE_HOME").or_else(|| set("LOCALAPPDATA")).or_else(home);
    state.unwrap_or_default().join("jwt-extended-showcase")
}
