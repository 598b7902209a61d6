//! The sandbox of this process: where its template comes from, and what it reaches.

use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use super::confined::Confined;
use super::folder::{Folder, Folders};
use super::kept::Kept;
use super::order::Order;
use super::probe::{Reached, Unknown, probe};
use super::refusal::{Part, Refusal};
use super::room;
use super::templates::{SELF, Templates};
use crate::api::{Available, ErrorClass, SandboxLevel};
use crate::connect::Failure;

/// How long manifests may wait for what this machine reaches.
const LONGEST_HOPE: Duration = Duration::from_secs(10);

/// Shuts in the commands of this machine. Cheap to clone; clones share what is known. The default shuts nothing in: level `none`.
#[derive(Debug, Clone, Default)]
pub struct Sandbox(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    folder: PathBuf,
    templates: Templates,
    reached: OnceCell<Reached>,
    available: Available,
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

impl Sandbox {
    /// A sandbox whose template is the program `template`: a `tecrax`. Private folders of commands are made below `folder`, which is
    /// made when it is not there. Nothing happens before it is asked for what is available or for a command; the template ends with the last
    /// clone.
    pub fn new(template: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let templates = Templates::of(template.into(), folder.clone());
        Self(Some(Arc::new(Parts {
            folder,
            templates,
            reached: OnceCell::new(),
            available: Available::default(),
            folders: Kept::default(),
        })))
    }

    /// The same with this process's own program, which must be `tecrax`, even when its file has been replaced since.
    pub fn of_this_program(folder: impl Into<PathBuf>) -> Self {
        Self::new(SELF, folder)
    }

    /// The level that this machine reaches, once it is known; it stays so for as long as the process lives. `none` before: no command has
    /// been started by then.
    pub fn level(&self) -> SandboxLevel {
        self.known().map_or(SandboxLevel::None, |reached| reached.level)
    }

    /// The level that commands may hope for. It is tried now where it is not known yet, which takes some milliseconds, or some seconds on a
    /// machine that is held up; what is answered follows what becomes known later. Whether a command gets what it must have is decided when it
    /// is started.
    pub async fn available(&self) -> Available {
        let Some(parts) = self.0.as_ref() else { return SandboxLevel::None.into() };
        // Who waits in vain learns it from the first command.
        let _ = tokio::time::timeout(LONGEST_HOPE, parts.reached()).await;
        parts.available.clone()
    }

    /// Ends what is kept ready for commands, before this process ends; commands end with it. A template that somebody has stopped would not
    /// notice that by itself.
    pub fn end(&self) {
        self.0.iter().for_each(|parts| parts.templates.end());
    }

    /// What is short of level `full`, in one sentence, once it is known that something is.
    pub fn shortfall(&self) -> Option<String> {
        self.known().filter(|reached| reached.level < SandboxLevel::Full).map(Reached::says)
    }

    fn known(&self) -> Option<&Reached> {
        self.0.as_ref()?.reached.get()
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
        let Some(parts) = self.0.as_ref() else {
            return if required == SandboxLevel::None { Ok(None) } else { Err(too_low(SandboxLevel::None, required, &[])) };
        };
        let reached = parts.reached().await.map_err(|unknown| unknown.failure())?;
        if reached.level < required {
            return Err(learnt_late(too_low(reached.level, required, &reached.lacking)));
        }
        if reached.level == SandboxLevel::None {
            return Ok(None);
        }
        parts.start(reached, wanted).await.map(Some).map_err(|refusal| {
            let failure = refusal.failure(format!("the command's sandbox could not be made: {refusal}"));
            let at_folder = refusal.part == Part::Folder && !refusal.is_short();
            let step = || format!("Look at {} and at the limits of this process.", parts.folder.display());
            if at_folder { failure.next_step(step()) } else { failure }
        })
    }
}

/// Policy admits a plan that it wants shut in more only while nobody knows what this machine reaches. From now on it denies it: that is what a
/// person hears, and an Escalation of this one run could not end, since no other follows it.
fn learnt_late(failure: Failure) -> Failure {
    let next =
        "From now on policy denies what must be shut in so: ask for a lower `sandbox` there, or see what this machine lacks.";
    // Trying it again at once comes to the same.
    Failure { class: ErrorClass::Transient, transient: false, ..failure }.next_step(next)
}

fn too_low(level: SandboxLevel, required: SandboxLevel, lacking: &[Refusal]) -> Failure {
    let (level, required) = (level.as_str(), required.as_str());
    let lacking: Vec<String> = lacking.iter().map(ToString::to_string).collect();
    let why = [vec![String::new()], lacking].concat().join("; ");
    Failure::new(
        ErrorClass::NotConfined,
        format!("policy requires sandbox level `{required}`, and this machine reaches `{level}`{why}"),
    )
}

impl Parts {
    /// What this machine reaches: tried by whoever needs it first, for as long as that one has time; others wait for it as long as they have.
    ///
    /// # Errors
    /// It came to nothing for a reason of this moment. Nothing is remembered: whoever comes next tries again.
    async fn reached(&self) -> Result<&Reached, Unknown> {
        let try_it = || async {
            let reached = probe(&self.templates, room::may_come).await?;
            self.available.become_known(reached.level);
            if reached.level < SandboxLevel::Full {
                tracing::warn!("{}", reached.says());
            }
            Ok(reached)
        };
        self.reached.get_or_try_init(try_it).await
    }

    async fn start(&self, reached: &Reached, wanted: Wanted<'_>) -> Result<Confined, Refusal> {
        let folder = self.folders.get_or_try(|| Folders::open(&self.folder)).and_then(Folders::fresh);
        let folder = folder.map_err(|error| Refusal::because(Part::Folder, &error))?;
        let order = order(reached, &folder, &wanted).map_err(|error| Refusal::because(Part::Order, &error))?;
        Confined::start(&self.templates, Some(folder), &order, wanted.streams).await
    }
}

fn order(reached: &Reached, folder: &Folder, wanted: &Wanted<'_>) -> io::Result<Order> {
    let Wanted { path, argv, variables, timeout, .. } = wanted;
    let mut order = Order::new(reached.level, *timeout, folder.path(), path)?.without(reached.without.clone());
    order = order.with_arguments(argv.iter().map(String::as_str))?.with_variable("TMPDIR", folder.path())?;
    for (name, value) in *variables {
        order = order.with_variable(name, value)?;
    }
    Ok(order)
}
