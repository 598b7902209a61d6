//! A run as the log has it, complete enough to be decided about again.

use jiff::Timestamp;
use serde_json::Value;

use super::exit::{Exit, Failure};
use super::said::Said;
use crate::api::{Assessment, Coverage, StatusFinding};
use crate::reaction::observation;
use crate::store::{Db, LoggedRecord};

/// A run as the log has it.
#[derive(Debug, Clone)]
pub struct Recalled {
    /// Sequence number of its record.
    pub seq: u64,
    /// When it started.
    pub started: Timestamp,
    /// The intent that it asked.
    pub intent: String,
    /// Reruns that led to it.
    pub depth: u32,
    /// Of a rerun: sequence number of the run that led to it.
    pub parent: Option<u64>,
    /// What it said.
    pub assessment: Assessment,
    /// How much it saw.
    pub coverage: Coverage,
    /// CamelCase reason of the assessment.
    pub reason: String,
    /// What was not as it should be.
    pub findings: Vec<StatusFinding>,
    /// The facts; null when there were none.
    pub facts: Value,
}

impl Recalled {
    /// Reads the run of `record`.
    ///
    /// # Errors
    /// [`Exit::Io`] when the record can not be read.
    pub fn of(db: &Db, record: &LoggedRecord) -> Result<Self, Failure> {
        let damaged = || Failure::new(Exit::Io, format!("record {} of the log is damaged", record.index));
        let body: Value = serde_json::from_slice(&record.body).map_err(|_| damaged())?;
        let said = Said::of(db, record)?;
        let text = |key: &str| body.get(key).and_then(Value::as_str).ok_or_else(damaged);
        let number = |key: &str| body.get(key).and_then(Value::as_u64);
        Ok(Self {
            seq: record.header.seq,
            started: text("started")?.parse().map_err(|_| damaged())?,
            intent: text("intent")?.to_owned(),
            depth: number("depth").and_then(|depth| u32::try_from(depth).ok()).ok_or_else(damaged)?,
            parent: number("parent_seq"),
            assessment: Assessment::parse(text("assessment")?).ok_or_else(damaged)?,
            coverage: serde_json::from_value(body.get("coverage").cloned().unwrap_or_default()).map_err(|_| damaged())?,
            reason: text("reason")?.to_owned(),
            findings: said.findings(),
            facts: said.facts().cloned().unwrap_or_default(),
        })
    }

    /// What the rules were asked about.
    pub fn observation(&self) -> Value {
        observation(self.facts.clone(), self.assessment, self.coverage, &self.findings)
    }
}
