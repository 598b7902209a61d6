//! The diagnosis shares its readings with the other checks of its round, as the kernel sees it.

use crate::support::log;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::program::{Program, TECRAX, check, steps, target};

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
    let wanted: Vec<(String, Vec<String>)> = steps(DIAGNOSIS).into_iter().filter(|(_, argv)| !argv.is_empty()).collect();
    assert_eq!(wanted.len(), 17, "the readings of the role os");
    let here = wanted.iter().filter(|(_, argv)| is_here(&argv[0])).count();
    assert!(here >= 11, "only {here} of the programs are here: run tests/run, which installs them");
    let started = started(&trace);
    assert_eq!(started.len(), here, "{started:#?}");
    // What the rules look at once more is looked at together, in rounds of its own: a command is started once for each reading that
    // was taken, however many runs share it.
    let mut taken: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let rows = log::rows(&program.state());
    for run in rows.iter().filter(|row| row.kind == "run.v1") {
        for reading in run.body["readings"].as_array().unwrap() {
            let (step, at) = (reading["step"].as_str().unwrap(), reading["at"].as_str().unwrap());
            taken.entry(step).or_default().insert(at.to_owned());
        }
    }
    let times = |(step, argv): &(String, Vec<String>)| is_here(&argv[0]).then(|| taken[step.as_str()].len());
    let mut expected: Vec<usize> = wanted.iter().filter_map(times).collect();
    let mut found: Vec<usize> = started.values().copied().collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected, "{started:#?} {taken:#?}");
    let shares =
        rows.iter().filter(|row| row.kind == "run.v1").map(|run| run.body["readings"].as_array().unwrap().len()).sum::<usize>();
    assert!(shares > taken.values().map(BTreeSet::len).sum(), "nothing is shared");
}
