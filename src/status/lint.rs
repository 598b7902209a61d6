//! Contradictions inside a status. Every test runs its statuses through this.

use crate::api::{Assessment, ConditionStatus, ConditionType, Coverage, ObservationStatus, ReactionOutcome};
use crate::reaction::WAIVER;

/// Sentences about every contradiction; empty for a sound status.
pub fn lint(status: &ObservationStatus) -> Vec<String> {
    let mut wrong = Vec::new();
    let find = |wanted: ConditionType| status.conditions.iter().find(|condition| condition.r#type == wanted);
    let healthy = find(ConditionType::Healthy).map(|condition| condition.status);
    let expected = match status.assessment {
        Assessment::Healthy => ConditionStatus::True,
        Assessment::Unknown => ConditionStatus::Unknown,
        Assessment::Degraded | Assessment::Unhealthy => ConditionStatus::False,
    };
    if healthy != Some(expected) {
        wrong.push(format!("assessment {} with condition Healthy {healthy:?}", status.assessment.as_str()));
    }
    if find(ConditionType::Ready).is_none() {
        wrong.push("no condition Ready".to_owned());
    }
    // That a waiver ends soon says nothing about the target.
    let about_target = || status.findings.iter().filter(|finding| finding.kind != WAIVER);
    if status.assessment == Assessment::Healthy && about_target().next().is_some() {
        wrong.push("healthy with findings".to_owned());
    }
    if status.assessment == Assessment::Healthy && status.coverage == Coverage::Blocked {
        wrong.push("healthy without having seen anything".to_owned());
    }
    if status.assessment != Assessment::Healthy && about_target().next().is_none() {
        wrong.push(format!("{} without a finding", status.assessment.as_str()));
    }
    let escalated = find(ConditionType::Escalated).is_some();
    // What was raised stays raised until it is seen gone, so the condition may outlive the outcome.
    if status.reaction.outcome == ReactionOutcome::Escalate && !escalated {
        wrong.push(format!("reaction {} with condition Escalated {escalated}", status.reaction.outcome.as_str()));
    }
    for pair in status.conditions.windows(2) {
        if let [a, b] = pair
            && a.r#type >= b.r#type
        {
            wrong.push("conditions are not sorted by type".to_owned());
        }
    }
    wrong
}
