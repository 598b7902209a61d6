//! `tecrax evidence export`: records and bundles with their proofs, to be checked without a state directory.

mod guard;
mod readme;
mod writer;

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::loaded::count;
use super::args::ExportArgs;
use super::content::Content;
use super::instant::Period;
use super::layout::{BODY, BUNDLES, CHECKPOINT, HEADER, KEY, PROOF, REACTIONS, README, RECORDS, SCRIPT, record_path};
use super::prove::signer;
use super::scope::{Asked, Scope};
use super::verify::trust;
use crate::evidence::log::{SignedCheckpoint, TlogProof};
use crate::evidence::sclite::guard::GuardKey;
use crate::evidence::sclite::layout::{GUARD, LIFECYCLE, MANIFEST};
use crate::evidence::{CHAIN_FILES, DETAIL, RecordKind, Subject, bundle, chain_files};
use crate::store::{Db, LoggedRecord, RecordFilter};
use readme::About;
use writer::Writer;

/// The script that checks an export with Python alone.
const CHECK: &str = include_str!("check.py");
/// How often a person is told how far it has come.
const TELL_EVERY: usize = 200;

/// Runs `evidence export`.
pub fn run(context: &Context<'_>, args: &ExportArgs) -> Result<Exit, Failure> {
    let period = Period::read(args.from.as_deref(), args.to.as_deref(), (context.now)())?;
    let asked = Asked::read(&args.pairs, &args.scope)?;
    let guard_key = args.guard_key_file.as_deref().map(trust::guard_key).transpose()?;
    if guard_key.as_ref().is_some_and(GuardKey::is_short) {
        let message = format!("a guard key has at least {} bytes: sclite-core 2.0.1 refuses shorter ones", GuardKey::MIN_LENGTH);
        return Err(Failure::new(Exit::Config, message));
    }
    let db = super::log(context)?;
    db.freeze()?;
    let scope_words = asked.words(args.scope.selector.as_deref());
    let scope = asked.resolve(&db)?;
    let Some(checkpoint) = db.latest_checkpoint()?.map(|kept| kept.signed) else {
        return Err(Failure::new(Exit::Io, "the log has no checkpoint yet, so nothing in it can be proven")
            .help("`tecrax reconcile --once PATH` signs one at its end"));
    };
    let key = signer(&db, &checkpoint)?;
    let (ranges, beyond) = ranges(&db, &scope, period, checkpoint.checkpoint().size)?;
    let mut export = Export {
        context,
        db: &db,
        writer: Writer::begin(&args.directory)?,
        checkpoint: &checkpoint,
        detail: args.with_detail,
        guard_key: guard_key.as_ref(),
        records: 0,
        bundles: 0,
    };
    export.all(&ranges)?;
    let (records, bundles) = (export.records, export.bundles);
    let about = About {
        scope: scope_words,
        period: words(period, args),
        records,
        bundles,
        checkpoint: &checkpoint,
        key: &key,
        guarded: guard_key.is_some(),
    };
    let mut writer = export.writer;
    writer.file(README, readme::page(&about).as_bytes())?;
    writer.file(SCRIPT, CHECK.as_bytes())?;
    writer.file(CHECKPOINT, checkpoint.to_string().as_bytes())?;
    writer.file(KEY, format!("{key}\n").as_bytes())?;
    writer.end()?;
    let pairs = ranges.keys().filter(|subject| subject.pair().is_some()).count();
    let place = args.directory.display();
    context.screen.word(&format!(
        "{} of {} and {} in {place}",
        count(records, "record"),
        count(pairs, "pair"),
        count(bundles, "bundle")
    ));
    if beyond > 0 {
        context
            .screen
            .word(&format!("{} newer than the last checkpoint left out: no proof covers them yet", count(beyond, "record")));
    }
    context.screen.word(&format!("next: tecrax evidence verify {place}"));
    Ok(Exit::Ok)
}

/// First and last sequence number by subject.
type Ranges = HashMap<Subject, (u64, u64)>;

/// First and last sequence number of every subject that has records in the period, and how many no checkpoint covers.
fn ranges(db: &Db, scope: &Scope, period: Period, size: u64) -> Result<(Ranges, usize), Failure> {
    let mut ranges: Ranges = HashMap::new();
    let mut beyond = 0;
    let filter = RecordFilter { from: Some(period.from), to: Some(period.to), ..RecordFilter::default() };
    db.records(&filter, |record| {
        let header = record.header;
        if !scope.holds(&header.subject) {
            return ControlFlow::Continue(());
        }
        if record.index >= size {
            beyond += 1;
            return ControlFlow::Continue(());
        }
        let range = ranges.entry(header.subject).or_insert((header.seq, header.seq));
        // A clock that was stepped puts a record outside the period between two inside: sequences stay whole.
        *range = (range.0.min(header.seq), range.1.max(header.seq));
        ControlFlow::Continue(())
    })?;
    Ok((ranges, beyond))
}

