use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

/// A folder for a server's data, removed with all that is in it.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// An empty one, of the user that runs servers.
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not in `target/`, which that user may have no way into.
        let path =
            env::temp_dir().join(format!("jwt-extended-{name}-{}-{count}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let made = fs::create_dir_all(&path).and_then(|()| match user() {
            Some((user, group)) => std::os::unix::fs::chown(&path, Some(user), Some(group)),
            None => Ok(()),
        });
        made.unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// User and group for servers where this process is root's, as which PostgreSQL refuses to run.
pub(crate) fn user() -> Option<(u32, u32)> {
    let id = |args: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(args).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if id(&["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
}
