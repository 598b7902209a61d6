//! The template as tecrax holds it: one at a time, started when a command needs it and there is none.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::order::{TEMPLATE, WORD};
use super::refusal::{Part, Refusal};
use super::request::{pair, send};

/// This program, whatever has become of the file that it was started from.
pub(super) const SELF: &str = "/proc/self/exe";
/// What a template is started with, and no command gets: the allocator of the program sets a gigabyte of addresses aside at once, which
/// is all that a helper may have. Without any it would ask the kernel for every few pages, which takes a tenth of a millisecond.
const ALLOCATOR: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "32M");
/// Pause before an order is sent once more to a template that has too many waiting.
const BETWEEN_TRIES: Duration = Duration::from_millis(1);
/// How many templates may turn out to be gone when an order is sent.
const MOST_GONE: usize = 3;
/// Exit status of a template that was short of something at its start (`EX_TEMPFAIL`).
pub(super) const TEMPFAIL: u8 = 75;
/// Exit statuses that say nothing of the next template: nobody was left who could send an order, it was short of something, and so was
/// who loads programs.
const OF_THE_MOMENT: [i32; 3] = [0, TEMPFAIL as i32, 127];
/// How often it is asked whether a template that lets go of its socket has ended. It lets go a moment before.
const LOOKS: usize = 100;
/// Pause between two of them.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// A template that was started. Dropping it ends it, and none of the helpers that it has made.
#[derive(Debug)]
pub(super) struct Template {
    child: Child,
    socket: OwnedFd,
    retired: AtomicBool,
}

impl Template {
    #[expect(clippy::disallowed_methods, reason = "starts this program itself")]
    fn start(program: &Path, folder: &Path) -> io::Result<Self> {
        let (socket, theirs) = pair()?;
        let mut command = Command::new(program);
        command.arg0("tecrax").args([WORD, TEMPLATE]).arg(folder).env_clear().envs([ALLOCATOR]).current_dir("/");
        let child = command.stdin(theirs).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Self { child, socket, retired: AtomicBool::new(false) })
    }

    /// Its process number, which is its own until it is dropped.
    #[cfg(test)]
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it, also one that is held up; none of the helpers that it has made.
    fn end(&self) {
        // Nobody has asked yet how it ended, so the number is its own.
        let _ = kill_process(Pid::from_child(&self.child), Signal::KILL);
    }

    /// Whether it has ended by itself, for a reason that the next one will have, too. It has let go of its socket.
    pub(super) async fn gave_up(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        for _ in 0..LOOKS {
            match waitid(WaitId::Pid(Pid::from_child(&self.child)), options) {
                Ok(Some(ended)) => return ended.exit_status().is_some_and(|status| !OF_THE_MOMENT.contains(&status)),
                Ok(None) => tokio::time::sleep(BETWEEN_LOOKS).await,
                Err(_) => return false,
            }
        }
        false
    }

    /// Gives it no more orders.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        // It does nothing but wait; orders that are still with it are nobody's any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where templates come from.
#[derive(Debug)]
pub(super) struct Templates {
    program: PathBuf,
    folder: PathBuf,
    current: Mutex<Option<Arc<Template>>>,
    /// Every one that may live: one that takes no more orders is held by those that wait for it.
    all: Mutex<Vec<Weak<Template>>>,
}

impl Templates {
    /// Templates are `program`, a `tecrax`. Their command lines name `folder`, so that people can tell whose they are.
    pub(super) fn of(program: PathBuf, folder: PathBuf) -> Self {
        Self { program, folder, current: Mutex::new(None), all: Mutex::default() }
    }

    /// Sends an order, to a template that is started if there is none. Waits for as long as too many others wait. An order that a template
    /// did not take, because it has ended, is sent to the next.
    pub(super) async fn send(&self, message: &[u8], given: [BorrowedFd<'_>; 3]) -> Result<Arc<Template>, Refusal> {
        let mut gone = 0;
        loop {
            // A machine that is too short of something to start one is not one whose template has no room.
            let template = self.current().map_err(|error| Refusal::because(Part::Program, &error))?;
            match send(&template.socket, message, given) {
                Ok(()) => return Ok(template),
                Err(error) if is_busy(error) => tokio::time::sleep(BETWEEN_TRIES).await,
                Err(error) if is_gone(error) && gone < MOST_GONE => {
                    gone += 1;
                    template.retire();
                    if template.gave_up().await {
                        return Err(Refusal::of(Part::Program, 0));
                    }
                }
                Err(error) => return Err(Refusal::of(Part::Template, error.raw_os_error())),
            }
        }
    }

    /// One template that is played by whoever holds the other end of its socket.
    #[cfg(test)]
    #[expect(clippy::disallowed_methods, reason = "starts a program in place of this one")]
    pub(super) fn played() -> io::Result<(Self, OwnedFd)> {
        let (socket, theirs) = pair()?;
        let child = Command::new("/bin/sleep").arg("7332").spawn()?;
        let templates = Self::of(PathBuf::new(), PathBuf::new());
        let template = Template { child, socket, retired: AtomicBool::new(false) };
        *templates.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(template));
        Ok((templates, theirs))
    }

    fn current(&self) -> io::Result<Arc<Template>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(template) = current.as_ref().filter(|template| !template.retired.load(Ordering::Relaxed)) {
            return Ok(Arc::clone(template));
        }
        let template = Arc::new(Template::start(&self.program, &self.folder)?);
        *current = Some(Arc::clone(&template));
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|template| template.strong_count() > 0);
        all.push(Arc::downgrade(&template));
        Ok(template)
    }

    /// Ends every template: this process is about to end, and may leave somebody behind who holds one.
    pub(super) fn end(&self) {
        let all = std::mem::take(&mut *self.all.lock().unwrap_or_else(PoisonError::into_inner));
        for template in all.iter().filter_map(Weak::upgrade) {
            template.retire();
            template.end();
        }
    }
}

/// Nobody is there to take what was sent.
pub(super) const fn is_gone(error: Errno) -> bool {
    matches!(error, Errno::PIPE | Errno::CONNRESET | Errno::NOTCONN | Errno::CONNREFUSED)
}

/// There is no room for another order yet, or no room for the descriptors of an account without privileges.
const fn is_busy(error: Errno) -> bool {
    matches!(error, Errno::AGAIN | Errno::NOBUFS | Errno::TOOMANYREFS)
}
