//! Commands on this machine: no shell, no inherited environment, no standard input, one process group that always ends with us.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::answer::{Answer, End, MAX_NAMED, command_name, printable, timed_out, unsupported};
use super::program;
use super::reading::{Failure, Output};
use super::session::Question;
use crate::api::ErrorClass;
use crate::profile::Shape;
use crate::secrets::Redactor;

/// How long a stream may stay silent after the command has ended and its group is dead. What the command wrote is in the pipe by
/// then; only a process that left the group can still hold it open.
const DRAIN_SILENCE: Duration = Duration::from_millis(200);
/// Bytes read from a pipe at once.
const CHUNK: usize = 16 * 1024;

/// What is run, and what it is told.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Program<'p> {
    /// The executable; looked up by the shape's first word when `None`.
    pub(super) path: Option<&'p Path>,
    /// Variables besides PATH and LC_ALL.
    pub(super) variables: &'p [(&'p str, &'p str)],
}

/// Runs the shape's command, inside the question's time and bytes.
pub(super) async fn read(program: &Program<'_>, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
    let Question { shape, timeout, max_output_bytes, .. } = question;
    let mut running = Running::start(program, shape)?;
    match tokio::time::timeout(timeout, running.collect(shape, max_output_bytes)).await {
        Ok(answer) => answer?.judge(shape, redactor),
        Err(_) => Err(timed_out(shape, timeout)),
    }
}

/// A started command. Dropping it kills its process group.
struct Running {
    child: Child,
    group: Option<Pid>,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Running {
    #[expect(clippy::disallowed_methods, reason = "starts what was admitted")]
    fn start(given: &Program<'_>, shape: &Shape) -> Result<Self, Failure> {
        let Some((name, arguments)) = shape.argv().split_first() else {
            return Err(Failure::new(ErrorClass::Internal, format!("shape `{}` has no program", shape.action)));
        };
        let found = given.path.map_or_else(|| program::find(name), |path| Some(path.to_owned()));
        let Some(path) = found else {
            let places = if name.starts_with('/') { String::new() } else { format!(" in {}", program::PATH) };
            return Err(unsupported(shape, format!("this machine has no program `{name}`{places}")));
        };
        let mut child = Command::new(path)
            .arg0(name)
            .args(arguments)
            .env_clear()
            .env("PATH", program::PATH)
            .env("LC_ALL", "C")
            .envs(given.variables.iter().copied())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| could_not_start(given, shape, &error))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        match (child.stdout.take(), child.stderr.take()) {
            (Some(stdout), Some(stderr)) => Ok(Self { child, group, stdout, stderr }),
            _ => Err(Failure::new(ErrorClass::Internal, "a started command has no pipes")),
        }
    }

    /// Kills what is left of the process group. The group's id is ours until the command itself has been waited for.
    fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            // ESRCH: nobody is left, which is what was wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Reads both streams until they end, a stream is full, or the command has ended and the streams fall silent.
    async fn collect(&mut self, shape: &Shape, bound: u32) -> Result<Answer, Failure> {
        let mut answer = Answer::bounded(bound);
        let (mut out, mut err) = (vec![0; CHUNK], vec![0; CHUNK]);
        let (mut out_open, mut err_open, mut ended) = (true, true, false);
        let exited = exited(self.group);
        tokio::pin!(exited);
        while !answer.is_cut() && (out_open || err_open || !ended) {
            // In this order: on a machine that is held up, the silence may be over before anybody looked at what was written.
            tokio::select! {
                biased;
                n = self.stdout.read(&mut out), if out_open => out_open = keep(&n, &out, &mut answer.stdout),
                n = self.stderr.read(&mut err), if err_open => err_open = keep(&n, &err, &mut answer.stderr),
                () = &mut exited, if !ended => {
                    ended = true;
                    if let Some(group) = self.group.take() {
                        let _ = kill_process_group(group, Signal::KILL);
                    }
                }
                () = tokio::time::sleep(DRAIN_SILENCE), if ended => break,
            }
        }
        self.kill();
        let status = self.child.wait().await.map_err(|error| {
            Failure::new(ErrorClass::Internal, format!("could not wait for `{}`: {error}", command_name(shape)))
        })?;
        if !answer.is_cut() {
            answer.end = end_of(status);
        }
        Ok(answer)
    }
}

fn keep(read: &std::io::Result<usize>, buffer: &[u8], stream: &mut super::answer::Capture) -> bool {
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
        other => other.to_string(),
    }
}

/// Returns when the process has ended, without collecting its status: until then its id can not be given to another process, so
/// its group can be killed without hitting a stranger.
async fn exited(process: Option<Pid>) {
    let Some(process) = process else { return };
    // Without the signal stream we would never learn of the end; the time-out of the reading still bounds it.
    let Ok(mut children) = signal(SignalKind::child()) else { return std::future::pending().await };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while let Ok(None) = waitid(WaitId::Pid(process), options) {
        if children.recv().await.is_none() {
            return std::future::pending().await;
        }
    }
}

fn could_not_start(given: &Program<'_>, shape: &Shape, error: &std::io::Error) -> Failure {
    let name = given.path.map_or_else(|| command_name(shape), |path| printable(&path.display().to_string(), MAX_NAMED));
    let message = format!("`{name}` could not be started: {error}");
    match error.kind() {
        std::io::ErrorKind::NotFound => unsupported(shape, message),
        // Who names an executable has to make it one.
        std::io::ErrorKind::PermissionDenied if given.path.is_some() => unsupported(shape, message),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::OutOfMemory => Failure::new(ErrorClass::Transient, message),
        _ => Failure::new(ErrorClass::CommandFailed, message),
    }
}
