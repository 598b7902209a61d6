//! An export: everything that it holds, against everything that it promises.

use std::path::Path;

use serde_json::json;

use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure};
use super::super::super::loaded::count;
use super::super::files;
use super::super::layout::{BUNDLES, CHECKPOINT, KEY, REACTIONS, RECORDS, record_path};
use super::outcome::Outcome;
use super::record::{self, Around};
use super::subjects::{self, Held};
use super::{Given, listing, reaction, run};
use crate::evidence::log::{KEY_TEXT_MAX, NOTE_MAX, SignedCheckpoint, VerifierKey};
use crate::evidence::sclite::findings::Replays;
use crate::evidence::{RecordKind, Subject};

/// How often a person is told how far it has come.
const TELL_EVERY: u64 = 500;

/// Verifies the export at `root`.
///
/// # Errors
/// [`Exit::Io`] when it can not be read, [`Exit::Config`] when a given checkpoint says nothing about it.
pub fn verify(context: &Context<'_>, root: &Path, given: &Given) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::new("export", &root.display().to_string());
    let listed = listing::verify(root, &mut outcome)?;
    outcome.fact("Files", "files", format!("{listed} with the listed digest"), json!(listed));
    let checkpoint = checkpoint(root, given, &mut outcome)?;
    let held = subjects::list(root, RECORDS, &mut outcome)?;
    let bundles = subjects::list(root, BUNDLES, &mut outcome)?;
    let reactions = subjects::list(root, REACTIONS, &mut outcome)?;
    let of = |held: &Held, subject: &Subject| held.get(subject).cloned().unwrap_or_default();
    let mut walk =
        Walk { context, root, given, checkpoint: checkpoint.as_ref(), replays: Replays::default(), tally: Tally::default() };
    for (subject, numbers) in &held {
        walk.sequence(subject, numbers, (&of(&bundles, subject), &of(&reactions, subject)), &mut outcome)?;
    }
    strays(&held, &bundles, BUNDLES, &mut outcome);
    strays(&held, &reactions, REACTIONS, &mut outcome);
    let tally = walk.tally;
    let subjects = held.keys().filter(|subject| subject.pair().is_some()).count();
    let words = format!("{} of {}", count(tally.records, "record"), count(subjects, "pair"));
    outcome.fact("Records", "records", words, json!(tally.records));
    if given.quick {
        outcome.note("--quick: bundles were not looked into");
    } else {
        outcome.fact("Bundles", "bundles", format!("{}", tally.bundles), json!(tally.bundles));
    }
    Ok(outcome)
}

#[derive(Debug, Default)]
struct Tally {
    records: usize,
    bundles: usize,
}

struct Walk<'a> {
    context: &'a Context<'a>,
    root: &'a Path,
    given: &'a Given,
    checkpoint: Option<&'a SignedCheckpoint>,
    replays: Replays,
    tally: Tally,
}

impl Walk<'_> {
    /// Checks one sequence.
    fn sequence(
        &mut self,
        subject: &Subject,
        numbers: &[u64],
        (bundles, reactions): (&[u64], &[u64]),
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let mut before = None;
        for seq in numbers {
            let around = Around { root: self.root, checkpoint: self.checkpoint, before };
            let checked = record::check(&around, subject, *seq, outcome);
            before = checked.as_ref().map(|checked| (checked.header.seq, checked.leaf));
            self.tally.records += 1;
            if u64::try_from(self.tally.records).unwrap_or_default() % TELL_EVERY == 0 {
                self.context.screen.progress(&format!("{} records", self.tally.records));
            }
            let Some(checked) = checked else { continue };
            let is_run = RecordKind::parse(&checked.header.kind) == Some(RecordKind::Run);
            if !self.given.quick {
                let there = reactions.binary_search(seq).is_ok();
                reaction::check(self.root, subject, *seq, there, checked.body.as_ref(), outcome)?;
            }
            let has_bundle = bundles.binary_search(seq).is_ok();
            if is_run && !has_bundle && checked.body.is_some() {
                outcome.wrong(record_path(BUNDLES, subject, *seq), "it is missing: the record is a run");
            }
            if !has_bundle {
                continue;
            }
            if !is_run {
                outcome.wrong(record_path(BUNDLES, subject, *seq), "the record of this number is no run");
            }
            self.tally.bundles += 1;
            if !self.given.quick {
                let key = self.given.guard_key.as_ref();
                run::check(self.root, subject, *seq, checked.body.as_ref(), key, &mut self.replays, outcome)?;
            }
        }
        Ok(())
    }
}