/// The period in words.
fn words(period: Period, args: &ExportArgs) -> String {
    let end = |given: &Option<String>, at: jiff::Timestamp, open: &str| {
        given.as_ref().map_or_else(|| open.to_owned(), |_| at.to_string())
    };
    format!("{} to {} (the end is not inside)", end(&args.from, period.from, "the beginning"), end(&args.to, period.to, "now"))
}

struct Export<'a> {
    context: &'a Context<'a>,
    db: &'a Db,
    writer: Writer,
    checkpoint: &'a SignedCheckpoint,
    detail: bool,
    guard_key: Option<&'a GuardKey>,
    records: usize,
    bundles: usize,
}

impl Export<'_> {
    /// Writes every record of the ranges.
    fn all(&mut self, ranges: &HashMap<Subject, (u64, u64)>) -> Result<(), Failure> {
        let mut failed = None;
        let size = self.checkpoint.checkpoint().size;
        self.db.records(&RecordFilter::default(), |record| {
            if record.index >= size {
                return ControlFlow::Break(());
            }
            let range = ranges.get(&record.header.subject);
            if range.is_none_or(|(first, last)| record.header.seq < *first || record.header.seq > *last) {
                return ControlFlow::Continue(());
            }
            match self.record(record) {
                Ok(()) => ControlFlow::Continue(()),
                Err(failure) => {
                    failed = Some(failure);
                    ControlFlow::Break(())
                }
            }
        })?;
        failed.map_or(Ok(()), Err)
    }

    fn record(&mut self, record: LoggedRecord) -> Result<(), Failure> {
        let content = Content::read(record)?;
        let record = &content.record;
        let header = &record.header;
        let at = record_path(RECORDS, &header.subject, header.seq);
        let canonical = header.canonical();
        self.writer.file(&format!("{at}/{HEADER}"), &canonical)?;
        self.writer.file(&format!("{at}/{BODY}"), &record.body)?;
        let path = self.db.inclusion(record.index, self.checkpoint.checkpoint().size)?;
        let proof = TlogProof { extra: Some(canonical), index: record.index, path, checkpoint: self.checkpoint.clone() };
        self.writer.file(&format!("{at}/{PROOF}"), proof.to_string().as_bytes())?;
        let parts = self.db.parts(record)?;
        let is_run = content.kind() == Some(RecordKind::Run);
        let is_reaction = content.kind() == Some(RecordKind::Reaction);
        // The artifacts of a run stand in its bundle, those of a reaction in its chain.
        let elsewhere = |name: &String| {
            is_run && LIFECYCLE.iter().any(|(role, _)| role == name)
                || is_reaction && CHAIN_FILES.iter().any(|(role, _)| role == name)
        };
        let beside = parts.parts.iter().filter(|(name, _)| if name == DETAIL { self.detail } else { !elsewhere(name) });
        for (name, bytes) in beside {
            self.writer.file(&format!("{at}/{name}.json"), bytes)?;
        }
        let named = parts.parts.iter().map(|(name, bytes)| (name.as_str(), &**bytes));
        if is_reaction {
            let at = record_path(REACTIONS, &header.subject, header.seq);
            for (name, bytes) in chain_files(named).map_err(|error| content.damaged(&error.to_string()))? {
                self.writer.file(&format!("{at}/{name}"), &bytes)?;
            }
        } else if is_run {
            let files = bundle::files(named, &record.body).map_err(|error| content.damaged(&error.to_string()))?;
            self.bundle(&content, &files)?;
        }
        self.records += 1;
        if self.records.is_multiple_of(TELL_EVERY) {
            self.context.screen.progress(&format!("{} records", self.records));
        }
        Ok(())
    }

    fn bundle(&mut self, content: &Content, files: &[(&'static str, Vec<u8>)]) -> Result<(), Failure> {
        let header = &content.record.header;
        let at = record_path(BUNDLES, &header.subject, header.seq);
        for (name, bytes) in files {
            self.writer.file(&format!("{at}/{name}"), bytes)?;
        }
        if let Some(key) = self.guard_key {
            let manifest = files.iter().find(|(name, _)| *name == MANIFEST).map_or(&[][..], |(_, bytes)| bytes);
            let guard = guard::of(manifest, key, &content.record.leaf).map_err(|what| content.damaged(&what))?;
            self.writer.file(&format!("{at}/{GUARD}"), &guard)?;
        }
        self.bundles += 1;
        Ok(())
    }
}
