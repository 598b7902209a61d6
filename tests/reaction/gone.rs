//! When a run that does not name a finding proves that it is gone: every kind, by what the run says, observed and could not read.

use jiff::Timestamp;
use serde_json::{Value, json};
use tecrax::api::{Assessment, Criticality, FindingStage, StatusFinding, TrackedFinding, reason};
use tecrax::facts::FINDINGS_MAX;
use tecrax::reaction::{Expected, Seen, WAIVER, WAIVER_EXPIRES, is_gone};

use Assessment::{Degraded, Healthy, Unhealthy, Unknown};

fn finding(kind: &str, component: &str, reason_code: &str) -> StatusFinding {
    let [kind, component, reason_code] = [kind, component, reason_code].map(str::to_owned);
    StatusFinding { kind, component, reason_code, message: "x".into(), next_step: None }
}

/// Of the posture of a host, with these components observed.
fn posture(version: &str, observed: &[&str]) -> Value {
    let requested = ["unattended_upgrades", "available_updates", "aslr", "dmesg_restrict", "reboot_required"];
    let missing: Vec<&str> = requested.into_iter().filter(|one| !observed.contains(one)).collect();
    json!({
        "contract": {"id": "tecrax.host_security_posture", "version": version},
        "scope": {"requested": requested, "observed": observed, "not_observed": missing},
    })
}

struct Run {
    assessment: Assessment,
    blind: Vec<String>,
    facts: Value,
    findings: Vec<StatusFinding>,
    expects: Expected,
}

fn run(assessment: Assessment, blind: &[&str], facts: Value) -> Run {
    let blind = blind.iter().map(|step| (*step).to_owned()).collect();
    Run { assessment, blind, facts, findings: Vec::new(), expects: Expected::new() }
}

/// A run whose Check expects something of the fact `key`.
fn expecting(name: &str, key: &str, run: Run) -> Run {
    Run { expects: Expected::from([(name.to_owned(), key.to_owned())]), ..run }
}

fn with(mut run: Run, findings: impl IntoIterator<Item = StatusFinding>) -> Run {
    run.findings.extend(findings);
    run
}

/// As many findings as fit, about other things.
fn full(run: Run) -> Run {
    with(run, (0..FINDINGS_MAX).map(|number| finding("expectation", &format!("e{number}"), reason::EXPECTATION_FAILED)))
}

fn gone(finding: StatusFinding, blind: &[&str], run: &Run) -> bool {
    let at: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let before = TrackedFinding {
        finding,
        severity: Criticality::Medium,
        stage: FindingStage::Raised,
        first_seen: at,
        last_seen: at,
        seen: 1,
        gone: 0,
        seen_before: 0,
        runs_before: 0,
        blind: blind.iter().map(|step| (*step).to_owned()).collect(),
    };
    let Run { assessment, blind, facts, findings, expects } = run;
    let seen = Seen { started: at, assessment: *assessment, findings, blind, facts, expects };
    is_gone(&before, &seen)
}

const ASLR: &str = "read_aslr_state";
const UPDATES: &str = "read_available_updates_summary";

#[test]
fn a_finding_about_a_reading_is_gone_when_it_was_taken() {
    let one = || finding("reading", ASLR, "Timeout");
    let all = || finding("reading", "several readings", "Timeout");
    let nothing = || Value::Null;
    let rows = [
        ("taken, in a run that is unknown", one(), &[ASLR][..], run(Unknown, &[UPDATES], nothing()), true),
        ("taken, with no room for more", one(), &[ASLR], full(run(Degraded, &[], nothing())), true),
        ("failed for another reason", one(), &[ASLR], run(Degraded, &[ASLR], nothing()), false),
        ("one of several was taken", all(), &[ASLR, UPDATES], run(Unknown, &[UPDATES], nothing()), true),
        ("none of several was taken", all(), &[ASLR, UPDATES], run(Unknown, &[ASLR, UPDATES], nothing()), false),
    ];
    for (name, finding, blind, run, expected) in rows {
        assert_eq!(gone(finding, blind, &run), expected, "{name}");
    }
}