/// Directories below `top` without a record.
fn strays(held: &Held, bundles: &Held, top: &str, outcome: &mut Outcome) {
    for (subject, numbers) in bundles {
        let known = held.get(subject).map_or(&[][..], Vec::as_slice);
        for seq in numbers.iter().filter(|seq| known.binary_search(seq).is_err()) {
            outcome.wrong(record_path(top, subject, *seq), "there is no record of this number: nothing vouches for it");
        }
    }
}

/// The checkpoint of the export, when the key that counts has signed it.
fn checkpoint(root: &Path, given: &Given, outcome: &mut Outcome) -> Result<Option<SignedCheckpoint>, Failure> {
    let own = text(root, KEY, KEY_TEXT_MAX).and_then(|text| VerifierKey::parse(&text).map_err(|error| error.to_string()));
    if let Err(what) = &own {
        outcome.wrong(KEY, what.as_str());
    }
    let key = given.key.clone().or_else(|| own.ok());
    let note =
        text(root, CHECKPOINT, NOTE_MAX).and_then(|text| SignedCheckpoint::parse(&text).map_err(|error| error.to_string()));
    let note = match note {
        Ok(note) => note,
        Err(what) => {
            outcome.wrong(CHECKPOINT, what);
            return Ok(None);
        }
    };
    let log = note.checkpoint();
    let words = format!("{} records of {}, root {}", log.size, log.origin, log.root);
    outcome.fact("Checkpoint", "checkpoint", words, json!({"origin": log.origin, "size": log.size, "root": log.root}));
    let Some(key) = key else { return Ok(Some(note)) };
    let trusted = if given.key.is_some() { "as given" } else { "from the export itself: compare it with one you got elsewhere" };
    outcome.fact("Key", "key", format!("{key} ({trusted})"), json!({"vkey": key.to_string(), "given": given.key.is_some()}));
    if let Err(error) = note.verify(std::slice::from_ref(&key)) {
        outcome.wrong(CHECKPOINT, error.to_string());
    }
    for other in &given.checkpoints {
        compare(&note, other, &key, outcome)?;
    }
    Ok(Some(note))
}

/// A checkpoint that the auditor kept: of the same size it must be the same.
fn compare(note: &SignedCheckpoint, other: &SignedCheckpoint, key: &VerifierKey, outcome: &mut Outcome) -> Result<(), Failure> {
    let (mine, theirs) = (note.checkpoint(), other.checkpoint());
    let place = format!("given checkpoint at {}", theirs.size);
    if theirs.origin != mine.origin {
        return Err(Failure::new(
            Exit::Config,
            format!("{place}: it is of the log {}, the export of {}", theirs.origin, mine.origin),
        ));
    }
    if let Err(error) = other.verify(std::slice::from_ref(key)) {
        outcome.wrong(place, error.to_string());
    } else if theirs.size != mine.size {
        // Between two sizes only the whole log can be compared.
        return Err(Failure::new(Exit::Config, format!("{place}: the export is of {} records", mine.size))
            .help("an export is compared with a checkpoint of its own size; give others to `tecrax evidence verify` on the state directory"));
    } else if theirs.root != mine.root {
        outcome.wrong(place, format!("it has another root than {CHECKPOINT}: there are two histories"));
    }
    Ok(())
}

fn text(root: &Path, name: &str, max: usize) -> Result<String, String> {
    let bytes = files::read(&root.join(name), max as u64).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())
}
