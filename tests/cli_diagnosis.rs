//! `diagnose_monitoring_host` as a user meets it: a pass over manifests, its exit code, what it says and what it seals.

#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::net::TcpListener;

use serde_json::{Value, json};
use support::cli::{Ended, Home};
use support::log;
use support::monitoring::{DIAGNOSIS, Host};

/// Exit codes of a pass.
const HEALTHY: i32 = 0;
const FAILING: i32 = 1;
const UNKNOWN: i32 = 2;
const BAD_MANIFEST: i32 = 65;

/// One pass over the diagnosis of `host`, and the run it sealed.
fn diagnosed(host: &Host) -> (Ended, Value) {
    let home = Home::new();
    home.write("check.yaml", DIAGNOSIS);
    home.write("host.yaml", &host.manifest("mon-01"));
    let ended = home.once();
    log::verify(&home.state());
    let run = log::runs(&home.state(), "default/whole.mon-01").into_iter().next().expect("a run");
    (ended, run)
}

fn statuses(run: &Value) -> BTreeMap<String, String> {
    let components = run["facts"]["components"].as_object().unwrap_or_else(|| panic!("no facts in {run}"));
    components.iter().map(|(name, one)| (name.clone(), one["status"].as_str().unwrap().to_owned())).collect()
}

fn named(run: &Value, status: &str) -> Vec<String> {
    statuses(run).into_iter().filter(|(_, one)| one == status).map(|(name, _)| name).collect()
}

fn reasons(run: &Value) -> Vec<&str> {
    run["findings"].as_array().unwrap().iter().map(|finding| finding["reasonCode"].as_str().unwrap()).collect()
}

/// A port of this machine on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn dead_ssh() -> String {
    format!("ssh: {{host: 127.0.0.1, port: {}, user: tecrax}}", closed_port())
}

#[test]
fn everything_well_is_healthy() {
    let (ended, run) = diagnosed(&Host::recorded(&[]));
    assert_eq!(ended.code, HEALTHY, "{}{}", ended.out, ended.err);
    assert_eq!(named(&run, "healthy").len(), 8, "{run}");
    assert_eq!((&run["assessment"], &run["coverage"], &run["findings"]), (&"healthy".into(), &"complete".into(), &json!([])));
    assert_eq!(run["facts"]["contract"], json!({"id": "tecrax.monitoring_host_diagnosis", "version": "1.1"}));
}

#[test]
fn host_that_is_down_still_has_a_diagnosis() {
    let only_os = Host::recorded(&[]).without(&["zabbix", "adguard", "adguard-dns", "portainer"]).with("os", &dead_ssh());
    let (ended, run) = diagnosed(&only_os);
    assert_eq!(ended.code, UNKNOWN, "{}{}", ended.out, ended.err);
    assert_eq!((&run["assessment"], &run["coverage"]), (&"unknown".into(), &"blocked".into()));
    assert_eq!(named(&run, "unavailable"), ["docker", "host_inventory", "host_security", "ntp", "ntp_server"]);
    assert_eq!(reasons(&run), ["Unreachable"], "said once");
    let failures = &run["facts"]["continued_failures"];
    assert_eq!(failures, &json!([{"step_id": "read_aslr_state and 16 more", "error_class": "unreachable", "count": 17}]));
}

#[test]
fn host_that_is_half_down_shows_the_other_half() {
    let (ended, run) = diagnosed(&Host::recorded(&[]).with("os", &dead_ssh()));
    assert_eq!(ended.code, UNKNOWN, "{}{}", ended.out, ended.err);
    assert_eq!((&run["assessment"], &run["coverage"]), (&"unknown".into(), &"partial".into()));
    assert_eq!(named(&run, "healthy"), ["adguard", "portainer", "zabbix"]);
    assert_eq!(named(&run, "unavailable").len(), 5);
}

#[test]
fn service_behind_a_lost_way_is_unavailable_not_unhealthy() {
    let zabbix = format!("http: {{baseURL: 'http://127.0.0.1:{}'}}", closed_port());
    let (ended, run) = diagnosed(&Host::recorded(&[]).with("zabbix", &zabbix));
    assert_eq!(ended.code, UNKNOWN, "{}{}", ended.out, ended.err);
    assert_eq!(named(&run, "unavailable"), ["zabbix"]);
    assert_eq!(run["facts"]["components"]["zabbix"]["reason"], "unreachable");
    assert_eq!(named(&run, "unhealthy"), [""; 0]);
}

