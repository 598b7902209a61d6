//! One rule: conditions, and what follows when they all hold.

use serde_json::{Value, json};

use super::condition::Condition;
use super::identity::canonical_digest;
use super::outcome::Outcome;
use super::severity::FindingSeverity;
use crate::api::Digest;

/// What a rule says was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingWords {
    /// Kind, 1 to 128 characters.
    pub kind: String,
    /// How loud it is.
    pub severity: FindingSeverity,
    /// One sentence, 1 to 512 characters.
    pub summary: String,
}

impl FindingWords {
    /// As records keep it.
    pub fn record(&self) -> Value {
        json!({"kind": self.kind, "severity": self.severity.as_str(), "summary": self.summary})
    }
}

/// A compiled rule. Immutable: its digest is that of its content.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub(super) id: String,
    pub(super) priority: i64,
    pub(super) when: Vec<Condition>,
    pub(super) finding: FindingWords,
    pub(super) outcome: Outcome,
    pub(super) intent: Option<String>,
    pub(super) digest: Digest,
}

/// A condition of a rule and what it met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input<'a> {
    /// The condition.
    pub condition: &'a Condition,
    /// What stands at its path; `None` when nothing does.
    pub actual: Option<&'a Value>,
    /// Whether it holds.
    pub holds: bool,
}

impl Rule {
    /// Id, 1 to 128 characters.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Lower is asked first.
    pub const fn priority(&self) -> i64 {
        self.priority
    }

    /// Conditions; all have to hold.
    pub fn conditions(&self) -> &[Condition] {
        &self.when
    }

    /// What it says was found.
    pub const fn finding(&self) -> &FindingWords {
        &self.finding
    }

    /// What it asks for.
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The intent it names, when its outcome runs one.
    pub fn intent(&self) -> Option<&str> {
        self.intent.as_deref()
    }

    /// Digest of its content.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Each condition with what it meets in an observation.
    pub fn inputs<'a>(&'a self, observation: &'a Value) -> impl Iterator<Item = Input<'a>> {
        self.when.iter().map(|condition| {
            let actual = condition.actual(observation);
            Input { condition, actual, holds: condition.holds(actual) }
        })
    }

    /// Digest of the conditions in their order.
    pub(super) fn conditions_digest(&self) -> Digest {
        canonical_digest(&self.when.iter().map(Condition::record).collect())
    }

    /// The same with its digest.
    pub(super) fn sealed(mut self) -> Self {
        self.digest = canonical_digest(&json!({
            "id": self.id,
            "priority": self.priority,
            "when": self.when.iter().map(Condition::record).collect::<Vec<_>>(),
            "finding": self.finding.record(),
            "outcome": self.outcome.as_str(),
            "intent_ref": self.intent,
        }));
        self
    }
}
