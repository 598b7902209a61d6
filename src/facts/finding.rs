//! What is not as it should be, or could not be seen.

use serde::{Deserialize, Serialize};

use super::text;
use crate::api::StatusFinding;

/// Most findings of one run; the rest is dropped in order.
pub const FINDINGS_MAX: usize = 32;
/// Longest component, in characters.
const COMPONENT_MAX: usize = 128;
/// Longest kind or reason code, in characters.
const CODE_MAX: usize = 96;
/// Longest message or next step, in characters.
const SENTENCE_MAX: usize = 512;

/// Where a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    /// A reading that was not taken.
    Reading,
    /// An expectation of the Check that does not hold, or whose fact was not observed.
    Expectation,
    /// What the contract judges, or misses.
    Facts,
}

impl FindingKind {
    /// The word used in status and evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Expectation => "expectation",
            Self::Facts => "facts",
        }
    }
}

/// One thing that is not as it should be. Its key is kind, component and reason code; everything is bounded and one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Where it comes from.
    pub kind: FindingKind,
    /// Which part of the target: a step id, the key of an expectation, or a component of the contract.
    pub component: String,
    /// Why: a constant of [`crate::api::reason`], or a code of the contract such as `ntp_not_synchronized`.
    pub reason_code: String,
    /// One sentence for a person.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
}

impl Finding {
    /// A finding with every text within its bound.
    pub(super) fn new(kind: FindingKind, component: &str, reason_code: &str, message: &str) -> Self {
        Self {
            kind,
            component: text::collapse(component, COMPONENT_MAX),
            reason_code: text::collapse(reason_code, CODE_MAX),
            message: text::collapse(message, SENTENCE_MAX),
            next_step: None,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub(super) fn next_step(mut self, step: Option<&str>) -> Self {
        self.next_step = step.map(|step| text::collapse(step, SENTENCE_MAX)).filter(|step| !step.is_empty());
        self
    }
}

impl From<Finding> for StatusFinding {
    fn from(finding: Finding) -> Self {
        Self {
            kind: finding.kind.as_str().into(),
            component: finding.component,
            reason_code: finding.reason_code,
            message: finding.message,
            next_step: finding.next_step,
        }
    }
}
