//! Small files beside the database.
#![expect(clippy::disallowed_methods, reason = "reads and writes small files of the state directory")]

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreError;

/// Reads a text of at most `most` bytes; `None` when there is no such file.
pub(super) fn read_bounded(path: &Path, most: usize) -> io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    read_open(file, most).map(Some)
}

/// Reads a text of at most `most` bytes from an open file.
pub(super) fn read_open(file: File, most: usize) -> io::Result<String> {
    let mut text = String::new();
    file.take(u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1)).read_to_string(&mut text)?;
    if text.len() > most { Err(io::Error::other(format!("longer than {most} bytes"))) } else { Ok(text) }
}

/// Replaces `path` as a whole: whoever reads it finds the old content or the new one, also after a power cut. Two processes may do
/// so at once: each has its own new file.
pub(super) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let fail = |source| StoreError::File { path: path.to_owned(), source };
    let new = beside(path);
    let written = (|| {
        // What a process with this number left behind when it was killed.
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    })();
    if let Err(error) = written {
        let _ = std::fs::remove_file(&new);
        return Err(fail(error));
    }
    sync_directory(path).map_err(fail)
}

/// Makes the entry of `path` in its directory durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

/// A name beside `path` that no other process or thread uses.
fn beside(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}
