//! The JSON files of a bundle, each read once and only when something asks for it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::artifact::Artifact;
use super::bundle::{Bundle, resolve};
use super::refusal::{Refusal, RefusalClass};
use crate::evidence::json::{JsonError, JsonErrorKind, Limits, read};

/// The files of a bundle as artifacts.
///
/// A document that no digest can be made of (infinite numbers, half a surrogate pair, more than 990 levels) is refused where it
/// is read. Upstream goes on and stops uncaught at its digest, or never, where nothing that it checks hashes the document.
#[derive(Debug)]
pub struct Documents<'a> {
    bundle: &'a Bundle,
    read: BTreeMap<&'a str, OnceCell<Loaded>>,
}

/// A file that was read as JSON.
#[derive(Debug)]
struct Loaded {
    artifact: Result<Arc<Artifact>, Unreadable>,
    duplicate_keys: Vec<String>,
}

/// Why a file is no artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// There is no such file.
    Missing,
    /// There is a directory of that name.
    Directory,
    /// The file is no JSON that a digest could be made of.
    Json(JsonError),
    /// The file holds something else than an object.
    NotObject,
}

impl<'a> Documents<'a> {
    /// The files of `bundle`; none is read yet.
    pub fn new(bundle: &'a Bundle) -> Self {
        Self { bundle, read: bundle.iter().map(|(path, _)| (path, OnceCell::new())).collect() }
    }

    /// As [`Documents::new`], with artifacts that were read from the same bytes before, by path: runs of one plan share three of six.
    pub fn knowing<'k>(bundle: &'a Bundle, known: impl IntoIterator<Item = (&'k str, Arc<Artifact>)>) -> Self {
        let documents = Self::new(bundle);
        for (path, artifact) in known {
            if let Some(cell) = documents.read.get(path) {
                cell.get_or_init(|| Loaded { artifact: Ok(artifact), duplicate_keys: Vec::new() });
            }
        }
        documents
    }

    /// The bundle.
    pub const fn bundle(&self) -> &'a Bundle {
        self.bundle
    }

    /// The artifact of a file; `path` is in its simplest form.
    pub fn artifact(&self, path: &str) -> Result<&Artifact, Unreadable> {
        match self.loaded(path) {
            Some(loaded) => loaded.artifact.as_deref().map_err(Clone::clone),
            None if self.is_directory(path) => Err(Unreadable::Directory),
            None => Err(Unreadable::Missing),
        }
    }

    /// Keys that occur twice in an object of the file.
    pub fn duplicate_keys(&self, path: &str) -> &[String] {
        self.loaded(path).map_or(&[], |loaded| &loaded.duplicate_keys)
    }

    /// The artifact of a file as upstream loads one, in errors of `class`.
    pub(super) fn load(&self, path: &str, class: RefusalClass) -> Result<&Artifact, Refusal> {
        self.artifact(path).map_err(|reason| reason.refusal(&self.bundle.named(path), class))
    }

    /// The artifact of a file that upstream opens without a class of its own for what may go wrong.
    pub(super) fn open(&self, path: &str) -> Result<&Artifact, Refusal> {
        self.artifact(path).map_err(|reason| {
            let name = self.bundle.named(path);
            match reason {
                Unreadable::Missing => {
                    let message = format!("[Errno 2] No such file or directory: '{name}'");
                    Refusal::new(RefusalClass::MissingFile, message)
                }
                Unreadable::Directory => Refusal::uncaught(format!("[Errno 21] Is a directory: '{name}'")),
                Unreadable::Json(error) => Refusal::new(error_class(&error, RefusalClass::Json), error.to_string()),
                Unreadable::NotObject => Refusal::uncaught(format!("{name}: JSON root is not an object")),
            }
        })
    }

    fn loaded(&self, path: &str) -> Option<&Loaded> {
        let bytes = self.bundle.get(path)?;
        Some(self.read.get(path)?.get_or_init(|| Loaded::of(bytes)))
    }

    fn is_directory(&self, path: &str) -> bool {
        let inside = |file: &str| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        path.is_empty() || self.bundle.iter().any(|(file, _)| inside(file))
    }
}

impl Loaded {
    fn of(bytes: &[u8]) -> Self {
        match read(bytes, &Limits::UPSTREAM) {
            Ok(document) if document.value.as_object().is_some() => {
                Self { artifact: Ok(Arc::new(Artifact::of(document.value))), duplicate_keys: document.duplicate_keys }
            }
            Ok(document) => Self { artifact: Err(Unreadable::NotObject), duplicate_keys: document.duplicate_keys },
            Err(error) => Self { artifact: Err(Unreadable::Json(error)), duplicate_keys: Vec::new() },
        }
    }
}

impl Unreadable {
    /// The refusal of a loader that answers with errors of `class`.
    pub(super) fn refusal(&self, name: &str, class: RefusalClass) -> Refusal {
        match self {
            Self::Missing => Refusal::new(class, format!("{name}: cannot read JSON: No such file or directory")),
            Self::Directory => Refusal::new(class, format!("{name}: cannot read JSON: Is a directory")),
            Self::NotObject => Refusal::new(class, format!("{name}: JSON root is not an object")),
            Self::Json(error) => {
                let JsonError { message, line, column, .. } = error;
                let text = format!("{name}: invalid JSON: {message} at line {line} column {column}");
                Refusal::new(error_class(error, class), text)
            }
        }
    }
}

/// Only a broken form is an error of the loader; what the parser lets through, or stops at in another way, ends uncaught.
fn error_class(error: &JsonError, class: RefusalClass) -> RefusalClass {
    if error.kind == JsonErrorKind::Syntax { class } else { RefusalClass::Uncaught }
}

/// The simplest form of a path that an artifact gives; `None` when it leaves the bundle.
pub(super) fn inside(path: &str) -> Option<String> {
    resolve(path)
}