#[test]
fn a_finding_of_facts_is_gone_when_its_component_was_observed() {
    let aslr = || finding("facts", "aslr", "aslr_not_full");
    let invalid = || finding("facts", "tecrax.host_security_posture", reason::INVALID_FACTS);
    let silent = || finding("facts", UPDATES, "read_available_updates_summary_not_observed");
    let other = || finding("facts", "elsewhere", "something_else");
    let new = |observed: &[&str]| posture("1.1", observed);
    let old = |observed: &[&str]| posture("1.0", observed);
    for (name, finding, blind, run, expected) in [
        // What the run says as a whole does not matter, neither way.
        ("observed, healthy", aslr(), &[][..], run(Healthy, &[], new(&["aslr"])), true),
        ("observed, degraded", aslr(), &[], run(Degraded, &[], new(&["aslr"])), true),
        ("observed, unhealthy", aslr(), &[], run(Unhealthy, &[], new(&["aslr"])), true),
        ("observed, unknown", aslr(), &[], run(Unknown, &[], new(&["aslr"])), true),
        ("hidden, healthy", aslr(), &[], run(Healthy, &[], new(&[])), false),
        ("hidden, degraded", aslr(), &[], run(Degraded, &[], new(&["dmesg_restrict"])), false),
        ("hidden, unknown", aslr(), &[], run(Unknown, &[], new(&[])), false),
        // Nor does what else failed: only the readings that show the component.
        ("observed, another reading lost", aslr(), &[], run(Unknown, &[UPDATES], new(&["aslr"])), true),
        ("observed, its own reading lost", aslr(), &[], run(Unknown, &[ASLR], new(&["aslr"])), false),
        ("observed, its own reading failed before, too", aslr(), &[ASLR], run(Unknown, &[ASLR], new(&["aslr"])), true),
        // No room.
        ("observed, full", aslr(), &[], full(run(Unhealthy, &[], new(&["aslr"]))), false),
        ("observed, full and healthy", aslr(), &[], full(run(Healthy, &[], new(&["aslr"]))), false),
        // No facts, and facts that do not say it: then the whole run does.
        ("no facts", aslr(), &[], run(Unknown, &[], Value::Null), false),
        ("an old version, degraded", aslr(), &[], run(Degraded, &[], old(&["aslr"])), true),
        ("an old version, unknown", aslr(), &[], run(Unknown, &[], old(&["aslr"])), false),
        ("an old version, another reading lost", aslr(), &[], run(Degraded, &[UPDATES], old(&["aslr"])), false),
        ("an old version, blind as before", aslr(), &[UPDATES], run(Degraded, &[UPDATES], old(&["aslr"])), true),
        ("no component, degraded", other(), &[], run(Degraded, &[], new(&["aslr"])), true),
        ("no component, unknown", other(), &[], run(Unknown, &[], new(&["aslr"])), false),
        // Facts that keep their contract, unless they do so for want of what did not fit.
        ("valid, unknown", invalid(), &[], run(Unknown, &[], new(&[])), true),
        ("valid, an old version", invalid(), &[], run(Unknown, &[], old(&[])), true),
        ("valid, a reading lost", invalid(), &[], run(Unknown, &[ASLR], new(&[])), false),
        ("valid, blind as before", invalid(), &[ASLR], run(Unknown, &[ASLR], new(&[])), true),
        ("invalid", invalid(), &[], run(Unknown, &[], Value::Null), false),
        // An output that did not say several things.
        ("it says more, unknown", silent(), &[], run(Unknown, &[], new(&["aslr"])), true),
        ("it was not read", silent(), &[], run(Unknown, &[UPDATES], new(&["aslr"])), false),
    ] {
        assert_eq!(gone(finding, blind, &run), expected, "{name}");
    }
}

