//! One round of one Target.

use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::execution::Execution;
use super::shared::Shared;
use super::{Now, Run, Stop};
use crate::admission::Admitted;
use crate::connect::Connector;
use crate::desired::DesiredTarget;
use crate::plan::Plan;

/// Runs every plan of one Target in one round, `at_once` of them at the same time (0 counts as 1), in the order given; the time of those that
/// wait has not begun. `ended` is called with each [`Run`] as soon as it has ended, so that a slow plan
/// holds up nobody else's commit; its answers are returned in the order of ending.
///
/// Total: every plan ends within its time-out, every step has a reading, and a plan that can not read says so in each of them.
/// When `stop` is said, runs in progress end at once and without an answer: their commands are killed and nobody hears of them.
/// What has ended by then is handed to `ended` all the same. Sessions are closed before this returns, in any case.
pub async fn round<C, T, F, W>(
    target: &DesiredTarget,
    plans: Vec<Plan<Admitted>>,
    at_once: usize,
    connector: &C,
    now: &Now,
    stop: &Stop,
    ended: F,
) -> Vec<T>
where
    C: Connector,
    F: Fn(Run) -> W,
    W: Future<Output = T>,
{
    let shared = Shared::new(target, connector, now);
    let turns = Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS));
    let answers = {
        let (shared, turns, ended) = (&shared, &turns, &ended);
        plans
            .into_iter()
            .map(|plan| async move {
                let run = tokio::select! {
                    biased;
                    run = execute(plan, turns, shared) => run,
                    () = stop.heard() => return None,
                };
                Some(ended(run).await)
            })
            .collect::<FuturesUnordered<_>>()
            .filter_map(std::future::ready)
            .collect()
            .await
    };
    shared.close().await;
    answers
}

async fn execute<C: Connector>(plan: Plan<Admitted>, turns: &Semaphore, shared: &Shared<'_, C>) -> Run {
    // Nobody closes it, so there is always a turn.
    let _turn = turns.acquire().await;
    let began = shared.now();
    let readings = Execution::new(&plan, shared).readings().await;
    // What another plan of the round had read before counts for this one, and was taken then.
    let started = readings.iter().map(|reading| reading.at).fold(began, Timestamp::min);
    Run { started, ended: shared.now(), readings, plan }
}
