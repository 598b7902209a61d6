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
    seen_before: u32,
    #[serde(default)]
    runs_before: u32,
    #[serde(default)]
    blind: Vec<String>,
}

/// The part of a reaction record that is read here.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    findings: Vec<Remembered>,
}

/// What the body of a reaction record says that its pair remembers, without words for people; `None` when it can not be read.
pub fn tracked_in(body: &[u8]) -> Option<Vec<TrackedFinding>> {
    let Body { findings } = serde_json::from_slice(body).ok()?;
    Some(findings.into_iter().map(Remembered::bare).collect())
}

impl Remembered {
    /// Without words.
    fn bare(self) -> TrackedFinding {
        let finding = wordless(self.key());
        self.with(finding)
    }

    /// With the words of the latest run that saw it.
    pub(super) fn told(self, state: &PairState) -> TrackedFinding {
        let key = self.key();
        let now = state.findings.iter().find(|finding| FindingKey::from(*finding) == key);
        let before = || state.tracked.iter().map(|tracked| &tracked.finding).find(|finding| FindingKey::from(*finding) == key);
        let finding = now.or_else(before).cloned().unwrap_or_else(|| wordless(key));
        self.with(finding)
    }

    fn key(&self) -> FindingKey {
        FindingKey { kind: self.kind.clone(), component: self.component.clone(), reason_code: self.reason.clone() }
    }

    fn with(self, finding: StatusFinding) -> TrackedFinding {
        let Self { severity, stage, first_seen, last_seen, seen, gone, seen_before, runs_before, blind, .. } = self;
        TrackedFinding { finding, severity, stage, first_seen, last_seen, seen, gone, seen_before, runs_before, blind }
    }
}

/// A finding whose words are not kept: it was one of more than a status holds.
fn wordless(key: FindingKey) -> StatusFinding {
    let message = key.to_string();
    let FindingKey { kind, component, reason_code } = key;
    StatusFinding { kind, component, reason_code, message, next_step: None }
}
