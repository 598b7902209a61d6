//! `diagnose_monitoring_host` as a user meets it: a pass over manifests, its exit code, what it says and what it seals.

use crate::support::cli::Home;
use crate::support::diagnosis::{BAD_MANIFEST, FAILING, HEALTHY, UNKNOWN, closed_port, diagnosed, named, reasons};
use crate::support::monitoring::{DIAGNOSIS, Host};
use serde_json::json;

#[test]
fn everything_well_is_healthy() {
    let (ended, run) = diagnosed(&Host::recorded(&[]));
    assert_eq!(ended.code, HEALTHY, "{}{}", ended.out, ended.err);
    assert_eq!(named(&run, "healthy").len(), 8, "{run}");
    assert_eq!((&run["assessment"], &run["coverage"], &run["findings"]), (&"healthy".into(), &"complete".into(), &json!([])));
    assert_eq!(run["facts"]["contract"], json!({"id": "tecrax.monitoring_host_diagnosis", "version": "1.1"}));
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
