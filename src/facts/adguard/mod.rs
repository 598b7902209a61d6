//! `tecrax.adguard_reachability`: whether the DNS server answers a question and the login page is served.
//!
//! 1.1 leaves open what was not observed (`dns_resolves`, `dns_answer_count`, `web_login_reachable` and `web_login_http_status` may be
//! null) and says what the server said: its status, and how many answers were those of a blocked name. Such answers count as none,
//! and so does every text that is no record. A service that answered, but not as it should, was seen: that is unhealthy.

mod answer;

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, text_at, to_1_0};
use super::finding::{Finding, FindingKind};
use super::reading::{Context, Reading, Readings};
use super::subject::{Subject, always, by_scope, joins_none, no_effects};
use super::text::collapse;
use crate::api::Assessment;
use answer::Answers;

/// The step that asks the DNS server.
const DNS: &str = "read_adguard_dns_resolution";
/// The step that asks for the login page.
const LOGIN: &str = "read_adguard_login_status";
/// Longest status of the login page.
const STATUS_MAX: usize = 16;
/// What a login page answers with.
const LOGIN_STATUSES: [&str; 2] = ["200", "302"];
/// What this observation never looks at.
const NOT_LOOKED_AT: [&str; 3] = ["management_api", "configuration", "clients"];

const FRAME: Frame = Frame {
    id: "tecrax.adguard_reachability",
    version: "1.1",
    requested: &["dns_resolution", "web_login_reachability"],
    non_claims: &["filter_effectiveness", "upstream_health", "container_health"],
};

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_adguard_health",
    state_key: "adguard_health",
    components: &[("dns_resolution", &[DNS]), ("web_login_reachability", &[LOGIN])],
    sees: always,
    keys: &[
        ("dns_resolves", "dns_resolution"),
        ("dns_answer_count", "dns_resolution"),
        ("dns_blocked_count", "dns_resolution"),
        ("dns_status", "dns_resolution"),
        ("web_login_http_status", "web_login_reachability"),
        ("web_login_reachable", "web_login_reachability"),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows: by_scope,
    project,
};

/// What is known of one of the two.
enum Seen<T> {
    /// It answered.
    Said(T),
    /// It answered, but nobody can read the answer.
    Wrong,
    /// Nobody saw it.
    Not,
}

fn seen<T>(readings: &Readings, step: &str, read: impl Fn(&str) -> T) -> Seen<T> {
    match readings.get(step) {
        Some(Reading::Taken { stdout, .. }) => Seen::Said(read(stdout)),
        Some(reading) if reading.seen_wrong() => Seen::Wrong,
        Some(Reading::Failed { .. }) | None => Seen::Not,
    }
}

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let dns = match seen(readings, DNS, Answers::read) {
        Seen::Said(answers) => Some(answers),
        Seen::Wrong => Some(Answers::default()),
        Seen::Not => None,
    };
    let resolves = dns.as_ref().map(|answers| answers.count > 0);
    let login = match seen(readings, LOGIN, |text| collapse(text, STATUS_MAX)) {
        Seen::Said(status) => Some(status),
        Seen::Wrong => Some(String::new()),
        Seen::Not => None,
    };
    let reachable = login.as_deref().map(|status| LOGIN_STATUSES.contains(&status));

    let healthy = resolves == Some(true) && reachable == Some(true);
    let assessment = if healthy {
        Assessment::Healthy
    } else if resolves == Some(false) || reachable == Some(false) {
        Assessment::Unhealthy
    } else {
        Assessment::Unknown
    };
    let mut not_observed: Vec<&str> = Vec::new();
    if resolves.is_none() {
        not_observed.push("dns_resolution");
    }
    if reachable.is_none() {
        not_observed.push("web_login_reachability");
    }
    not_observed.extend(NOT_LOOKED_AT);
    let payload = json!({
        "observation_scope": "dns_and_web_login_only",
        "dns_resolves": resolves,
        "dns_answer_count": dns.as_ref().map(|answers| answers.count),
        "dns_blocked_count": dns.as_ref().map(|answers| answers.blocked),
        "dns_status": dns.as_ref().and_then(|answers| answers.status.as_deref()),
        "web_login_http_status": login,
        "web_login_reachable": reachable,
        "management_api_state": "not_observed",
        "container_runtime_state": "not_observed",
        "healthy": healthy,
    });
    FRAME.seal(payload, &not_observed, assessment)
}

fn judge(facts: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |component: &str, code: &str, message: &str, step: &str| {
        findings.push(Finding::new(FindingKind::Facts, component, code, message).next_step(Some(step)));
    };
    if at(facts, &["dns_resolves"]) == &Value::Bool(false) {
        if at(facts, &["dns_blocked_count"]).as_u64().is_some_and(|blocked| blocked > 0) {
            add(
                "dns_resolution",
                "dns_answer_blocked",
                "`dns_resolves` is false: the server answers with the address of a blocked name",
                "allow the name in AdGuard Home, or ask for another one with the parameter `record-name`",
            );
        } else {
            let status = match text_at(facts, &["dns_status"]) {
                "" => "nothing that is a record".to_owned(),
                "NOERROR" => "NOERROR and no address".to_owned(),
                status => status.to_owned(),
            };
            add(
                "dns_resolution",
                "dns_not_resolving",
                &format!("`dns_resolves` is false: the server answers {status}"),
                "look at the query log and the upstream servers of AdGuard Home, or ask for another name with `record-name`",
            );
        }
    }
    if at(facts, &["web_login_reachable"]) == &Value::Bool(false) {
        let status = match text_at(facts, &["web_login_http_status"]) {
            "" => "without a status".to_owned(),
            status => format!("with {status}"),
        };
        add(
            "web_login_reachability",
            "web_login_not_served",
            &format!("`web_login_reachable` is false: /login.html is answered {status} instead of 200 or 302"),
            "open the login page of AdGuard Home by hand, and check `baseURL` of the connection",
        );
    }
    findings
}

fn project(facts: &mut Map<String, Value>) {
    to_1_0(facts, None);
    for key in ["schema_ref", "dns_blocked_count", "dns_status"] {
        facts.remove(key);
    }
    let fallbacks = [
        ("dns_resolves", json!(false)),
        ("dns_answer_count", json!(0)),
        ("web_login_http_status", json!("")),
        ("web_login_reachable", json!(false)),
    ];
    for (key, fallback) in fallbacks {
        if facts.get(key).is_none_or(Value::is_null) {
            facts.insert(key.into(), fallback);
        }
    }
}
