//! What goes on failing, in the daemon's log: a line when it begins or fails in another way, and one when it is over.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::engine::{Duty, Event};

/// What fails now: a duty, or `None` for the store under the runs; and the error that was told last.
#[derive(Debug, Default)]
pub(super) struct Troubles(Mutex<BTreeMap<Option<Duty>, String>>);

impl Troubles {
    /// Takes an event. What fails is tried again every second: that it still does is no news.
    pub(super) fn hear(&self, event: &Event) {
        match event {
            Event::StoreFailed(error) => self.begins(None, error),
            Event::DutyFailed { duty, error } => self.begins(Some(*duty), error),
            Event::Ran { .. } | Event::Removed(_) | Event::StoreWorks => {
                self.is_over(None, "the state directory takes records again");
            }
            Event::DutyDone(duty @ Duty::Escalating) => self.is_over(Some(*duty), "escalations are recorded again"),
            Event::DutyDone(duty @ Duty::Keeping) => self.is_over(Some(*duty), "the log is signed again"),
            _ => {}
        }
    }

    fn begins(&self, what: Option<Duty>, error: &str) {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(what, error.to_owned());
        if before.as_deref() != Some(error) {
            tracing::error!("{error}");
        }
    }

    fn is_over(&self, what: Option<Duty>, words: &str) {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&what).is_some() {
            tracing::info!("{words}");
        }
    }
}
