//! A file that a user names, with the place of everything in it.

use std::path::{Path, PathBuf};

use super::super::exit::Failure;
use super::super::input;
use crate::admission::policy::Step;
use crate::api::{Place, Problem, reason};
use crate::source::{Located, LocatedError, located};

/// Largest table or pack, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// Most values of one file.
pub(super) const MAX_NODES: usize = 200_000;

/// A file and what stands in it, or why it can not be read.
pub(in crate::cli) struct Document {
    /// As the user wrote it.
    pub(super) path: PathBuf,
    /// What stands in it.
    pub(super) root: Result<Located, LocatedError>,
}

impl Document {
    /// Reads the file.
    pub(in crate::cli) fn read(path: &Path) -> Result<Self, Failure> {
        let text = input::text(path, MAX_BYTES)?;
        Ok(Self { path: path.to_owned(), root: located(&text, MAX_NODES) })
    }

    /// What stands in it, or the error as a problem.
    pub(in crate::cli) fn root(&self) -> Result<&Located, Box<Problem>> {
        self.root.as_ref().map_err(|error| {
            let reason = if error.duplicate.is_some() { reason::DUPLICATE_KEY } else { reason::SYNTAX };
            Box::new(Problem::error(reason, error.message.clone()).at(self.place(error.line, error.column)))
        })
    }

    /// An error at a value.
    pub(super) fn error(&self, at: &Located, message: impl Into<String>) -> Problem {
        Problem::error(reason::BAD_VALUE, message).at(self.place(at.line, at.column))
    }

    /// A warning at a value.
    pub(super) fn warning(&self, at: &Located, message: impl Into<String>) -> Problem {
        Problem::warning(reason::BAD_VALUE, message).at(self.place(at.line, at.column))
    }

    fn place(&self, line: u32, column: u32) -> Place {
        Place { file: self.path.display().to_string().into(), line, column }
    }
}

/// The value at the end of a way, or the last one on it that is there.
pub(super) fn follow<'l>(from: &'l Located, steps: &[Step]) -> &'l Located {
    let next = |at: &'l Located, step: &Step| match step {
        Step::Key(key) => at.get(key),
        Step::Item(index) => at.list().and_then(|items| items.get(*index)),
    };
    let mut at = from;
    for step in steps {
        match next(at, step) {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}
