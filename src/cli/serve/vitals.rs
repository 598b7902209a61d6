//! Whether the daemon is well: its loop turns, its store takes what it is given, and the manifests could be read.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::Event;

/// The loop turns at least every ten seconds. One that has not for so long hangs.
pub const TICK_MAX: Duration = Duration::from_secs(30);

/// What the last events said.
#[derive(Debug)]
pub struct Vitals(Mutex<Signs>);

#[derive(Debug, Clone, Copy)]
struct Signs {
    /// When the loop turned last; `None` before its first turn.
    tick: Option<Instant>,
    /// Whether the store failed after the last run that it took.
    store_failed: bool,
    /// Manifests with errors at the last reading; `None` before the first.
    errors: Option<usize>,
}

impl Vitals {
    /// Nothing is known yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Signs { tick: None, store_failed: false, errors: None }))
    }

    /// Takes an event.
    pub fn hear(&self, event: &Event) {
        let mut signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Ticked { .. } => signs.tick = Some(Instant::now()),
            Event::Ran { .. } | Event::Removed(_) => signs.store_failed = false,
            Event::StoreFailed(_) => signs.store_failed = true,
            Event::Reloaded { errors, .. } => signs.errors = Some(*errors),
            _ => {}
        }
    }

    /// Whether the loop turns. A loop that has not begun is not stuck.
    pub fn turns(&self) -> bool {
        let signs = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        signs.tick.is_none_or(|tick| tick.elapsed() <= TICK_MAX)
    }

    /// What is not well, in the order of weight; empty when all is.
    pub fn complaints(&self) -> Vec<String> {
        let signs = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut complaints = Vec::new();
        match signs.tick {
            None => complaints.push("scheduler: has not begun".to_owned()),
            Some(tick) if tick.elapsed() > TICK_MAX => {
                complaints.push(format!("scheduler: has not looked for what is due for {} s", tick.elapsed().as_secs()));
            }
            Some(_) => {}
        }
        if signs.store_failed {
            complaints.push("store: failed, and nothing was recorded since; the log of this process says why".to_owned());
        }
        match signs.errors {
            None => complaints.push("manifests: not read yet".to_owned()),
            Some(0) => {}
            Some(errors) => complaints.push(format!("manifests: {errors} with errors; `tecrax validate` shows them")),
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reloaded(errors: usize) -> Event {
        Event::Reloaded { pairs: 1, errors, held: 0 }
    }

    #[tokio::test(start_paused = true)]
    async fn ready_is_a_loop_that_turns_a_store_that_works_and_manifests_that_were_read() {
        let vitals = Vitals::new();
        assert_eq!(vitals.complaints(), ["scheduler: has not begun", "manifests: not read yet"]);
        vitals.hear(&Event::Ticked { started: 0, late: None });
        vitals.hear(&reloaded(0));
        assert!(vitals.complaints().is_empty() && vitals.turns());

        vitals.hear(&Event::StoreFailed("disk full".to_owned()));
        assert!(vitals.complaints().concat().starts_with("store: failed"), "{:?}", vitals.complaints());
        let Some(pair) = crate::api::PairId::parse("default/a.b") else { unreachable!("it is one") };
        vitals.hear(&Event::Removed(pair));
        assert!(vitals.complaints().is_empty());

        vitals.hear(&reloaded(2));
        assert_eq!(vitals.complaints(), ["manifests: 2 with errors; `tecrax validate` shows them"]);
        vitals.hear(&reloaded(0));

        tokio::time::advance(TICK_MAX + Duration::from_secs(1)).await;
        assert_eq!(vitals.complaints(), ["scheduler: has not looked for what is due for 31 s"]);
        assert!(!vitals.turns());
        vitals.hear(&Event::Ticked { started: 0, late: None });
        assert!(vitals.turns());
    }
}
