//! What a second look is about: what an answer that all is well can refute.

use super::chain::Chain;
use super::pack::{Condition, Rule};
use crate::api::{FindingKey, TrackedFinding};
use crate::profile::{Intent, WorkflowStep};

/// Where every path begins.
const ROOT: &str = "facts.";
/// Path of the counts of reason codes.
const REASONS: &str = "verdict.reasons.";
/// Path of the counts of kinds.
const KINDS: &str = "verdict.kinds.";
/// Kind of a finding about a reading that has no usable output.
const READING: &str = "reading";

/// A second look that a rule asks for.
#[derive(Debug, Clone, Copy)]
pub struct SecondLook<'a> {
    /// The pair's own intent.
    pub own: &'a str,
    /// The intent of the run that asks.
    pub asker: &'a str,
    /// The intent that is asked.
    pub asked: &'a Intent,
    /// The rule that asks.
    pub rule: Option<&'a Rule>,
}

/// The findings of the run on schedule that the answer speaks for. `None` stands for all: the question is the pair's own.
///
/// Another question speaks for what the rule's conditions name, and for readings that it takes itself. Asked once more it speaks for
/// the same; what it asks for in turn is a matter of its own facts, and speaks for none.
pub fn about(look: &SecondLook<'_>, chain: &Chain, tracked: &[TrackedFinding]) -> Option<Vec<FindingKey>> {
    let SecondLook { own, asker, asked, rule } = *look;
    if asked.id == own {
        return None;
    }
    if asker == asked.id {
        return chain.about.clone();
    }
    if asker != own {
        return Some(Vec::new());
    }
    let conditions = rule.map(Rule::conditions).unwrap_or_default();
    let spoken_of = |tracked: &&TrackedFinding| {
        let key = tracked.key();
        conditions.iter().any(|condition| names(condition, &key)) || takes(asked, tracked)
    };
    Some(tracked.iter().filter(spoken_of).map(TrackedFinding::key).collect())
}

/// Whether a condition names the finding: its reason code or kind in the verdict, or its component in the path of a fact.
fn names(condition: &Condition, key: &FindingKey) -> bool {
    let path = condition.path();
    let path = path.strip_prefix(ROOT).unwrap_or(path);
    if let Some(code) = path.strip_prefix(REASONS) {
        return code == key.reason_code.replace('.', "_");
    }
    if let Some(kind) = path.strip_prefix(KINDS) {
        return kind == key.kind.replace('.', "_");
    }
    !key.component.is_empty() && format!(".{path}.").contains(&format!(".{}.", key.component))
}

/// Whether it is about readings only that the intent takes, too.
fn takes(asked: &Intent, tracked: &TrackedFinding) -> bool {
    let taken = |step: &String| asked.workflow.steps.iter().any(|own| matches!(own, WorkflowStep::Read { id, .. } if id == step));
    let TrackedFinding { finding, blind, .. } = tracked;
    // One for several readings names none of them.
    finding.kind == READING
        && (taken(&finding.component) || (!blind.contains(&finding.component) && !blind.is_empty() && blind.iter().all(taken)))
}
