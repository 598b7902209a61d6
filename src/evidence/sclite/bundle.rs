//! The files of one bundle directory, in memory.

use std::collections::BTreeMap;

/// The files of one directory: relative path (parts joined by `/`, no `.`, no `..`) to bytes.
///
/// Whoever reads the directory bounds it by [`Bundle::insert`]; links are followed or refused there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    label: String,
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
}

/// Why a file is not taken into a [`Bundle`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// More than [`Bundle::MAX_FILES`] files.
    #[error("{0}: more than {max} files; a bundle has about ten", max = Bundle::MAX_FILES)]
    TooManyFiles(String),
    /// More than [`Bundle::MAX_BYTES`] bytes in all.
    #[error("{0}: the files are larger than {max} bytes together", max = Bundle::MAX_BYTES)]
    TooLarge(String),
    /// A path that is absolute, empty, or not in its simplest form.
    #[error("{0:?} is no relative path in its simplest form")]
    BadPath(String),
}

impl Bundle {
    /// Most files of a bundle.
    pub const MAX_FILES: usize = 1024;
    /// Most bytes of all files together: 64 MiB.
    pub const MAX_BYTES: usize = 64 << 20;

    /// An empty bundle. `label` is the directory as messages name it.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), files: BTreeMap::new(), bytes: 0 }
    }

    /// Takes a file; one of the same path is replaced.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Result<(), BundleError> {
        let (path, bytes) = (path.into(), bytes.into());
        if resolve(&path).as_deref() != Some(path.as_str()) || path.is_empty() {
            return Err(BundleError::BadPath(path));
        }
        let replaced = self.files.get(&path).map(Vec::len);
        if replaced.is_none() && self.files.len() >= Self::MAX_FILES {
            return Err(BundleError::TooManyFiles(self.label.clone()));
        }
        let total = (self.bytes - replaced.unwrap_or_default()).saturating_add(bytes.len());
        if total > Self::MAX_BYTES {
            return Err(BundleError::TooLarge(self.label.clone()));
        }
        self.bytes = total;
        self.files.insert(path, bytes);
        Ok(())
    }

    /// The directory as messages name it.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Whether there is a file of this path.
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The files by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// All bytes together.
    pub const fn total_bytes(&self) -> usize {
        self.bytes
    }

    /// How messages name a file.
    pub(super) fn named(&self, path: &str) -> String {
        if path.is_empty() { self.label.clone() } else { format!("{}/{path}", self.label) }
    }
}

/// The simplest form of a path below the bundle; `None` when it leaves it. An absolute path leaves it.
pub(super) fn resolve(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
