//! What this machine reaches: tried once, by shutting in a command that does nothing.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::helper_id::HelperId;
use super::order::{NOTHING, Order, WORD};
use super::report::{End, Part, Refusal, Report};
use super::templates::{SELF, Templates};
use super::told::{Heard, MAX_LINE, Nonsense, Told};
use crate::api::SandboxLevel;

/// How long the helper may take for nothing. A machine that is held up must not be taken for one that can do less.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a level is tried when the template did not take the order. One that somebody has ended must not be taken for one that
/// can not be started.
const TRIES: usize = 2;

/// The highest level that works here, and what stood in the way of a higher one.
pub(super) fn probe(templates: &Templates) -> (SandboxLevel, Vec<Refusal>) {
    let mut lacking = Vec::new();
    for level in [SandboxLevel::Full, SandboxLevel::Basic] {
        match reach(templates, level) {
            Ok(Report { end: End::Status(0), lacking: parts }) => {
                // The refusal of a higher level may have said it already.
                lacking.retain(|known: &Refusal| !parts.contains(&known.part));
                lacking.extend(parts.into_iter().map(|part| Refusal::of(part, 0)));
                return (level, lacking);
            }
            Ok(Report { end: End::Refused(refusal), .. }) => lacking.push(refusal),
            Ok(_) => lacking.push(Refusal::of(Part::Helper, 0)),
            Err(error) => lacking.push(Refusal::of(Part::Template, error.raw_os_error().unwrap_or_default())),
        }
    }
    (SandboxLevel::None, lacking)
}

fn reach(templates: &Templates, level: SandboxLevel) -> io::Result<Report> {
    let mut last = Err(ErrorKind::BrokenPipe.into());
    for _ in 0..TRIES {
        last = attempt(templates, level);
        if last.as_ref().err().is_none_or(|error| error.kind() != ErrorKind::UnexpectedEof) {
            break;
        }
    }
    last
}

fn attempt(templates: &Templates, level: SandboxLevel) -> io::Result<Report> {
    // Nothing is what the command does, so it needs no folder of its own.
    let order = Order::new(level, PATIENCE, Path::new("/"), Path::new(SELF))?.with_arguments(["tecrax", WORD, NOTHING])?;
    let (mut ours, theirs) = UnixStream::pair()?;
    ours.set_read_timeout(Some(PATIENCE))?;
    let null = null()?;
    // Nobody else has sent anything yet, so that there is room.
    let template = templates.try_send(&order.message()?, [null.as_fd(), null.as_fd(), theirs.as_fd()])?;
    drop(theirs);
    let mut helper = None;
    let report = converse(&mut ours, &mut helper);
    match (&report, helper) {
        (Ok(_), _) => {}
        (Err(_), Some(helper)) => helper.kill(&ours),
        (Err(_), None) => template.retire(),
    }
    report
}

/// Listens until the helper has said how it went, and writes the maps it asks for.
///
/// # Errors
/// It ended without a word (`UnexpectedEof`), said what no helper says, or nothing in time.
fn converse(control: &mut UnixStream, helper: &mut Option<HelperId>) -> io::Result<Report> {
    let (mut heard, mut some) = (Heard::default(), [0; MAX_LINE]);
    loop {
        while let Some(told) = heard.next() {
            match told.map_err(|Nonsense| ErrorKind::InvalidData)? {
                Told::Here(pid) => *helper = Some(HelperId(pid)),
                Told::Maps(pid) => control.write_all(&[helper.insert(HelperId(pid)).answer(&*control)])?,
                Told::Report(report) => return Ok(report),
            }
        }
        match control.read(&mut some) {
            Ok(0) if helper.is_none() => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(0) => return Err(ErrorKind::InvalidData.into()),
            Ok(count) => heard.push(some.get(..count).unwrap_or_default()),
            // The end of a child is a signal, and a read with a time-out is not taken up again by itself.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the device swallows what the command writes")]
fn null() -> io::Result<File> {
    File::options().write(true).open("/dev/null")
}
