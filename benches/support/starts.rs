//! When the runs of a daemon began, and when they should have: read from the log of its state directory.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tecrax::desired::Cadence;
use tecrax::evidence::RecordKind;
use tecrax::plan::next_slot;
use tecrax::store::{Db, RecordFilter};

#[derive(Deserialize)]
struct Began {
    started: Timestamp,
}

/// Milliseconds from the slot of a run to its start, of every run on schedule that was recorded from `from` on, sorted.
pub fn lags(state: &Path, interval: Duration, from: Timestamp) -> Vec<f64> {
    let cadence = Cadence::Interval(tecrax::api::Duration::from_millis(u64::try_from(interval.as_millis()).unwrap()));
    let back = SignedDuration::try_from(interval).unwrap() - SignedDuration::from_millis(1);
    let mut lags = Vec::new();
    let filter = RecordFilter { kind: Some(RecordKind::Run), from: Some(from), ..RecordFilter::default() };
    let db = Db::open_read_only(state).unwrap();
    db.records(&filter, |record| {
        let began: Began = serde_json::from_slice(&record.body).unwrap();
        let pair = record.header.subject.pair().unwrap();
        let slot = next_slot(&cadence, pair, began.started - back).unwrap();
        lags.push(began.started.duration_since(slot).as_secs_f64() * 1e3);
        ControlFlow::Continue(())
    })
    .unwrap();
    lags.sort_by(f64::total_cmp);
    lags
}

/// The value that `share` of the sorted values do not exceed.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position in a list"
    )]
    let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len()) - 1;
    sorted[index]
}

/// Digest over the statuses of all pairs: what steady state must not change.
pub fn statuses(state: &Path) -> tecrax::api::Digest {
    let states = Db::open_read_only(state).unwrap().states().unwrap();
    let mut all: Vec<String> =
        states.values().map(|state| format!("{} {}", state.pair, serde_json::to_string(&state.status).unwrap())).collect();
    all.sort();
    tecrax::api::Digest::of_parts(all.iter().map(String::as_bytes))
}
