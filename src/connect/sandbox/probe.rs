//! What this machine reaches: tried once, by shutting in a command that does nothing.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::helper::{ALLOCATOR, SELF};
use super::maps;
use super::order::{NOTHING, Order, WORD};
use super::report::{ASK_MAPS, End, MAX_TOLD, NO, Part, Refusal, Report, SHORT, YES};
use crate::api::SandboxLevel;
use crate::http::no_files;

/// How long the helper may take for nothing. A machine that is held up must not be taken for one that can do less.
const PATIENCE: Duration = Duration::from_mins(1);

/// The highest level that works here, and what stood in the way of a higher one.
pub(super) fn probe(helper: &Path) -> (SandboxLevel, Vec<Refusal>) {
    let mut lacking = Vec::new();
    for level in [SandboxLevel::Full, SandboxLevel::Basic] {
        match attempt(helper, level) {
            Ok(Report { end: End::Status(0), lacking: parts }) => {
                // The refusal of a higher level may have said it already.
                lacking.retain(|known: &Refusal| !parts.contains(&known.part));
                lacking.extend(parts.into_iter().map(|part| Refusal::of(part, 0)));
                return (level, lacking);
            }
            Ok(Report { end: End::Refused(refusal), .. }) => lacking.push(refusal),
            Ok(_) => lacking.push(Refusal::of(Part::Helper, 0)),
            Err(error) => lacking.push(Refusal::of(Part::Helper, error.raw_os_error().unwrap_or_default())),
        }
    }
    (SandboxLevel::None, lacking)
}

#[expect(clippy::disallowed_methods, reason = "starts this program itself")]
fn attempt(helper: &Path, level: SandboxLevel) -> std::io::Result<Report> {
    // Nothing is what the command does, so it needs no folder of its own.
    let folder = Path::new("/");
    let (mut ours, theirs) = UnixStream::pair()?;
    ours.set_read_timeout(Some(PATIENCE))?;
    let mut child = Command::new(helper)
        .arg0("tecrax")
        .args(Order::words(level, PATIENCE, folder, Path::new(SELF)))
        .args(["tecrax", WORD, NOTHING])
        .env_clear()
        .envs([ALLOCATOR])
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let told = converse(&mut ours, child.id());
    drop(ours);
    if told.is_err() {
        child.kill()?;
    }
    child.wait()?;
    let told = told?;
    told.lines().last().and_then(Report::read).ok_or_else(|| ErrorKind::InvalidData.into())
}

/// Listens until the helper has ended, and writes the maps it asks for.
fn converse(control: &mut UnixStream, helper: u32) -> std::io::Result<String> {
    let mut told = String::new();
    let mut byte = [0];
    while told.len() < MAX_TOLD {
        match control.read(&mut byte) {
            Ok(1) => told.push(char::from(byte[0])),
            Ok(_) => break,
            // The end of a child is a signal, and a read with a time-out is not taken up again by itself.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if told.strip_suffix('\n') == Some(ASK_MAPS) {
            told.clear();
            control.write_all(&[answer(helper)])?;
        }
    }
    Ok(told)
}

/// Writes the maps of the helper's namespace, and says whether that went well.
pub(super) fn answer(helper: u32) -> u8 {
    match maps::write_all(helper) {
        Ok(()) => YES,
        Err(error) if no_files(&error) => SHORT,
        Err(_) => NO,
    }
}
