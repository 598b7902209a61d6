//! Whether the store takes anything. Where nothing is due for hours nothing else says that it does not, and nothing says that a failure is
//! over.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Engine, Event};

/// How often it is asked whether the store is to be tried. A try ends a little later than it begins, so where nothing else is written it is every
/// second time.
pub(super) const EVERY: Duration = Duration::from_secs(10);

/// Tries the store, at most once at a time: one that does not answer is not asked again.
pub(super) struct Probing {
    pub(super) next: Instant,
    task: Option<JoinHandle<()>>,
}

impl Probing {
    pub(super) fn start() -> Self {
        Self { next: Instant::now() + EVERY, task: None }
    }

    /// Begins a try, where the last one has ended and nothing else shows what it would. Waits for nothing.
    pub(super) fn turn(&mut self, engine: &Arc<Engine>) {
        self.next = Instant::now() + EVERY;
        if self.task.as_ref().is_some_and(|task| !task.is_finished()) || !engine.pulse.asks_for_probe() {
            return;
        }
        let engine = Arc::clone(engine);
        self.task = Some(tokio::spawn(async move {
            match engine.store.probe().await {
                Err(error) => engine.tell(&Event::StoreFailed(error.to_string())),
                Ok(()) => {
                    if engine.pulse.took_probe() {
                        engine.tell(&Event::StoreWorks);
                    }
                }
            }
        }));
    }
}

impl Drop for Probing {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
