//! The template: this program again, before it has read anything, idle until there is a command to shut in. It copies itself for each.
//!
//! To start this program takes some milliseconds, most of it spent on its size; to copy a process that does nothing takes a tenth of one.
//! Only what has a single thread may be copied and go on: the template has. It is started and never copied from tecrax, so that it holds
//! nothing of what tecrax has read.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use fork::{Fork, ensure_waitable_children, fork, redirect_stdio};
use rustix::io::Errno;
use rustix::net::SocketType;
use rustix::net::sockopt::socket_type;
use rustix::process::{DumpableBehavior, set_dumpable_behavior, setsid};

use super::children::Children;
use super::helper;
use super::order::{MAX_MESSAGE, NOTHING, TEMPLATE, WORD};
use super::refusal::{Part, Refusal, is_short};
use super::report::{End, Report};
use super::request::{Given, Received, receive};
use super::templates::TEMPFAIL;

/// Exit status of a template that nobody of tecrax has started (`EX_USAGE`).
const MISUSED: u8 = 64;

/// Does the template's work when the command line is a template's, and answers its exit code, or that of a copy; `None` for every
/// other command line.
///
/// Ask this before anything else is done: the template must not have threads. A command line is a template's when its first argument
/// is `__sandbox`. Giving it by hand gains nothing: it only ever takes rights away from copies of the caller's own process.
///
/// From then on children wait until somebody has asked how they ended, whatever this process was started with: before that, their
/// numbers are nobody else's.
pub fn template(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    // It fails for no signal that there is.
    let _ = ensure_waitable_children();
    let _name = args.next();
    if args.next()? != WORD {
        return None;
    }
    let what = args.next().unwrap_or_default();
    Some(match what.to_str() {
        Some(TEMPLATE) => socket().map_or_else(ExitCode::from, serve),
        Some(NOTHING) => ExitCode::SUCCESS,
        _ => ExitCode::from(MISUSED),
    })
}

/// Makes a helper for each order, until nobody is left who could send one.
fn serve(socket: OwnedFd) -> ExitCode {
    let mut children = Children::default();
    let mut buffer = vec![0; MAX_MESSAGE];
    loop {
        // No helper knows what another one was told, or what nobody was told.
        buffer.fill(0);
        if children.wait(&socket) {
            match receive(&socket, &mut buffer) {
                Ok(Received::Order(length, given)) => match fork() {
                    Ok(Fork::Child) => {
                        drop((socket, children));
                        return helper::run(buffer.get(..length).unwrap_or_default(), given);
                    }
                    Ok(Fork::Parent(child)) => children.add(child),
                    Err(error) => refuse(given, error.raw_os_error().unwrap_or_default()),
                },
                Ok(Received::Scrap) | Err(Errno::AGAIN | Errno::INTR) => {}
                Ok(Received::End) | Err(_) => return ExitCode::SUCCESS,
            }
        }
        children.reap();
    }
}

/// Says that there is no helper.
fn refuse(given: Given, error: i32) {
    let report = Report { end: End::Refused(Refusal::of(Part::Helper, error)), lacking: Vec::new() };
    // When nobody listens any more, nobody needs to know.
    let _ = UnixStream::from(given.control).write_all(report.line().as_bytes());
}

/// The socket between tecrax and this process, which was standard input; an exit status when it was something else or can not be kept.
/// Nothing else stays open.
fn socket() -> Result<OwnedFd, u8> {
    close_inherited();
    let stdin = std::io::stdin();
    if socket_type(stdin.as_fd()) != Ok(SocketType::SEQPACKET) {
        return Err(MISUSED);
    }
    let status = |error: std::io::Error| if is_short(&error) { TEMPFAIL } else { MISUSED };
    let socket = stdin.as_fd().try_clone_to_owned().map_err(status)?;
    redirect_stdio().map_err(status)?;
    // What a terminal sends to tecrax is for tecrax to pass on. It fails for the leader of a group, which gets none of it either.
    let _ = setsid();
    // Nobody of the same account traces or reads it.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    Ok(socket)
}

/// Closes what whoever started tecrax left open.
#[expect(clippy::disallowed_methods, reason = "open descriptors are listed in /proc")]
fn close_inherited() {
    let Ok(listed) = std::fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<i32> = listed.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    for descriptor in open.into_iter().filter(|descriptor| *descriptor > 2) {
        // The one that listed them is closed already.
        let _ = nix::unistd::close(descriptor);
    }
}
