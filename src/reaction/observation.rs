//! The whole of what rules are asked about.

use serde_json::{Map, Value};

use super::observed::with_verdict;
use crate::api::{Assessment, Coverage, StatusFinding};

/// What rules are asked about: an object whose `facts` are those of the run with its verdict. `facts` is null when there are none.
pub fn observation(facts: Value, assessment: Assessment, coverage: Coverage, findings: &[StatusFinding]) -> Value {
    let facts = match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    };
    let observed = with_verdict(facts, assessment, coverage, findings);
    Value::Object(Map::from_iter([("facts".to_owned(), Value::Object(observed))]))
}
