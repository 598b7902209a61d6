//! The reruns that the last run of a pair led to.

use std::ops::ControlFlow;

use serde_json::Value;

use super::exit::Failure;
use super::printable::printable;
use super::table::Table;
use crate::evidence::RecordKind;
use crate::status::PairState;
use crate::store::{Db, RecordFilter};

/// Most records that are looked through: no chain of reruns is longer.
const RECORDS_MAX: usize = 80;

/// A table of the reruns that the last run on schedule led to; `None` when there are none.
///
/// # Errors
/// The store's.
pub fn of_last_run(db: &Db, state: &PairState) -> Result<Option<String>, Failure> {
    let Some(last) = &state.last else { return Ok(None) };
    let filter = RecordFilter { subject: Some(state.pair.clone().into()), newest_first: true, ..RecordFilter::default() };
    let mut rows = Vec::new();
    let mut decided = Value::Null;
    let mut looked = 0;
    db.records(&filter, |record| {
        looked += 1;
        if record.header.seq <= last.seq || looked > RECORDS_MAX {
            return ControlFlow::Break(());
        }
        let body: Value = serde_json::from_slice(&record.body).unwrap_or_default();
        match RecordKind::parse(&record.header.kind) {
            Some(RecordKind::Reaction) => decided = body,
            Some(RecordKind::Run) => rows.push(row(record.header.seq, &body, &decided)),
            _ => {}
        }
        ControlFlow::Continue(())
    })?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut table = Table::new(&["SEQUENCE", "OF", "DEPTH", "INTENT", "ASSESSMENT", "DECIDED"]);
    rows.into_iter().rev().for_each(|row| table.row(row));
    Ok(Some(table.render()))
}

fn row(seq: u64, run: &Value, decided: &Value) -> [String; 6] {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => printable(text),
        Some(Value::Number(number)) => number.to_string(),
        _ => "-".to_owned(),
    };
    let said = |key: &str| text(decided.pointer(&format!("/reaction/{key}")));
    let depth = text(run.get("depth"));
    let parent = text(run.get("parent_seq"));
    let (intent, assessment) = (text(run.get("intent")), text(run.get("assessment")));
    [seq.to_string(), parent, depth, intent, assessment, format!("{} ({})", said("outcome"), said("reason"))]
}
