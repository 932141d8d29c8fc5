//! Where results go: standard output, or files that did not exist before.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::Failure;

/// Who may read a file.
#[derive(Clone, Copy)]
pub(crate) enum Readers {
    /// Its owner alone: mode 0600.
    Owner,
    Everybody,
}

/// Writes to standard output. A reader who has seen enough, such as `head`, is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}").into())
        }
        _ => Ok(()),
    }
}

/// Says something that is no part of the result.
pub(crate) fn note(text: &str) {
    // Whoever closed standard error does not want to hear of it.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a new file. One that exists is left as it is: it may be the only copy of a key.
pub(crate) fn create(path: &Path, text: &str, readers: Readers) -> Result<(), Failure> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{} exists and is not overwritten; choose another name", path.display())
        }
        _ => format!("cannot write {}: {error}", path.display()),
    };
    let mut file = open(path, readers).map_err(failed)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a key looks like a key.
        let _ = std::fs::remove_file(path);
        failed(error).into()
    })
}

fn open(path: &Path, readers: Readers) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match readers {
            Readers::Owner => 0o600,
            Readers::Everybody => 0o644,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    options.open(path)
}
