//! Secrets as files: the secrets directory and the credentials of a systemd unit.
#![expect(clippy::disallowed_methods, reason = "reads secrets")]

use std::io;
use std::path::{Path, PathBuf};

use super::safe::{read, read_given};
use super::{SecretError, SecretValue};

/// Files and directories of one source.
const MAX_ENTRIES: usize = 4096;
/// Bytes of all values of one source.
const MAX_TOTAL: usize = 4 * 1024 * 1024;
/// Directories above a value: namespace and secret.
const MAX_DEPTH: usize = 2;

/// The value in the file `relative` below `root`, `None` when there is none. `what` names the file for people.
///
/// Symlinks are followed, as Kubernetes swaps a whole volume by one of them, but not out of `root`.
pub(super) fn value(root: &Path, relative: &Path, what: &str) -> Result<Option<SecretValue>, SecretError> {
    let Some(path) = real(root, &root.join(relative), what)? else { return Ok(None) };
    match read_given(&path, what)? {
        Some(value) => Ok(Some(value)),
        None => Err(SecretError::new(format!("{what} is longer than 64 KiB or not UTF-8"), "Give the value as shorter text.")),
    }
}

/// The text of a file that a manifest names. Where it lies and who owns it is the manifest's business.
pub(super) fn named(path: &Path) -> Result<SecretValue, SecretError> {
    let bad = |why: &str, help: &str| SecretError::new(format!("the file {} {why}", path.display()), help);
    let unread = |error: io::Error, help: &str| bad(&format!("can not be read: {error}"), help).because(error);
    let resolved = path.canonicalize().map_err(|error| unread(error, "Correct the path."))?;
    let text = read(&resolved).map_err(|error| unread(error, "Let tecrax read it."))?;
    match text {
        Some(value) if value.expose().trim().is_empty() => Err(bad("is empty", "Give it a value.")),
        Some(value) => Ok(value),
        None => Err(bad("is longer than 64 KiB or not UTF-8", "Give the value as shorter text.")),
    }
}

/// Every value below `root`, to be kept out of what is written. What is no text, or too long to be used, is left out.
pub(super) fn values(root: &Path, source: &str) -> Result<Vec<SecretValue>, SecretError> {
    let mut found = Found { source, entries: 0, bytes: 0, values: Vec::new() };
    found.below(root, root, 0)?;
    Ok(found.values)
}

/// Checks that `root` can be listed.
pub(super) fn check(root: &Path, source: &str) -> Result<(), SecretError> {
    std::fs::read_dir(root).map(drop).map_err(|error| unlistable(root, source, error))
}

/// Whether `root` is not there, or not for this user.
pub(super) fn is_absent(root: &Path, source: &str) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    let cause = check(root, source).err().and_then(|error| error.cause);
    cause.is_some_and(|cause| matches!(cause.kind(), NotFound | NotADirectory | PermissionDenied))
}

fn unlistable(path: &Path, source: &str, error: io::Error) -> SecretError {
    let message = format!("the {source} {} can not be listed: {error}", path.display());
    SecretError::new(message, "Name a directory that the user who runs tecrax may list.").because(error)
}

/// Where `path` leads; `None` when it leads nowhere.
fn real(root: &Path, path: &Path, what: &str) -> Result<Option<PathBuf>, SecretError> {
    let resolved = match path.canonicalize() {
        Ok(resolved) => resolved,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => {
            let message = format!("{what} can not be read: {error}");
            return Err(SecretError::new(message, "Let the user who runs tecrax read it.").because(error));
        }
    };
    if root.canonicalize().is_ok_and(|root| resolved.starts_with(root)) {
        return Ok(Some(resolved));
    }
    Err(SecretError::new(format!("{what} is a symlink out of its directory"), "Put the value itself there."))
}

struct Found<'s> {
    source: &'s str,
    entries: usize,
    bytes: usize,
    values: Vec<SecretValue>,
}

impl Found<'_> {
    fn below(&mut self, root: &Path, directory: &Path, depth: usize) -> Result<(), SecretError> {
        let listing = std::fs::read_dir(directory).map_err(|error| unlistable(directory, self.source, error))?;
        for entry in listing {
            let entry = entry.map_err(|error| unlistable(directory, self.source, error))?;
            // What Kubernetes keeps beside the keys: they are links into it.
            if entry.file_name().as_encoded_bytes().starts_with(b"..") {
                continue;
            }
            self.entries += 1;
            let path = entry.path();
            let what = format!("{} in the {}", path.strip_prefix(root).unwrap_or(&path).display(), self.source);
            let Some(path) = real(root, &path, &what)? else { continue };
            if path.is_dir() {
                if depth < MAX_DEPTH {
                    self.below(root, &entry.path(), depth + 1)?;
                }
                continue;
            }
            if let Some(value) = read_given(&path, &what)? {
                self.bytes += value.expose().len();
                self.values.push(value);
            }
            if self.entries > MAX_ENTRIES || self.bytes > MAX_TOTAL {
                let message = format!("the {} holds more than {MAX_ENTRIES} files or 4 MiB", self.source);
                return Err(SecretError::new(message, "Keep only what tecrax needs there."));
            }
        }
        Ok(())
    }
}