/// Zabbix counts what the user of a token may see: without a count that says that this is anything, a 0 is nothing but a 0.
#[test]
fn what_a_token_counts_is_gone_when_it_sees_anything() {
    const HOSTS: [&str; 2] = ["read_zabbix_enabled_host_count", "read_zabbix_disabled_host_count"];
    const VERSION: &str = "read_zabbix_api_version";
    let problems = || finding("facts", "high", "zabbix_open_problems");
    let expected = || finding("expectation", "no-high", reason::EXPECTATION_FAILED);
    let facts = |hosts: [Option<u64>; 2], average: u64| {
        let [enabled, disabled] = hosts;
        let counted = [("high", Some(0)), ("average", Some(average)), ("hosts_enabled", enabled), ("hosts_disabled", disabled)];
        let [observed, missing] = [true, false].map(|was| {
            let some = counted.iter().filter(|(_, count)| count.is_some() == was);
            some.map(|(name, _)| *name).collect::<Vec<_>>()
        });
        json!({
            "contract": {"id": "tecrax.zabbix_problem_summary", "version": "1.1"},
            "scope": {"requested": counted.map(|(name, _)| name), "observed": observed, "not_observed": missing},
            "problem_counts_by_severity": {"high": 0, "average": average},
            "host_counts": {"enabled": enabled, "disabled": disabled},
        })
    };
    let unread = [None, None];
    for (name, blind, run, over) in [
        ("hosts not counted", &[][..], run(Unknown, &HOSTS, facts(unread, 0)), [false, false]),
        // The role may never call host.get, and the token has lost its groups since.
        ("hosts not counted, nor before", &HOSTS, run(Unknown, &HOSTS, facts(unread, 0)), [false, false]),
        ("one status not counted, nor before", &HOSTS, run(Unknown, &HOSTS[..1], facts([None, Some(0)], 0)), [false, false]),
        ("another problem", &HOSTS, run(Degraded, &HOSTS, facts(unread, 1)), [true, true]),
        ("a host, and a status not counted", &HOSTS, run(Unknown, &HOSTS[..1], facts([None, Some(2)], 0)), [true, true]),
        ("version not read", &[], run(Healthy, &[VERSION], facts([Some(5), Some(0)], 0)), [true, false]),
        ("version not read, nor before", &[VERSION], run(Healthy, &[VERSION], facts([Some(5), Some(0)], 0)), [true, true]),
    ] {
        assert_eq!([problems(), expected()].map(|finding| gone(finding, blind, &run)), over, "{name}");
    }
    // That something was missing is over when it is there, whatever it says.
    let nothing = run(Unknown, &HOSTS[..1], facts([None, Some(0)], 0));
    for (kind, component, code) in [
        ("facts", "hosts_disabled", "hosts_disabled_not_observed"),
        ("expectation", "no-disabled", reason::EXPECTATION_NOT_OBSERVED),
    ] {
        assert!(gone(finding(kind, component, code), &HOSTS, &nothing), "{code}");
    }
}

#[test]
fn a_finding_of_an_expectation_is_gone_when_its_fact_was_observed() {
    let full_disk = || finding("expectation", "root-disk", reason::EXPECTATION_FAILED);
    let unseen = |name: &str| [finding("expectation", name, reason::EXPECTATION_NOT_OBSERVED)];
    let nothing = || Value::Null;
    for (name, blind, run, expected) in [
        ("held, healthy", &[][..], run(Healthy, &[], nothing()), true),
        ("held, unknown", &[], run(Unknown, &[], nothing()), true),
        ("its fact was not observed", &[], with(run(Degraded, &[], nothing()), unseen("root-disk")), false),
        ("another fact was not observed", &[], with(run(Unknown, &[], nothing()), unseen("memory")), true),
        ("a reading lost", &[], run(Degraded, &[UPDATES], nothing()), false),
        ("blind as before", &[UPDATES], run(Degraded, &[UPDATES], nothing()), true),
        ("full", &[], full(run(Unhealthy, &[], nothing())), false),
    ] {
        assert_eq!(gone(full_disk(), blind, &run), expected, "{name}");
    }
    let was_unseen = || finding("expectation", "root-disk", reason::EXPECTATION_NOT_OBSERVED);
    let failed = run(Unhealthy, &[], nothing());
    assert!(gone(was_unseen(), &[], &with(failed, [full_disk()])), "who sees that it fails has observed it");
}

