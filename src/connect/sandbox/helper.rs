//! The helper: a copy of the template, which shuts itself in, starts one command, and leaves nothing of it behind.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use rustix::process::Pid;

use super::ending::{Demise, await_end, end_namespace, end_of, sweep};
use super::first::{Half, Namespace};
use super::helper_id::is_over;
use super::order::Order;
use super::refusal::{Part, Refusal};
use super::report::{End, Report};
use super::request::Given;
use super::spawn::spawn;
use super::{first, shut};
use crate::api::SandboxLevel;

/// The ends of the command's pipes.
struct Streams {
    stdout: OwnedFd,
    stderr: OwnedFd,
}

/// Does what the order says, for as long as tecrax holds the other end of the control socket. Answers the exit code of this process.
pub(super) fn run(message: &[u8], given: Given) -> ExitCode {
    let Given { stdout, stderr, control } = given;
    let (streams, mut control) = (Streams { stdout, stderr }, UnixStream::from(control));
    let Some(order) = Order::parse(message) else { return ExitCode::FAILURE };
    // It may have waited too long for its turn.
    if is_over(control.as_fd()) {
        return ExitCode::SUCCESS;
    }
    let urgency = first::urgent();
    let report = match ready(&order, &mut control) {
        Ok((_, Half::First(watched))) => {
            drop((streams, control));
            return first::watch(&watched);
        }
        Ok((lacking, Half::Helper(namespace))) => {
            first::usual(urgency);
            Report { end: command(&order, streams, namespace.as_ref(), &control), lacking }
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
    let half = half.map_err(|error| Refusal::because(Part::Helper, &error))?;
    Ok((lacking, half))
}

/// Starts the command, waits for it, and leaves nothing of it behind.
fn command(order: &Order, streams: Streams, namespace: Option<&Namespace>, control: &UnixStream) -> End {
    let started = start(order, streams);
    let status = started.as_ref().ok().and_then(|command| await_end(*command, control));
    let unasked = started.as_ref().ok().copied().filter(|_| status.is_none());
    let demise = namespace.map_or(Demise::Asked, |namespace| end_namespace(namespace.first, unasked, status));
    match started {
        Ok(_) if demise == Demise::Crowded => End::Crowded,
        Ok(_) if demise == Demise::CutOff => End::CutOff,
        Ok(command) => {
            if namespace.is_none() {
                sweep(command);
            }
            status.map_or(End::Signal(9), end_of)
        }
        Err(end) => end,
    }
}

/// The streams are the command's alone from here on: tecrax reads until nobody can write any more.
fn start(order: &Order, streams: Streams) -> Result<Pid, End> {
    let null = null().map_err(|error| End::Refused(Refusal::because(Part::Helper, &error)))?;
    let Streams { stdout, stderr } = streams;
    spawn(&order.path, &order.argv, &order.environment, [null.as_fd(), stdout.as_fd(), stderr.as_fd()])
        .map_err(|error| End::NotStarted(error as i32))
}

/// Opened for each command: whoever shares an open file shares its flags.
#[expect(clippy::disallowed_methods, reason = "the device is the command's standard input")]
fn null() -> std::io::Result<File> {
    File::options().read(true).write(true).open("/dev/null")
}
