//! The texts of documents in the store: their last good versions.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::desired::Good;
use crate::secrets::Redactor;
use crate::source::{Document, Kept, Origin};
use crate::store::DesiredRow;

/// Rows of this kind hold the last good text of a document; they are named `Kind/name`.
pub(super) const DOCUMENT: &str = "Document";

/// The text of one document, to be kept.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) namespace: String,
    /// `Kind/name`.
    pub(super) name: String,
    origin: Origin,
}

impl Text {
    /// `None` for a Policy: what a broken one would have judged is denied, so it has a memory of its own.
    pub(super) fn of(document: &Document) -> Option<Self> {
        let (kind, namespace, name) = document.identity();
        let text = || Self { namespace: namespace.to_string(), name: format!("{kind}/{name}"), origin: document.origin.clone() };
        (kind != "Policy").then(text)
    }

    /// As a row. One that may hold a secret is not written down: it lasts as long as this process.
    pub(super) fn row(&self, redactor: &Redactor) -> Option<DesiredRow> {
        let kept = Kept::of(&self.origin)?;
        if matches!(redactor.redact_str(&kept.text), Cow::Owned(_)) {
            tracing::debug!("{} seems to hold a secret: its last good version is not kept", self.name);
            return None;
        }
        let value = serde_json::to_string(&Kept { file: absolute(&kept.file), ..kept }).ok()?;
        Some(DesiredRow { kind: DOCUMENT, namespace: self.namespace.clone(), name: self.name.clone(), value })
    }
}

/// Reads a text again.
pub(super) fn good(row: &DesiredRow) -> Option<Good> {
    let kept: Kept = serde_json::from_str(&row.value).ok()?;
    Some(Good { document: kept.read()?, file: kept.file })
}

/// A file by a name that does not depend on how its PATH was given.
pub(super) fn absolute(file: &str) -> String {
    std::path::absolute(file)
        .map_or_else(|_| file.to_owned(), |path| path.components().collect::<PathBuf>().to_string_lossy().into_owned())
}
