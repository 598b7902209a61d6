//! Whether Git is writing the work tree.
//!
//! Git holds `index.lock` while it checks out, merges or resets, and puts a new `index` in place when it is done. So a directory is whole
//! when no lock is there before it is read nor after, and the index is the same.
#![expect(clippy::disallowed_methods, reason = "looks at the Git directory")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::revision::top;
use super::stamp::Stamp;
use super::tracked::git_directory;

/// What Git's index says of the work trees that some PATHs are in. Two that are equal, without a lock, hold no write between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    indexes: Vec<(PathBuf, Option<Stamp>)>,
    lock: Option<GitLock>,
}

/// A lock that somebody holds, or left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitLock {
    /// The file.
    pub path: PathBuf,
    /// When it was made, by the clock of the file system.
    pub since: Timestamp,
}

impl Writing {
    /// As it is now. PATHs that do not exist or are in no work tree say nothing.
    pub fn of(paths: &[PathBuf]) -> Self {
        let tops: BTreeSet<PathBuf> =
            paths.iter().filter_map(|path| top(&[fs::canonicalize(path).ok()?]).map(Path::to_owned)).collect();
        let mut writing = Self { indexes: Vec::new(), lock: None };
        for git in tops.iter().filter_map(|top| git_directory(top).ok()) {
            let stamp = |path: &Path| fs::symlink_metadata(path).ok().map(|metadata| Stamp::of(&metadata));
            let path = git.join("index.lock");
            if let Some(stamp) = stamp(&path).filter(|_| writing.lock.is_none()) {
                writing.lock = Some(GitLock { path, since: stamp.modified() });
            }
            let index = git.join("index");
            let stamp = stamp(&index);
            writing.indexes.push((index, stamp));
        }
        writing
    }

    /// The lock, when there is one.
    pub const fn lock(&self) -> Option<&GitLock> {
        self.lock.as_ref()
    }
}
