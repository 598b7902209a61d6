//! One document as text that outlives its file: its last good version, when the file holds a bad one.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::document::{File, Parsed, Reader};
use super::split::Chunk;
use super::{Document, Origin};

/// One document as text, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Path of its file, as the user wrote or would write it.
    pub file: String,
    /// The directory that relative paths inside start from.
    pub directory: String,
    /// Line of its first byte in the file, from 1.
    pub line: u32,
    /// The text, an item of a List with its indentation.
    pub text: String,
}

impl Kept {
    /// What is to be kept of a document; `None` when its directory is no text.
    pub fn of(origin: &Origin) -> Option<Self> {
        Some(Self {
            file: origin.file.to_string(),
            directory: origin.directory.to_str()?.to_owned(),
            line: origin.line,
            text: origin.padded().into_owned(),
        })
    }

    /// Reads it again; `None` when this version finds fault with it, or it holds anything but one document.
    pub fn read(&self) -> Option<Document> {
        let file = File {
            name: self.file.as_str().into(),
            directory: Arc::from(Path::new(&self.directory)),
            text: self.text.as_str().into(),
        };
        let mut reader = Reader { file: &file, parsed: Parsed::default() };
        reader.chunk(&Chunk { range: 0..self.text.len(), line: self.line, content: true });
        let mut documents = reader.parsed.documents.into_iter();
        documents.next().filter(|_| documents.next().is_none())
    }
}
