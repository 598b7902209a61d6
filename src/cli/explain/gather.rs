//! What the log and the state say of a pair.

use std::ops::ControlFlow;

use jiff::Timestamp;
use serde_json::Value;

use super::super::context::Context;
use super::super::decisions::Decided;
use super::super::exit::{Exit, Failure};
use super::super::get::{absent, parse};
use super::super::recalled::Recalled;
use super::calls::calls;
use super::next::next;
use super::step::{Step, What, inputs};
use super::story::{Story, Waiver};
use crate::api::{FindingStage, PairId};
use crate::evidence::RecordKind;
use crate::plan::Mode;
use crate::reaction::{Packs, in_force, waives};
use crate::status::{PairState, Wanted, view};
use crate::store::{Db, LoggedRecord, RecordFilter};

/// Most records that a timeline looks back.
const RECORDS_MAX: usize = 400;

/// Everything that is told about the pair of that name.
///
/// # Errors
/// [`Exit::Config`] when nobody wants such a pair; the store's.
pub fn story(context: &Context<'_>, namespace: &str, name: &str) -> Result<Story, Failure> {
    let Some(db) = context.db()? else {
        return Err(Failure::new(Exit::Config, format!("no observation named `{name}`")).help(context.nothing_yet()?));
    };
    let rows = db.desired("Pair")?.iter().map(parse).collect::<Result<Vec<Wanted>, _>>()?;
    let id = PairId::parse(&format!("{namespace}/{name}"));
    let Some(wanted) = rows.iter().find(|wanted| Some(&wanted.pair) == id.as_ref()) else {
        let here = rows.iter().filter(|wanted| wanted.pair.namespace.as_str() == namespace);
        let known: Vec<String> = here.map(|wanted| wanted.pair.observation_name()).collect();
        return Err(absent("observation", name, &[name], &known));
    };
    let now = (context.now)();
    let state = db.state(&wanted.pair)?;
    let view = view(wanted, state.as_ref(), now, Mode::Watch);
    let packs = context.packs()?;
    let (steps, cut) = match &state {
        Some(state) => steps(&db, state, &packs)?,
        None => (Vec::new(), false),
    };
    let tracked = state.as_ref().map(|state| state.tracked.clone()).unwrap_or_default();
    let calls = calls(context, &db, &wanted.pair)?;
    let next = next(&view, state.as_ref(), wanted, &calls);
    let waivers = waivers(wanted, &tracked, now);
    Ok(Story { steps, cut, calls, waivers, tracked, confirmations: wanted.confirmations, next, view })
}

fn waivers(wanted: &Wanted, tracked: &[crate::api::TrackedFinding], now: Timestamp) -> Vec<Waiver> {
    let waiver = |accept: &crate::api::Accept| {
        let name = std::slice::from_ref(&accept.finding);
        let accepted = tracked.iter().filter(|tracked| tracked.stage == FindingStage::Accepted);
        Waiver {
            in_force: !in_force(std::slice::from_ref(accept), now).is_empty(),
            findings: accepted.filter(|tracked| waives(name, &tracked.finding)).count(),
            accept: accept.clone(),
        }
    };
    wanted.accept.iter().map(waiver).collect()
}

/// What happened since the assessment last changed, oldest first, and whether there is more. What came before the change is told by its
/// last step.
fn steps(db: &Db, state: &PairState, packs: &Packs) -> Result<(Vec<Step>, bool), Failure> {
    let filter = RecordFilter { subject: Some(state.pair.clone().into()), newest_first: true, ..RecordFilter::default() };
    let mut records = Vec::new();
    let mut cut = false;
    db.records(&filter, |record| {
        cut = records.len() == RECORDS_MAX;
        let is_run = RecordKind::parse(&record.header.kind) == Some(RecordKind::Run);
        let before = state.since.is_some_and(|since| record.header.sealed_at < since);
        records.push(record);
        if cut || (before && is_run) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if cut {
        records.pop();
    }
    records.reverse();
    let mut steps: Vec<Step> = Vec::new();
    let mut records = records.iter().peekable();
    while let Some(record) = records.next() {
        let follows = |next: &&LoggedRecord| RecordKind::parse(&next.header.kind) == Some(RecordKind::Reaction);
        let decided = match RecordKind::parse(&record.header.kind) {
            Some(RecordKind::Run) => records.next_if(follows),
            _ => None,
        };
        let Some(step) = step(db, record, decided, packs)? else { continue };
        match steps.last_mut() {
            Some(last) if last.is_like(&step) => last.join(step),
            _ => steps.push(step),
        }
    }
    Ok((steps, cut))
}

fn step(db: &Db, record: &LoggedRecord, decided: Option<&LoggedRecord>, packs: &Packs) -> Result<Option<Step>, Failure> {
    let noted = |word, message: String| What::Noted { word, message };
    let what = match RecordKind::parse(&record.header.kind) {
        Some(RecordKind::Run) => {
            let run = Recalled::of(db, record)?;
            let decided = decided.map(Decided::of).transpose()?;
            let inputs = decided.as_ref().map(|decided| inputs(packs, &run, decided)).unwrap_or_default();
            What::Ran { run: Box::new(run), decided: decided.map(Box::new), inputs }
        }
        Some(RecordKind::Denial) => {
            let body: Value = serde_json::from_slice(&record.body).unwrap_or_default();
            noted("denied", body.get("message").and_then(Value::as_str).unwrap_or("policy refused the plan").to_owned())
        }
        Some(RecordKind::Suspension) => noted("suspended", "nothing runs until it is wanted again".to_owned()),
        Some(RecordKind::Tombstone) => noted("removed", "nobody wanted the pair any more".to_owned()),
        // A reaction whose run was dropped says nothing without it.
        _ => return Ok(None),
    };
    let at = match &what {
        What::Ran { run, .. } => run.started,
        What::Noted { .. } => record.header.sealed_at,
    };
    Ok(Some(Step { seq: record.header.seq, at, times: 1, until: at, what }))
}
