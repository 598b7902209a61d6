//! The sandbox of this process: how to start a helper, and what it reaches.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::confined::Confined;
use super::folder::Folders;
use super::helper::SELF;
use super::kept::Kept;
use super::probe::probe;
use super::report::Refusal;
use crate::api::{ErrorClass, SandboxLevel};
use crate::connect::Failure;

/// Shuts in the commands of this machine. Cheap to clone; clones share what is known. The default shuts nothing in: level `none`.
#[derive(Debug, Clone, Default)]
pub struct Sandbox(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    helper: PathBuf,
    folder: PathBuf,
    reached: Kept<Reached>,
    folders: Kept<Folders>,
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
    /// A sandbox whose helper is the program `helper`: a `tecrax`. Private folders of commands are made below `folder`, which is
    /// made when it is not there. Nothing happens before it is asked for its level or for a command.
    pub fn new(helper: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        let (helper, folder) = (helper.into(), folder.into());
        Self(Some(Arc::new(Parts { helper, folder, reached: Kept::default(), folders: Kept::default() })))
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
            let (level, lacking) = probe(&parts.helper);
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

    /// Prepares to shut in `program` for at most `timeout`. `None` when this process has no sandbox and none is required.
    ///
    /// # Errors
    /// The machine reaches less than `required`, or is short of something; nothing has been started.
    pub(in crate::connect) fn enter(
        &self,
        required: SandboxLevel,
        program: &Path,
        timeout: Duration,
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
        let folder = parts.folders.get_or_try(|| Folders::open(&parts.folder)).and_then(Folders::fresh);
        let confined = folder.and_then(|folder| Confined::new(&parts.helper, folder, level, program, timeout));
        confined.map(Some).map_err(|error| {
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