#[test]
fn seen_and_wrong_is_failing() {
    let stopped = "LoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled\n";
    let (ended, run) = diagnosed(&Host::recorded(&[("read_docker_service_state", (stopped, "", 0))]));
    assert_eq!(ended.code, FAILING, "{}{}", ended.out, ended.err);
    assert_eq!(named(&run, "unhealthy"), ["docker"]);
    assert_eq!(reasons(&run), ["docker_services_unhealthy"]);
    assert_eq!(named(&run, "healthy").len(), 7);
}

#[test]
fn host_without_services_is_told_what_it_lacks() {
    // What the shell of a host says that has neither systemd nor apt-check nor ntpq.
    let absent = |program: &str| format!("bash: line 1: {program}: command not found\n");
    let (systemctl, timedatectl, ntpq) = (absent("systemctl"), absent("timedatectl"), absent("ntpq"));
    let apt = "bash: line 1: /usr/lib/update-notifier/apt-check: No such file or directory\n";
    let host = Host::recorded(&[
        ("read_ntp_sync_state", ("", &timedatectl, 127)),
        ("read_ntp_daemon_units", ("", &systemctl, 127)),
        ("read_docker_service_state", ("", &systemctl, 127)),
        ("read_docker_socket_state", ("", &systemctl, 127)),
        ("read_unattended_upgrades_state", ("", &systemctl, 127)),
        ("read_available_updates_summary", ("", apt, 127)),
        ("read_ntp_server_variables", ("", &ntpq, 127)),
    ]);
    let (ended, run) = diagnosed(&host);
    assert_eq!(ended.code, UNKNOWN, "{}{}", ended.out, ended.err);
    assert_eq!(named(&run, "healthy"), ["adguard", "host_inventory", "portainer", "zabbix"]);
    assert_eq!(named(&run, "unavailable"), ["docker", "host_security", "ntp", "ntp_server"]);
    let reasons = reasons(&run);
    assert!(!reasons.is_empty() && reasons.iter().all(|reason| *reason == "Unsupported"), "{reasons:?}");
    for finding in run["findings"].as_array().unwrap() {
        assert!(!finding["nextStep"].as_str().unwrap_or_default().is_empty(), "{finding}");
    }
}

#[test]
fn connections_that_are_not_declared_do_not_count() {
    let host = Host::recorded(&[]).without(&["zabbix", "adguard", "adguard-dns", "portainer"]);
    let (ended, run) = diagnosed(&host);
    assert_eq!(ended.code, HEALTHY, "{}{}", ended.out, ended.err);
    assert_eq!(named(&run, "not_observed"), ["adguard", "portainer", "zabbix"]);
    assert_eq!((&run["coverage"], &run["findings"]), (&"complete".into(), &json!([])));
    assert_eq!(run["facts"]["findings"][0]["reason_code"], "all_observed_components_healthy");
}

#[test]
fn adguard_is_declared_whole_or_not_at_all() {
    for role in ["adguard", "adguard-dns"] {
        let home = Home::new();
        home.write("check.yaml", DIAGNOSIS);
        home.write("host.yaml", &Host::recorded(&[]).without(&[role]).manifest("mon-01"));
        let ended = home.tecrax("validate manifests");
        assert_eq!(ended.code, BAD_MANIFEST, "{}", ended.err);
        assert!(ended.err.contains(&format!("without `{role}`")), "{}", ended.err);
    }
}

#[test]
fn a_machine_needs_its_own_connection() {
    let home = Home::new();
    home.write("check.yaml", DIAGNOSIS);
    home.write("host.yaml", &Host::recorded(&[]).without(&["os"]).manifest("mon-01"));
    let ended = home.tecrax("validate manifests");
    assert_eq!(ended.code, BAD_MANIFEST, "{}", ended.err);
    assert!(ended.err.contains("`os`"), "{}", ended.err);
}
