//! The reason and the sentence that stand for a whole run.

use crate::api::{Assessment, StatusFinding, reason};

/// Kind of a finding about a reading that has no usable output.
const READING: &str = "reading";
/// Kind of a finding about an expectation.
const EXPECTATION: &str = "expectation";

/// Orders the findings so that the cause of the assessment comes first, and names it: (CamelCase reason, one sentence).
pub fn judge(assessment: Assessment, findings: &mut [StatusFinding]) -> (&'static str, String) {
    let rank = |finding: &StatusFinding| {
        let about_reading = finding.kind == READING || finding.reason_code == reason::EXPECTATION_NOT_OBSERVED;
        match assessment {
            Assessment::Unknown => u8::from(!about_reading),
            _ => u8::from(about_reading),
        }
    };
    findings.sort_by_key(rank);
    let first = findings.first();
    let word = match (assessment, first) {
        (Assessment::Healthy, _) => reason::ALL_HEALTHY,
        (Assessment::Unknown, Some(first)) => unknown_reason(first, findings),
        (Assessment::Unknown, None) => reason::PARTIAL_READINGS,
        (_, Some(first)) if first.kind == EXPECTATION => reason::EXPECTATION_FAILED,
        (Assessment::Degraded, _) => reason::DEGRADED,
        (Assessment::Unhealthy, _) => reason::UNHEALTHY,
    };
    let sentence = match (assessment, first) {
        (Assessment::Healthy, _) => "everything observed is as it should be".to_owned(),
        (_, Some(first)) => first.message.clone(),
        (_, None) => format!("judged {}", assessment.as_str()),
    };
    (word, sentence)
}

/// One class for all failed readings names itself; several are `PartialReadings`.
fn unknown_reason(first: &StatusFinding, findings: &[StatusFinding]) -> &'static str {
    let mut failed = findings.iter().filter(|finding| finding.kind == READING);
    if failed.any(|finding| finding.reason_code != first.reason_code) {
        return reason::PARTIAL_READINGS;
    }
    reason::ALL.iter().find(|(word, _)| *word == first.reason_code).map_or(reason::PARTIAL_READINGS, |(word, _)| word)
}
