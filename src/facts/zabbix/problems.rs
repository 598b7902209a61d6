//! `tecrax.zabbix_problem_summary`: how many problems are open, by severity. No names, no hosts.
//!
//! 1.1 leaves open what was not observed (a count may be null) and names each severity that was not. Any open problem is degraded,
//! whatever else is missing.

use serde_json::{Map, Value, json};

use super::counts::{self, Counted};
use crate::facts::envelope::{Frame, NormalizeError, at};
use crate::facts::finding::{Finding, FindingKind};
use crate::facts::reading::{Context, Readings};
use crate::facts::subject::{Subject, no_effects};

const FRAME: Frame = Frame {
    id: "tecrax.zabbix_problem_summary",
    version: "1.1",
    requested: &["not_classified", "information", "warning", "average", "high", "disaster"],
    non_claims: &["problem_names", "trigger_names", "host_names", "event_payloads", "root_cause"],
};

const COUNTED: &[Counted] = &[
    ("not_classified", &["read_zabbix_problem_count_not_classified"]),
    ("information", &["read_zabbix_problem_count_information"]),
    ("warning", &["read_zabbix_problem_count_warning"]),
    ("average", &["read_zabbix_problem_count_average"]),
    ("high", &["read_zabbix_problem_count_high"]),
    ("disaster", &["read_zabbix_problem_count_disaster"]),
];

/// Name of the counts.
const COUNTS: &str = "problem_counts_by_severity";
/// What 1.0 says instead of naming components.
const NOT_OBSERVED_1_0: &str = "one_or_more_problem_severity_counts";
/// Schema that 1.0 names.
const SCHEMA_1_0: &str = "schemas/zabbix_problem_summary.v1.schema.json";

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_zabbix_problem_summary",
    state_key: "zabbix_problem_summary",
    components: COUNTED,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    project,
};

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let (counts, missing) = counts::counts(readings, COUNTED);
    let complete = missing.is_empty();
    let open: u64 = counts.iter().flatten().sum();
    let by_severity: Map<String, Value> =
        FRAME.requested.iter().zip(&counts).map(|(severity, count)| ((*severity).to_owned(), json!(count))).collect();
    let payload = json!({
        "observation_scope": "problem_count_summary_only",
        COUNTS: by_severity,
        "total_open_problems": complete.then_some(open),
        "complete": complete,
        "healthy": complete && open == 0,
    });
    FRAME.seal(payload, &missing, counts::ladder(open > 0, complete))
}

fn judge(facts: &Value) -> Vec<Finding> {
    let open = |severity: &&&str| at(facts, &[COUNTS, severity]).as_u64().filter(|count| *count > 0);
    let severities = FRAME.requested.iter().rev();
    severities
        .filter_map(|severity| {
            let count = open(&severity)?;
            let message = format!("`{COUNTS}.{severity}` is {count}: problems of this severity are open");
            let step = "look at Monitoring, Problems in Zabbix, filtered by this severity";
            Some(Finding::new(FindingKind::Facts, severity, "zabbix_open_problems", &message).next_step(Some(step)))
        })
        .collect()
}

fn project(facts: &mut Map<String, Value>) {
    counts::project(facts, &[COUNTS], NOT_OBSERVED_1_0, SCHEMA_1_0);
}
