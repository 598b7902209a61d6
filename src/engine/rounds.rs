//! The rounds of the daemon: one Target each, from its place in the line to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::Engine;
use super::due::TargetDue;
use super::epoch::Epoch;
use super::look::{Looked, look};
use super::refuse::Refused;
use super::work::{TargetKey, admitted_of};
use crate::plan::Mode;
use crate::store::StoreError;

/// Pause before a Target is looked at again after another process held it or the store failed.
const BACK_OFF: Duration = Duration::from_secs(1);

/// The end of one Target's round.
pub(super) struct Ended {
    pub(super) key: TargetKey,
    /// What its pairs are positions in.
    pub(super) epoch: Epoch,
    pub(super) pairs: Vec<u32>,
    pub(super) refused: Vec<Refused>,
    pub(super) result: Result<Looked, Arc<StoreError>>,
}

/// Looks at the due pairs of one Target in its turn. `silent`: it gave no answer when it was last asked.
pub(super) async fn round(engine: Arc<Engine>, epoch: Epoch, due: TargetDue, silent: bool) -> Ended {
    let (result, refused) = in_turn(&engine, &epoch, &due, silent).await;
    match &result {
        // Even no time at all would be a turn of the timer.
        Ok(looked) if looked.tally.busy + looked.tally.lost == 0 => {}
        // Another process is at it, or the store is in trouble: neither gets better by asking often.
        Ok(_) | Err(_) => tokio::select! {
            () = epoch.over() => {}
            () = sleep(BACK_OFF) => {}
        },
    }
    Ended { key: due.key, epoch, pairs: due.pairs, refused, result }
}

/// Plans are made when there is room for their runs: thousands of Targets may wait.
async fn in_turn(
    engine: &Engine,
    epoch: &Epoch,
    due: &TargetDue,
    silent: bool,
) -> (Result<Looked, Arc<StoreError>>, Vec<Refused>) {
    let nothing = |refused| (Ok(Looked::default()), refused);
    let lanes = if silent { due.lanes.clone().silent() } else { due.lanes.clone() };
    let place = tokio::select! {
        biased;
        () = epoch.over() => return nothing(Vec::new()),
        place = engine.places.enter(due.key.clone(), (lanes, due.urgent), due.pairs.len()) => place,
    };
    let Some(place) = place else { return nothing(Vec::new()) };
    let inputs = &epoch.inputs;
    let wanted = due.pairs.iter().filter_map(|index| inputs.desired.pairs.get(*index as usize));
    let (work, refused) = admitted_of(wanted, due.urgent, &inputs.judge);
    let Some(work) = work else { return nothing(refused) };
    // In a box: thousands that wait for their turn need no room for what the few do whose turn it is.
    (Box::pin(look(engine, epoch, work, Mode::Watch, place)).await, refused)
}
