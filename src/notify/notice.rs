//! What is to be told of one incident, whoever is told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::{Criticality, FindingKey, Labels, Namespace};

/// Most Targets that are named to a Sink.
pub const MAX_TARGETS: usize = 50;
/// Most lines of a description.
pub const MAX_LINES: usize = 32;
/// Longest text of a notice, in characters; longer ones are cut.
pub const MAX_TEXT: usize = 1024;

/// One incident of one Escalation as it stands. The same incident always has the same [`Notice::identity`], in every process and
/// after every restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Namespace of the Escalation.
    pub namespace: Namespace,
    /// Name of the Escalation.
    pub name: String,
    /// uid of the Escalation.
    pub uid: String,
    /// Which time it is open, from 1.
    pub incident: u64,
    /// Why nobody is called now; `None` when somebody is to be.
    pub held: Option<Held>,
    /// How loud it is.
    pub severity: Criticality,
    /// How loud it was when the Sink first heard of it; `None` before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_as: Option<Criticality>,
    /// What it is about: one Target, or those of a group. A Sink that selects one of them is told.
    pub targets: Vec<NoticeTarget>,
    /// How many there are.
    pub target_count: usize,
    /// What is wrong.
    pub finding: FindingKey,
    /// One sentence.
    pub summary: String,
    /// What a person wants to know besides, a line each.
    pub description: Vec<String>,
    /// Where the runbook is.
    pub runbook: Option<String>,
    /// Since when it is open.
    pub since: Timestamp,
    /// Since when it is over; `None` while it is open.
    pub resolved: Option<Timestamp>,
    /// Index in the log of the record that says so.
    pub log_index: Option<u64>,
    /// What to type to learn why.
    pub explain: Option<String>,
}

/// Why nobody is called now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// A parent or a mass failure is the cause, or may turn out to be.
    Suppressed,
    /// Somebody knows.
    Acknowledged,
    /// It is told as part of a group.
    Grouped,
}

/// One Target of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeTarget {
    /// Name.
    pub name: String,
    /// Labels.
    pub labels: Labels,
}

impl Notice {
    /// What makes it the same incident: `uid/incident`.
    pub fn identity(&self) -> String {
        format!("{}/{}", self.uid, self.incident)
    }

    /// How loud the Sink was told it is: that does not change as long as it is the same incident.
    pub fn label(&self) -> Criticality {
        self.told_as.unwrap_or(self.severity)
    }

    /// The same within its bounds.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.targets.truncate(MAX_TARGETS);
        self.description.truncate(MAX_LINES);
        let texts = [Some(&mut self.summary), self.runbook.as_mut(), self.explain.as_mut()];
        for text in texts.into_iter().flatten().chain(&mut self.description) {
            if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
                text.truncate(end);
                text.push('…');
            }
        }
        self
    }

    /// The same, over since `at`.
    #[must_use]
    pub fn over(self, at: Timestamp) -> Self {
        Self { resolved: Some(self.resolved.unwrap_or(at)), ..self }
    }
}
