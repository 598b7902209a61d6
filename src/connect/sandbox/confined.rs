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
use super::told::{Heard, MAX_LINE, Told};

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
                    Some(Told::Here(pid)) => self.helper = Some(HelperId(pid)),
                    Some(Told::Maps(pid)) => {
                        let helper = *self.helper.insert(HelperId(pid));
                        // One byte always fits; a helper that has gone needs no answer.
                        let _ = self.control.try_write(&[helper.answer(&self.control)]);
                    }
                    Some(Told::Report(report)) => {
                        self.end = Some(report.end);
                        return Over;
                    }
                    None => return Over,
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
        match self.helper {
            Some(helper) => {
                helper.kill(&self.control);
                let _ = tokio::time::timeout(LONGEST_FAREWELL, self.listen()).await;
            }
            // It does not take orders any more; the next command gets another one.
            None => self.template.retire(),
        }
    }
}
