//! One run of one plan.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use super::limits::{Limits, out_of_time};
use super::purse::Purse;
use super::shared::{Shared, Tried};
use super::{Attempt, Reading, version};
use crate::admission::{Admitted, AdmittedStep};
use crate::api::{ErrorClass, Retry, RetryClass};
use crate::connect::{Connector, Failure};
use crate::plan::Plan;
use crate::profile::ServerVersion;

/// Pause between tries when the Check names none.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Most extra tries of one reading, whatever a Check says.
const MAX_RETRIES: u8 = 10;

/// One run of one plan, inside its bounds.
pub(super) struct Execution<'r, C: Connector> {
    shared: &'r Shared<'r, C>,
    retry: &'r Retry,
    limits: Limits,
    purse: Purse,
    steps: Vec<Place<'r>>,
}

/// One step with its reading, which others may wait for.
struct Place<'r> {
    step: AdmittedStep<'r>,
    refused: Option<Failure>,
    taken: OnceCell<Arc<Reading>>,
}

/// A try, or why there was none.
enum Once {
    Tried(Tried),
    NotAsked(Failure),
}

impl<'r, C: Connector> Execution<'r, C> {
    /// A run that starts now.
    pub(super) fn new(plan: &'r Plan<Admitted>, shared: &'r Shared<'r, C>) -> Self {
        let limits = Limits::of(plan);
        let place = |(index, step): (usize, AdmittedStep<'r>)| Place {
            step,
            refused: limits.refuse(index, &step.step().connection),
            taken: OnceCell::new(),
        };
        let steps = plan.admitted_steps().enumerate().map(place).collect();
        let purse = Purse::new(plan.state().bounds().max_total_bytes);
        Self { shared, retry: &plan.pair().check.retry, limits, purse, steps }
    }

    /// One reading a step, in step order. All steps are asked, whatever becomes of the others.
    pub(super) async fn readings(&self) -> Vec<Arc<Reading>> {
        join_all(self.steps.iter().map(|place| self.reading(place))).await
    }

    /// The reading of a step. What depends on the server's version waits for the reading of that.
    async fn reading(&self, place: &Place<'r>) -> Arc<Reading> {
        if place.refused.is_some() || !place.step.step().needs_version() {
            return self.plain(place).await;
        }
        let Some(asking) = self.steps.iter().find(|other| other.step.step().reads_version_of(place.step.step())) else {
            return self.unasked(Failure::new(ErrorClass::Internal, "the plan does not read the server's version"));
        };
        match version::of(&self.plain(asking).await.result) {
            Ok(version) => Arc::new(self.tried(place.step, Some(version)).await),
            Err(failure) => self.unasked(failure),
        }
    }

    /// The reading of a step that depends on nothing; taken once, whoever asks.
    async fn plain(&self, place: &Place<'r>) -> Arc<Reading> {
        let taken = place.taken.get_or_init(|| async {
            match &place.refused {
                Some(failure) => self.unasked(failure.clone()),
                None => Arc::new(self.tried(place.step, None).await),
            }
        });
        Arc::clone(taken.await)
    }

    fn unasked(&self, failure: Failure) -> Arc<Reading> {
        Arc::new(Reading { result: Err(failure), at: self.shared.now(), took: Duration::ZERO, attempts: Vec::new() })
    }

    /// Tries until there is an answer, a failure that does not pass by itself, or no try or time left for another.
    async fn tried(&self, step: AdmittedStep<'_>, version: Option<ServerVersion>) -> Reading {
        let mut reading =
            Reading { result: Err(out_of_time()), at: self.shared.now(), took: Duration::ZERO, attempts: Vec::new() };
        loop {
            let tried = match self.once(step, version, reading.attempts.len()).await {
                Once::Tried(tried) => tried,
                // A reading that failed before it ran out of room failed of that.
                Once::NotAsked(failure) if reading.attempts.is_empty() => return Reading { result: Err(failure), ..reading },
                Once::NotAsked(_) => return reading,
            };
            let failure = tried.result.as_ref().err().map(|failure| (failure.class, failure.message.clone()));
            if reading.attempts.is_empty() {
                reading.at = tried.at;
            }
            reading.attempts.push(Attempt { at: tried.at, took: tried.took, failure });
            let again = self.again(&tried, reading.attempts.len());
            (reading.result, reading.took) = (tried.result, tried.took);
            if !again {
                return reading;
            }
            tokio::time::sleep(self.pause()).await;
        }
    }

    fn pause(&self) -> Duration {
        self.retry.interval.map_or(RETRY_PAUSE, crate::api::Duration::to_std)
    }

    /// Whether there is another try after `tried`, the last of `count`. One that needs as long as the last has to fit into the run.
    fn again(&self, tried: &Tried, count: usize) -> bool {
        let Err(failure) = &tried.result else { return false };
        // The session is opened once a round: where it could not be, another try would only wait to hear the same.
        tried.connected
            && count <= usize::from(self.retry.attempts.min(MAX_RETRIES))
            && retries(failure, &self.retry.on)
            && self.limits.holds(self.pause().saturating_add(tried.took))
    }

    /// The try number `number` (from 0), inside the bytes that the run has left and its time.
    async fn once(&self, step: AdmittedStep<'_>, version: Option<ServerVersion>, number: usize) -> Once {
        let deadline = self.limits.deadline();
        let room = match timeout_at(deadline, self.purse.room(step.max_output_bytes())).await {
            Ok(Ok(room)) => room,
            Ok(Err(failure)) => return Once::NotAsked(failure),
            Err(_) => return Once::NotAsked(out_of_time()),
        };
        let (at, clock) = (self.shared.now(), Instant::now());
        let pause = if number == 0 { Duration::ZERO } else { self.pause() };
        let trying = self.shared.attempt(step.within(room.bytes()), version, (number, pause), deadline);
        Once::Tried(match timeout_at(deadline, trying).await {
            Ok(tried) => Tried { result: room.keep(tried.result, tried.read), ..tried },
            // The run is over: what was read last is nobody's room any more.
            Err(_) => Tried { result: Err(out_of_time()), at, took: clock.elapsed(), read: 0, connected: true },
        })
    }
}

fn retries(failure: &Failure, on: &[RetryClass]) -> bool {
    on.iter().any(|wanted| match wanted {
        RetryClass::Timeout => failure.class == ErrorClass::Timeout,
        RetryClass::Transient => failure.transient,
    })
}
