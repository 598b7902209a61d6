//! `tecrax.zabbix_problem_summary`: how many problems are open, by severity. No names, no hosts.
//!
//! 1.1 leaves open what was not observed (a count may be null) and names each count that was not. Any open problem is degraded,
//! whatever else is missing. Where the token shows no host at all, no problem could have been seen either: no severity was observed (each
//! is null, whatever Zabbix counts), and that is unknown. The hosts are counted as for the summary of their availability, by the same readings.

use serde_json::{Map, Value, json};

use super::counts::{self, Counted, NO_HOST};
use crate::api::Coverage;
use crate::facts::envelope::{Frame, NormalizeError, at};
use crate::facts::finding::{Finding, FindingKind};
use crate::facts::reading::{Context, Readings};
use crate::facts::subject::{Subject, by_scope, joins_none};

const FRAME: Frame = Frame {
    id: "tecrax.zabbix_problem_summary",
    version: "1.1",
    requested: &[
        "not_classified",
        "information",
        "warning",
        "average",
        "high",
        "disaster",
        counts::HOSTS_ENABLED.0,
        counts::HOSTS_DISABLED.0,
    ],
    non_claims: &["problem_names", "trigger_names", "host_names", "event_payloads", "root_cause"],
};

const COUNTED: &[Counted] = &[
    ("not_classified", &["read_zabbix_problem_count_not_classified"]),
    ("information", &["read_zabbix_problem_count_information"]),
    ("warning", &["read_zabbix_problem_count_warning"]),
    ("average", &["read_zabbix_problem_count_average"]),
    ("high", &["read_zabbix_problem_count_high"]),
    ("disaster", &["read_zabbix_problem_count_disaster"]),
    counts::HOSTS_ENABLED,
    counts::HOSTS_DISABLED,
];
/// How many of them are severities; the rest counts hosts.
const SEVERITIES: usize = 6;

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
    sees,
    keys: &[
        ("problem_counts_by_severity.not_classified", "not_classified"),
        ("problem_counts_by_severity.information", "information"),
        ("problem_counts_by_severity.warning", "warning"),
        ("problem_counts_by_severity.average", "average"),
        ("problem_counts_by_severity.high", "high"),
        ("problem_counts_by_severity.disaster", "disaster"),
        ("total_open_problems", "not_classified"),
        ("total_open_problems", "information"),
        ("total_open_problems", "warning"),
        ("total_open_problems", "average"),
        ("total_open_problems", "high"),
        ("total_open_problems", "disaster"),
        ("host_counts.enabled", counts::HOSTS_ENABLED.0),
        ("host_counts.disabled", counts::HOSTS_DISABLED.0),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects,
    shows: by_scope,
    project,
};

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let (counts, missing) = counts::counts(readings, COUNTED);
    let (severities, hosts) = counts.split_at_checked(SEVERITIES).unwrap_or((&counts, &[]));
    let complete = missing.is_empty();
    let open: u64 = severities.iter().flatten().sum();
    let blind = open == 0 && hosts.iter().all(|count| *count == Some(0));
    let by_severity: Map<String, Value> =
        names().zip(severities).map(|(severity, count)| (severity.to_owned(), json!(count.filter(|_| !blind)))).collect();
    let host = |place: usize| hosts.get(place).copied().flatten();
    let payload = json!({
        "observation_scope": "problem_count_summary_only",
        COUNTS: by_severity,
        "total_open_problems": (!blind && severities.iter().all(Option::is_some)).then_some(open),
        counts::HOSTS: {"enabled": host(0), "disabled": host(1)},
        "complete": complete,
        "healthy": complete && open == 0 && !blind,
    });
    let not_observed = if blind { severities_of_scope() } else { &missing };
    FRAME.seal(payload, not_observed, counts::ladder(open > 0, complete && !blind))
}

/// The components that are severities, the least first.
fn severities_of_scope() -> &'static [&'static str] {
    FRAME.requested.split_at_checked(SEVERITIES).map_or(FRAME.requested, |(severities, _)| severities)
}

fn names() -> impl DoubleEndedIterator<Item = &'static str> + ExactSizeIterator {
    severities_of_scope().iter().copied()
}

fn sees(facts: &Value) -> bool {
    counts::sees(facts, COUNTS)
}

/// Whether no problem was seen, and no host that could have one.
fn is_blind(facts: &Value) -> bool {
    counts::no_host(facts) && !sees(facts)
}

fn effects(facts: &Value) -> &'static [&'static str] {
    if is_blind(facts) { severities_of_scope() } else { &[] }
}

fn judge(facts: &Value) -> Vec<Finding> {
    let open = |severity: &str| at(facts, &[COUNTS, severity]).as_u64().filter(|count| *count > 0);
    let found: Vec<Finding> = names()
        .rev()
        .filter_map(|severity| {
            let count = open(severity)?;
            let message = format!("`{COUNTS}.{severity}` is {count}: problems of this severity are open");
            let step = "look at Monitoring, Problems in Zabbix, filtered by this severity";
            Some(Finding::new(FindingKind::Facts, severity, "zabbix_open_problems", &message).next_step(Some(step)))
        })
        .collect();
    if is_blind(facts) {
        let message = "`host_counts` is 0 and 0: the user of the token sees no host, and no problem of any";
        let component = counts::HOSTS_ENABLED.0;
        return vec![Finding::new(FindingKind::Facts, component, NO_HOST, message).next_step(Some(counts::SEE_HOSTS))];
    }
    found
}

/// 1.0 counts no hosts: it calls healthy whatever has no problem, seen or not.
fn project(facts: &mut Map<String, Value>) {
    // A token that sees no host sees no problem: what was counted of each severity is 0 there.
    let none = facts.get("complete") == Some(&Value::Bool(true)) && counts::no_host(&Value::Object(facts.clone()));
    let all = facts.get("total_open_problems").and_then(Value::as_u64).or_else(|| none.then_some(0));
    facts.insert("total_open_problems".into(), json!(all));
    facts.remove(counts::HOSTS);
    facts.insert("complete".into(), all.is_some().into());
    facts.insert("healthy".into(), (all == Some(0)).into());
    if let Some(open) = all {
        facts.insert("assessment".into(), json!({"state": counts::ladder(open > 0, true).as_str()}));
        facts.insert("coverage".into(), json!({"state": Coverage::Complete.as_str(), "blockers": []}));
        if let Some(Value::Object(scope)) = facts.get_mut("scope") {
            scope.insert("not_observed".into(), json!([]));
        }
    }
    counts::project(facts, &[COUNTS], NOT_OBSERVED_1_0, SCHEMA_1_0);
}
