//! `check_docker_services_health`.

use serde_json::{Value, json};
use tecrax::api::{Assessment, Coverage, ErrorClass};
use tecrax::facts::{Facts, Reading};

use super::{LOST, fact, failed, found, observed};

const INTENT: &str = "check_docker_services_health";
const SOCKET: &str = "LoadState=loaded\nActiveState=active\nSubState=listening\nUnitFileState=enabled\n";

fn unit(load: &str, active: &str, file: &str) -> String {
    format!("LoadState={load}\nActiveState={active}\nSubState=x\nUnitFileState={file}\n")
}

fn docker(service: &str) -> Facts {
    let readings = [("read_docker_service_state", Reading::taken(service)), ("read_docker_socket_state", Reading::taken(SOCKET))];
    observed(INTENT, &readings)
}

#[test]
fn facts_docker_service_decides() {
    use Assessment::{Healthy, Unhealthy, Unknown};
    for (load, active, assessment, code) in [
        ("loaded", "active", Healthy, None),
        // Its program runs on while it reads its configuration anew.
        ("loaded", "reloading", Healthy, None),
        ("loaded", "refreshing", Healthy, None),
        ("loaded", "inactive", Unhealthy, Some("docker_service_not_active")),
        ("loaded", "failed", Unhealthy, Some("docker_service_not_active")),
        ("loaded", "activating", Unhealthy, Some("docker_service_not_active")),
        ("loaded", "deactivating", Unhealthy, Some("docker_service_not_active")),
        ("masked", "inactive", Unhealthy, Some("docker_service_not_loadable")),
        ("bad-setting", "inactive", Unhealthy, Some("docker_service_not_loadable")),
        ("not-found", "inactive", Unknown, Some("docker_not_installed")),
    ] {
        let facts = docker(&unit(load, active, "enabled"));
        assert_eq!(facts.assessment, assessment, "{load} {active}");
        let codes: Vec<(&str, &str)> = code.map(|code| ("docker.service", code)).into_iter().collect();
        assert_eq!(found(&facts), codes, "{load} {active}");
        assert!(facts.findings.iter().all(|one| one.next_step.is_some()), "{load} {active}");
        assert_eq!(facts.verdict.passed, assessment == Healthy, "{load} {active}");
    }
}

#[test]
fn facts_docker_host_without_it_is_told_so_and_nothing_else() {
    let absent = Reading::taken(unit("not-found", "inactive", ""));
    let facts = observed(INTENT, &[("read_docker_service_state", absent.clone()), ("read_docker_socket_state", absent)]);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(found(&facts), [("docker.service", "docker_not_installed")]);
    assert_eq!(fact(&facts, "/service_unit_file_state"), &Value::Null, "there is no unit file");
    assert_eq!(
        fact(&facts, "/scope/observed"),
        &json!(["docker.service", "docker.socket"]),
        "it was seen that they are not there"
    );
}

#[test]
fn facts_docker_socket_never_decides() {
    for socket in [Reading::taken(unit("not-found", "inactive", "")), Reading::taken(unit("loaded", "failed", "enabled"))] {
        let service = Reading::taken(unit("loaded", "active", "enabled"));
        let facts = observed(INTENT, &[("read_docker_service_state", service), ("read_docker_socket_state", socket)]);
        assert_eq!((facts.assessment, found(&facts)), (Assessment::Healthy, vec![]));
    }
}

#[test]
fn facts_docker_lost_reading_of_the_service_is_unknown() {
    for class in LOST {
        let readings =
            [("read_docker_service_state", failed(class, "lost")), ("read_docker_socket_state", Reading::taken(SOCKET))];
        let facts = observed(INTENT, &readings);
        assert_eq!(facts.assessment, Assessment::Unknown, "{class:?}");
        assert_eq!(fact(&facts, "/service_active_state"), &Value::Null, "{class:?}");
        assert_eq!(fact(&facts, "/scope/observed"), &json!(["docker.socket"]), "{class:?}");
        assert_eq!(found(&facts), [("read_docker_service_state", class.reason())], "{class:?}");
    }
}

#[test]
fn facts_docker_lost_reading_of_the_socket_costs_only_the_socket() {
    let service = Reading::taken(unit("loaded", "active", "enabled"));
    let socket = failed(ErrorClass::Timeout, "no answer in time");
    let facts = observed(INTENT, &[("read_docker_service_state", service), ("read_docker_socket_state", socket)]);
    assert_eq!(facts.assessment, Assessment::Healthy);
    assert_eq!(fact(&facts, "/scope/not_observed"), &json!(["docker.socket", "containers", "images", "stacks"]));
    assert_eq!(found(&facts), [("read_docker_socket_state", "Timeout")]);
}

#[test]
fn facts_docker_output_that_does_not_say_it_is_named_with_what_it_said() {
    let silent = Reading::Taken { stdout: "\n".into(), stderr: "\nFailed to get properties: Access denied\n".into() };
    let facts = observed(INTENT, &[("read_docker_service_state", silent), ("read_docker_socket_state", Reading::taken(SOCKET))]);
    assert_eq!(facts.assessment, Assessment::Unknown);
    assert_eq!(found(&facts), [("docker.service", "docker.service_not_observed")]);
    assert!(facts.findings[0].message.ends_with("but Failed to get properties: Access denied"), "{}", facts.findings[0].message);
}

#[test]
fn facts_docker_dead_host_has_no_facts() {
    let dead = failed(ErrorClass::Unreachable, "connection refused");
    let facts = observed(INTENT, &[("read_docker_service_state", dead.clone()), ("read_docker_socket_state", dead)]);
    assert_eq!((facts.assessment, facts.coverage, &facts.value), (Assessment::Unknown, Coverage::Blocked, &None));
    assert_eq!(facts.verdict.rule, "check_docker_services_health.result_required");
}
