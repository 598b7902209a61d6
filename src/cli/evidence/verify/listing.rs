//! `SHA256SUMS` against the files that are there.

use std::cmp::Ordering;
use std::io;
use std::path::Path;

use super::super::super::exit::{Exit, Failure};
use super::super::files::{self, Entry, Lines, Unreadable};
use super::super::layout::{FILE_MAX, SUMS};
use super::super::sums;
use super::outcome::Outcome;
use crate::api::Digest;

/// Checks that every file below `root` is listed with its digest and every listed file is there. Returns how many there are.
///
/// # Errors
/// [`Exit::Io`] when a directory can not be listed.
pub fn verify(root: &Path, outcome: &mut Outcome) -> Result<u64, Failure> {
    let mut list = List { lines: None, next: None, last: String::new(), broken: false };
    match Lines::open(&root.join(SUMS)) {
        Ok(lines) => list.lines = Some(lines),
        Err(error) => {
            outcome.wrong(SUMS, error.to_string());
            return Ok(0);
        }
    }
    list.advance(outcome);
    let mut seen = 0;
    files::walk::<Failed>(root, &mut |path, entry| {
        if path == SUMS && entry == Entry::File {
            return Ok(());
        }
        list.missing_before(Some(path), outcome);
        let listed = list.take(path, outcome);
        match (entry, listed) {
            (Entry::Other | Entry::Directory | Entry::Absent, _) => outcome.wrong(path, "it is no plain file"),
            (Entry::Linked, _) => outcome.wrong(path, "it has another name too: an export holds no hard links"),
            (Entry::File, None) if list.broken => {}
            (Entry::File, None) => outcome.wrong(path, format!("{SUMS} does not list it: it was added")),
            (Entry::File, Some(digest)) => match files::read(&root.join(path), FILE_MAX) {
                Ok(bytes) if Digest::of(&bytes) == digest => seen += 1,
                Ok(_) => outcome.wrong(path, format!("its SHA-256 is not the one in {SUMS}")),
                Err(error) => outcome.wrong(path, error.to_string()),
            },
        }
        Ok(())
    })
    .map_err(|Failed(path, error)| Failure::new(Exit::Io, format!("cannot read {}: {error}", root.join(path).display())))?;
    list.missing_before(None, outcome);
    Ok(seen)
}

/// The error of a walk.
struct Failed(String, io::Error);

impl From<(String, io::Error)> for Failed {
    fn from((path, error): (String, io::Error)) -> Self {
        Self(path, error)
    }
}

/// The list, line by line.
struct List {
    lines: Option<Lines>,
    next: Option<(String, Digest)>,
    last: String,
    /// Whether it ended early: then nothing is known of the files behind.
    broken: bool,
}

impl List {
    /// Reads the next line that is one; a line that is not ends the list.
    fn advance(&mut self, outcome: &mut Outcome) {
        self.next = None;
        let Some(lines) = &mut self.lines else { return };
        let read = match lines.next() {
            Ok(None) => {
                self.lines = None;
                return;
            }
            Ok(Some(line)) => sums::read(&line).map(|(path, digest)| (path.to_owned(), digest)),
            Err(Unreadable::System(error)) if error.kind() != io::ErrorKind::InvalidData => {
                return self.end(outcome, &error.to_string());
            }
            Err(_) => None,
        };
        match read {
            Some((path, digest)) if self.last.is_empty() || sums::order(&self.last, &path) == Ordering::Less => {
                self.last.clone_from(&path);
                self.next = Some((path, digest));
            }
            Some((path, _)) => self.end(outcome, &format!("{path} does not stand in order")),
            None => {
                let after =
                    if self.last.is_empty() { "its first line".to_owned() } else { format!("the line after {}", self.last) };
                self.end(outcome, &format!("{after} is not `DIGEST  PATH`"));
            }
        }
    }

    fn end(&mut self, outcome: &mut Outcome, what: &str) {
        outcome.wrong(SUMS, what);
        self.lines = None;
        self.broken = true;
    }

    /// Everything that is listed before `path` (at the end: everything) is not there.
    fn missing_before(&mut self, path: Option<&str>, outcome: &mut Outcome) {
        while let Some((next, _)) = &self.next {
            if path.is_some_and(|path| sums::order(next, path) != Ordering::Less) {
                return;
            }
            outcome.wrong(next.as_str(), format!("it is missing: {SUMS} lists it"));
            self.advance(outcome);
        }
    }

    /// The digest of `path`, when it is the next that is listed.
    fn take(&mut self, path: &str, outcome: &mut Outcome) -> Option<Digest> {
        let digest = self.next.as_ref().filter(|(next, _)| next == path).map(|(_, digest)| *digest)?;
        self.advance(outcome);
        Some(digest)
    }
}
