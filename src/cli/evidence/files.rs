//! Reading files that somebody else may have made: bounded, and never through links.
#![expect(clippy::disallowed_methods, reason = "an auditor's files are read where the command line names them")]

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::super::exit::{Exit, Failure};

/// Longest line of a list, in bytes.
const LINE_MAX: u64 = 4096;
/// Deepest directory below the one that is walked; exports have five levels.
const DEPTH_MAX: usize = 8;

/// Why the bytes of a file can not be had.
#[derive(Debug)]
pub enum Unreadable {
    /// It is not there.
    Absent,
    /// It is a link, a device, a pipe or a directory.
    NoFile,
    /// It is longer than the bound.
    TooLong(u64),
    /// The system says no.
    System(io::Error),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("it is missing"),
            Self::NoFile => f.write_str("it is no plain file"),
            Self::TooLong(max) => write!(f, "it is longer than {max} bytes"),
            Self::System(error) => write!(f, "it can not be read: {error}"),
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Absent } else { Self::System(error) }
    }
}

/// The bytes of a plain file of at most `max` bytes.
///
/// # Errors
/// [`Unreadable`]
pub fn read(path: &Path, max: u64) -> Result<Vec<u8>, Unreadable> {
    // A pipe would block whoever opens it.
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(Unreadable::NoFile);
    }
    bounded(File::open(path)?, max)
}

/// As [`read`] for a file that the user names, which may be a link or a pipe.
///
/// # Errors
/// [`Unreadable`]
pub fn read_named(path: &Path, max: u64) -> Result<Vec<u8>, Unreadable> {
    bounded(File::open(path)?, max)
}

/// Everything on stdin.
///
/// # Errors
/// [`Unreadable`]
pub fn read_stdin(max: u64) -> Result<Vec<u8>, Unreadable> {
    bounded(io::stdin().lock(), max)
}

fn bounded(source: impl io::Read, max: u64) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    source.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max { Err(Unreadable::TooLong(max)) } else { Ok(bytes) }
}

/// Writes a file that the user names.
///
/// # Errors
/// [`Exit::Io`]
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| Failure::new(Exit::Io, format!("cannot write {}: {error}", path.display())))
}

/// The lines of a plain file, one at a time.
#[derive(Debug)]
pub struct Lines(BufReader<File>);

impl Lines {
    /// Opens the file.
    ///
    /// # Errors
    /// [`Unreadable`]
    pub fn open(path: &Path) -> Result<Self, Unreadable> {
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(Unreadable::NoFile);
        }
        Ok(Self(BufReader::new(File::open(path)?)))
    }

    /// The next line without its line break; `None` at the end. A line without one, too long, or not UTF-8 is an error of its own:
    /// [`Unreadable::TooLong`] or [`io::ErrorKind::InvalidData`].
    ///
    /// # Errors
    /// [`Unreadable`]
    pub fn next(&mut self) -> Result<Option<String>, Unreadable> {
        let mut line = Vec::new();
        (&mut self.0).take(LINE_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            return Err(Unreadable::TooLong(LINE_MAX));
        }
        String::from_utf8(line).map(Some).map_err(|_| Unreadable::System(io::ErrorKind::InvalidData.into()))
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A plain file with one name.
    File,
    /// A plain file with more than one name.
    Linked,
    /// A directory.
    Directory,
    /// A symbolic link, a device, a pipe, or a directory too deep to look into.
    Other,
    /// Nothing.
    Absent,
}

/// What stands at `path`, links not followed.
///
/// # Errors
/// The system's.
pub fn entry(path: &Path) -> io::Result<Entry> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(if found.nlink() > 1 { Entry::Linked } else { Entry::File }),
        Ok(found) if found.is_dir() => Ok(Entry::Directory),
        Ok(_) => Ok(Entry::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Entry::Absent),
        Err(error) => Err(error),
    }
}

/// Whether `path`, which the user names, is a directory; links are followed.
///
/// # Errors
/// The system's; [`io::ErrorKind::NotADirectory`].
pub fn directory(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

/// Names in a directory, sorted. A name that is no UTF-8 is shown with U+FFFD and found nowhere.
///
/// # Errors
/// The system's.
pub fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// Every entry below `root` that is no directory, by its path with `/`, in the order of [`super::sums::order`].
///
/// # Errors
/// The system's, with the path below `root`; those of `visit`.
pub fn walk<E: From<(String, io::Error)>>(root: &Path, visit: &mut dyn FnMut(&str, Entry) -> Result<(), E>) -> Result<(), E> {
    below(root, "", 0, visit)
}

fn below<E: From<(String, io::Error)>>(
    root: &Path,
    at: &str,
    depth: usize,
    visit: &mut dyn FnMut(&str, Entry) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |error| E::from((at.to_owned(), error));
    for name in names(&root.join(at)).map_err(failed)? {
        let path = if at.is_empty() { name } else { format!("{at}/{name}") };
        match entry(&root.join(&path)).map_err(|error| E::from((path.clone(), error)))? {
            Entry::Directory if depth < DEPTH_MAX => below(root, &path, depth + 1, visit)?,
            Entry::Directory | Entry::Absent => visit(&path, Entry::Other)?,
            other => visit(&path, other)?,
        }
    }
    Ok(())
}
