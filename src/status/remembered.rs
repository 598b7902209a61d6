//! A finding over time as reaction records have it, and its words.

use jiff::Timestamp;
use serde::Deserialize;

use super::PairState;
use crate::api::{Criticality, FindingKey, FindingStage, StatusFinding, TrackedFinding};

/// A finding over time as reaction records have it: without words for people, which stay on this machine.
#[derive(Deserialize)]
pub(super) struct Remembered {
    component: String,
    kind: String,
    reason: String,
    severity: Criticality,
    stage: FindingStage,
    first_seen: Timestamp,
    last_seen: Timestamp,
    seen: u32,
    gone: u32,
    #[serde(default)]
    blind: Vec<String>,
}

impl Remembered {
    /// With the words of the latest run that saw it.
    pub(super) fn told(self, state: &PairState) -> TrackedFinding {
        let Self { component, kind, reason, severity, stage, first_seen, last_seen, seen, gone, blind } = self;
        let key = FindingKey { kind, component, reason_code: reason };
        let now = state.findings.iter().find(|finding| FindingKey::from(*finding) == key);
        let before = || state.tracked.iter().map(|tracked| &tracked.finding).find(|finding| FindingKey::from(*finding) == key);
        let finding = now.or_else(before).cloned().unwrap_or_else(|| wordless(key));
        TrackedFinding { finding, severity, stage, first_seen, last_seen, seen, gone, blind }
    }
}

/// A finding whose words are not kept: it was one of more than a status holds.
fn wordless(key: FindingKey) -> StatusFinding {
    let message = key.to_string();
    let FindingKey { kind, component, reason_code } = key;
    StatusFinding { kind, component, reason_code, message, next_step: None }
}
