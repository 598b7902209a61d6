//! The whole of what rules are asked about.

use serde_json::{Value, json};

use super::observed::observed_facts;
use crate::api::{Assessment, Coverage, StatusFinding};

/// What rules are asked about: an object whose `facts` are those of the run with its verdict. `facts` is null when there are none.
pub fn observation(facts: &Value, assessment: Assessment, coverage: Coverage, findings: &[StatusFinding]) -> Value {
    json!({"facts": observed_facts(Some(facts), assessment, coverage, findings)})
}
