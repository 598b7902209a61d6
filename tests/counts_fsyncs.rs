//! How often a pass waits for the disk, as the kernel sees it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

#[path = "support/program.rs"]
mod program;

use program::{Program, check, recorded, target};

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
fn the_runs_of_many_targets_are_committed_in_groups() {
    let one = fleet(1);
    let (said, trace) = one.once_traced(SYNC);
    assert!(said.contains("1 healthy; ran 1, fresh 0"), "{said}");
    let alone = syncs(&trace);
    let many = fleet(200);
    let (said, trace) = many.once_traced(SYNC);
    assert!(said.contains("200 healthy; ran 200, fresh 0"), "{said}");
    let together = syncs(&trace);
    // One commit a run would be 199 more. A slow machine makes more groups of the 50 ms that a group waits at most.
    assert!(together <= alone + 20, "{alone} alone, {together} for 200: {trace:#?}");
}
