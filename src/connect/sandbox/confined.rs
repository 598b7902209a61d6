//! One command that is shut in, as tecrax holds it.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use super::folder::Folder;
use super::order::Order;
use super::probe::answer;
use super::report::{ASK_MAPS, End, MAX_TOLD, Part, Refusal, Report};
use crate::api::SandboxLevel;

/// How long a helper may take to end what it started, after it was told to.
const LONGEST_FAREWELL: Duration = Duration::from_secs(2);

/// The helper's orders before it is started, and what it says afterwards.
#[derive(Debug)]
pub(in crate::connect) struct Confined {
    helper: PathBuf,
    words: [OsString; 6],
    folder: Folder,
    control: Option<UnixStream>,
    theirs: Option<OwnedFd>,
    told: Vec<u8>,
}

/// Marks that the helper has nothing more to say.
#[derive(Debug)]
pub(in crate::connect) struct Heard;

impl Confined {
    pub(super) fn new(helper: &Path, folder: Folder, level: SandboxLevel, program: &Path, timeout: Duration) -> io::Result<Self> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        Ok(Self {
            helper: helper.to_owned(),
            words: Order::words(level, timeout, folder.path(), program),
            folder,
            control: Some(UnixStream::from_std(ours)?),
            theirs: Some(theirs.into()),
            told: Vec::new(),
        })
    }

    /// The command that starts the helper; what is added to it are the command's own arguments, its name first.
    #[expect(clippy::disallowed_methods, reason = "starts what was admitted, shut in")]
    pub(in crate::connect) fn command(&mut self) -> Command {
        let mut command = Command::new(&self.helper);
        command.arg0("tecrax").args(&self.words).env_clear().env("TMPDIR", self.folder.path());
        if let Some(theirs) = self.theirs.take() {
            command.stdin(theirs);
        }
        command
    }

    /// Listens to the helper with the process number `helper` until it has nothing more to say, and does what it asks for.
    /// May be dropped and called again.
    pub(in crate::connect) async fn listen(&mut self, helper: Option<u32>) -> Heard {
        let mut some = [0; MAX_TOLD];
        while let Some(control) = &mut self.control {
            let count = control.read(&mut some).await.unwrap_or_default();
            if count == 0 || self.told.len() + count > MAX_TOLD {
                break;
            }
            self.told.extend(some.iter().take(count));
            if self.told.strip_suffix(b"\n") == Some(ASK_MAPS.as_bytes()) {
                self.told.clear();
                // One byte always fits; a helper that has gone needs no answer.
                let _ = helper.is_some_and(|helper| control.try_write(&[answer(helper)]).is_ok());
            }
        }
        Heard
    }

    /// Tells the helper to end the command and all that came of it.
    pub(in crate::connect) fn let_go(&mut self) {
        self.control = None;
    }

    /// How it went, as the helper said. A helper that said nothing was ended from outside.
    pub(in crate::connect) fn end(&self) -> End {
        let line = std::str::from_utf8(&self.told).ok().and_then(|told| told.lines().last()).and_then(Report::read);
        line.map_or(End::Refused(Refusal::of(Part::Helper, 0)), |report| report.end)
    }

    /// Ends a helper and what it started, and removes the private folder when nobody is left who could write to it.
    pub(in crate::connect) async fn bury(mut self, mut child: Child) {
        self.let_go();
        if tokio::time::timeout(LONGEST_FAREWELL, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }
}
