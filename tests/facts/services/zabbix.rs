//! The three Zabbix intents.

use serde_json::{Value, json};
use tecrax::api::{Assessment, Coverage, ErrorClass};
use tecrax::facts::{self, Facts, Reading};

use super::{ANSWERED, LOST, fact, failed, found, observed};

const VERSION: &str = "read_zabbix_api_version";
const SEVERITIES: [&str; 6] = ["not_classified", "information", "warning", "average", "high", "disaster"];
const HOSTS: [&str; 5] = ["enabled_host", "disabled_host", "agent_unknown", "agent_available", "agent_unavailable"];

fn reply(result: &Value) -> Reading {
    Reading::taken(json!({"id": 1, "jsonrpc": "2.0", "result": result}).to_string())
}

fn api(reading: Reading) -> Facts {
    observed("check_zabbix_container_health", &[(VERSION, reading)])
}

/// One reading per name, `null` for one that the API refused.
fn summary(intent: &str, steps: &[String], counts: &Value) -> Facts {
    let refused = || failed(ErrorClass::ApiError, "the API answered with error -32500: No permissions to call");
    let mut readings = vec![(VERSION, reply(&json!("7.0.3")))];
    for (step, count) in steps.iter().zip(counts.as_array().unwrap()) {
        readings.push((step.as_str(), if count.is_null() { refused() } else { reply(count) }));
    }
    observed(intent, &readings)
}

const PROBLEMS: &str = "collect_zabbix_problem_summary_readonly";

/// The steps of the problem summary: the severities, then the hosts.
fn problem_steps() -> Vec<String> {
    let severities = SEVERITIES.map(|severity| format!("read_zabbix_problem_count_{severity}"));
    severities.into_iter().chain(["enabled", "disabled"].map(|status| format!("read_zabbix_{status}_host_count"))).collect()
}

/// Of a token that sees three hosts.
fn problems(counts: &Value) -> Facts {
    problems_of(counts, &json!(["3", "0"]))
}

fn problems_of(counts: &Value, hosts: &Value) -> Facts {
    let all = [counts, hosts].map(|counts| counts.as_array().unwrap().clone()).concat();
    summary(PROBLEMS, &problem_steps(), &json!(all))
}

fn hosts(counts: &Value) -> Facts {
    summary("collect_zabbix_host_availability_summary_readonly", &HOSTS.map(|name| format!("read_zabbix_{name}_count")), counts)
}

#[test]
fn facts_zabbix_api_version_is_what_makes_it_reachable() {
    let facts = api(reply(&json!("6.0.14")));
    assert_eq!((facts.assessment, found(&facts)), (Assessment::Healthy, vec![]));
    assert_eq!((fact(&facts, "/application_reachable"), fact(&facts, "/api_version")), (&json!(true), &json!("6.0.14")));
    assert_eq!(facts.verdict.rule, "check_zabbix_container_health.healthy");
}

#[test]
fn facts_zabbix_api_seen_and_wrong_is_unhealthy_once() {
    for class in ANSWERED {
        let facts = api(failed(class, "404 Not Found"));
        assert_eq!(facts.assessment, Assessment::Unhealthy, "{class:?}");
        assert_eq!(found(&facts), [(VERSION, class.reason())], "{class:?}");
        assert_eq!(fact(&facts, "/application_reachable"), &json!(false), "{class:?}");
    }
    for result in [json!(""), json!(null), json!(["7.0"]), json!(0)] {
        let facts = api(reply(&result));
        assert_eq!(
            (facts.assessment, found(&facts)),
            (Assessment::Unhealthy, vec![("api_reachability", "zabbix_without_version")])
        );
    }
}

#[test]
fn facts_zabbix_api_lost_way_says_nothing_about_it() {
    for class in LOST {
        let facts = api(failed(class, "lost"));
        assert_eq!(
            (facts.assessment, facts.coverage, &facts.value),
            (Assessment::Unknown, Coverage::Blocked, &None),
            "{class:?}"
        );
    }
    assert_eq!(found(&api(failed(ErrorClass::NotDeclared, "no connection"))), []);
}

