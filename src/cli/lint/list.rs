//! `tecrax-lint.allow`: lines that may stay in files that hold no comments, such as JSON.
//!
//! The list lies beside the files it speaks of. Each of its lines is `FILE LABEL DIGEST reason`; blank lines and lines that begin
//! with `#` say nothing. The digest is that of the line's text, so that neither another line of the file nor the same line with
//! another value is let through, and lines may move.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::{self, File};
use super::label::{ALL, Label};
use crate::api::Digest;

/// Its name.
pub(super) const NAME: &str = "tecrax-lint.allow";
/// Hex digits of a digest in it.
const DIGITS: usize = 16;

/// What may stay in the files of one folder.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The list's own path, as it is shown.
    pub shown: String,
    entries: Vec<Entry>,
    /// Lines of the list that say nothing valid.
    invalid: Vec<usize>,
    scanned: BTreeSet<String>,
}

#[derive(Debug)]
struct Entry {
    line: usize,
    file: String,
    label: Label,
    digest: String,
    used: bool,
}

/// The digest that stands for a line in a list.
pub(super) fn digest(line: &str) -> String {
    Digest::of(line.trim().as_bytes()).to_string().chars().take(DIGITS).collect()
}

impl List {
    /// The list in the folder of `file`; an empty one when there is none. A sentence when it is there and can not be read.
    pub(super) fn beside(file: &File) -> Result<Self, String> {
        let shown = Path::new(&file.shown).with_file_name(NAME).to_string_lossy().into_owned();
        let (folder, _) = file.place();
        let bytes = files::text(&File::new(folder.join(NAME))).map_err(|why| format!("{shown}: {why}"))?.unwrap_or_default();
        Ok(Self::of(shown, &bytes))
    }

    /// The list with the content `bytes`.
    pub(super) fn of(shown: String, bytes: &[u8]) -> Self {
        let mut list = Self { shown, ..Self::default() };
        for (index, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match entry(index + 1, line) {
                Some(entry) => list.entries.push(entry),
                None => list.invalid.push(index + 1),
            }
        }
        list
    }

    /// Remembers that a file of the folder is looked at.
    pub(super) fn look_at(&mut self, file: &str) {
        if !self.entries.is_empty() {
            self.scanned.insert(file.to_owned());
        }
    }

    /// Whether `label` may stand on `line` of `file`.
    pub(super) fn allows(&mut self, file: &str, label: Label, line: &str) -> bool {
        let mut found = false;
        let digest = if self.entries.is_empty() { String::new() } else { digest(line) };
        for entry in &mut self.entries {
            if entry.file == file && entry.label == label && entry.digest == digest {
                entry.used = true;
                found = true;
            }
        }
        found
    }

    /// Lines of the list that are invalid, or that allow what is no longer in a file that was looked at.
    pub(super) fn wrong(&self) -> impl Iterator<Item = usize> {
        let stale = self.entries.iter().filter(|entry| !entry.used && self.scanned.contains(&entry.file)).map(|entry| entry.line);
        self.invalid.iter().copied().chain(stale)
    }
}

fn entry(number: usize, line: &str) -> Option<Entry> {
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let (file, label, digest) = (words.next()?, words.next()?, words.next()?);
    let label = ALL.into_iter().find(|known| known.word() == label)?;
    let digits = digest.len() == DIGITS && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let reason = words.any(|word| word.chars().any(char::is_alphanumeric));
    (digits && reason && !file.contains('/')).then(|| Entry {
        line: number,
        file: file.to_owned(),
        label,
        digest: digest.to_owned(),
        used: false,
    })
}
