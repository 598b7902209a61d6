//! A state directory.

use std::cell::Cell;
use std::path::Path;

use serde_json::json;

use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure};
use super::super::super::loaded::count;
use super::Given;
use super::outcome::Outcome;
use super::workers::{Tally, Workers};
use crate::evidence::log::{RecordParts, VerifierKey};
use crate::store::{Db, Level, VerifyOptions, VerifyReport, verify as verify_state};

/// How often a person is told how far it has come.
const TELL_EVERY: u64 = 500;

/// Verifies the state directory at `directory`.
///
/// # Errors
/// The store's.
pub fn verify(context: &Context<'_>, directory: &Path, given: &Given) -> Result<Outcome, Failure> {
    let (report, tally) = std::thread::scope(|scope| {
        let workers = Workers::start(scope);
        let seen = Cell::new(0_u64);
        let check = |record: &RecordParts<'_>| {
            if workers.take(record) {
                seen.set(seen.get() + 1);
                if seen.get().is_multiple_of(TELL_EVERY) {
                    context.screen.progress(&format!("{} runs", seen.get()));
                }
            }
            Vec::new()
        };
        let options = VerifyOptions {
            level: if given.quick { Level::Quick } else { Level::Full },
            keys: given.key.clone().into_iter().collect(),
            checkpoints: given.checkpoints.clone(),
            check: Some(&check),
        };
        let report = verify_state(directory, &options);
        let mut tally = workers.end();
        tally.missed = seen.get().saturating_sub(tally.checked);
        (report, tally)
    });
    let report = report?;
    let mut outcome = Outcome::new("state directory", &directory.display().to_string());
    tell(&report, given, &mut outcome);
    if let Some(key) = &given.key {
        signed_by(directory, key, report.size, &mut outcome);
    }
    if !given.quick {
        let Tally { checked, passed, missed, .. } = tally;
        if missed > 0 {
            return Err(Failure::new(Exit::Io, format!("{missed} bundles were not checked: a worker ended early")));
        }
        let words = format!("{checked}; sclite-core 1.0.5 says pass to {passed}");
        outcome.fact("Bundles", "bundles", words, json!({"checked": checked, "upstream_pass": passed}));
        tally.defects.iter().for_each(|defect| outcome.defect(defect));
        outcome.beyond(tally.more);
    }
    Ok(outcome)
}

/// How far the given key has signed. Other keys may have signed what came before or after, so that keys can change; a log that this key
/// has never signed is not the one that the auditor knows.
fn signed_by(directory: &Path, key: &VerifierKey, size: u64, outcome: &mut Outcome) {
    // What can not be read has been named already.
    let kept = Db::open_read_only(directory).and_then(|db| db.checkpoints()).unwrap_or_default();
    let by_key = kept.iter().filter(|kept| kept.signed.verify(std::slice::from_ref(key)).is_ok());
    let signed = by_key.map(|kept| kept.signed.checkpoint().size).max();
    let value = json!({"vkey": key.to_string(), "given": true, "signed": signed});
    if let Some(signed) = signed {
        outcome.fact("Key", "key", format!("the first {signed} of {size} records by the given key"), value);
    } else {
        outcome.fact("Key", "key", key.to_string(), value);
        outcome.wrong("log", "no checkpoint of this log is signed by the given key");
    }
}

/// What the report says.
fn tell(report: &VerifyReport, given: &Given, outcome: &mut Outcome) {
    outcome.fact("Log", "origin", report.origin.clone(), json!(report.origin));
    let runs = count(usize::try_from(report.runs).unwrap_or(usize::MAX), "run");
    let records = count(usize::try_from(report.records).unwrap_or(usize::MAX), "record");
    let words = format!("{records} ({runs}) of {} sequences", report.subjects);
    outcome.fact("Records", "records", words, json!({"read": report.records, "runs": report.runs, "sequences": report.subjects}));
    let words = format!("size {}, root {}", report.size, report.root);
    outcome.fact("Tree", "tree", words, json!({"size": report.size, "root": report.root, "pruned": report.pruned}));
    let words = match &report.latest {
        Some(latest) => format!("{}, the latest at {}", report.checkpoints, latest.size),
        None => "none yet".to_owned(),
    };
    let latest = report.latest.as_ref().map(|latest| latest.size);
    outcome.fact("Checkpoints", "checkpoints", words, json!({"checked": report.checkpoints, "latest": latest}));
    if !given.checkpoints.is_empty() {
        let words = format!("{} of {} are continued by this log", report.continued, given.checkpoints.len());
        let value = json!({"given": given.checkpoints.len(), "continued": report.continued});
        outcome.fact("Given", "given_checkpoints", words, value);
    }
    for key in &report.keys {
        let trusted =
            if report.trusted { "as given" } else { "from the state directory itself: compare it with one you got elsewhere" };
        outcome.fact("Key", "key", format!("{key} ({trusted})"), json!({"vkey": key.to_string(), "given": report.trusted}));
    }
    if report.pruned > 0 {
        outcome.note(format!("retention has dropped the records before {}; what they came to is sealed", report.pruned));
    }
    if given.quick {
        outcome.note("--quick: parts, bundles and states were not looked into");
    }
    for defect in report.defects.list() {
        outcome.defect(defect);
    }
    outcome.beyond(report.defects.more());
}