#[test]
fn facts_zabbix_problems_are_one_finding_a_severity_the_worst_first() {
    let facts = problems(&json!(["0", "3", "0", "0", "1", "2"]));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Complete));
    let code = "zabbix_open_problems";
    assert_eq!(found(&facts), [("disaster", code), ("high", code), ("information", code)]);
    assert_eq!(fact(&facts, "/total_open_problems"), &json!(6));
    assert!(facts.verdict.passed, "the rule judges the observation");
}

#[test]
fn facts_zabbix_problems_none_is_healthy_only_when_all_were_counted() {
    let facts = problems(&json!(["0", "0", "0", "0", "0", "0"]));
    assert_eq!((facts.assessment, found(&facts)), (Assessment::Healthy, vec![]));
    let facts = problems(&json!(["0", "0", "0", "0", "0", null]));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(fact(&facts, "/problem_counts_by_severity/disaster"), &Value::Null);
    assert_eq!(fact(&facts, "/scope/not_observed"), &json!(["disaster"]));
    assert_eq!(fact(&facts, "/total_open_problems"), &Value::Null);
    assert_eq!(found(&facts), [("read_zabbix_problem_count_disaster", "ApiError")]);
    assert_eq!(facts.verdict.rule, "collect_zabbix_problem_summary_readonly.incomplete");
}

#[test]
fn facts_zabbix_problems_seen_stay_degraded_when_others_were_not_counted() {
    let facts = problems(&json!(["0", "0", "0", "0", "4", null]));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Partial));
    let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
    assert_eq!(first["assessment"]["state"], "unknown");
    assert_eq!(first["problem_counts_by_severity"]["disaster"], 0, "1.0 can not leave it open");
}

#[test]
fn facts_zabbix_refused_token_is_heard_once_and_leaves_no_facts() {
    let refused = json!([null, null, null, null, null, null]);
    let facts = problems_of(&refused, &json!([null, null]));
    assert_eq!((facts.assessment, facts.coverage, &facts.value), (Assessment::Unknown, Coverage::Blocked, &None));
    assert_eq!(found(&facts), [("several readings", "ApiError")]);
    let facts = hosts(&refused);
    assert_eq!((facts.assessment, facts.coverage, &facts.value), (Assessment::Unknown, Coverage::Blocked, &None));
}

#[test]
fn facts_zabbix_counts_are_whole_numbers() {
    for odd in [json!("many"), json!(1.0), json!(true), json!([]), json!(null)] {
        let facts = hosts(&json!([odd, "0", "0", "0", "0"]));
        if !odd.is_null() {
            assert_eq!(found(&facts), [("hosts_enabled", "hosts_enabled_not_observed")], "{odd}");
        }
        assert_eq!((facts.assessment, fact(&facts, "/host_counts/enabled")), (Assessment::Unknown, &Value::Null), "{odd}");
    }
}

#[test]
fn facts_zabbix_hosts_are_degraded_by_agents_that_do_not_answer() {
    for (counts, wanted) in [
        (json!(["42", "3", "5", "37", "0"]), Assessment::Healthy),
        (json!(["9", "0", "9", "0", "0"]), Assessment::Healthy),
        (json!(["42", "3", "5", "35", "2"]), Assessment::Degraded),
        (json!([null, "3", "5", "35", "2"]), Assessment::Degraded),
        (json!([null, "3", "5", "35", "0"]), Assessment::Unknown),
        (json!(["42", "3", "5", "35", null]), Assessment::Unknown),
    ] {
        let facts = hosts(&counts);
        assert_eq!(facts.assessment, wanted, "{counts}");
        let lost = found(&facts).contains(&("agents_unavailable", "zabbix_agents_unavailable"));
        assert_eq!(lost, wanted == Assessment::Degraded, "{counts}");
    }
}

