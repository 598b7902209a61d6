//! What rules read: the facts of a run, and what the run said of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::{Assessment, Coverage, StatusFinding};

/// Member of the observed facts that says what the run concluded.
pub const VERDICT: &str = "verdict";

/// The facts that the rules of a pack read: those of the run, and a member `verdict` with the assessment (expectations included), the
/// coverage, and how many findings there are of each kind and of each reason code. A run without facts has nothing else. A path is
/// cut at dots, so a dot in a reason code is written `_`.
///
/// ```
/// use serde_json::json;
/// use tecrax::api::{Assessment, Coverage};
/// use tecrax::reaction::observed_facts;
///
/// let facts = observed_facts(Some(&json!({"healthy": true})), Assessment::Healthy, Coverage::Complete, &[]);
/// let verdict = json!({"assessment": "healthy", "coverage": "complete", "kinds": {}, "reasons": {}});
/// assert_eq!(facts, json!({"healthy": true, "verdict": verdict}));
/// ```
pub fn observed_facts(facts: Option<&Value>, assessment: Assessment, coverage: Coverage, findings: &[StatusFinding]) -> Value {
    let facts = facts.and_then(Value::as_object).cloned().unwrap_or_default();
    Value::Object(with_verdict(facts, assessment, coverage, findings))
}

/// The same out of facts that nobody else needs.
pub(super) fn with_verdict(
    mut facts: Map<String, Value>,
    assessment: Assessment,
    coverage: Coverage,
    findings: &[StatusFinding],
) -> Map<String, Value> {
    let verdict = json!({
        "assessment": assessment.as_str(),
        "coverage": coverage.as_str(),
        "kinds": counts(findings.iter().map(|finding| finding.kind.as_str())),
        "reasons": counts(findings.iter().map(|finding| finding.reason_code.as_str())),
    });
    facts.insert(VERDICT.to_owned(), verdict);
    facts
}

fn counts<'a>(words: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for word in words {
        *counts.entry(word.replace('.', "_")).or_default() += 1;
    }
    counts.into_iter().map(|(word, count)| (word, count.into())).collect()
}
