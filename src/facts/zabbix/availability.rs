//! `tecrax.zabbix_host_availability_summary`: how many hosts are monitored, and how many of their agents answer Zabbix. No names.
//!
//! 1.1 leaves open what was not observed (a count may be null) and names each count that was not. An agent that is not available is
//! degraded, whatever else is missing; one of which Zabbix does not know yet is not. Where the token shows no host at all, no agent was
//! observed (their counts are null, whatever Zabbix says), and that is unknown: Zabbix counts what the user of the token may see.

use serde_json::{Map, Value, json};

use super::counts::{self, Counted, NO_HOST};
use crate::api::{Assessment, Coverage};
use crate::facts::envelope::{Frame, NormalizeError, at};
use crate::facts::finding::{Finding, FindingKind};
use crate::facts::reading::{Context, Readings};
use crate::facts::subject::{Subject, by_scope, joins_none};

const FRAME: Frame = Frame {
    id: "tecrax.zabbix_host_availability_summary",
    version: "1.1",
    requested: &["hosts_enabled", "hosts_disabled", "agents_unknown", "agents_available", "agents_unavailable"],
    non_claims: &["host_names", "interface_addresses", "templates", "inventory_fields", "configuration"],
};

const COUNTED: &[Counted] = &[
    counts::HOSTS_ENABLED,
    counts::HOSTS_DISABLED,
    ("agents_unknown", &["read_zabbix_agent_unknown_count"]),
    ("agents_available", &["read_zabbix_agent_available_count"]),
    ("agents_unavailable", &["read_zabbix_agent_unavailable_count"]),
];

/// The fact that holds what was counted of agents.
const AGENTS: &str = "agent_availability_counts";
/// How many of them count hosts; the rest counts agents.
const HOSTS: usize = 2;

/// What 1.0 says instead of naming components.
const NOT_OBSERVED_1_0: &str = "one_or_more_host_availability_counts";
/// Schema that 1.0 names.
const SCHEMA_1_0: &str = "schemas/zabbix_host_availability_summary.v1.schema.json";

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_zabbix_host_availability_summary",
    state_key: "zabbix_host_availability_summary",
    components: COUNTED,
    sees,
    keys: &[
        ("host_counts.enabled", counts::HOSTS_ENABLED.0),
        ("host_counts.disabled", counts::HOSTS_DISABLED.0),
        ("agent_availability_counts.unknown", "agents_unknown"),
        ("agent_availability_counts.available", "agents_available"),
        ("agent_availability_counts.unavailable", "agents_unavailable"),
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
    let complete = missing.is_empty();
    let count = |place: usize| counts.get(place).copied().flatten();
    let lost = count(4).is_some_and(|unavailable| unavailable > 0);
    let (hosts, agents) = counts.split_at_checked(HOSTS).unwrap_or((&counts, &[]));
    let blind = hosts.iter().all(|count| *count == Some(0)) && agents.iter().flatten().all(|count| *count == 0);
    let agent = |place: usize| count(place).filter(|_| !blind);
    let payload = json!({
        "observation_scope": "host_and_agent_availability_counts_only",
        counts::HOSTS: {"enabled": count(0), "disabled": count(1)},
        AGENTS: {"unknown": agent(2), "available": agent(3), "unavailable": agent(4)},
        "complete": complete,
        "healthy": complete && !lost && !blind,
    });
    let not_observed = if blind { agents_of_scope() } else { &missing };
    FRAME.seal(payload, not_observed, counts::ladder(lost, complete && !blind))
}

/// The components that count agents.
fn agents_of_scope() -> &'static [&'static str] {
    FRAME.requested.split_at_checked(HOSTS).map_or(FRAME.requested, |(_, agents)| agents)
}

fn effects(facts: &Value) -> &'static [&'static str] {
    if is_blind(facts) { agents_of_scope() } else { &[] }
}

fn sees(facts: &Value) -> bool {
    counts::sees(facts, AGENTS)
}

/// Whether no agent was seen, and no host that could have one.
fn is_blind(facts: &Value) -> bool {
    counts::no_host(facts) && !sees(facts)
}

fn judge(facts: &Value) -> Vec<Finding> {
    if is_blind(facts) {
        let message = "`host_counts` is 0 and 0: the user of the token sees no host, and no agent of any";
        let component = counts::HOSTS_ENABLED.0;
        return vec![Finding::new(FindingKind::Facts, component, NO_HOST, message).next_step(Some(counts::SEE_HOSTS))];
    }
    let lost = at(facts, &[AGENTS, "unavailable"]).as_u64().filter(|count| *count > 0);
    let finding = lost.map(|count| {
        let message = format!("`agent_availability_counts.unavailable` is {count}: Zabbix does not reach these agents");
        let step = "look at Data collection, Hosts in Zabbix, filtered by a red availability";
        Finding::new(FindingKind::Facts, "agents_unavailable", "zabbix_agents_unavailable", &message).next_step(Some(step))
    });
    finding.into_iter().collect()
}

/// 1.0 calls it healthy where there is nothing to count.
fn project(facts: &mut Map<String, Value>) {
    if facts.get("complete") == Some(&Value::Bool(true)) && is_blind(&Value::Object(facts.clone())) {
        facts.insert("healthy".into(), true.into());
        facts.insert("assessment".into(), json!({"state": Assessment::Healthy.as_str()}));
        facts.insert("coverage".into(), json!({"state": Coverage::Complete.as_str(), "blockers": []}));
        if let Some(Value::Object(scope)) = facts.get_mut("scope") {
            scope.insert("not_observed".into(), json!([]));
        }
    }
    counts::project(facts, &[counts::HOSTS, AGENTS], NOT_OBSERVED_1_0, SCHEMA_1_0);
}
