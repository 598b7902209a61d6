//! `tecrax reaction test`: recorded evidence, decided again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::Timestamp;

use super::super::context::Context;
use super::super::decisions::Decided;
use super::super::exit::{Exit, Failure};
use super::super::get::absent;
use super::super::recalled::Recalled;
use super::again::{Again, Verdict};
use super::args::TestArgs;
use super::findings::OtherFinding;
use super::packs::{Tried, tried};
use super::print::print;
use crate::api::{PairId, ReactionStatus};
use crate::evidence::RecordKind;
use crate::store::{Db, LoggedRecord, RecordFilter};

/// Most differences that are kept; all are counted.
const DIFFERENCES_MAX: usize = 1_000;

/// A decision that would differ.
#[derive(Debug)]
pub struct Difference {
    pub pair: PairId,
    /// Sequence number of the reaction record.
    pub seq: u64,
    pub at: Timestamp,
    pub was: ReactionStatus,
    pub would_be: ReactionStatus,
    /// Findings that would stand otherwise.
    pub findings: Vec<OtherFinding>,
}

/// What trying came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// Decisions that were made again.
    pub decisions: u64,
    /// Those that would differ.
    pub different: u64,
    /// At most [`DIFFERENCES_MAX`] of them.
    pub differences: Vec<Difference>,
    /// Decisions about reruns that would not have been.
    pub not_reached: u64,
    /// Decisions whose inputs were dropped by retention.
    pub forgotten: u64,
    pub pairs: usize,
}

/// Runs `reaction test`.
pub fn run(context: &Context<'_>, args: &TestArgs) -> Result<Exit, Failure> {
    let packs = tried(context, &args.packs)?;
    let Some(db) = context.db()? else {
        return Err(Failure::new(Exit::Config, "there is no evidence to test with").help(context.nothing_yet()?));
    };
    let wanted = wanted(&db, args)?;
    let tally = test(&db, &packs, &wanted)?;
    context.screen.data(&print(args.output, &tally)?);
    Ok(if tally.different == 0 { Exit::Ok } else { Exit::Failing })
}

/// The pairs that are named; none for all of them.
fn wanted(db: &Db, args: &TestArgs) -> Result<Vec<PairId>, Failure> {
    let mut wanted = Vec::new();
    for name in &args.names {
        let id = PairId::parse(&format!("{}/{name}", args.namespace));
        let recorded = match &id {
            Some(id) => db.state(id)?.is_some(),
            None => false,
        };
        if let Some(id) = id.filter(|_| recorded) {
            wanted.push(id);
        } else {
            let known: Vec<String> = db.states()?.into_keys().map(|pair| pair.observation_name()).collect();
            return Err(absent("observation", name, &[name], &known));
        }
    }
    Ok(wanted)
}

fn test(db: &Db, packs: &Tried, wanted: &[PairId]) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut pairs: BTreeMap<PairId, Again> = BTreeMap::new();
    let mut failed = None;
    let subject = match wanted {
        [one] => Some(one.clone().into()),
        _ => None,
    };
    db.records(&RecordFilter { subject, ..RecordFilter::default() }, |record| {
        let Some(pair) = record.header.subject.pair().filter(|pair| wanted.is_empty() || wanted.contains(pair)) else {
            return ControlFlow::Continue(());
        };
        let again = pairs.entry(pair.clone()).or_insert_with(|| Again::from(record.header.seq));
        match take(db, &record, again, packs, &mut tally) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                failed = Some(failure);
                ControlFlow::Break(())
            }
        }
    })?;
    tally.pairs = pairs.len();
    failed.map_or(Ok(tally), Err)
}

fn take(db: &Db, record: &LoggedRecord, again: &mut Again, packs: &Tried, tally: &mut Tally) -> Result<(), Failure> {
    match RecordKind::parse(&record.header.kind) {
        Some(RecordKind::Run) => again.ran(Recalled::of(db, record)?),
        Some(RecordKind::Tombstone) => again.ended(),
        Some(RecordKind::Reaction) => {
            let decided = Decided::of(record)?;
            let verdict = again.decided(&decided, packs);
            count(tally, record, decided, verdict);
        }
        _ => {}
    }
    Ok(())
}

fn count(tally: &mut Tally, record: &LoggedRecord, decided: Decided, verdict: Verdict) {
    match verdict {
        Verdict::Forgotten => tally.forgotten += 1,
        Verdict::NotReached => tally.not_reached += 1,
        Verdict::Same => tally.decisions += 1,
        Verdict::Other(would_be, findings) => {
            tally.decisions += 1;
            tally.different += 1;
            if let Some(pair) = record.header.subject.pair()
                && tally.differences.len() < DIFFERENCES_MAX
            {
                let (pair, seq, at) = (pair.clone(), record.header.seq, record.header.sealed_at);
                tally.differences.push(Difference { pair, seq, at, was: decided.reaction, would_be, findings });
            }
        }
    }
}