/// Whatever else was lost says nothing of a fact.
#[test]
fn a_finding_of_an_expectation_rests_on_the_readings_of_its_fact() {
    const NAME: &str = "it";
    const SYSTEM: &str = "read_network_device_system_info";
    const SSH: &str = "read_network_device_ssh_status";
    const SERVICE: &str = "read_docker_service_state";
    const SOCKET: &str = "read_docker_socket_state";
    let of = |id: &str, version: &str| json!({"contract": {"id": format!("tecrax.{id}"), "version": version}});
    let contract = |id: &str| of(id, "1.1");
    let host = || contract("host_security_posture");
    let zabbix = || {
        let mut facts = contract("zabbix_problem_summary");
        facts["host_counts"] = json!({"enabled": 5, "disabled": 0});
        facts
    };
    let high = "read_zabbix_problem_count_high";
    for (key, facts, blind, lost, over) in [
        ("signals.aslr_mode", host(), &[][..], &[UPDATES][..], true),
        ("signals.aslr_mode", host(), &[], &[ASLR], false),
        ("signals.aslr_mode", host(), &[ASLR], &[ASLR], true),
        // A part of what one reading shows.
        ("signals.available_updates.security", host(), &[], &[UPDATES], false),
        ("signals.available_updates.security", host(), &[], &[ASLR], true),
        // Several readings show it.
        ("total_open_problems", zabbix(), &[], &[high], false),
        ("total_open_problems", zabbix(), &[], &["read_zabbix_api_version"], true),
        ("problem_counts_by_severity.disaster", zabbix(), &[], &[high], true),
        ("device.family", contract("network_device_inventory"), &[], &[SSH], false),
        ("device.software_version", contract("network_device_inventory"), &[], &[SSH], true),
        ("device.software_version", contract("network_device_inventory"), &[], &[SYSTEM], false),
        // Another subject shows it.
        ("components.docker.status", contract("monitoring_host_diagnosis"), &[], &[ASLR], true),
        ("components.docker.status", contract("monitoring_host_diagnosis"), &[], &[SERVICE], false),
        ("components.docker.reason", contract("monitoring_host_diagnosis"), &[], &[SOCKET], false),
        // It is made of all that was read.
        ("healthy", host(), &[], &[ASLR], false),
        ("signals", host(), &[], &[ASLR], false),
        ("observed_health", contract("monitoring_host_diagnosis"), &[], &[ASLR], false),
        ("findings", contract("network_management_posture"), &[], &[SSH], false),
        // Nobody knows, now or here.
        ("signals.aslr_mode", of("host_security_posture", "1.0"), &[], &[UPDATES], false),
        ("signals.aslr_mode", Value::Null, &[], &[UPDATES], false),
    ] {
        for code in [reason::EXPECTATION_FAILED, reason::EXPECTATION_NOT_OBSERVED] {
            let run = expecting(NAME, key, run(Unknown, lost, facts.clone()));
            assert_eq!(
                gone(finding("expectation", NAME, code), blind, &run),
                over,
                "{key} {code} of {facts}, {blind:?}, lost {lost:?}"
            );
        }
    }
    let other = expecting("another", "signals.aslr_mode", run(Unknown, &[UPDATES], host()));
    assert!(!gone(finding("expectation", NAME, reason::EXPECTATION_FAILED), &[], &other), "the Check expects it no more");
    let unseen = with(
        expecting(NAME, "signals.aslr_mode", run(Unknown, &[UPDATES], host())),
        [finding("expectation", NAME, reason::EXPECTATION_NOT_OBSERVED)],
    );
    assert!(!gone(finding("expectation", NAME, reason::EXPECTATION_FAILED), &[], &unseen), "its fact was not observed");
}

/// 0 hosts may be all that there are, or all that the token sees: nobody knows which.
#[test]
fn an_expectation_of_hosts_is_not_over_where_none_is_seen() {
    let facts = |enabled: u64, disabled: u64, high: Option<u64>| {
        json!({
            "contract": {"id": "tecrax.zabbix_problem_summary", "version": "1.1"},
            "problem_counts_by_severity": {"high": high},
            "host_counts": {"enabled": enabled, "disabled": disabled},
        })
    };
    for (facts, over) in
        [(facts(0, 0, None), false), (facts(0, 0, Some(1)), true), (facts(5, 0, Some(0)), true), (facts(0, 1, Some(0)), true)]
    {
        let run = expecting("few-disabled", "host_counts.disabled", run(Unknown, &[], facts.clone()));
        assert_eq!(gone(finding("expectation", "few-disabled", reason::EXPECTATION_FAILED), &[], &run), over, "{facts}");
    }
    // Without the hosts that nobody counted any more, each severity is 0 again: that shows none that was not seen before.
    let mut blind = facts(0, 0, Some(0));
    blind["host_counts"]["disabled"] = Value::Null;
    let lost = expecting("no-high", "problem_counts_by_severity.high", run(Unknown, &["read_zabbix_disabled_host_count"], blind));
    assert!(!gone(finding("expectation", "no-high", reason::EXPECTATION_NOT_OBSERVED), &[], &lost));
}

#[test]
fn that_a_waiver_ends_is_gone_whatever_the_target_shows() {
    let ends = || finding(WAIVER, "root-disk", WAIVER_EXPIRES);
    assert!(gone(ends(), &[], &full(run(Unknown, &[ASLR], Value::Null))));
}

#[test]
fn a_finding_of_a_kind_that_is_not_known_is_gone_when_the_run_is_certain_and_lost_nothing() {
    let odd = || finding("odd", "x", "y");
    assert!(gone(odd(), &[], &run(Degraded, &[], Value::Null)));
    assert!(!gone(odd(), &[], &run(Unknown, &[], Value::Null)));
    assert!(!gone(odd(), &[], &run(Degraded, &[ASLR], Value::Null)));
    assert!(!gone(odd(), &[], &full(run(Degraded, &[], Value::Null))));
}
