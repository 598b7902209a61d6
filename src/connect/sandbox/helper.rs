//! The helper: this program again, before it has read anything.

use std::ffi::{CString, OsString};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use rustix::fs::{FileType, fstat};
use rustix::process::Pid;

use super::ending::{await_end, end_namespace, end_of, sweep};
use super::first::{Half, Namespace};
use super::order::{NOTHING, Order, RUN, WORD};
use super::report::{End, Part, Refusal, Report};
use super::spawn::spawn;
use super::{first, shut};
use crate::api::SandboxLevel;

/// This program, whatever has become of the file that it was started from.
pub(super) const SELF: &str = "/proc/self/exe";
/// What a helper is started with, and no command gets: the allocator of the program sets a gigabyte of addresses aside at once, which
/// is all that a helper may have. Without any it would ask the kernel for every few pages, which takes a tenth of a millisecond.
pub(super) const ALLOCATOR: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "32M");
/// Exit status of a helper that nobody of tecrax has started (`EX_USAGE`).
const MISUSED: u8 = 64;

/// Does the helper's work when the command line is a helper's, and answers its exit code; `None` for every other command line.
///
/// Ask this before anything else is done: the helper must not have threads. A command line is a helper's when its first argument
/// is `__sandbox`. Giving it by hand gains nothing: it only ever takes rights away from the caller's own process.
pub fn helper(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let _name = args.next();
    if args.next()? != WORD {
        return None;
    }
    let what = args.next().unwrap_or_default();
    Some(match what.to_str() {
        Some(RUN) => Order::parse(args).map_or(ExitCode::from(MISUSED), |order| run(&order)),
        Some(NOTHING) => ExitCode::SUCCESS,
        _ => ExitCode::from(MISUSED),
    })
}

fn run(order: &Order) -> ExitCode {
    close_inherited();
    let Some(mut control) = control() else { return ExitCode::from(MISUSED) };
    let urgency = first::urgent();
    let report = match ready(order, &mut control) {
        Ok((_, Half::First(helper))) => {
            drop(control);
            return first::watch(&helper);
        }
        Ok((lacking, Half::Helper(namespace))) => {
            first::usual(urgency);
            Report { end: command(order, namespace.as_ref(), &control), lacking }
        }
        Err(refusal) => Report { end: End::Refused(refusal), lacking: Vec::new() },
    };
    // When nobody listens any more, nobody needs to know.
    let _ = control.write_all(report.line().as_bytes());
    ExitCode::SUCCESS
}

/// Shuts this process in and makes the first process of its PID namespace. Answers what the level lacks, and which process this is
/// from here on.
fn ready(order: &Order, control: &mut UnixStream) -> Result<(Vec<Part>, Half), Refusal> {
    let lacking = shut::shut(order, control)?;
    let half = match order.level {
        SandboxLevel::Full => first::split(),
        SandboxLevel::Basic | SandboxLevel::None => Ok(Half::Helper(None)),
    };
    let half = half.map_err(|error| Refusal::of(Part::Helper, error.raw_os_error().unwrap_or_default()))?;
    Ok((lacking, half))
}

/// The socket between tecrax and this process: standard input.
fn control() -> Option<UnixStream> {
    let stdin = std::io::stdin();
    let kind = fstat(&stdin).ok()?.st_mode;
    (FileType::from_raw_mode(kind) == FileType::Socket).then_some(())?;
    stdin.as_fd().try_clone_to_owned().ok().map(UnixStream::from)
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

/// Starts the command, waits for it, and leaves nothing of it behind.
fn command(order: &Order, namespace: Option<&Namespace>, control: &UnixStream) -> End {
    let started = start(order);
    let status = started.as_ref().ok().and_then(|command| await_end(*command, control));
    let unasked = started.as_ref().ok().copied().filter(|_| status.is_none());
    let crowded = namespace.is_some_and(|namespace| end_namespace(namespace.first, unasked));
    match started {
        Ok(_) if crowded => End::Crowded,
        Ok(command) => {
            if namespace.is_none() {
                sweep(command);
            }
            status.map_or(End::Signal(9), end_of)
        }
        Err(end) => end,
    }
}

fn start(order: &Order) -> Result<Pid, End> {
    let failed = |error: i32| End::Refused(Refusal::of(Part::Helper, error));
    let null = null().map_err(|error| failed(error.raw_os_error().unwrap_or_default()))?;
    let argv = order.argv.iter().map(|word| CString::new(word.as_bytes())).collect::<Result<Vec<_>, _>>();
    let argv = argv.map_err(|_| failed(rustix::io::Errno::INVAL.raw_os_error()))?;
    spawn(&order.path, &argv, &environment(), null.as_fd()).map_err(|error| End::NotStarted(error as i32))
}

#[expect(clippy::disallowed_methods, reason = "the device is the command's standard input")]
fn null() -> std::io::Result<File> {
    File::options().read(true).write(true).open("/dev/null")
}

/// The helper was started with the command's environment.
#[expect(clippy::disallowed_methods, reason = "the helper passes on what it was given")]
fn environment() -> Vec<CString> {
    std::env::vars_os()
        .filter(|(name, _)| name != ALLOCATOR.0)
        .filter_map(|(mut name, value)| {
            name.push("=");
            name.push(value);
            CString::new(name.into_vec()).ok()
        })
        .collect()
}
