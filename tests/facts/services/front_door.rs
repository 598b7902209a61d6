//! Recorded targets through a whole pass.

use std::fmt::Write as _;

use tecrax::api::Assessment;

use crate::support::engine::{Rig, view};
use crate::support::log;

fn target(name: &str, role: &str, readings: &[(&str, &str)]) -> String {
    let mut text = format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}}}\nspec:\n  type: Host\n  connections:\n  \
         - name: {role}\n    fixture:\n      readings:\n"
    );
    for (shape, stdout) in readings {
        let _ = writeln!(text, "      - {{shape: {shape}, stdout: {}}}", serde_json::Value::from(*stdout));
    }
    text
}

fn check(name: &str, intent: &str, target: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\n\
         spec: {{intent: {intent}, targetRef: {{name: {target}}}}}\n"
    )
}

const RUNNING: &str = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n";
const STOPPED: &str = "LoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled\n";

#[tokio::test]
async fn every_service_is_checked_and_recorded() {
    let rig = Rig::new();
    let version = r#"{"id":1,"jsonrpc":"2.0","result":"7.0.3"}"#;
    let zero = r#"{"id":10,"jsonrpc":"2.0","result":"0"}"#;
    let one = r#"{"id":15,"jsonrpc":"2.0","result":"1"}"#;
    let units = format!("Id=ntpsec.service\n{RUNNING}");
    rig.write(
        "all.yaml",
        &[
            check("docker", "check_docker_services_health", "host"),
            check("docker-down", "check_docker_services_health", "broken"),
            check("ntp-server", "check_ntp_server_health", "host"),
            check("portainer", "check_portainer_health", "portainer"),
            check("zabbix", "check_zabbix_container_health", "zabbix"),
            check("problems", "collect_zabbix_problem_summary_readonly", "zabbix"),
            check("hosts", "collect_zabbix_host_availability_summary_readonly", "zabbix"),
            target(
                "host",
                "os",
                &[
                    ("read_docker_service_state", RUNNING),
                    ("read_docker_socket_state", RUNNING),
                    ("read_ntp_daemon_units", &units),
                    ("read_ntp_server_variables", "stratum=2, offset=-0.1, rootdelay=1, rootdisp=2, leap=00\n"),
                ],
            ),
            target("broken", "os", &[("read_docker_service_state", STOPPED), ("read_docker_socket_state", RUNNING)]),
            target("portainer", "portainer", &[("read_portainer_status", r#"{"Version":"2.19.5"}"#)]),
            target(
                "zabbix",
                "zabbix",
                &[
                    ("read_zabbix_api_version", version),
                    ("read_zabbix_problem_count_not_classified", zero),
                    ("read_zabbix_problem_count_information", zero),
                    ("read_zabbix_problem_count_warning", zero),
                    ("read_zabbix_problem_count_average", zero),
                    ("read_zabbix_problem_count_high", zero),
                    ("read_zabbix_problem_count_disaster", one),
                    ("read_zabbix_enabled_host_count", one),
                    ("read_zabbix_disabled_host_count", zero),
                    ("read_zabbix_agent_unknown_count", zero),
                    ("read_zabbix_agent_available_count", one),
                    ("read_zabbix_agent_unavailable_count", zero),
                ],
            ),
        ]
        .concat(),
    );
    let report = rig.once().await;
    for (pair, wanted) in [
        ("docker.host", Assessment::Healthy),
        ("docker-down.broken", Assessment::Unhealthy),
        ("ntp-server.host", Assessment::Healthy),
        ("portainer.portainer", Assessment::Healthy),
        ("zabbix.zabbix", Assessment::Healthy),
        ("problems.zabbix", Assessment::Degraded),
        ("hosts.zabbix", Assessment::Healthy),
    ] {
        let seen = view(&report, pair);
        assert_eq!(seen.assessment, wanted, "{pair}: {seen:?}");
    }
    let runs = log::runs(&rig.state(), "default/problems.zabbix");
    let findings = runs[0]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((&findings[0]["component"], &findings[0]["reasonCode"]), (&"disaster".into(), &"zabbix_open_problems".into()));
    log::verify(&rig.state());
}
