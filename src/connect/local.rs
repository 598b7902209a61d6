//! Commands on this machine: no shell, no inherited environment, no standard input, shut in as far as the machine allows, and
//! nothing of them stays.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::pipe::{PipeFlags, pipe_with};
use tokio::process::Command;

use super::answer::{MAX_NAMED, command_name, timed_out, unsupported};
use super::open_files::give_first_limit;
use super::program;
use super::reading::{Failure, Output};
use super::running::{Hold, Running, Trouble};
use super::sandbox::{Sandbox, Wanted, is_short, of_the_moment};
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
    let answer = async {
        let mut running = start(program, question).await?;
        running.collect(max_output_bytes, meter).await.map_err(|trouble| failed(program, shape, trouble))
    };
    match tokio::time::timeout(timeout, answer).await {
        Ok(answer) => answer?.judge(shape, redactor),
        Err(_) => Err(timed_out(shape, timeout)),
    }
}

async fn start(given: &Program<'_>, question: Question<'_>) -> Result<Running, Failure> {
    let Question { shape, timeout, .. } = question;
    let argv = shape.argv();
    let Some((name, arguments)) = argv.split_first() else {
        return Err(Failure::new(ErrorClass::Internal, format!("shape `{}` has no program", shape.action)));
    };
    let path = path_of(given, shape, name)?;
    let no_start = |error: &std::io::Error| could_not_start(given, shape, error);
    let pipe = || pipe_with(PipeFlags::CLOEXEC).map_err(|error| no_start(&error.into()));
    let ((stdout, out), (stderr, err)) = (pipe()?, pipe()?);
    let variables = [&[("PATH", program::PATH), ("LC_ALL", "C")], given.variables].concat();
    let streams = [out.as_fd(), err.as_fd()];
    let wanted = Wanted { path: &path, argv, variables: &variables, timeout, streams };
    let hold = if let Some(confined) = given.sandbox.start(question.sandbox, wanted).await? {
        drop((out, err));
        Hold::Confined(Box::new(confined))
    } else {
        let mut command = plain(&path);
        command.arg0(name).args(arguments).envs(variables).stdout(out).stderr(err);
        let child = command.spawn().map_err(|error| no_start(&error))?;
        give_first_limit(child.id());
        Hold::Group(child)
    };
    Running::of(hold, stdout, stderr).map_err(|error| no_start(&error))
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
    command.env_clear().current_dir("/").stdin(Stdio::null()).process_group(0).kill_on_drop(true);
    command
}

fn failed(given: &Program<'_>, shape: &Shape, trouble: Trouble) -> Failure {
    let name = command_name(shape);
    match trouble {
        Trouble::NotStarted(error) => could_not_start(given, shape, &error),
        Trouble::NotWaited(error) => Failure::new(ErrorClass::Internal, format!("could not wait for `{name}`: {error}")),
        Trouble::Crowded => Failure::new(ErrorClass::CommandFailed, format!("`{name}` started too many processes and was ended")),
        Trouble::Refused(refusal) => refusal.failure(format!("`{name}` could not be shut in: {refusal}")),
        Trouble::CutOff => of_the_moment(format!("`{name}` was cut off: something ended the helper of its sandbox")),
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
        _ if is_short(error) => of_the_moment(message),
        _ => Failure::new(ErrorClass::CommandFailed, message),
    };
    failure.because(error)
}
