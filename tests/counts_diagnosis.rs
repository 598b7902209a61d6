//! The diagnosis shares its readings with the other checks of its round, as the kernel sees it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

#[path = "support/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::path::Path;

use program::{Program, TECRAX, check, commands, target};

const DIAGNOSIS: &str = "diagnose_monitoring_host";
const OTHERS: [&str; 5] = [
    "collect_basic_host_inventory",
    "check_ntp_health",
    "collect_host_security_posture_readonly",
    "check_docker_services_health",
    "check_ntp_server_health",
];

/// How often each command line was started.
fn started(trace: &[String]) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for line in trace.iter().filter(|line| line.contains("execve(") && line.ends_with(" = 0")) {
        let argv = line.split_once(", [").and_then(|(_, rest)| rest.split_once(']')).expect("an argv").0;
        *count.entry(argv.to_owned()).or_default() += 1;
    }
    let ours = format!("\"{TECRAX}\"");
    // Neither the program itself nor what it starts of itself, to shut a command in.
    count.retain(|argv, _| !argv.starts_with(&ours) && !argv.starts_with("\"tecrax\", \"__sandbox\""));
    count
}

fn is_here(program: &str) -> bool {
    let directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    program.starts_with('/') && Path::new(program).exists()
        || directories.iter().any(|directory| Path::new(directory).join(program).exists())
}

#[test]
fn six_checks_of_one_machine_start_each_command_once_a_round() {
    let program = Program::new();
    program.write("target.yaml", &target("here", "local: {}"));
    let checks: Vec<String> = OTHERS.iter().enumerate().map(|(i, intent)| check(&format!("other-{i}"), intent)).collect();
    program.write("checks.yaml", &(check("whole", DIAGNOSIS) + &checks.concat()));
    let (said, trace) = program.once_traced("execve");
    assert!(said.contains("ran 6, fresh 0, "), "{said}");
    // Whatever the rules look at once more is looked at together, in rounds of its own: as many as a chain of reruns is deep.
    let rounds = if said.contains("reruns 0") { 1..=1 } else { 1..=4 };

    let wanted: Vec<Vec<String>> = commands(DIAGNOSIS).into_iter().filter(|argv| !argv.is_empty()).collect();
    assert_eq!(wanted.len(), 17, "the readings of the role os");
    let here = wanted.iter().filter(|argv| is_here(&argv[0])).count();
    assert!(here >= 11, "only {here} of the programs are here: run tests/run, which installs them");
    let started = started(&trace);
    assert_eq!(started.len(), here, "{started:#?}");
    let often: Vec<_> = started.iter().filter(|(_, count)| !rounds.contains(*count)).collect();
    assert!(often.is_empty(), "started another number of times than {rounds:?}: {often:#?}");
}
