//! How often a pass waits for the disk, as the kernel sees it.

use crate::support::program::{Program, check, recorded, target};

const SYNC: &str = "fsync,fdatasync,sync_file_range,msync";
const INVENTORY: &str = "collect_basic_host_inventory";

fn fleet(hosts: usize) -> Program {
    let program = Program::new();
    let targets: String = (0..hosts).map(|host| target(&format!("host-{host}"), &recorded())).collect();
    program.write("targets.yaml", &targets).write("check.yaml", &check("inventory", INVENTORY));
    program
}

fn syncs(trace: &[String]) -> usize {
    trace.iter().filter(|line| line.contains("sync") && !line.contains("resumed")).count()
}

/// What a new state file costs: rollback journal, its directory and the file itself, once for its form and once for its
/// tables, then head and directory of the write-ahead log.
const NEW_FILE: usize = 9;
/// What a new signing key costs: its file and the directory.
const NEW_KEY: usize = 2;
/// What a checkpoint costs when the log has grown: the file and the directory. Its row in the state file goes to disk with the next
/// evidence.
const CHECKPOINT: usize = 2;

#[test]
fn nothing_due_never_waits_for_the_disk() {
    let program = fleet(20);
    let first = program.once();
    assert!(first.contains("20 healthy; ran 20, fresh 0"), "{first}");
    let (said, trace) = program.once_traced(SYNC);
    assert!(said.contains("ran 0, fresh 20"), "{said}");
    assert_eq!(syncs(&trace), 0, "{trace:#?}");
}

#[test]
fn one_run_in_a_new_state_directory_waits_for_its_evidence_once() {
    let (said, trace) = fleet(1).once_traced(SYNC);
    assert!(said.contains("1 healthy; ran 1, fresh 0"), "{said}");
    let count = syncs(&trace);
    assert!((1..=NEW_FILE + NEW_KEY + 1 + CHECKPOINT).contains(&count), "{count}: {trace:#?}");
}

#[test]
fn bookkeeping_never_waits_for_the_disk() {
    let program = fleet(20);
    let first = program.once();
    assert!(first.contains("20 healthy; ran 20, fresh 0"), "{first}");
    // A new Target is a new object, a new wanted row, a claim, and one run: only the run is evidence. SQLite syncs the directory of
    // the write-ahead log with its first sync in a process.
    program.write("more.yaml", &target("another", &recorded()));
    let (said, trace) = program.once_traced(SYNC);
    assert!(said.contains("ran 1, fresh 20"), "{said}");
    assert_eq!(syncs(&trace), 2 + CHECKPOINT, "{trace:#?}");
}

#[test]
fn the_runs_of_many_targets_are_committed_in_groups() {
    const HOSTS: usize = 200;
    let (said, trace) = fleet(HOSTS).once_traced(SYNC);
    assert!(said.contains("200 healthy; ran 200, fresh 0"), "{said}");
    // A group waits up to 50 ms for every run that is under way; all of these are, and each takes far less. Four groups are
    // usual, one for every ten runs leaves room for a slow machine, and one for each run would be 200.
    let count = syncs(&trace);
    assert!(count <= NEW_FILE + NEW_KEY + CHECKPOINT + HOSTS / 10, "{count}: {trace:#?}");
}
