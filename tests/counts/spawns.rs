//! How many programs a pass starts on this machine, as the kernel sees it.

use crate::support::program::{Program, check, commands, target};

const INVENTORY: &str = "collect_basic_host_inventory";
const EXEC: &str = "execve,execveat";

/// Programs that were started, without tecrax itself.
fn started(trace: &[String]) -> usize {
    trace.iter().filter(|line| line.contains("exec") && line.ends_with(" = 0")).count() - 1
}

/// Processes that were made, threads not counted.
fn processes(trace: &[String]) -> usize {
    let made = |line: &&String| {
        let call = ["clone(", "clone3(", "fork(", "vfork("].iter().any(|call| line.contains(call));
        call && !line.contains("CLONE_THREAD") && !line.contains("unfinished")
    };
    trace.iter().filter(made).count()
}

/// The inventory's programs, all of which must be here: an absent one is never started.
fn inventory() -> usize {
    let argvs = commands(INVENTORY);
    for argv in &argvs {
        let found = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
            .iter()
            .any(|directory| std::path::Path::new(directory).join(&argv[0]).exists());
        assert!(found, "`{}` is absent: run tests/run, which installs procps and hostname", argv[0]);
    }
    argvs.len()
}

/// What one reading starts: the command. Its helper is a copy of the template.
const A_READING: usize = 1;
/// What is started once a process: the template, and, to find out the level, a command that does nothing.
const A_PROCESS: usize = 2;

#[test]
fn the_local_connection_starts_one_program_a_reading() {
    let program = Program::new();
    program.write("target.yaml", &target("here", "local: {}")).write("check.yaml", &check("inventory", INVENTORY));
    let (said, trace) = program.once_traced(EXEC);
    assert!(said.contains("ran 1, fresh 0, reruns 0"), "{said}");
    assert_eq!(started(&trace), A_PROCESS + A_READING * inventory(), "{trace:#?}");
}

#[test]
fn two_checks_that_share_readings_start_no_more_programs_than_one() {
    let program = Program::new();
    program.write("target.yaml", &target("here", "local: {}"));
    program.write("checks.yaml", &(check("inventory", INVENTORY) + &check("again", INVENTORY)));
    let (said, trace) = program.once_traced(EXEC);
    assert!(said.contains("ran 2, fresh 0, reruns 0"), "{said}");
    assert_eq!(started(&trace), A_PROCESS + A_READING * inventory(), "{trace:#?}");
}

#[test]
fn nothing_due_starts_nothing() {
    let program = Program::new();
    program.write("target.yaml", &target("here", "local: {}")).write("check.yaml", &check("inventory", INVENTORY));
    let first = program.once();
    assert!(first.contains("ran 1, fresh 0"), "{first}");
    let (said, trace) = program.once_traced("execve,execveat,clone,clone3,fork,vfork");
    assert!(said.contains("ran 0, fresh 1"), "{said}");
    assert_eq!(started(&trace), 0, "{trace:#?}");
    assert_eq!(processes(&trace), 0, "{trace:#?}");
}
