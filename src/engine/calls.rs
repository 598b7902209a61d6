//! When the daemon looks at Escalations: beside the rounds, and only when something may have changed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::escalate::{Again, Escalated, escalate};
use super::{Duty, Engine, Event};
use crate::api::{Criticality, FindingKey, FindingStage, PairId};
use crate::status::PairState;
use crate::store::StoreError;

/// Between two looks: each reads every state.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two looks when nothing seems to have changed: other processes on the state directory see things, too.
const AT_LEAST: Duration = Duration::from_secs(30);

/// What of a pair's state Escalations depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stance {
    raised: Vec<(FindingKey, Criticality)>,
    lost: bool,
}

impl Stance {
    pub(super) fn of(state: &PairState) -> Self {
        let raised = state.tracked.iter().filter(|tracked| tracked.stage == FindingStage::Raised);
        Self { raised: raised.map(|tracked| (tracked.key(), tracked.severity)).collect(), lost: state.is_lost() }
    }
}

/// The daemon's looks at Escalations.
pub(super) struct Calls {
    engine: Arc<Engine>,
    /// Of pairs that claim something or are lost.
    stances: HashMap<PairId, Stance>,
    /// What stood after the last look.
    stands: Escalated,
    /// Whether something may have changed since the last look began.
    dirty: bool,
    /// Whether the last look failed.
    failing: bool,
    /// When the last look ended.
    ended: Instant,
    task: Option<JoinHandle<Result<Escalated, Arc<StoreError>>>>,
}

impl Calls {
    /// Begins with a look at what other processes left.
    pub(super) fn new(engine: &Arc<Engine>) -> Self {
        Self {
            engine: Arc::clone(engine),
            stances: HashMap::new(),
            stands: Escalated::default(),
            dirty: true,
            failing: false,
            ended: Instant::now(),
            task: None,
        }
    }

    /// Something may have changed.
    pub(super) const fn touch(&mut self) {
        self.dirty = true;
    }

    /// Takes what a round learned. A look at the Target of a suppressed matter may end that.
    pub(super) fn learn(&mut self, stances: impl IntoIterator<Item = (PairId, Stance)>) {
        for (pair, stance) in stances {
            let before =
                if stance == Stance::default() { self.stances.remove(&pair) } else { self.stances.insert(pair, stance.clone()) };
            self.dirty |= before.unwrap_or_default() != stance || self.stands.suppressed > 0;
        }
    }

    /// Forgets pairs that nobody wants any more: one that comes back says something new, whatever it says.
    pub(super) fn retain(&mut self, wanted: impl Fn(&PairId) -> bool) {
        self.stances.retain(|pair, _| wanted(pair));
        self.dirty = true;
    }

    /// The same of pairs that are buried.
    pub(super) fn forget(&mut self, buried: &[PairId]) {
        for pair in buried {
            self.stances.remove(pair);
        }
        self.dirty |= !buried.is_empty();
    }

    /// Waits for the next look, begins it, or waits for its end. May be dropped at any point.
    pub(super) async fn turn(&mut self) {
        if let Some(task) = &mut self.task {
            let ended = task.await;
            self.task = None;
            self.ended = Instant::now();
            match ended {
                Ok(Ok(stands)) => {
                    self.engine.tell(&Event::Standing(stands.by_severity()));
                    self.stands = stands;
                    if std::mem::take(&mut self.failing) {
                        self.engine.tell(&Event::DutyDone(Duty::Escalating));
                    }
                }
                Ok(Err(error)) => self.failed(&error.to_string()),
                Err(error) => self.failed(&format!("a task ended early: {error}")),
            }
            return;
        }
        sleep_until(self.ended + self.wait()).await;
        self.dirty = false;
        let engine = Arc::clone(&self.engine);
        self.task = Some(tokio::spawn(async move { escalate(&engine, None, true, Again::Soon).await }));
    }

    /// What the last round of the daemon came to.
    pub(super) async fn end(mut self) {
        if self.task.is_some() {
            self.turn().await;
        }
        if self.dirty
            && let Err(error) = escalate(&self.engine, None, true, Again::Soon).await
        {
            self.failed(&error.to_string());
        }
    }

    /// From the end of the last look to the next.
    fn wait(&self) -> Duration {
        if self.dirty {
            return PAUSE;
        }
        let until = |at: Timestamp| {
            let millis = at.as_millisecond().saturating_sub((self.engine.now)().as_millisecond());
            Duration::from_millis(u64::try_from(millis).unwrap_or(0)) + self.ended.elapsed()
        };
        self.stands.again.map_or(AT_LEAST, until).clamp(PAUSE, AT_LEAST)
    }

    fn failed(&mut self, what: &str) {
        (self.dirty, self.failing) = (true, true);
        self.engine.tell(&Event::DutyFailed { duty: Duty::Escalating, error: what.to_owned() });
    }
}
