//! Whether the daemon does its work: what a heartbeat vouches for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::probing::EVERY;
use super::{Duty, Event};
use crate::store::BUSY;

/// The loop turns at least every ten seconds. One that has not for so long hangs.
pub const TICK_MAX: Duration = Duration::from_secs(30);

/// What the store has failed is tried again within this time.
pub(super) const RETRY_MAX: Duration = Duration::from_secs(30);

/// How long nothing may have failed before a store counts as one that works because it has taken a probe: a probe does not show that what failed
/// would not fail again. That is tried within [`RETRY_MAX`], may wait for another process for [`BUSY`], and has something to read or to
/// compute before. With [`EVERY`] it is less than a minute, whenever the failure was.
const QUIET: Duration = Duration::from_secs(45);
const _: () = assert!(QUIET.as_secs() >= RETRY_MAX.as_secs() + BUSY.as_secs() + 5);
const _: () = assert!(QUIET.as_secs() + EVERY.as_secs() < 60);

/// The last signs of life.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Signs>);

#[derive(Debug, Default)]
struct Signs {
    /// When the loop turned last; `None` before its first turn, and in a single pass.
    tick: Option<Instant>,
    /// Whether Escalations could not be decided or recorded when they were looked at last.
    escalating_failed: bool,
    /// When the store failed last, unless it has taken a record since.
    store_failed: Option<Instant>,
    /// When the store took something last.
    store_took: Option<Instant>,
}

impl Pulse {
    /// Takes an event.
    pub(super) fn hear(&self, event: &Event) {
        let mut signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Ticked { .. } => signs.tick = Some(Instant::now()),
            Event::DutyFailed { duty: Duty::Escalating, .. } => signs.escalating_failed = true,
            Event::DutyDone(Duty::Escalating) => signs.escalating_failed = false,
            Event::StoreFailed(_) => signs.store_failed = Some(Instant::now()),
            Event::Ran { .. } | Event::Removed(_) | Event::StoreWorks => {
                (signs.store_failed, signs.store_took) = (None, Some(Instant::now()));
            }
            _ => {}
        }
    }

    /// Whether nothing that was recorded lately shows that the store takes anything.
    pub(super) fn asks_for_probe(&self) -> bool {
        let signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        signs.store_failed.is_some() || signs.store_took.is_none_or(|took| took.elapsed() >= EVERY)
    }

    /// The store has taken a probe. Answers whether that ends a failure.
    pub(super) fn took_probe(&self) -> bool {
        let mut signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        signs.store_took = Some(Instant::now());
        signs.store_failed.is_some_and(|at| at.elapsed() >= QUIET)
    }

    /// Whether checks are started and people are called.
    pub(super) fn beats(&self) -> bool {
        let signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !signs.escalating_failed && signs.tick.is_none_or(|tick| tick.elapsed() <= TICK_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_beats_while_the_loop_turns_and_escalations_are_recorded() {
        let pulse = Pulse::default();
        assert!(pulse.beats(), "a single pass has no loop");
        pulse.hear(&Event::Ticked { started: 0, late: None });
        assert!(pulse.beats());
        tokio::time::advance(TICK_MAX + Duration::from_secs(1)).await;
        assert!(!pulse.beats(), "the loop hangs");
        pulse.hear(&Event::Ticked { started: 0, late: None });
        pulse.hear(&Event::DutyFailed { duty: Duty::Keeping, error: "disk full".to_owned() });
        assert!(pulse.beats(), "who signs late calls people all the same");
        pulse.hear(&Event::DutyFailed { duty: Duty::Escalating, error: "a state can not be read".to_owned() });
        pulse.hear(&Event::DutyDone(Duty::Keeping));
        assert!(!pulse.beats(), "nobody is called");
        pulse.hear(&Event::DutyDone(Duty::Escalating));
        assert!(pulse.beats());
    }

    /// What has failed waits for half a minute, and then for another process that is at the store for as long as anybody waits.
    #[tokio::test(start_paused = true)]
    async fn a_probe_ends_no_failure_between_two_tries_of_what_fails() {
        let pulse = Pulse::default();
        for _ in 0..3 {
            pulse.hear(&Event::StoreFailed("a denial could not be recorded".to_owned()));
            tokio::time::advance(Duration::from_secs(42)).await;
            assert!(!pulse.took_probe());
        }
        // It is over within a minute of the last one, whenever the store was asked.
        tokio::time::advance(Duration::from_secs(60 - 42).saturating_sub(EVERY)).await;
        assert!(pulse.took_probe());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_ends_a_failure_when_nothing_else_goes_on_failing() {
        let pulse = Pulse::default();
        assert!(pulse.asks_for_probe() && !pulse.took_probe(), "it never failed");
        assert!(!pulse.asks_for_probe(), "it has just taken something");
        tokio::time::advance(EVERY).await;
        assert!(pulse.asks_for_probe());
        let fail = || pulse.hear(&Event::StoreFailed("a denial could not be recorded".to_owned()));
        fail();
        tokio::time::advance(QUIET / 2).await;
        assert!(pulse.asks_for_probe() && !pulse.took_probe());
        fail();
        tokio::time::advance(QUIET / 2).await;
        assert!(!pulse.took_probe(), "something fails again and again, whatever a probe says");
        assert!(pulse.asks_for_probe(), "a failure is followed up");
        tokio::time::advance(QUIET / 2).await;
        assert!(pulse.took_probe());
        pulse.hear(&Event::StoreWorks);
        assert!(!pulse.took_probe(), "that is told once");
    }
}
