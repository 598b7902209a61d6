//! What a record of the log says.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::super::exit::{Exit, Failure};
use super::reference::name;
use crate::evidence::{Header, RecordKind, Subject};
use crate::store::{Db, LoggedRecord, RecordFilter};

/// A record with its body read.
#[derive(Debug)]
pub struct Content {
    /// As it stands in the log.
    pub record: LoggedRecord,
    /// The body.
    pub body: Value,
}

impl Content {
    /// Reads the body of `record`.
    ///
    /// # Errors
    /// [`Exit::Io`] when it is no JSON.
    pub fn read(record: LoggedRecord) -> Result<Self, Failure> {
        let body = serde_json::from_slice(&record.body).map_err(|_| damaged(&record, "its body is no JSON"))?;
        Ok(Self { record, body })
    }

    /// The kind; `None` for those of later versions.
    pub fn kind(&self) -> Option<RecordKind> {
        RecordKind::parse(&self.record.header.kind)
    }

    /// The record as it is typed.
    pub fn name(&self) -> String {
        name(&self.record.header.subject, self.record.header.seq)
    }

    /// One text of the body, by its JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer).and_then(Value::as_str)
    }

    /// What the record comes to, in a word or two.
    pub fn word(&self) -> String {
        let text = |pointer: &str| self.text(pointer).unwrap_or("-").to_owned();
        match self.kind() {
            Some(RecordKind::Run) => {
                let fixtures = if self.body.get("fixtures") == Some(&Value::Bool(true)) { " (fixture)" } else { "" };
                let rerun = if self.body.get("depth").and_then(Value::as_u64).unwrap_or(0) > 0 { " (rerun)" } else { "" };
                format!("{}{fixtures}{rerun}", text("/assessment"))
            }
            Some(RecordKind::Reaction) => text("/reaction/outcome"),
            Some(RecordKind::Denial) => "denied".to_owned(),
            Some(RecordKind::Suspension) => "suspended".to_owned(),
            Some(RecordKind::Tombstone) => "removed".to_owned(),
            Some(RecordKind::Escalation) => text("/change"),
            Some(RecordKind::Retention) => {
                let records = self.body.pointer("/dropped/records").and_then(Value::as_u64).unwrap_or(0);
                format!("{records} dropped")
            }
            None => "-".to_owned(),
        }
    }

    /// Why, in a word; `-` when the record gives none.
    pub fn reason(&self) -> &str {
        let pointers = ["/reason", "/reaction/reason", "/rule", "/dropped/reason", "/suppressed/because", "/key/reason_code"];
        pointers.into_iter().find_map(|pointer| self.text(pointer)).unwrap_or("-")
    }

    /// That the record can not be read, and why.
    pub fn damaged(&self, what: &str) -> Failure {
        damaged(&self.record, what)
    }

    /// Index, leaf, header and body as one object.
    pub fn to_json(&self) -> Value {
        json!({
            "index": self.record.index,
            "leaf": self.record.leaf,
            "header": header(&self.record.header),
            "body": self.body,
        })
    }
}

/// The header as the object whose canonical JSON is hashed.
fn header(header: &Header) -> Value {
    serde_json::from_slice(&header.canonical()).unwrap_or(Value::Null)
}

/// The newest record of `subject`, or the newest of one kind.
///
/// # Errors
/// The store's.
pub fn newest(db: &Db, subject: &Subject, kind: Option<RecordKind>) -> Result<Option<LoggedRecord>, Failure> {
    let filter = RecordFilter { subject: Some(subject.clone()), kind, newest_first: true, ..RecordFilter::default() };
    let mut found = None;
    db.records(&filter, |record| {
        found = Some(record);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

fn damaged(record: &LoggedRecord, what: &str) -> Failure {
    let name = name(&record.header.subject, record.header.seq);
    Failure::new(Exit::Io, format!("record {} of the log ({name}) is damaged: {what}", record.index))
        .help("`tecrax evidence verify` names everything that is wrong")
}
