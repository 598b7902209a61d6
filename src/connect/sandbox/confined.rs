//! One command that is shut in, as tecrax holds it.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;

use super::folder::Folder;
use super::helper_id::HelperId;
use super::order::Order;
use super::refusal::{Part, Refusal};
use super::report::{End, Report};
use super::templates::{Template, Templates};
use super::told::{Heard, MAX_LINE, Nonsense, Told};

/// How long a helper may take to end what it started, after it was told to.
const LONGEST_FAREWELL: Duration = Duration::from_secs(2);

/// A command that was ordered. Dropping it ends the command and all that came of it.
#[derive(Debug)]
pub(in crate::connect) struct Confined {
    /// Closed when the helper has ended; closing it ends the helper.
    control: UnixStream,
    heard: Heard,
    helper: Option<HelperId>,
    report: Option<Report>,
    template: Arc<Template>,
    _folder: Option<Folder>,
}

/// Marks that the helper has nothing more to say.
#[derive(Debug)]
pub(in crate::connect) struct Over;

/// Why nobody said how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connect) enum Silence {
    /// Something ended the helper: the command may have begun.
    Helper,
    /// There never was a helper: nothing was started.
    Template,
}

impl Confined {
    /// Orders the command, with these ends of the pipes that it writes to.
    pub(super) async fn start(
        templates: &Templates,
        folder: Option<Folder>,
        order: &Order,
        [stdout, stderr]: [BorrowedFd<'_>; 2],
    ) -> Result<Self, Refusal> {
        let message = order.message().map_err(|error| Refusal::because(Part::Order, &error))?;
        let (control, theirs) = control().map_err(|error| Refusal::because(Part::Template, &error))?;
        let template = templates.send(&message, [stdout, stderr, theirs.as_fd()]).await?;
        Ok(Self { control, heard: Heard::default(), helper: None, report: None, template, _folder: folder })
    }

    /// Listens to the helper until it has said how it went, or has ended, and does what it asks for. May be dropped and called again.
    pub(in crate::connect) async fn listen(&mut self) -> Over {
        let mut some = [0; MAX_LINE];
        loop {
            while let Some(told) = self.heard.next() {
                match told {
                    Ok(Told::Here(pid)) => self.helper = Some(HelperId(pid)),
                    Ok(Told::Maps(pid)) => {
                        let helper = *self.helper.insert(HelperId(pid));
                        // One byte always fits; a helper that has gone needs no answer.
                        let _ = self.control.try_write(&[helper.answer(&self.control)]);
                    }
                    Ok(Told::Report(report)) => {
                        self.report = Some(report);
                        return Over;
                    }
                    Err(Nonsense) => return Over,
                }
            }
            let count = self.control.read(&mut some).await.unwrap_or_default();
            if count == 0 {
                return Over;
            }
            self.heard.push(some.get(..count).unwrap_or_default());
        }
    }

    /// Tells the helper to end the command and all that came of it.
    pub(in crate::connect) fn let_go(&self) {
        if self.helper.is_none() && self.report.is_none() {
            // Whoever has not made a helper by now may be held up for good: the next command gets another template.
            self.template.retire();
        }
        // One that has gone needs not be told.
        let _ = shutdown(&self.control, Shutdown::Write);
    }

    /// How it went, as the helper said. A helper that did not say so was ended from outside; one that said nothing at all has never
    /// been.
    pub(in crate::connect) fn end(&self) -> Result<End, Silence> {
        self.report().map(|report| report.end)
    }

    /// The same, with what the machine lacked.
    pub(super) fn report(&self) -> Result<&Report, Silence> {
        let silence = if self.helper.is_some() { Silence::Helper } else { Silence::Template };
        self.report.as_ref().ok_or(silence)
    }

    /// The template that the order was sent to.
    pub(super) fn template(&self) -> &Template {
        &self.template
    }

    /// Leaves it to be buried, where there is a runtime.
    pub(in crate::connect) fn abandon(self) {
        self.let_go();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(self.bury()));
        }
    }

    /// Ends a helper and what it started, and removes the private folder when nobody is left who could write to it.
    pub(in crate::connect) async fn bury(mut self) {
        self.let_go();
        if tokio::time::timeout(LONGEST_FAREWELL, self.listen()).await.is_ok() {
            return;
        }
        if let Some(helper) = self.helper {
            helper.kill(&self.control);
            let _ = tokio::time::timeout(LONGEST_FAREWELL, self.listen()).await;
        }
    }
}

/// The socket between tecrax and a helper, and the helper's end of it.
fn control() -> std::io::Result<(UnixStream, std::os::unix::net::UnixStream)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    Ok((UnixStream::from_std(ours)?, theirs))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what does not hold fails the test")]
#[allow(clippy::disallowed_methods, reason = "the test makes a program")]
mod tests {
    use std::fs;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process};
    use tempfile::TempDir;

    use super::super::folder::Folders;
    use super::super::order::Order;
    use super::super::templates::{Template, Templates};
    use super::{Confined, Silence};
    use crate::api::SandboxLevel;

    /// Templates that never take an order.
    struct Deaf {
        home: TempDir,
        folders: Folders,
        templates: Templates,
    }

    impl Deaf {
        fn new() -> Self {
            let home = TempDir::new().unwrap();
            let program = home.path().join("deaf");
            fs::write(&program, "#!/bin/sh\nexec sleep 7331\n").unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            let folders = Folders::open(&home.path().join("sandbox")).unwrap();
            let templates = Templates::of(program, home.path().to_owned());
            Self { home, folders, templates }
        }

        async fn order(&self) -> Confined {
            let folder = self.folders.fresh().unwrap();
            let order = Order::new(SandboxLevel::Full, Duration::from_secs(1), folder.path(), Path::new("/bin/true")).unwrap();
            let order = order.with_arguments(["true"]).unwrap();
            let null = fs::File::options().write(true).open("/dev/null").unwrap();
            Confined::start(&self.templates, Some(folder), &order, [null.as_fd(); 2]).await.unwrap()
        }
    }

    fn kill(template: &Template) {
        kill_process(Pid::from_raw(i32::try_from(template.id()).unwrap()).unwrap(), Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn an_order_that_got_lost_was_never_begun_and_the_next_gets_another_template() {
        let deaf = Deaf::new();
        let mut lost = deaf.order().await;
        kill(&lost.template);
        lost.listen().await;
        assert_eq!(lost.end(), Err(Silence::Template));
        let next = deaf.order().await;
        assert_ne!(next.template.id(), lost.template.id());
    }

    #[tokio::test]
    async fn a_template_that_takes_nothing_is_asked_no_more_and_ends_with_its_last_order() {
        let deaf = Deaf::new();
        let (first, second) = (deaf.order().await, deaf.order().await);
        assert!(Arc::ptr_eq(&first.template, &second.template));
        let held_up = first.template.id();
        first.let_go();
        assert_ne!(deaf.order().await.template.id(), held_up);
        drop(first);
        let process = Path::new("/proc").join(held_up.to_string());
        assert!(process.exists());
        drop(second);
        assert!(!process.exists() && deaf.home.path().exists());
    }

    #[tokio::test]
    async fn an_order_that_finds_no_room_holds_nobody_up() {
        let deaf = Deaf::new();
        let mut waiting = Vec::new();
        while let Ok(order) = tokio::time::timeout(Duration::from_millis(300), deaf.order()).await {
            waiting.push(order);
            assert!(waiting.len() < 5000);
        }
        // The runtime has one thread, and its clock went on.
        assert!(waiting.len() >= 32, "{}", waiting.len());
        kill(&waiting.first().unwrap().template);
        deaf.order().await;
    }
}
