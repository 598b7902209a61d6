//! The commands of the profile with the tools of busybox, which stand for Alpine's: run for real, then judged by a pass.

use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::cli::Home;
use crate::support::log;
use serde_json::Value;
use tecrax::facts;
use tecrax::profile::{Profile, WorkflowStep};
use tempfile::TempDir;

/// A directory with every applet of busybox, and nothing else.
fn applets() -> TempDir {
    let listed = Command::new("busybox").arg("--list-full").output().expect("busybox: run tests/run, which installs it");
    let program = ["/usr/bin/busybox", "/bin/busybox"].into_iter().find(|path| Path::new(path).exists()).expect("busybox");
    let dir = TempDir::new().unwrap();
    for name in String::from_utf8(listed.stdout).unwrap().lines().filter_map(|path| path.rsplit('/').next()) {
        // Some applets stand in two directories of the list.
        let _ = symlink(program, dir.path().join(name));
    }
    dir
}

/// What a command of `intent` answered when a shell of busybox without anything else in its PATH ran it.
fn fixture(intent: &str) -> String {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    let applets = applets();
    let mut text = String::from("fixture: {readings: [");
    for step in &profile.intents[intent].workflow.steps {
        let WorkflowStep::Read { shape, connector, .. } = step else { continue };
        if connector.role.name.as_str() != "os" {
            continue;
        }
        let line = tecrax::connect::ssh::remote_command(shape.argv());
        let ended =
            Command::new(applets.path().join("sh")).args(["-c", &line]).env_clear().env("PATH", applets.path()).output().unwrap();
        let (out, err) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
        let (out, err) = (Value::from(out), Value::from(err));
        write!(text, "{{shape: {}, stdout: {out}, stderr: {err}, exitCode: {}}}, ", shape.action, ended.status.code().unwrap())
            .unwrap();
    }
    text + "]}"
}

/// The run of `intent` over those answers.
fn run(intent: &str) -> Value {
    let home = Home::new();
    home.write(
        "all.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: it}}\n\
             spec: {{intent: {intent}, targetRef: {{name: alpine}}}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: alpine}}\n\
             spec: {{type: Host, connections: [{{name: os, {}}}]}}\n",
            fixture(intent)
        ),
    );
    let ended = home.once();
    log::runs(&home.state(), "default/it.alpine").into_iter().next().unwrap_or_else(|| panic!("no run: {}", ended.err))
}

fn reasons(run: &Value) -> Vec<(String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = run["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(finding, "component"), text(finding, "reasonCode"))).collect()
}

#[test]
fn inventory_of_busybox_is_complete() {
    let run = run("collect_basic_host_inventory");
    assert_eq!((run["assessment"].as_str(), run["coverage"].as_str()), (Some("healthy"), Some("complete")), "{run}");
    let facts = &run["facts"];
    assert_eq!(facts["root_filesystem"]["mounted_on"], "/");
    assert!(facts["root_filesystem"]["used_percent"].as_f64().is_some_and(|share| (0.0..=100.0).contains(&share)), "{facts}");
    assert!(facts["memory_mib"]["total"].as_u64().is_some_and(|total| total > 0), "{facts}");
    assert!(facts["uptime"].as_str().unwrap().contains("load average"), "{facts}");
}

#[test]
fn posture_of_busybox_says_what_is_not_there() {
    let run = run("collect_host_security_posture_readonly");
    let facts = &run["facts"];
    assert!(facts["signals"]["aslr_mode"].is_u64(), "{facts}");
    let unsupported: Vec<String> =
        reasons(&run).into_iter().filter(|(_, reason)| reason == "Unsupported").map(|(component, _)| component).collect();
    assert_eq!(
        unsupported,
        ["read_unattended_upgrades_state", "read_available_updates_summary", "read_reboot_required_marker"],
        "{:?}",
        reasons(&run)
    );
}

#[test]
fn clock_docker_and_time_server_of_busybox_are_unsupported() {
    for intent in ["check_ntp_health", "check_docker_services_health", "check_ntp_server_health"] {
        let run = run(intent);
        assert_eq!(run["assessment"], "unknown", "{intent}: {run}");
        let reasons = reasons(&run);
        assert!(!reasons.is_empty() && reasons.iter().all(|(_, reason)| reason == "Unsupported"), "{intent}: {reasons:?}");
    }
}

#[test]
fn diagnosis_of_busybox_shows_what_there_is() {
    let run = run("diagnose_monitoring_host");
    let components = &run["facts"]["components"];
    assert_eq!(components["host_inventory"]["status"], "healthy", "{components}");
    for (name, status) in
        [("ntp", "unavailable"), ("docker", "unavailable"), ("ntp_server", "unavailable"), ("zabbix", "not_observed")]
    {
        assert_eq!(components[name]["status"], status, "{components}");
    }
}
