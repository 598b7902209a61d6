//! What a verification says.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::super::exit::Exit;
use super::super::super::loaded::count;
use super::super::super::printable::printable;
use crate::evidence::log::{DEFECTS_MAX, Defect, Place};

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// A record, a file, or another place in words.
    pub place: String,
    /// Index, subject and sequence number, when it is a record.
    pub record: Option<(u64, String, u64)>,
    /// What, as half a sentence.
    pub what: String,
}

/// What a verification says.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Names and values for people, in order.
    facts: Vec<(&'static str, String)>,
    /// The same for machines.
    json: serde_json::Map<String, Value>,
    wrong: Vec<Wrong>,
    more: u64,
    notes: Vec<String>,
}

impl Outcome {
    /// An outcome about `what` (`state`, `export` or `bundle`) at `place`.
    pub fn new(what: &'static str, place: &str) -> Self {
        let mut outcome = Self::default();
        outcome.fact("Verified", "verified", format!("{what} {place}"), json!({"kind": what, "path": place}));
        outcome
    }

    /// Adds a fact.
    pub fn fact(&mut self, name: &'static str, key: &str, words: impl Into<String>, value: Value) {
        self.facts.push((name, words.into()));
        self.json.insert(key.to_owned(), value);
    }

    /// Adds something that a reader must know and that is not wrong.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Adds something that is wrong with a file or another place.
    pub fn wrong(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.push(Wrong { place: place.into(), record: None, what: what.into() });
    }

    /// Adds what an audit found.
    pub fn defect(&mut self, defect: &Defect) {
        let record = match &defect.place {
            Place::Record { index, subject, seq } => Some((*index, subject.clone(), *seq)),
            _ => None,
        };
        self.push(Wrong { place: defect.place.to_string(), record, what: defect.what.clone() });
    }

    /// Counts defects that nobody kept.
    pub const fn beyond(&mut self, more: u64) {
        self.more += more;
    }

    fn push(&mut self, wrong: Wrong) {
        if self.wrong.len() < DEFECTS_MAX {
            self.wrong.push(wrong);
        } else {
            self.more += 1;
        }
    }

    /// 1 when something is wrong.
    pub const fn exit(&self) -> Exit {
        if self.wrong.is_empty() { Exit::Ok } else { Exit::Failing }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.facts {
            let _ = writeln!(out, "{:<13}{}", format!("{name}:"), printable(value));
        }
        for note in &self.notes {
            let _ = writeln!(out, "{:<13}{}", "Note:", printable(note));
        }
        for wrong in &self.wrong {
            let _ = writeln!(out, "{:<13}{}: {}", "WRONG:", printable(&wrong.place), printable(&wrong.what));
        }
        if self.more > 0 {
            let _ = writeln!(out, "{:<13}and {} more", "WRONG:", self.more);
        }
        let _ = match self.wrong.len() {
            0 => writeln!(out, "{:<13}nothing is wrong", "Verdict:"),
            number => writeln!(out, "{:<13}{} wrong", "Verdict:", things(number, self.more)),
        };
        out
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        let wrong: Vec<Value> = self
            .wrong
            .iter()
            .map(|wrong| {
                let mut item = json!({"place": wrong.place, "what": wrong.what});
                if let (Some((index, subject, seq)), Some(map)) = (&wrong.record, item.as_object_mut()) {
                    map.insert("record".to_owned(), json!({"index": index, "subject": subject, "seq": seq}));
                }
                item
            })
            .collect();
        let mut all = self.json.clone();
        all.insert("verdict".to_owned(), json!(if self.wrong.is_empty() { "pass" } else { "fail" }));
        all.insert("notes".to_owned(), json!(self.notes));
        all.insert("wrong".to_owned(), Value::Array(wrong));
        all.insert("more".to_owned(), json!(self.more));
        Value::Object(all)
    }
}

fn things(number: usize, more: u64) -> String {
    let all = number.saturating_add(usize::try_from(more).unwrap_or(usize::MAX));
    let verb = if all == 1 { "is" } else { "are" };
    format!("{} {verb}", count(all, "thing"))
}
