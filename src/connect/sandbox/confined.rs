//! One command that is shut in, as tecrax holds it.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;

use super::folder::Folder;
use super::helper_id::HelperId;
use super::order::Order;
use super::report::{End, Part, Refusal};
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
    end: Option<End>,
    template: Arc<Template>,
    _folder: Folder,
}

/// Marks that the helper has nothing more to say.
#[derive(Debug)]
pub(in crate::connect) struct Over;

impl Confined {
    /// Orders the command, with these ends of the pipes that it writes to.
    pub(super) async fn start(
        templates: &Templates,
        folder: Folder,
        order: &Order,
        [stdout, stderr]: [BorrowedFd<'_>; 2],
    ) -> io::Result<Self> {
        let message = order.message()?;
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let control = UnixStream::from_std(ours)?;
        let template = templates.send(&message, [stdout, stderr, theirs.as_fd()]).await?;
        Ok(Self { control, heard: Heard::default(), helper: None, end: None, template, _folder: folder })
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
                        self.end = Some(report.end);
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
        if self.helper.is_none() && self.end.is_none() {
            // Whoever has not made a helper by now may be held up for good: the next command gets another template.
            self.template.retire();
        }
        // One that has gone needs not be told.
        let _ = shutdown(&self.control, Shutdown::Write);
    }

    /// How it went, as the helper said. A helper that did not say so was ended from outside; one that said nothing at all has never
    /// been.
    pub(in crate::connect) fn end(&self) -> End {
        let part = if self.helper.is_some() { Part::Helper } else { Part::Template };
        self.end.unwrap_or(End::Refused(Refusal::of(part, 0)))
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
    use super::super::report::{End, Part};
    use super::super::templates::{Template, Templates};
    use super::Confined;
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
            Confined::start(&self.templates, folder, &order, [null.as_fd(); 2]).await.unwrap()
        }
    }

    fn kill(template: &Template) {
        kill_process(Pid::from_raw(i32::try_from(template.id()).unwrap()).unwrap(), Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn an_order_that_got_lost_is_a_failure_that_may_pass() {
        let deaf = Deaf::new();
        let mut lost = deaf.order().await;
        kill(&lost.template);
        lost.listen().await;
        let End::Refused(refusal) = lost.end() else { unreachable!("{:?}", lost.end()) };
        assert!(refusal.part == Part::Template && refusal.may_pass());
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
