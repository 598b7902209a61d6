//! How much a reader takes.

/// Bounds of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest size in bytes.
    pub max_bytes: usize,
    /// Most values inside one another: the outermost is level 1, an item of a list one level below the list.
    pub max_depth: usize,
    /// What becomes of a key that occurs twice in an object.
    pub duplicate_keys: DuplicateKeys,
}

/// What becomes of a key that occurs twice in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateKeys {
    /// The last one counts; the others are named in [`Document::duplicate_keys`](super::Document::duplicate_keys).
    LastWins,
    /// The document is refused.
    Refuse,
}

impl Limits {
    /// What `sclite-core` 1.0.5 takes. It has no limit of size, and one of depth near 990 by accident; 64 MiB is ours.
    pub const UPSTREAM: Self = Self { max_bytes: 64 << 20, max_depth: 990, duplicate_keys: DuplicateKeys::LastWins };
    /// What we take where we decide, and what `sclite-core` 2.0.1 takes of one file: 1 MiB, 64 levels, every key once.
    pub const STRICT: Self = Self { max_bytes: 1 << 20, max_depth: 64, duplicate_keys: DuplicateKeys::Refuse };
}
