//! The sandbox of this process: where its template comes from, and what it reaches.

use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::confined::Confined;
use super::folder::Folders;
use super::kept::Kept;
use super::order::Order;
use super::probe::probe;
use super::report::Refusal;
use super::templates::{SELF, Templates};
use crate::api::{ErrorClass, SandboxLevel};
use crate::connect::Failure;

/// Shuts in the commands of this machine. Cheap to clone; clones share what is known. The default shuts nothing in: level `none`.
#[derive(Debug, Clone, Default)]
pub struct Sandbox(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    folder: PathBuf,
    templates: Templates,
    reached: Kept<Reached>,
    folders: Kept<Folders>,
}

/// A command as it is to be started.
#[derive(Debug, Clone, Copy)]
pub(in crate::connect) struct Wanted<'w> {
    /// The executable.
    pub(in crate::connect) path: &'w Path,
    /// Its arguments, its own name first.
    pub(in crate::connect) argv: &'w [String],
    /// Its environment, besides TMPDIR.
    pub(in crate::connect) variables: &'w [(&'w str, &'w str)],
    /// Its time.
    pub(in crate::connect) timeout: Duration,
    /// What it writes to: its two streams.
    pub(in crate::connect) streams: [BorrowedFd<'w>; 2],
}

#[derive(Debug)]
struct Reached {
    level: SandboxLevel,
    lacking: Vec<Refusal>,
}

impl Reached {
    fn says(&self) -> String {
        let lacking: Vec<String> = self.lacking.iter().map(ToString::to_string).collect();
        format!("local commands run at sandbox level {}: {}", self.level.as_str(), lacking.join("; "))
    }
}

impl Sandbox {
    /// A sandbox whose template is the program `template`: a `tecrax`. Private folders of commands are made below `folder`, which is
    /// made when it is not there. Nothing happens before it is asked for its level or for a command; the template ends with the last
    /// clone.
    pub fn new(template: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let templates = Templates::of(template.into(), folder.clone());
        Self(Some(Arc::new(Parts { folder, templates, reached: Kept::default(), folders: Kept::default() })))
    }

    /// The same with this process's own program, which must be `tecrax`, even when its file has been replaced since.
    pub fn of_this_program(folder: impl Into<PathBuf>) -> Self {
        Self::new(SELF, folder)
    }

    /// The level that this machine reaches. The first call tries it, which takes some milliseconds; then it is known for as long
    /// as the process lives. `none` where the machine is too short of something to try; then no command is started either.
    pub fn level(&self) -> SandboxLevel {
        self.reached().ok().flatten().map_or(SandboxLevel::None, |reached| reached.level)
    }

    /// The level that a command may hope for: what is reached, or the highest as long as the machine is too short of something to try.
    /// Whether a command gets what it must have is decided when it is started.
    pub fn hope(&self) -> SandboxLevel {
        self.reached().map_or(SandboxLevel::Full, |reached| reached.map_or(SandboxLevel::None, |reached| reached.level))
    }

    /// Ends what is kept ready for commands, before this process ends; commands end with it. A template that somebody has stopped would not
    /// notice that by itself.
    pub fn end(&self) {
        self.0.iter().for_each(|parts| parts.templates.end());
    }

    /// What stands in the way of more, one sentence each; empty at level `full`.
    pub fn lacking(&self) -> Vec<String> {
        self.reached().ok().flatten().map_or_else(Vec::new, |reached| reached.lacking.iter().map(ToString::to_string).collect())
    }

    /// What is short of level `full`, in one sentence, once it is known that something is.
    pub fn shortfall(&self) -> Option<String> {
        let reached = self.0.as_ref()?.reached.get()?;
        (reached.level < SandboxLevel::Full).then(|| reached.says())
    }

    /// `None` without a sandbox.
    ///
    /// # Errors
    /// The machine is short of something at this moment. Nobody knows what it reaches otherwise, so nothing is remembered.
    fn reached(&self) -> Result<Option<&Reached>, Refusal> {
        let Some(parts) = self.0.as_ref() else { return Ok(None) };
        let reached = parts.reached.get_or_try(|| {
            let (level, lacking) = probe(&parts.templates);
            if let Some(short) = lacking.iter().find(|refusal| refusal.is_short()) {
                return Err(*short);
            }
            let reached = Reached { level, lacking };
            if level < SandboxLevel::Full {
                tracing::warn!("{}", reached.says());
            }
            Ok(reached)
        });
        reached.map(Some)
    }

    /// Starts a command, shut in. `None` when this process has no sandbox and none is required: then nothing has been started.
    ///
    /// # Errors
    /// The machine reaches less than `required`, or is short of something; nothing has been started.
    pub(in crate::connect) async fn start(
        &self,
        required: SandboxLevel,
        wanted: Wanted<'_>,
    ) -> Result<Option<Confined>, Failure> {
        let reached = self.reached().map_err(|refusal| {
            let cause = refusal.cause();
            Failure::new(ErrorClass::Transient, format!("how far this machine shuts a command in could not be tried: {cause}"))
                .because(&cause)
        })?;
        let level = reached.map_or(SandboxLevel::None, |reached| reached.level);
        if level < required {
            return Err(self.too_low(level, required));
        }
        let Some(parts) = self.0.as_ref().filter(|_| level > SandboxLevel::None) else { return Ok(None) };
        parts.start(level, wanted).await.map(Some).map_err(|error| {
            Failure::new(ErrorClass::NotConfined, format!("the command's sandbox could not be made: {error}"))
                .next_step(format!("Look at {} and at the limits of this process.", parts.folder.display()))
                .may_pass()
                .because(&error)
        })
    }

    fn too_low(&self, level: SandboxLevel, required: SandboxLevel) -> Failure {
        let (level, required) = (level.as_str(), required.as_str());
        let why = [vec![String::new()], self.lacking()].concat().join("; ");
        Failure::new(
            ErrorClass::NotConfined,
            format!("policy requires sandbox level `{required}`, and this machine reaches `{level}`{why}"),
        )
    }
}

impl Parts {
    async fn start(&self, level: SandboxLevel, wanted: Wanted<'_>) -> io::Result<Confined> {
        let folder = self.folders.get_or_try(|| Folders::open(&self.folder))?.fresh()?;
        let Wanted { path, argv, variables, timeout, streams } = wanted;
        let mut order = Order::new(level, timeout, folder.path(), path)?;
        order = order.with_arguments(argv.iter().map(String::as_str))?.with_variable("TMPDIR", folder.path())?;
        for (name, value) in variables {
            order = order.with_variable(name, value)?;
        }
        Confined::start(&self.templates, folder, &order, streams).await
    }
}
