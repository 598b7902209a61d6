//! One round of one Target.

use std::sync::Arc;

use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::shared::Shared;
use super::{Now, Reading, Run};
use crate::admission::Admitted;
use crate::api::ErrorClass;
use crate::connect::{Failure, OpenContext};
use crate::desired::DesiredTarget;
use crate::plan::Plan;

/// Runs every plan of one Target in one round. `ended` is called with each [`Run`] as soon as it has ended, so that a slow plan
/// holds up nobody else's commit; its answers are returned in the order of ending.
///
/// Total: every plan ends within its time-out, every step has a reading, and a plan that can not read says so in each of them.
pub async fn round<T, F, W>(target: &DesiredTarget, plans: Vec<Plan<Admitted>>, open: &OpenContext, now: &Now, ended: F) -> Vec<T>
where
    F: Fn(Run) -> W,
    W: Future<Output = T>,
{
    let shared = Shared::new(target, open, now);
    let answers = {
        let (shared, ended) = (&shared, &ended);
        plans
            .into_iter()
            .map(|plan| async move { ended(execute(plan, shared, now).await).await })
            .collect::<FuturesUnordered<_>>()
            .collect()
            .await
    };
    shared.close().await;
    answers
}

async fn execute(plan: Plan<Admitted>, shared: &Shared<'_>, now: &Now) -> Run {
    let started = now();
    let clock = Instant::now();
    let deadline = clock + plan.state().bounds().timeout;
    let (of, retry) = (&plan, &plan.pair().check.retry);
    let readings = join_all(plan.admitted_steps().map(|step| async move {
        match timeout_at(deadline, shared.reading(of, step, retry)).await {
            Ok(reading) => Arc::new(reading),
            Err(_) => Arc::new(Reading {
                result: Err(Failure::new(ErrorClass::Timeout, "the run reached the Check's time-out")
                    .next_step("raise `spec.timeout` of the Check, or look at what is slow on the target")),
                at: started,
                took: clock.elapsed(),
                attempts: 1,
            }),
        }
    }))
    .await;
    Run { started, ended: now(), readings, plan }
}
