//! Where a pack is wrong.

use std::sync::Arc;

use crate::api::{Place, Problem, reason};
use crate::source::Located;

/// A pack that is not taken.
pub(super) type Fault = Box<Problem>;

/// Makes faults of one file.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    file: Arc<str>,
}

impl Faults {
    pub(super) fn of(file: &str) -> Self {
        Self { file: file.into() }
    }

    /// At a value.
    pub(super) fn at(&self, at: &Located, message: impl Into<String>) -> Fault {
        self.place(at.line, at.column, message)
    }

    /// At a line and a column.
    pub(super) fn place(&self, line: u32, column: u32, message: impl Into<String>) -> Fault {
        let place = Place { file: Arc::clone(&self.file), line, column };
        Box::new(Problem::error(reason::BAD_PROFILE, message).at(place))
    }
}

/// Adds what to write instead.
pub(super) fn with_help(mut fault: Fault, help: Option<String>) -> Fault {
    fault.help = help;
    fault
}
