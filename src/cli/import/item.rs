//! What an import has to say besides the manifests: item by item, each with its place.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::printable::printable;
use crate::api::Place;
use crate::secrets::Redactor;
use crate::source::Located;

/// Most items that are kept; the rest is counted.
const MAX_ITEMS: usize = 10_000;
/// Characters of a word of the input that a message repeats.
const MAX_WORD: usize = 64;

/// What happened to a part of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An object that is not in the manifests.
    LeftOut,
    /// A setting that is not in the manifests.
    NotCarried,
    /// It is there, and means something else than before.
    Changed,
    /// A secret that somebody has to put somewhere.
    Secret,
    /// A setting that means nothing to checks.
    Note,
}

impl Kind {
    /// As it is printed.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::LeftOut => "left out",
            Self::NotCarried => "not carried",
            Self::Changed => "changed",
            Self::Secret => "needed",
            Self::Note => "note",
        }
    }
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub kind: Kind,
    pub place: Place,
    /// What it is about, such as ``host `web-07` ``: the first of those that it is true of.
    pub object: String,
    /// How many others it is true of: many hosts have a setting in common that stands in one place.
    pub others: usize,
    pub message: String,
    pub help: Option<String>,
}

/// Everything there is to say, in the order of the input.
#[derive(Debug)]
pub(super) struct Report {
    pub items: Vec<Item>,
    /// Items beyond the bound.
    pub more: usize,
    /// Positions of items by what they say and where.
    known: BTreeMap<(Kind, String, u32, u32, String), usize>,
    redactor: Redactor,
}

impl Report {
    /// Nothing yet. `redactor` keeps what looks like a secret out of the words.
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { items: Vec::new(), more: 0, known: BTreeMap::new(), redactor }
    }

    /// One thing to say.
    pub(super) fn add(&mut self, kind: Kind, place: &Place, object: &str, message: impl Into<String>) {
        self.push(Item { kind, place: place.clone(), object: object.to_owned(), others: 0, message: message.into(), help: None });
    }

    /// One thing to say, and what to do about it.
    pub(super) fn advise(
        &mut self,
        kind: Kind,
        place: &Place,
        object: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let help = Some(help.into());
        self.push(Item { kind, place: place.clone(), object: object.to_owned(), others: 0, message: message.into(), help });
    }

    fn push(&mut self, item: Item) {
        let Place { file, line, column } = &item.place;
        let key = (item.kind, file.to_string(), *line, *column, item.message.clone());
        if let Some(known) = self.known.get(&key).and_then(|index| self.items.get_mut(*index)) {
            known.others += usize::from(known.object != item.object);
        } else if self.items.len() < MAX_ITEMS {
            self.known.insert(key, self.items.len());
            self.items.push(item);
        } else {
            self.more += 1;
        }
    }

    /// A word of the input as a message may repeat it.
    pub(super) fn word(&self, text: &str) -> String {
        let cut: String = text.chars().take(MAX_WORD).collect();
        let more = if cut.len() < text.len() { "…" } else { "" };
        format!("`{}{more}`", self.redactor.redact_str(&printable(&cut)))
    }

    /// Text of the input that may stand in a manifest: one line without characters that steer, and nothing that looks like a secret.
    pub(super) fn plain<'t>(&self, text: &'t str) -> Option<&'t str> {
        let clean = !text.chars().any(super::super::printable::steers) && self.redactor.redact_str(text) == text;
        clean.then_some(text)
    }

    /// How many items are of this kind.
    pub(super) fn count(&self, kind: Kind) -> usize {
        self.items.iter().filter(|item| item.kind == kind).count()
    }

    /// For machines.
    pub(super) fn json(&self, files: &[&str]) -> Value {
        let item = |item: &Item| {
            json!({
                "kind": item.kind.word(),
                "file": &*item.place.file,
                "line": item.place.line,
                "column": item.place.column,
                "object": item.object,
                "others": item.others,
                "message": item.message,
                "help": item.help,
            })
        };
        json!({"files": files, "items": self.items.iter().map(item).collect::<Vec<_>>(), "more": self.more})
    }
}

impl Item {
    /// As lines for people.
    pub(super) fn lines(&self) -> String {
        let others = if self.others > 0 { format!(" and {} more", self.others) } else { String::new() };
        let line = printable(&format!("{}: {}: {}{others}: {}", self.kind.word(), self.place, self.object, self.message));
        match &self.help {
            Some(help) => format!("{line}\n  help: {}", printable(help)),
            None => line,
        }
    }
}

/// A place in a comment: file and line.
pub(super) fn origin(place: &Place) -> String {
    Place { column: 0, ..place.clone() }.to_string()
}

/// The place of a value.
pub(super) fn place(file: &str, at: &Located) -> Place {
    Place { file: file.into(), line: at.line, column: at.column }
}

/// The place of a line.
pub(super) fn line(file: &str, line: u32) -> Place {
    Place { file: file.into(), line, column: 0 }
}
