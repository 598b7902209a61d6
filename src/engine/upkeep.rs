//! Upkeep of the log beside the rounds of the daemon.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::keep::{drop_old, sign};
use super::{Duty, Engine, Event};

/// How often the log is signed when it has grown.
const SIGN: Duration = Duration::from_mins(1);
/// How often what is too old is dropped.
const DROP: Duration = Duration::from_hours(1);

/// The log is signed at the start, at the end and in between; what is too old is dropped. Beside the rounds: dropping takes a while.
pub(super) struct Upkeep {
    pub(super) next: Instant,
    next_drop: Instant,
    task: JoinHandle<()>,
}

impl Upkeep {
    pub(super) fn start(engine: &Arc<Engine>) -> Self {
        let now = Instant::now();
        Self { next: now + SIGN, next_drop: now + DROP, task: upkeep(engine, true) }
    }

    pub(super) fn turn(&mut self, engine: &Arc<Engine>) {
        let now = Instant::now();
        self.next = now + SIGN;
        if !self.task.is_finished() {
            return;
        }
        let drops = now >= self.next_drop;
        if drops {
            self.next_drop = now + DROP;
        }
        self.task = upkeep(engine, drops);
    }

    pub(super) async fn end(self, engine: &Arc<Engine>) {
        let _ = self.task.await;
        let _ = upkeep(engine, false).await;
    }
}

fn upkeep(engine: &Arc<Engine>, drops: bool) -> JoinHandle<()> {
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        let dropped = if drops { drop_old(&engine).await } else { Ok(()) };
        let duty = Duty::Keeping;
        match dropped.and(sign(&engine).await) {
            Ok(_) => engine.tell(&Event::DutyDone(duty)),
            Err(error) => engine.tell(&Event::DutyFailed { duty, error: error.to_string() }),
        }
    })
}
