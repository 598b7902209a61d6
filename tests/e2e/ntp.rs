//! Time daemons that answer, and one that does not: ntpsec and chrony, each under systemd on a host of its own.

use crate::support::cli::{Ended, Home};
use crate::support::daemon::until;
use crate::support::log;
use crate::support::ntp;
use crate::support::systemd_host::Host;
use serde_json::{Value, json};

fn home(host: &Host) -> Home {
    let home = Home::new();
    home.write(
        "all.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: time}}\nspec: {{type: Host, connections: [{{{}}}]}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: server}}\n\
             spec: {{intent: check_ntp_server_health, timeout: 50s, targetRef: {{name: time}}}}\n",
            host.connection()
        ),
    );
    home
}

fn pass(host: &Host, home: &Home) -> (Ended, Value, Vec<String>) {
    let ended = host.tecrax(home, "reconcile --once --force manifests");
    let runs = log::runs(&home.state(), "default/server.time");
    let run = runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run");
    let findings = run["findings"].as_array().unwrap().iter();
    let reasons = findings.map(|finding| finding["reasonCode"].as_str().unwrap().to_owned()).collect();
    (ended, run, reasons)
}

/// What `check_ntp_health` says of the clock that a running daemon keeps: assessment and reasons follow what the host itself says. Whether
/// the kernel calls its clock synchronized is the machine's, which no daemon here may set.
fn clock(host: &Host, service: &str, state: &str) {
    let home = Home::new();
    home.write(
        "all.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: time}}\nspec: {{type: Host, connections: [{{{}}}]}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: server}}\n\
             spec: {{intent: check_ntp_health, timeout: 50s, targetRef: {{name: time}}}}\n",
            host.connection()
        ),
    );
    let (ended, run, reasons) = pass(host, &home);
    let facts = &run["facts"];
    assert_eq!((&facts["service"], &facts["service_state"]), (&json!(service), &json!(state)), "{run:#}");
    let said = host.ssh("timedatectl show --property=NTPSynchronized --value");
    let synchronized = said.trim() == "yes";
    assert_eq!(facts["synchronized"], synchronized, "{run:#}");
    let up = ["active", "reloading"].contains(&state);
    let expected: Vec<&str> = [(synchronized, "ntp_not_synchronized"), (up, "ntp_daemon_not_active")]
        .into_iter()
        .filter_map(|(good, reason)| (!good).then_some(reason))
        .collect();
    assert_eq!(reasons, expected, "{run:#}");
    let (code, assessment) = if expected.is_empty() { (0, "healthy") } else { (1, "unhealthy") };
    assert_eq!((ended.code, &run["assessment"]), (code, &json!(assessment)), "{ended:?}");
    assert_eq!(facts["coverage"]["state"], "complete", "{run:#}");
}

#[test]
fn ntpsec_says_how_near_to_the_time_it_is() {
    let host = ntp::ntpsec().boot();
    let home = home(&host);
    // Without its source it says so itself.
    host.ssh("systemctl stop reference && systemctl restart ntpsec");
    let (ended, run, reasons) = pass(&host, &home);
    assert_eq!(ended.code, 1, "{ended:?}");
    let facts = &run["facts"];
    assert_eq!((&facts["service"], &facts["daemon_state"]), (&json!("ntpsec"), &json!("active")), "{facts:#}");
    assert_eq!(
        (&facts["system_variables"]["leap"], &facts["system_variables"]["stratum"]),
        (&json!(11), &json!(16)),
        "{facts:#}"
    );
    assert_eq!((&run["assessment"], reasons), (&json!("degraded"), vec!["ntp_server_not_synchronized".to_owned()]), "{run:#}");

    // With it, it stands one below.
    host.ssh("systemctl start reference && systemctl restart ntpsec");
    until("ntpd to follow its source", 90, || host.ssh("timeout 5 ntpq -c 'rv 0 leap'").contains("leap=00").then_some(()));
    let (ended, run, reasons) = pass(&host, &home);
    assert_eq!((ended.code, &run["assessment"], reasons), (0, &json!("healthy"), Vec::new()), "{ended:?} {run:#}");
    let variables = &run["facts"]["system_variables"];
    assert_eq!((&variables["leap"], &variables["stratum"]), (&json!(0), &json!(ntp::STRATUM + 1)), "{variables:#}");
    assert!(variables["offset_ms"].as_f64().is_some_and(|offset| offset.abs() < 1000.0), "both read one clock: {variables:#}");
    assert!(["root_delay_ms", "root_dispersion_ms"].iter().all(|name| variables[name].is_number()), "{variables:#}");
    assert_eq!(run["facts"]["coverage"]["state"], "complete");
    clock(&host, "ntpsec", "active");
    // Whom it follows is nobody's business.
    assert!(!run.to_string().contains("192.0.2.2"), "{run:#}");

    // Stopped: ntpq says so with exit status 0, and nothing is taken for a number.
    host.ssh("systemctl stop ntpsec");
    let (ended, run, reasons) = pass(&host, &home);
    assert_eq!((ended.code, &run["assessment"]), (1, &json!("degraded")), "{ended:?} {run:#}");
    assert_eq!(reasons, ["ntp_server_daemon_not_active"], "one cause, one finding: {run:#}");
    assert_eq!(run["facts"]["daemon_state"], "inactive");
    assert!(run["facts"]["system_variables"].as_object().unwrap().values().all(Value::is_null), "{run:#}");
    clock(&host, "ntpsec", "inactive");
    log::verify(&home.state());
}

#[test]
fn chrony_has_no_ntpq_and_that_is_no_failure() {
    let host = ntp::chronyd().boot();
    let home = home(&host);
    let (ended, run, reasons) = pass(&host, &home);
    assert_eq!((ended.code, &run["assessment"], reasons), (2, &json!("unknown"), vec!["Unsupported".to_owned()]), "{ended:?}");
    assert!(run["findings"][0]["nextStep"].as_str().unwrap().contains("chrony"), "{run:#}");
    let facts = &run["facts"];
    assert_eq!((&facts["service"], &facts["daemon_state"]), (&json!("chrony"), &json!("active")), "{facts:#}");
    assert_eq!(facts["system_variables"]["stratum"], Value::Null);
    clock(&host, "chrony", "active");
    log::verify(&home.state());
}
