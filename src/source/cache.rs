//! What the load before this one parsed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::api::Digest;

use super::document::Parsed;

/// Parsed files of the last load, reused where the bytes are the same. For callers that load again and again.
#[derive(Debug, Default)]
pub struct LoadCache(Mutex<Files>);

/// Files by name, with the digest of the bytes that were parsed.
pub(super) type Files = HashMap<Arc<str>, (Digest, Arc<Parsed>)>;

impl LoadCache {
    /// The parsed file, when its bytes still have this digest.
    pub(super) fn get(&self, name: &str, digest: Digest) -> Option<Arc<Parsed>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(name).filter(|(known, _)| *known == digest).map(|(_, parsed)| parsed.clone())
    }

    /// Keeps exactly the files of this load.
    pub(super) fn replace(&self, files: Files) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }
}
