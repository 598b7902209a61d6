//! The file that one pass leaves for the textfile collector of Prometheus' node exporter.
#![expect(clippy::disallowed_methods, reason = "the user asked for the file")]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Registry, Unit};

use super::standing::{Labels, Number, Seconds, Standing, seconds, signed, text};
use crate::api::{Criticality, Problem, Severity, reason};
use crate::engine::Report;
use crate::status::EscalationState;

/// What the collector reads: files with other endings are passed over in silence.
const ENDING: &str = "prom";
/// Everybody may read it: the collector is another user, and there are no names in it.
const MODE: u32 = 0o644;

/// A path that the collector reads.
///
/// # Errors
/// What to write instead.
pub fn parse_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.extension().is_some_and(|ending| ending == ENDING) {
        return Ok(path);
    }
    Err(format!("the textfile collector only reads files that end in .{ENDING}, such as tecrax.{ENDING}"))
}

/// How a pass went.
#[derive(Debug)]
pub struct Pass<'r> {
    /// What it did, and what stands.
    pub report: &'r Report,
    /// When it ended.
    pub ended: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What the process ends with.
    pub code: u8,
}

impl Pass<'_> {
    /// The families of `/metrics` that mean something after a pass, and what only a pass has.
    pub fn page(&self) -> String {
        let mut registry = Registry::with_prefix("tecrax");
        let (report, standing) = (self.report, Standing::default());
        standing.register(&mut registry);
        standing.pairs.set(signed(report.views.len()));
        for view in report.views.iter().filter(|view| !view.suspended) {
            standing.said(view.assessment).inc();
        }
        let stale = report.views.iter().filter(|view| view.ready == Err(reason::STALE));
        let (overdue, on_schedule): (Vec<_>, Vec<_>) = stale.partition(|view| view.overdue);
        standing.stale(overdue.len(), on_schedule.len());
        let unseen = report.views.iter().filter(|view| view.last_run.is_none() && !view.suspended && view.denied.is_none());
        standing.without_evidence.set(signed(unseen.count()));
        standing.manifest_errors.set(signed(errors(&report.problems)));
        if let Some(last) = report.views.iter().filter_map(|view| view.last_run).max() {
            standing.last_run.set(seconds(last));
        }
        standing.stand(&by_severity(&report.escalations));

        let (ended, took, code) = (Seconds::default(), Seconds::default(), Number::default());
        ended.set(seconds(self.ended));
        registry.register_with_unit("pass_timestamp", "When the last pass ended, Unix time", Unit::Seconds, ended);
        took.set(self.took.as_secs_f64());
        registry.register_with_unit("pass_duration", "How long the last pass took", Unit::Seconds, took);
        code.set(i64::from(self.code));
        registry.register("pass_exit_code", "What the last pass ended with", code);
        let came_to = Family::<Labels, Number>::default();
        let tally = &report.tally;
        let words = [("ran", tally.ran), ("fresh", tally.fresh), ("busy", tally.busy), ("lost", tally.lost)];
        for (word, number) in words.into_iter().chain([("left", report.left as u64)]) {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            came_to.get_or_create(&vec![("result", word.to_owned())]).set(number);
        }
        let help =
            "Pairs by what the last pass came to: run, not due, left to another process, lost to one, or left at the deadline";
        registry.register("pass_pairs", help, came_to);
        text(&registry)
    }
}

fn errors(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

/// How many are open, by severity and by whether they are suppressed.
fn by_severity(open: &[EscalationState]) -> BTreeMap<(Criticality, bool), usize> {
    let mut counts = BTreeMap::new();
    for matter in open.iter().filter_map(|state| state.matter.as_ref()) {
        *counts.entry((matter.severity, matter.suppressed.is_some())).or_default() += 1;
    }
    counts
}

/// Puts `page` in the place of the file at `path`: the collector finds the old one or the new one, as a whole.
///
/// # Errors
/// Those of the file system. Then the old file stays.
pub fn write(path: &Path, page: &str) -> io::Result<()> {
    // The ending keeps the collector away from it.
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let beside = path.with_file_name(format!(".{name}.new-{}", std::process::id()));
    let written = (|| {
        // What a process with this number left behind when it was killed.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(page.as_bytes())?;
        file.set_permissions(Permissions::from_mode(MODE))?;
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
