//! The memory of this process, which holds secrets, kept from everybody else.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No core dump of this process and its children, and no look into it by other processes of the same account: neither a debugger
/// nor `/proc/PID/environ`, where secrets given as variables stand.
///
/// The first is inherited, the second ends with the next `exec`: a child that a target's answer comes from holds no secret. Where
/// the kernel refuses (it has no reason to), the process goes on as it was.
pub fn keep_private() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
