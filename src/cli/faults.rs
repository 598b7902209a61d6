//! Failures of the state directory as they are logged: a full disk fails for every Target and every second, and is told once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::Event;

/// How often a failure that goes on is told again.
const AGAIN: Duration = Duration::from_mins(1);
/// Most different failures that are remembered; what is beyond is told each time.
const KINDS_MAX: usize = 64;

/// What an event is to whoever reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It is to be told.
    Tell,
    /// It is to be told, and has happened so often since it was told last.
    More(u64),
    /// It shows that the state directory works again, and is to be told.
    Over,
    /// It has just been told.
    Known,
}

/// What has been told since the state directory worked last, by words.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<HashMap<String, Told>>);

#[derive(Debug)]
struct Told {
    at: Instant,
    /// How often it happened since.
    silent: u64,
}

impl Faults {
    /// Takes an event.
    pub(super) fn hear(&self, event: &Event) -> News {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StoreFailed(error) => {
                let now = Instant::now();
                if let Some(told) = told.get_mut(error) {
                    if now.duration_since(told.at) < AGAIN {
                        told.silent += 1;
                        return News::Known;
                    }
                    let silent = std::mem::take(&mut told.silent);
                    told.at = now;
                    return News::More(silent);
                }
                if told.len() < KINDS_MAX {
                    told.insert(error.clone(), Told { at: now, silent: 0 });
                }
                News::Tell
            }
            Event::Ran { .. } | Event::Removed(_) if !told.is_empty() => {
                told.clear();
                News::Over
            }
            _ => News::Tell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PairId;

    fn failed(what: &str) -> Event {
        Event::StoreFailed(what.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_goes_on_is_told_once_a_minute_and_its_end_once() {
        let faults = Faults::default();
        assert_eq!(faults.hear(&failed("full")), News::Tell);
        for _ in 0..100 {
            assert_eq!(faults.hear(&failed("full")), News::Known);
        }
        assert_eq!(faults.hear(&failed("read-only")), News::Tell);
        tokio::time::advance(AGAIN).await;
        assert_eq!(faults.hear(&failed("full")), News::More(100));
        assert_eq!(faults.hear(&failed("full")), News::Known);
        let removed = PairId::parse("default/check.target").map(Event::Removed);
        assert_eq!(removed.as_ref().map(|event| faults.hear(event)), Some(News::Over));
        assert_eq!(removed.as_ref().map(|event| faults.hear(event)), Some(News::Tell));
        assert_eq!(faults.hear(&failed("full")), News::Tell);
    }
}
