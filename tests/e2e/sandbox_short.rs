//! A machine that is short of processes or memory where a command is shut in: the command waits for better times, and is never shut in less
//! because of it.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use crate::support::log;
use crate::support::shut_in::{Template, template};
use crate::support::wrapped::Wrapped;
use serde_json::Value;
use tempfile::TempDir;

/// An account of nobody, whose processes are nobody else's.
const ACCOUNT: u32 = 54_399;

/// The readings that a run did not get have no other reason.
fn only_transient(run: &Value) {
    let told = run.to_string();
    assert!(told.contains("Transient") && !told.contains("NotConfined"), "{run:#}");
    // Nothing has been started, or it was known already what this machine reaches.
    assert!(run["assessment"] == "unknown" && run["sandbox_level"] != "basic", "{run:#}");
}

fn give(path: &Path) {
    chown(path, Some(ACCOUNT), Some(ACCOUNT)).unwrap();
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        give(&entry.path());
    }
}

/// Whatever process is made first and last: with each number of processes, another one is the first that can not be made.
#[test]
fn wherever_a_command_runs_out_of_processes_it_is_not_shut_in_less() {
    assert!(rustix::process::geteuid().is_root(), "this test takes another account: run it as root, or run tests/run --quick");
    let threads = std::thread::available_parallelism().unwrap().get();
    let (mut short, mut well) = (0, 0);
    // From enough down to where there is no template either; with fewer, tecrax itself has too few.
    for processes in (2..24 + 2 * threads).rev() {
        let it = Wrapped::new("said=went");
        let all = fs::read_to_string(it.path("manifests/all.yaml")).unwrap();
        it.home.write("all.yaml", &all.replace("timeout: 20s", "timeout: 20s\n  retry: {attempts: 0}"));
        give(it.home.dir.path());
        let account = format!("--reuid={ACCOUNT}");
        let most = format!("--nproc={processes}:{processes}");
        let ended = it.pass_by("/usr/bin/setpriv", &[&account, "--clear-groups", "/usr/bin/prlimit", &most]);
        assert!(!ended.err.contains("sandbox level"), "{processes}: {ended:?}");
        let runs = log::runs(&it.home.state(), "default/inventory.switch");
        // Fewer than tecrax itself has threads: nothing was looked at, and nothing shut in.
        let Some(run) = runs.first() else { break };
        if run["facts"]["device"]["system_name"] == "went" {
            assert_eq!(run["sandbox_level"], "full", "{processes}: {ended:?}");
            well += 1;
        } else {
            only_transient(run);
            short += 1;
        }
        if run.to_string().contains("template of the sandbox can not be started") {
            break;
        }
    }
    assert!(short > 1 && well > 0, "this test has not come to what it is about, or not past it: {short}, {well}");
}

#[test]
fn a_kernel_without_memory_for_a_guard_is_not_one_that_has_none() {
    for call in ["landlock_restrict_self", "seccomp"] {
        let it = Wrapped::new("said=went");
        let ended = it.pass_without(call, "ENOMEM");
        assert!(!ended.err.contains("sandbox level"), "{call}: {ended:?}");
        only_transient(&log::runs(&it.home.state(), "default/inventory.switch")[0]);
    }
}

/// The machine has room for namespaces, so whoever has taken them all may give them back.
#[test]
fn a_machine_whose_namespaces_are_all_taken_is_not_one_that_allows_none() {
    let it = Wrapped::new("said=went");
    let ended = it.pass_without("unshare", "ENOSPC");
    assert!(!ended.err.contains("sandbox level"), "{ended:?}");
    let run = &log::runs(&it.home.state(), "default/inventory.switch")[0];
    only_transient(run);
    assert!(run.to_string().contains("user.max_user_namespaces"), "{run:#}");
}

/// As a filter of system calls does that has no error to say instead.
#[test]
fn where_something_kills_who_shuts_commands_in_the_next_step_says_what_to_look_for() {
    let it = Wrapped::new("said=went");
    let ended = it.pass_killing("landlock_create_ruleset", "SIGSYS");
    assert!(!ended.err.contains("sandbox level"), "{ended:?}");
    let run = &log::runs(&it.home.state(), "default/inventory.switch")[0];
    only_transient(run);
    assert!(run.to_string().contains("SystemCallFilter="), "{run:#}");
}

/// What the probe has found is what a command may do without.
#[test]
fn a_command_is_not_shut_in_less_than_the_one_that_was_tried() {
    let folder = TempDir::new().unwrap();
    let plain = template(env!("CARGO_BIN_EXE_tecrax"));
    let mut traced = std::process::Command::new("/usr/bin/strace");
    traced.args(["-f", "-qq", "-o"]).arg(folder.path().join("trace"));
    traced.args(["-e", "trace=landlock_create_ruleset", "-e", "inject=landlock_create_ruleset:error=ENOSYS"]);
    traced.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    traced.arg(plain.get_program()).args(plain.get_args()).stdout(std::process::Stdio::null());
    let template = Template::start(traced);
    let out = fs::File::create(folder.path().join("out")).unwrap();
    for (without, ends) in [("landlock", "status 0 landlock"), ("", "refused-landlock 0"), ("seccomp", "refused-landlock 0")] {
        let mut it = template.order_without(without, "basic", folder.path(), Path::new("/bin/true"), &["true"], [&out, &out]);
        it.meet();
        assert_eq!(it.listen(), ends, "{without}");
    }
}
