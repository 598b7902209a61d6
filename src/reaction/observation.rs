//! The whole of what rules are asked about.

use serde_json::{Value, json};

use super::observed::observed_facts;
use super::waiver::WAIVER;
use crate::api::{Assessment, Coverage, StatusFinding};

/// What rules are asked about: an object whose `facts` are those of the run with its verdict. `facts` is null when there are none. What
/// is said of waivers is left out: it is not about the target.
pub fn observation(facts: &Value, assessment: Assessment, coverage: Coverage, findings: &[StatusFinding]) -> Value {
    let about_target: Vec<StatusFinding> = findings.iter().filter(|finding| finding.kind != WAIVER).cloned().collect();
    json!({"facts": observed_facts(Some(facts), assessment, coverage, &about_target)})
}
