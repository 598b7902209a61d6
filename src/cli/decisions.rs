//! What a reaction record says.

use serde::Deserialize;

use super::exit::{Exit, Failure};
use crate::api::{ReactionStatus, TrackedFinding};
use crate::reaction::RecordedInputs;
use crate::status::tracked_in;
use crate::store::LoggedRecord;

/// What a reaction record says.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Sequence number of the run that it is about.
    pub run_seq: u64,
    /// What was decided.
    pub reaction: ReactionStatus,
    /// What it was decided from.
    pub inputs: RecordedInputs,
    /// What the pair remembered from then on, without words for people.
    pub tracked: Vec<TrackedFinding>,
}

#[derive(Deserialize)]
struct Body {
    run_seq: u64,
    reaction: ReactionStatus,
    inputs: RecordedInputs,
}

impl Decided {
    /// Reads the decision of `record`.
    ///
    /// # Errors
    /// [`Exit::Io`] when the record can not be read.
    pub fn of(record: &LoggedRecord) -> Result<Self, Failure> {
        let damaged = || Failure::new(Exit::Io, format!("record {} of the log is damaged", record.index));
        let Body { run_seq, reaction, inputs } = serde_json::from_slice(&record.body).map_err(|_| damaged())?;
        let tracked = tracked_in(&record.body).ok_or_else(damaged)?;
        Ok(Self { run_seq, reaction, inputs, tracked })
    }
}
