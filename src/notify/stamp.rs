//! What every try carries besides what it tells.

use jiff::Timestamp;

/// What every try carries besides what it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The time of the try.
    pub now: Timestamp,
    /// The latest checkpoint of the log, as one word.
    pub checkpoint: Option<String>,
}
