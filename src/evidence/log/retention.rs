//! What stands for records that were dropped.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::json::Json;
use super::super::{Head, RecordKind, Redacted, Sealed, Subject, seal};
use super::tree::{BLOCK, Frontier};
use crate::api::Digest;

/// States of one sealed chunk.
pub const STATES_PER_CHUNK: usize = 256;

/// The body of a retention record: what stands for the records before `pruned`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Records before this index are gone; a multiple of 256.
    pub pruned: u64,
    /// Root of the tree at that size.
    pub root: Digest,
    /// Peaks of the tree at that size, largest first.
    pub peaks: Vec<Digest>,
    /// Sequence number of the log's own last record before that point; 0 when there is none.
    pub log_seq: u64,
    /// Its leaf hash.
    pub log_leaf: Digest,
    /// Digests of the sealed states at that point: canonical JSON lists of at most 256 states each, in the order of the pairs.
    pub states: Vec<Digest>,
    /// Pairs in them.
    pub pairs: u64,
    /// Digests of the sealed states of Escalations at that point, in lists of at most 256 in the order of their names; none in old
    /// records.
    #[serde(default)]
    pub escalations: Vec<Digest>,
    /// What was dropped this time.
    pub dropped: Dropped,
}

/// What a retention record dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// First index.
    pub from: u64,
    /// How many records.
    pub records: u64,
    /// Those that were runs.
    pub runs: u64,
    /// The earliest instant at which one was sealed.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
    /// `age` or `bytes`: which limit they were beyond.
    pub reason: String,
}

impl Retention {
    /// The frontier at that point; `None` when the body contradicts itself.
    pub fn frontier(&self) -> Option<Frontier> {
        let frontier = Frontier::from_peaks(self.pruned, self.peaks.clone())?;
        (self.pruned.is_multiple_of(BLOCK) && frontier.root() == self.root).then_some(frontier)
    }

    /// The head of the log's own sequence at that point.
    pub const fn log_head(&self) -> Head {
        Head { seq: self.log_seq, leaf: self.log_leaf }
    }

    /// Reads a body; `None` when it is no such body.
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Seals it as the record after `head` in the log's own sequence. It holds digests, numbers and instants only: nothing in it
    /// could be a secret.
    pub fn seal(&self, origin: &str, head: Head, at: Timestamp) -> Sealed {
        let dropped = Json::from([
            ("first", Json::from(self.dropped.first.to_string())),
            ("from", Json::from(self.dropped.from)),
            ("last", Json::from(self.dropped.last.to_string())),
            ("reason", Json::from(self.dropped.reason.as_str())),
            ("records", Json::from(self.dropped.records)),
            ("runs", Json::from(self.dropped.runs)),
        ]);
        let digests = |list: &[Digest]| list.iter().map(Digest::to_string).collect::<Json>();
        let body = Json::from([
            ("dropped", dropped),
            ("escalations", digests(&self.escalations)),
            ("log_leaf", Json::from(self.log_leaf.to_string())),
            ("log_seq", Json::from(self.log_seq)),
            ("pairs", Json::from(self.pairs)),
            ("peaks", digests(&self.peaks)),
            ("pruned", Json::from(self.pruned)),
            ("root", Json::from(self.root.to_string())),
            ("states", digests(&self.states)),
        ]);
        let body = Redacted::assembled(body);
        seal(origin, &Subject::Log, head, RecordKind::Retention, body, Vec::new(), at)
    }
}
