//! What is wrong with evidence, and where exactly.

use std::fmt;

use crate::api::Digest;

/// Most defects that are kept; the others are counted.
pub const DEFECTS_MAX: usize = 1_000;

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The database file as a whole, or its write-ahead log.
    Database,
    /// The log as a whole: its size, root, frontier.
    Log,
    /// One record.
    Record {
        /// Index of the leaf, from 0.
        index: u64,
        /// Whose sequence: `namespace/check.target`, or `log`.
        subject: String,
        /// Sequence number.
        seq: u64,
    },
    /// Records that are not there, both ends included.
    Missing {
        /// First index.
        from: u64,
        /// Last index.
        to: u64,
    },
    /// A kept node of the tree: it stands for `2^level` records.
    Node {
        /// Levels above the leaves.
        level: u32,
        /// Position in its level.
        index: u64,
    },
    /// A checkpoint in the database.
    Checkpoint {
        /// Its size.
        size: u64,
    },
    /// A checkpoint that the caller gave.
    Given {
        /// Its size.
        size: u64,
    },
    /// The file `checkpoint` beside the database.
    CheckpointFile,
    /// A part that several records share.
    Artifact {
        /// Its digest.
        digest: Digest,
    },
    /// The stored state of a pair.
    State {
        /// `namespace/check.target`.
        pair: String,
    },
    /// Rows beside the log.
    Rows {
        /// Of which table.
        table: &'static str,
        /// Which of them.
        which: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("database"),
            Self::Log => f.write_str("log"),
            Self::Record { index, subject, seq } => write!(f, "record {index} ({subject}@{seq})"),
            Self::Missing { from, to } if from == to => write!(f, "record {from}"),
            Self::Missing { from, to } => write!(f, "records {from} to {to}"),
            Self::Node { level, index } => {
                let first = u128::from(*index) << level;
                write!(f, "tree over records {first} to {}", first + (1_u128 << level) - 1)
            }
            Self::Checkpoint { size } => write!(f, "checkpoint at {size}"),
            Self::Given { size } => write!(f, "given checkpoint at {size}"),
            Self::CheckpointFile => f.write_str("file checkpoint"),
            Self::Artifact { digest } => write!(f, "artifact {digest}"),
            Self::State { pair } => write!(f, "state of {pair}"),
            Self::Rows { table, which } => write!(f, "{table} {which}"),
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// Where.
    pub place: Place,
    /// What, as half a sentence.
    pub what: String,
}

impl Defect {
    /// A defect.
    pub fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into() }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// The first [`DEFECTS_MAX`] defects, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defects {
    list: Vec<Defect>,
    more: u64,
}

impl Defects {
    /// Adds one.
    pub fn push(&mut self, defect: Defect) {
        if self.list.len() < DEFECTS_MAX {
            self.list.push(defect);
        } else {
            self.more += 1;
        }
    }

    /// Adds one.
    pub fn add(&mut self, place: Place, what: impl Into<String>) {
        self.push(Defect::new(place, what));
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Self) {
        self.extend(other.list);
        self.more += other.more;
    }

    /// Those that are kept, in the order in which they were found.
    pub fn list(&self) -> &[Defect] {
        &self.list
    }

    /// How many were found beyond those.
    pub const fn more(&self) -> u64 {
        self.more
    }

    /// Whether nothing is wrong.
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Extend<Defect> for Defects {
    fn extend<T: IntoIterator<Item = Defect>>(&mut self, defects: T) {
        for defect in defects {
            self.push(defect);
        }
    }
}
