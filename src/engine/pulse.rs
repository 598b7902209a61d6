//! Whether the daemon does its work: what a heartbeat vouches for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Duty, Event};

/// The loop turns at least every ten seconds. One that has not for so long hangs.
pub const TICK_MAX: Duration = Duration::from_secs(30);

/// The last signs of life.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Signs>);

#[derive(Debug, Default)]
struct Signs {
    /// When the loop turned last; `None` before its first turn, and in a single pass.
    tick: Option<Instant>,
    /// Whether Escalations could not be decided or recorded when they were looked at last.
    escalating_failed: bool,
}

impl Pulse {
    /// Takes an event.
    pub(super) fn hear(&self, event: &Event) {
        let mut signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Ticked { .. } => signs.tick = Some(Instant::now()),
            Event::DutyFailed { duty: Duty::Escalating, .. } => signs.escalating_failed = true,
            Event::DutyDone(Duty::Escalating) => signs.escalating_failed = false,
            _ => {}
        }
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
}
