//! Shuts this process in, step by step. What it starts afterwards can not undo any of it.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use nix::sched::CloneFlags;
use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, getegid, geteuid, set_child_subreaper, set_dumpable_behavior, setsid, umask};

use super::files::Held;
use super::order::Order;
use super::refusal::{Part, Refusal};
use super::told::{SHORT, Told, WITHOUT_FILES, YES};
use super::{calls, files, limits, maps, powers};
use crate::api::SandboxLevel;

/// Reaches the level of the order, or says what the machine refused. Answers which of the parts that it may do without the machine lacks.
pub(super) fn shut(order: &Order, control: &mut UnixStream) -> Result<Vec<Part>, Refusal> {
    let full = order.level == SandboxLevel::Full;
    let is_root = geteuid().is_root();
    // No terminal, and no group with anybody else. It fails for the leader of a group, who has neither.
    let _ = setsid();
    umask(Mode::RWXG | Mode::RWXO);
    // Files of /proc belong to the account only while this is so.
    let _ = set_dumpable_behavior(DumpableBehavior::Dumpable);
    die_first();
    let asks = full && namespaces(is_root)?;
    say_who(asks, control);
    if !full {
        set_child_subreaper(Some(rustix::process::getpid())).map_err(|error| Refusal::of(Part::Limits, error.raw_os_error()))?;
    }
    // tecrax writes the maps meanwhile. Nothing here needs them; to open the private folder may, where others own what it lies in.
    let given_up = give_up(order, is_root);
    if asks {
        mapped(control)?;
    }
    given_up.map_err(|error| Refusal::of(Part::Limits, error.raw_os_error()))?;
    let lacking = guards(order)?;
    // Nobody of the same account traces or reads the helper from here on.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    Ok(lacking)
}

/// Lowers limits, and gives up powers and the way to new ones.
fn give_up(order: &Order, is_root: bool) -> rustix::io::Result<()> {
    limits::lower(order.cpu_seconds, running())?;
    if is_root {
        powers::drop()?;
    }
    rustix::thread::set_no_new_privs(true)
}

/// Read-only files and refused calls; answers what this kernel does not have, where the order may do without.
fn guards(order: &Order) -> Result<Vec<Part>, Refusal> {
    let held = files::shut(&order.folder);
    let all = held == Ok(Held::All);
    let landlock = match held {
        Ok(Held::Nothing) => Some(Refusal::of(Part::Landlock, 0)),
        Ok(Held::ButTruncation | Held::All) => None,
        Err(refusal) => Some(refusal),
    };
    let mut lacking = Vec::new();
    for refusal in landlock.into_iter().chain(calls::shut(!all).err()) {
        // A kernel that is short of something has it at other times.
        if refusal.is_short() || !order.without.contains(&refusal.part) {
            return Err(refusal);
        }
        lacking.push(refusal.part);
    }
    Ok(lacking)
}

/// New user, PID and IPC namespaces, with every account mapped to itself: at once, or, when it answers `true`, by tecrax: a
/// namespace's own root may map only itself; everybody is mapped by root outside.
fn namespaces(is_root: bool) -> Result<bool, Refusal> {
    let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
    nix::sched::unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC)
        .map_err(|error| Refusal::of(Part::Namespaces, error as i32))?;
    if is_root {
        return Ok(true);
    }
    let written = maps::write_own(uid, gid);
    written.map(|()| false).map_err(|error| Refusal::because(Part::Namespaces, &error))
}

/// Tells tecrax which process this is, and asks for the maps if it is to write them.
fn say_who(asks: bool, control: &mut UnixStream) {
    let pid = rustix::process::getpid();
    let pid = u32::try_from(pid.as_raw_nonzero().get()).unwrap_or_default();
    let said = if asks { Told::Maps(pid) } else { Told::Here(pid) };
    // When nobody listens any more, the command will end at once.
    let _ = control.write_all(said.line().as_bytes());
}

/// Waits until tecrax has written the maps.
fn mapped(control: &mut UnixStream) -> Result<(), Refusal> {
    let mut answer = [0];
    match control.read_exact(&mut answer).map(|()| answer) {
        Ok([YES]) => Ok(()),
        Ok([WITHOUT_FILES]) => Err(Refusal::of(Part::Namespaces, Errno::MFILE.raw_os_error())),
        Ok([SHORT]) => Err(Refusal::of(Part::Namespaces, Errno::AGAIN.raw_os_error())),
        Ok(_) | Err(_) => Err(Refusal::of(Part::Namespaces, 0)),
    }
}

/// When memory runs out, the command goes before anything else does. Asking for that needs no privilege.
#[expect(clippy::disallowed_methods, reason = "the kernel is told through a file of /proc")]
fn die_first() {
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}

/// Processes and threads on this machine.
#[expect(clippy::disallowed_methods, reason = "counts processes in /proc")]
fn running() -> u64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    limits::counts(&text).map_or(0, |(running, _)| running)
}
