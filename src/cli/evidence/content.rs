//! What a record of the log holds, unpacked.

use serde_json::{Map, Value, json};

use super::super::exit::{Exit, Failure};
use super::reference::name;
use crate::api::{Digest, ReactionOutcome};
use crate::evidence::{Header, RecordKind, unpack};
use crate::store::{Db, LoggedRecord};

/// A record with its body read.
pub struct Content {
    /// As it stands in the log.
    pub record: LoggedRecord,
    /// The body; null when retention has dropped it.
    pub body: Value,
}

/// One part of a record.
pub struct NamedPart {
    /// Its name.
    pub name: String,
    /// The digest that the body binds.
    pub digest: String,
    /// Its canonical JSON; `None` when it is not in the store.
    pub bytes: Option<Vec<u8>>,
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

    /// The record as it is typed.
    pub fn name(&self) -> String {
        name(&self.record.header.subject, self.record.header.seq)
    }

    /// One text of the body.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.body.get(key).and_then(Value::as_str)
    }

    /// Every part, in the order of their names.
    ///
    /// # Errors
    /// The store's; [`Exit::Io`] when the stored bytes can not be unpacked.
    pub fn parts(&self, db: &Db) -> Result<Vec<NamedPart>, Failure> {
        let Some(bound) = self.body.get("parts").and_then(Value::as_object) else { return Ok(Vec::new()) };
        let mut own = match &self.record.parts {
            Some(blob) => unpack(blob).map_err(|error| damaged(&self.record, &format!("its parts are {error}")))?,
            None => Vec::new(),
        };
        let mut parts = Vec::with_capacity(bound.len());
        for (name, digest) in bound {
            let digest = digest.as_str().unwrap_or_default().to_owned();
            let at = own.iter().position(|(own, _)| own == name);
            let bytes = match at {
                Some(at) => Some(own.swap_remove(at).1),
                None => self.shared(db, name, &digest)?,
            };
            parts.push(NamedPart { name: name.clone(), digest, bytes });
        }
        Ok(parts)
    }

    fn shared(&self, db: &Db, name: &str, digest: &str) -> Result<Option<Vec<u8>>, Failure> {
        let Some(digest) = Digest::parse(digest) else { return Ok(None) };
        let Some(blob) = db.artifact(digest)? else { return Ok(None) };
        let parts = unpack(&blob).map_err(|error| damaged(&self.record, &format!("its part {name} is {error}")))?;
        Ok(parts.into_iter().next().map(|(_, bytes)| bytes))
    }

    /// What the record comes to, in a word or two.
    pub fn word(&self) -> String {
        let text = |key: &str| self.text(key).unwrap_or("-").to_owned();
        match RecordKind::parse(&self.record.header.kind) {
            Some(RecordKind::Run) => {
                let fixtures = if self.body.get("fixtures") == Some(&Value::Bool(true)) { " (fixture)" } else { "" };
                let rerun = if self.body.get("depth").and_then(Value::as_u64).unwrap_or(0) > 0 { " (rerun)" } else { "" };
                format!("{}{fixtures}{rerun}", text("assessment"))
            }
            Some(RecordKind::Reaction) => {
                let outcome = self.body.get("reaction").and_then(|reaction| reaction.get("outcome")).and_then(Value::as_str);
                outcome.unwrap_or(ReactionOutcome::NoOp.as_str()).to_owned()
            }
            Some(RecordKind::Denial) => "denied".to_owned(),
            Some(RecordKind::Suspension) => "suspended".to_owned(),
            Some(RecordKind::Tombstone) => "removed".to_owned(),
            Some(RecordKind::Retention) => "dropped".to_owned(),
            None => "-".to_owned(),
        }
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
pub fn header(header: &Header) -> Value {
    serde_json::from_slice(&header.canonical()).unwrap_or_else(|_| Value::Object(Map::new()))
}

fn damaged(record: &LoggedRecord, what: &str) -> Failure {
    let name = name(&record.header.subject, record.header.seq);
    Failure::new(Exit::Io, format!("record {} of the log ({name}) is damaged: {what}", record.index))
        .help("`tecrax evidence verify` names everything that is wrong")
}
