//! Opening files that hold secrets.
#![expect(clippy::disallowed_methods, reason = "reads secrets")]

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::{SecretError, SecretValue};

/// Longest value, in bytes.
pub(super) const MAX_VALUE: usize = 64 * 1024;

/// Bytes beyond the size of a file that are made room for, so that its end is seen without growing.
const ROOM: usize = 64;

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// Opens a file that is this user's alone: no symlink, a regular file, its owner the current user, nobody else may even read it.
///
/// It is looked at before it is opened and compared afterwards, so that nobody can put another in its place between the two.
pub(super) fn open_own(path: &Path, bound: u64) -> Result<(File, Stamp), SecretError> {
    let bad = |why: &str, help: String| SecretError::new(format!("the secrets file {} {why}", path.display()), help);
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => bad("does not exist", "Correct TECRAX_SECRETS_FILE, or unset it.".to_owned()),
        _ => bad(&format!("can not be read: {error}"), "Let the user who runs tecrax read it.".to_owned()).because(error),
    };
    let before = std::fs::symlink_metadata(path).map_err(unreadable)?;
    if before.is_symlink() {
        return Err(bad("is a symlink", "Name the file itself in TECRAX_SECRETS_FILE.".to_owned()));
    }
    if !before.is_file() {
        return Err(bad("is not a regular file", "Name a file in TECRAX_SECRETS_FILE.".to_owned()));
    }
    let file = open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if (meta.dev(), meta.ino()) != (before.dev(), before.ino()) {
        return Err(bad("was replaced while it was opened", "Run again.".to_owned()));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(bad("belongs to another user", "Let the user who runs tecrax own it (`chown`).".to_owned()));
    }
    if meta.mode() & 0o077 != 0 {
        return Err(bad("may be read by others than its owner", format!("Run `chmod 600 {}`.", path.display())));
    }
    if meta.size() > bound {
        return Err(bad("is too large", format!("Keep it within {bound} bytes, or use TECRAX_SECRETS_DIR.")));
    }
    Ok((file, Stamp::of(&meta)))
}

/// Reads a file that may have been put there for this process, by Kubernetes, by systemd or by hand; `what` names it for people.
/// `path` holds no symlink any more.
///
/// Its owner is the current user or root, and nobody else may change it. A file of the current user must be closed to others
/// altogether; one of root may be readable, because that is how both mount them. `Ok(None)`: longer than [`MAX_VALUE`], or no text.
pub(super) fn read_given(path: &Path, what: &str) -> Result<Option<SecretValue>, SecretError> {
    let unreadable = |error: io::Error| {
        SecretError::new(format!("{what} can not be read: {error}"), "Let the user who runs tecrax read it.").because(error)
    };
    let file = open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(SecretError::new(format!("{what} is not a regular file"), "Put the value into a file."));
    }
    let own = rustix::process::geteuid().as_raw();
    let refused = if meta.uid() == own && own != 0 { 0o077 } else { 0o022 };
    if meta.uid() != own && meta.uid() != 0 {
        let help = "Let the user who runs tecrax, or root, own it (`chown`).";
        return Err(SecretError::new(format!("{what} belongs to another user"), help));
    }
    if meta.mode() & refused != 0 {
        let may = if meta.mode() & 0o022 == 0 { "read" } else { "changed" };
        let help = "Run `chmod 400` on it; for a volume of Kubernetes set `defaultMode: 0400`.";
        return Err(SecretError::new(format!("{what} may be {may} by others than its owner"), help));
    }
    text(file).map_err(unreadable)
}

/// Reads any regular file. `Ok(None)`: longer than [`MAX_VALUE`], or no text.
pub(super) fn read(path: &Path) -> io::Result<Option<SecretValue>> {
    let file = open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    text(file)
}

fn text(file: File) -> io::Result<Option<SecretValue>> {
    let most = MAX_VALUE + 2; // the value and one line break
    let bytes = whole(file, most)?;
    Ok(text_of(bytes).filter(|text| text.len() <= most).map(SecretValue::of_file))
}

/// The bytes of a file, one more than `most` at the most, in one place that is wiped: a vector that grows leaves copies behind.
pub(super) fn whole(file: File, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(most).min(most);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + ROOM));
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same bytes as text; wiped when they are none.
pub(super) fn text_of(mut bytes: Zeroizing<Vec<u8>>) -> Option<Zeroizing<String>> {
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            None
        }
    }
}

/// A symlink is refused and a pipe does not block.
fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC).bits();
    OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)
}
