//! How much one load reads. Beyond a bound is a problem that names it, never a cut.

/// Bytes of one manifest file.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;
/// Documents of one file, empty ones not counted.
pub const MAX_DOCUMENTS: usize = 20_000;
/// Nodes (scalars, lists, maps) of one document.
pub const MAX_NODES: usize = 20_000;
/// Nested lists and maps of one document.
pub const MAX_DEPTH: usize = 64;
/// Manifest files of one snapshot.
pub const MAX_FILES: usize = 100_000;
/// Directories of one snapshot.
pub const MAX_DIRECTORIES: usize = 100_000;
/// Nested directories below a PATH.
pub const MAX_DIRECTORY_DEPTH: usize = 64;
/// Bytes of all manifest files of one snapshot.
pub const MAX_TOTAL_BYTES: usize = 512 * 1024 * 1024;
/// Problems that one document may report; the rest is counted.
pub const MAX_PROBLEMS: usize = 64;
/// Characters of the offending line that a problem keeps; longer lines are left out.
pub const MAX_LINE: usize = 400;
/// Characters of a wrong word that a message repeats.
pub const MAX_WORD: usize = 64;
