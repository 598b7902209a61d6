//! The state of an Escalation as a fold over its records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::{Digest, EscalationId};
use crate::evidence::{Head, Record, RecordKind};
use crate::reaction::escalation::{EscalationChange, Matter};

/// Everything that is known of an Escalation: what its last record says, and where that record is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationState {
    /// Namespace and name.
    pub id: EscalationId,
    /// Sequence number of the last record.
    pub seq: u64,
    /// Leaf hash of the last record.
    pub leaf: Digest,
    /// When it was sealed; `None` without a record.
    pub changed_at: Option<Timestamp>,
    /// What happened last; `None` without a record that this version can read.
    pub change: Option<EscalationChange>,
    /// What it says; `None` without a record that this version can read.
    pub matter: Option<Matter>,
}

/// The part of a record's body that the fold reads.
#[derive(Deserialize)]
struct EscalationRecord {
    change: EscalationChange,
}

/// The part of a record's detail that the fold reads.
#[derive(Deserialize)]
struct EscalationDetail {
    matter: Matter,
}

impl EscalationState {
    /// The state of an Escalation without records.
    pub const fn new(id: EscalationId) -> Self {
        let head = Head::empty();
        Self { id, seq: head.seq, leaf: head.leaf, changed_at: None, change: None, matter: None }
    }

    /// Where the next record binds to.
    pub const fn head(&self) -> Head {
        Head { seq: self.seq, leaf: self.leaf }
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.matter.as_ref().is_some_and(Matter::is_open)
    }

    /// Whether a person is to be called for it at `now`: open, not suppressed, not acknowledged.
    pub fn calls(&self, now: Timestamp) -> bool {
        self.matter.as_ref().is_some_and(|matter| matter.calls(now))
    }
}

/// Takes one record into the state. A body that this version can not read only moves the head.
pub fn fold_escalation(mut state: EscalationState, record: &Record<'_>) -> EscalationState {
    state.seq = record.header.seq;
    state.leaf = record.leaf;
    state.changed_at = Some(record.header.sealed_at);
    if RecordKind::parse(&record.header.kind) == Some(RecordKind::Escalation)
        && let Ok(EscalationRecord { change }) = serde_json::from_slice(record.body)
        && let Some(EscalationDetail { matter }) = record.detail.and_then(|detail| serde_json::from_slice(detail).ok())
    {
        state.change = Some(change);
        state.matter = Some(matter);
    }
    state
}
