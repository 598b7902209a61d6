//! Commands on this machine: no shell, no inherited environment, no standard input, shut in as far as the machine allows, and
//! nothing of them stays.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::answer::{MAX_NAMED, command_name, timed_out, unsupported};
use super::open_files::give_first_limit;
use super::program;
use super::reading::{Failure, Output};
use super::running::{Hold, Running, Trouble};
use super::sandbox::Sandbox;
use super::session::Question;
use crate::api::{ErrorClass, printable};
use crate::profile::Shape;
use crate::secrets::Redactor;

/// What is run, and what it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program<'p> {
    /// The executable; looked up by the shape's first word when `None`.
    pub(super) path: Option<&'p Path>,
    /// Variables besides PATH, LC_ALL and TMPDIR.
    pub(super) variables: &'p [(&'p str, &'p str)],
    /// What stands between it and this machine.
    pub(super) sandbox: &'p Sandbox,
}

impl<'p> Program<'p> {
    /// A shape's own program.
    pub(super) const fn named_by_shape(sandbox: &'p Sandbox) -> Self {
        Self { path: None, variables: &[], sandbox }
    }
}

/// Runs the shape's command, inside the question's time and bytes.
pub(super) async fn read(program: &Program<'_>, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
    let Question { shape, timeout, max_output_bytes, meter, .. } = question;
    let mut running = start(program, question)?;
    match tokio::time::timeout(timeout, running.collect(max_output_bytes, meter)).await {
        Ok(Ok(answer)) => answer.judge(shape, redactor),
        Ok(Err(trouble)) => Err(failed(program, shape, trouble)),
        Err(_) => Err(timed_out(shape, timeout)),
    }
}

fn start(given: &Program<'_>, question: Question<'_>) -> Result<Running, Failure> {
    let shape = question.shape;
    let Some((name, arguments)) = shape.argv().split_first() else {
        return Err(Failure::new(ErrorClass::Internal, format!("shape `{}` has no program", shape.action)));
    };
    let path = path_of(given, shape, name)?;
    let mut confined = given.sandbox.enter(question.sandbox, &path, question.timeout)?;
    let mut command = match &mut confined {
        // The helper makes a session of its own, which the leader of a group can not.
        Some(confined) => confined.command(),
        None => plain(&path),
    };
    if confined.is_some() {
        command.arg(name);
    } else {
        command.arg0(name);
    }
    let child = command
        .args(arguments)
        .env("PATH", program::PATH)
        .env("LC_ALL", "C")
        .envs(given.variables.iter().copied())
        .current_dir("/")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| could_not_start(given, shape, &error))?;
    if confined.is_none() {
        give_first_limit(child.id());
    }
    let running = Running::of(child, |child| confined.map_or_else(|| Hold::group_of(child), Hold::confined));
    running.ok_or_else(|| Failure::new(ErrorClass::Internal, "a started command has no pipes"))
}

fn path_of(given: &Program<'_>, shape: &Shape, name: &str) -> Result<PathBuf, Failure> {
    let found = given.path.map_or_else(|| program::find(name), |path| Some(path.to_owned()));
    found.ok_or_else(|| {
        let places = if name.starts_with('/') { String::new() } else { format!(" in {}", program::PATH) };
        unsupported(shape, format!("this machine has no program `{name}`{places}"))
    })
}

/// A command that nothing shuts in, but for its own process group.
#[expect(clippy::disallowed_methods, reason = "starts what was admitted")]
fn plain(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear().stdin(Stdio::null()).process_group(0).kill_on_drop(true);
    command
}

fn failed(given: &Program<'_>, shape: &Shape, trouble: Trouble) -> Failure {
    let name = command_name(shape);
    match trouble {
        Trouble::NotStarted(error) => could_not_start(given, shape, &error),
        Trouble::NotWaited(error) => Failure::new(ErrorClass::Internal, format!("could not wait for `{name}`: {error}")),
        Trouble::Crowded => Failure::new(ErrorClass::CommandFailed, format!("`{name}` started too many processes and was ended")),
        Trouble::Refused(refusal) => {
            let failure = Failure::new(ErrorClass::NotConfined, format!("`{name}` could not be shut in: {refusal}"));
            let failure = if refusal.may_pass() { failure.may_pass() } else { failure };
            failure.because(&refusal.cause())
        }
    }
}

fn could_not_start(given: &Program<'_>, shape: &Shape, error: &std::io::Error) -> Failure {
    let name = given.path.map_or_else(|| command_name(shape), |path| printable(&path.display().to_string(), MAX_NAMED));
    let what = format!("`{name}` could not be started");
    let message = format!("{what}: {error}");
    let failure = match error.kind() {
        std::io::ErrorKind::NotFound => unsupported(shape, message),
        // Who names an executable has to make it one.
        std::io::ErrorKind::PermissionDenied if given.path.is_some() => unsupported(shape, message),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::OutOfMemory => Failure::new(ErrorClass::Transient, message),
        _ => Failure::new(ErrorClass::CommandFailed, message),
    };
    failure.because(error)
}
