//! A command that has been started: reads what it writes, learns how it ended, and leaves nothing of it behind.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;
use tokio::signal::unix::{SignalKind, signal};

use super::answer::{Answer, Capture, End};
use super::meter::Meter;
use super::sandbox::{self, Confined, Over, Part, Refusal, Silence};

/// How long a stream may stay silent after the command has ended and what it left is dead. What the command wrote is in the pipe
/// by then; only a process that got away can still hold it open.
const DRAIN_SILENCE: Duration = Duration::from_millis(200);
/// Bytes read from a pipe at once.
const CHUNK: usize = 16 * 1024;

/// A started command. Dropping it ends the command and all that came of it.
pub(super) struct Running {
    /// `None` once somebody else looks after it.
    hold: Option<Hold>,
    stdout: Receiver,
    stderr: Receiver,
}

/// How a command is ended with what it started.
pub(super) enum Hold {
    /// By its process group, whose number is its own until it has been waited for.
    Group(Child),
    /// By its helper.
    Confined(Box<Confined>),
}

/// Why there is no answer.
pub(super) enum Trouble {
    /// The program could not be executed.
    NotStarted(io::Error),
    /// Nobody could tell how it ended.
    NotWaited(io::Error),
    /// It was ended because it had started too many processes.
    Crowded,
    /// It was not started, because the machine would not shut it in.
    Refused(Refusal),
    /// Something ended the helper that shut it in, and it with that.
    CutOff,
}

impl Hold {
    /// Ends what is left.
    fn end(&self) {
        match self {
            // ESRCH: nobody is left, which is what was wanted.
            Self::Group(child) => drop(process_of(child).map(|group| kill_process_group(group, Signal::KILL))),
            Self::Confined(confined) => confined.let_go(),
        }
    }

    /// The process that is waited for, where it is a child of ours.
    fn child(&self) -> Option<Pid> {
        match self {
            Self::Group(child) => process_of(child),
            Self::Confined(_) => None,
        }
    }

    /// Listens to the helper until it has nothing more to say; without one, for ever.
    async fn listen(&mut self) -> Over {
        match self {
            Self::Confined(confined) => confined.listen().await,
            Self::Group(_) => std::future::pending().await,
        }
    }
}

fn process_of(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(hold) = self.hold.take() else { return };
        hold.end();
        if let Hold::Confined(confined) = hold {
            confined.abandon();
        }
    }
}

impl Running {
    /// Takes over a process that writes to the other ends of these pipes.
    pub(super) fn of(hold: Hold, stdout: OwnedFd, stderr: OwnedFd) -> io::Result<Self> {
        Ok(Self { hold: Some(hold), stdout: Receiver::from_owned_fd(stdout)?, stderr: Receiver::from_owned_fd(stderr)? })
    }

    /// Reads both streams until they end, one is longer than `bound`, or the command has ended and the streams fall silent.
    pub(super) async fn collect(&mut self, bound: u32, meter: &Meter) -> Result<Answer, Trouble> {
        let mut answer = Answer::bounded(bound, meter);
        let (mut out, mut err) = (vec![0; CHUNK], vec![0; CHUNK]);
        let (mut out_open, mut err_open, mut ended) = (true, true, false);
        let Some(hold) = &mut self.hold else { return Err(unknown()) };
        let exited = exited(hold.child());
        tokio::pin!(exited);
        while !answer.is_cut() && (out_open || err_open || !ended) {
            // In this order: on a machine that is held up, the silence may be over before anybody looked at what was written.
            tokio::select! {
                biased;
                n = self.stdout.read(&mut out), if out_open => out_open = keep(&n, &out, &mut answer.stdout),
                n = self.stderr.read(&mut err), if err_open => err_open = keep(&n, &err, &mut answer.stderr),
                Over = hold.listen(), if !ended => ended = true,
                () = &mut exited, if !ended => {
                    ended = true;
                    hold.end();
                }
                () = tokio::time::sleep(DRAIN_SILENCE), if ended => break,
            }
        }
        if answer.is_cut() {
            self.stop().await.map_err(Trouble::NotWaited)?;
        } else {
            answer.end = Some(self.farewell().await?);
        }
        Ok(answer)
    }

    /// Ends the command and all that came of it, and waits for that.
    async fn stop(&mut self) -> io::Result<()> {
        let Some(hold) = self.hold.take() else { return Ok(()) };
        hold.end();
        match hold {
            Hold::Group(mut child) => drop(child.wait().await?),
            Hold::Confined(confined) => confined.bury().await,
        }
        Ok(())
    }

    /// Ends what is left and learns how the command ended.
    async fn farewell(&mut self) -> Result<End, Trouble> {
        let hold = self.hold.take().ok_or_else(unknown)?;
        hold.end();
        let end = match hold {
            Hold::Group(mut child) => {
                let status = child.wait().await.map_err(Trouble::NotWaited)?;
                return end_of(status).ok_or_else(unknown);
            }
            Hold::Confined(confined) => confined.end(),
        };
        match end {
            Ok(sandbox::End::Status(status)) => Ok(End::Status(status)),
            Ok(sandbox::End::Signal(number)) => Ok(End::Signal(signal_name(number))),
            Ok(sandbox::End::Crowded) => Err(Trouble::Crowded),
            Ok(sandbox::End::CutOff) | Err(Silence::Helper) => Err(Trouble::CutOff),
            Ok(sandbox::End::NotStarted(error)) => Err(Trouble::NotStarted(io::Error::from_raw_os_error(error))),
            Ok(sandbox::End::Refused(refusal)) => Err(Trouble::Refused(refusal)),
            Err(Silence::Template) => Err(Trouble::Refused(Refusal::of(Part::Template, 0))),
        }
    }
}

/// Nobody could tell how it ended.
fn unknown() -> Trouble {
    Trouble::NotWaited(io::ErrorKind::NotFound.into())
}

fn keep(read: &io::Result<usize>, buffer: &[u8], stream: &mut Capture) -> bool {
    match read {
        Ok(0) | Err(_) => false,
        Ok(count) => stream.push(buffer.get(..*count).unwrap_or_default()),
    }
}

fn end_of(status: std::process::ExitStatus) -> Option<End> {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = || status.signal().map(|number| End::Signal(signal_name(number)));
    status.code().map(End::Status).or_else(signal)
}

fn signal_name(number: i32) -> String {
    match number {
        6 => "ABRT".to_owned(),
        8 => "FPE".to_owned(),
        9 => "KILL".to_owned(),
        11 => "SEGV".to_owned(),
        15 => "TERM".to_owned(),
        24 => "XCPU".to_owned(),
        31 => "SYS".to_owned(),
        other => other.to_string(),
    }
}

/// Returns when the process has ended, without collecting its status: until then its id can not be given to another process, so
/// its group can be killed without hitting a stranger. Without a process, never.
async fn exited(process: Option<Pid>) {
    let Some(process) = process else { return std::future::pending().await };
    // Without the signal stream we would never learn of the end; the time-out of the reading still bounds it.
    let Ok(mut children) = signal(SignalKind::child()) else { return std::future::pending().await };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while let Ok(None) = waitid(WaitId::Pid(process), options) {
        if children.recv().await.is_none() {
            return std::future::pending().await;
        }
    }
}