/// Zabbix counts what the user of the token may see. Where that is nothing at all, nobody saw that all is well.
#[test]
fn facts_zabbix_token_that_sees_no_host_is_unknown() {
    let facts = hosts(&json!(["0", "0", "0", "0", "0"]));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(found(&facts), [("hosts_enabled", "zabbix_no_host_visible")]);
    let agents = ["agents_unknown", "agents_available", "agents_unavailable"];
    assert_eq!(fact(&facts, "/scope/not_observed"), &json!(agents), "no agent of any host was seen");
    let unseen = json!({"unknown": null, "available": null, "unavailable": null});
    assert_eq!(fact(&facts, "/agent_availability_counts"), &unseen, "0 is a count of what was seen");
    assert_eq!(fact(&facts, "/healthy"), &json!(false));
    let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
    assert_eq!((&first["assessment"]["state"], &first["healthy"]), (&json!("healthy"), &json!(true)), "1.0 has no word for it");
    assert_eq!((&first["coverage"]["state"], &first["scope"]["not_observed"]), (&json!("complete"), &json!([])));
    assert_eq!(first["agent_availability_counts"], json!({"unknown": 0, "available": 0, "unavailable": 0}));
    // Whatever could not be counted besides: those are no agents of hosts that are seen.
    let facts = hosts(&json!(["0", "0", null, "0", "0"]));
    assert_eq!((facts.assessment, fact(&facts, "/agent_availability_counts")), (Assessment::Unknown, &unseen));
    assert!(found(&facts).contains(&("hosts_enabled", "zabbix_no_host_visible")), "{:?}", found(&facts));
    let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
    assert_eq!((&first["assessment"]["state"], &first["healthy"]), (&json!("unknown"), &json!(false)), "not all was counted");
    // One host that is off is a host that is seen.
    let facts = hosts(&json!(["0", "1", "0", "0", "0"]));
    assert_eq!((facts.assessment, found(&facts)), (Assessment::Healthy, vec![]));
}

/// No problem of no host is nothing that anybody saw.
#[test]
fn facts_zabbix_problems_of_a_token_that_sees_no_host_are_unknown() {
    let none = json!(["0", "0", "0", "0", "0", "0"]);
    let facts = problems_of(&none, &json!(["0", "0"]));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(fact(&facts, "/scope/not_observed"), &json!(SEVERITIES), "no problem of any host was seen");
    assert_eq!(fact(&facts, "/scope/observed"), &json!(["hosts_enabled", "hosts_disabled"]));
    assert_eq!(found(&facts), [("hosts_enabled", "zabbix_no_host_visible")]);
    assert!(facts.findings[0].next_step.as_ref().unwrap().contains("read permission"), "{:?}", facts.findings);
    assert_eq!(fact(&facts, "/host_counts"), &json!({"enabled": 0, "disabled": 0}));
    assert_eq!(fact(&facts, "/healthy"), &json!(false));
    let counts = |value: Value| Value::Object(SEVERITIES.iter().map(|one| ((*one).to_owned(), value.clone())).collect());
    let both = |facts: &Value| (facts["problem_counts_by_severity"].clone(), facts["total_open_problems"].clone());
    assert_eq!(both(facts.value.as_ref().unwrap()), (counts(Value::Null), Value::Null), "0 is a count of what was seen");
    let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
    assert_eq!((&first["assessment"]["state"], &first["healthy"]), (&json!("healthy"), &json!(true)), "1.0 has no word for it");
    assert_eq!(both(&first), (counts(json!(0)), json!(0)));
    assert_eq!(first.get("host_counts"), None, "nor for hosts");
    assert_eq!((&first["coverage"]["state"], &first["scope"]["not_observed"]), (&json!("complete"), &json!([])));
    // One host that is off is a host that is seen.
    let facts = problems_of(&none, &json!(["0", "1"]));
    assert_eq!((facts.assessment, found(&facts)), (Assessment::Healthy, vec![]));
    // Who did not see whether there are hosts does not know.
    let facts = problems_of(&none, &json!([null, "0"]));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(found(&facts), [("read_zabbix_enabled_host_count", "ApiError")]);
    assert_eq!(fact(&facts, "/total_open_problems"), &json!(0), "the problems were counted");
    let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
    assert_eq!((&first["complete"], &first["coverage"]["state"]), (&json!(true), &json!("complete")), "1.0 counts no hosts");
    // A problem that is seen is one, whatever else is not.
    let facts = problems_of(&json!(["0", "0", "0", "0", "1", "0"]), &json!([null, null]));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Partial));
}

#[test]
fn facts_zabbix_lost_version_alone_costs_no_count() {
    let steps = problem_steps();
    let mut readings = vec![(VERSION, failed(ErrorClass::Timeout, "no answer in time"))];
    readings.extend(steps.iter().map(|step| (step.as_str(), reply(&json!(if step.contains("host") { "3" } else { "0" })))));
    let facts = observed(PROBLEMS, &readings);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Healthy, Coverage::Complete));
    assert_eq!(found(&facts), [(VERSION, "Timeout")]);
}
