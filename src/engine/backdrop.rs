//! What the log says behind an Escalation: where its run stands, and what changed since the last healthy one.

use std::ops::ControlFlow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::api::{Assessment, PairId};
use crate::evidence::{RecordKind, unpack};
use crate::reaction::escalation::{FactChange, RunPlace, Uncompared, fact_changes};
use crate::store::{Db, LoggedRecord, RecordFilter, StoreError};

/// Part of a run record with the facts as they are exported.
const RECEIPT: &str = "execution_receipt";
/// Most records of the pair that are read backwards for its last healthy runs: a day of a Check every five minutes.
const READ_MAX: usize = 600;

/// What the log says behind an Escalation.
#[derive(Debug, Default)]
pub(super) struct Backdrop {
    pub(super) run: Option<RunPlace>,
    /// The facts that differ, and how many do.
    pub(super) changes: (Vec<FactChange>, u64),
    /// Why they were not compared although that was asked for.
    pub(super) uncompared: Option<Uncompared>,
}

/// The parts of a run record's body that are read.
#[derive(Deserialize)]
struct RunBody {
    started: Timestamp,
    depth: u32,
    assessment: Assessment,
}

/// Looks up the run `seq` of `pair`. With `healthy`, the start of its last healthy run, facts are compared.
///
/// # Errors
/// The store's. What retention has dropped is not there, and nothing is said of it.
pub(super) fn backdrop(db: &Db, pair: &PairId, seq: u64, healthy: Option<Timestamp>) -> Result<Backdrop, StoreError> {
    let Some(record) = db.record(&pair.clone().into(), seq)? else { return Ok(Backdrop::default()) };
    let run = RunPlace { pair: pair.observation_name(), seq, index: record.index, leaf: record.leaf, checkpoint: None };
    let mut backdrop = Backdrop { run: Some(run), ..Backdrop::default() };
    // A run that saw nothing has no facts.
    if let (Some(healthy), Some(now)) = (healthy, facts(&record)) {
        let before = healthy_facts(db, pair, healthy)?;
        match before.first() {
            Some(was) => backdrop.changes = fact_changes(was, &now, before.get(1)),
            None => backdrop.uncompared = Some(Uncompared::TooFarBack),
        }
    }
    Ok(backdrop)
}

/// The facts of the healthy run that started then, and of the healthy one before it.
fn healthy_facts(db: &Db, pair: &PairId, healthy: Timestamp) -> Result<Vec<Value>, StoreError> {
    let subject = Some(pair.clone().into());
    let filter = RecordFilter { subject, kind: Some(RecordKind::Run), newest_first: true, ..RecordFilter::default() };
    let (mut read, mut found) = (0, Vec::new());
    db.records(&filter, |record| {
        read += 1;
        let body = serde_json::from_slice::<RunBody>(&record.body);
        if body.is_ok_and(|body| body.depth == 0 && body.assessment == Assessment::Healthy && body.started <= healthy) {
            found.extend(facts(&record));
        }
        if found.len() < 2 && read < READ_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}

/// The facts of a run as they are exported: without what artifacts withhold.
fn facts(record: &LoggedRecord) -> Option<Value> {
    let parts = unpack(record.parts.as_deref()?).ok()?;
    let (_, receipt) = parts.into_iter().find(|(name, _)| name == RECEIPT)?;
    let mut receipt: Value = serde_json::from_slice(&receipt).ok()?;
    receipt.pointer_mut("/tecrax/facts").map(Value::take).filter(Value::is_object)
}
