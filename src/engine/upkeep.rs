//! Upkeep of the log beside the rounds of the daemon.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::keep::{drop_old, sign};
use super::{Duty, Engine, Event};

/// How often the log is signed when it has grown.
const SIGN: Duration = Duration::from_mins(1);
/// How often it is looked whether old evidence is to be dropped: a few look-ups, and little is written meanwhile.
const DROP: Duration = Duration::from_secs(5);

/// The log is signed at the start, at the end and in between; what is too old is dropped. Beside the rounds: dropping takes a while.
pub(super) struct Upkeep {
    pub(super) next: Instant,
    next_sign: Instant,
    task: JoinHandle<()>,
}

impl Upkeep {
    pub(super) fn start(engine: &Arc<Engine>) -> Self {
        let now = Instant::now();
        Self { next: now + DROP, next_sign: now + SIGN, task: upkeep(engine, true, true) }
    }

    pub(super) fn turn(&mut self, engine: &Arc<Engine>) {
        let now = Instant::now();
        self.next = now + DROP;
        let Some(ended) = (&mut self.task).now_or_never() else { return };
        if let Err(error) = ended {
            failed(engine, &format!("a task ended early: {error}"));
        }
        let signs = now >= self.next_sign;
        if signs {
            self.next_sign = now + SIGN;
        }
        self.task = upkeep(engine, true, signs);
    }

    pub(super) async fn end(self, engine: &Arc<Engine>) {
        let _ = self.task.await;
        let _ = upkeep(engine, false, true).await;
    }
}

fn upkeep(engine: &Arc<Engine>, drops: bool, signs: bool) -> JoinHandle<()> {
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        let dropped = if drops { drop_old(&engine).await } else { Ok(false) };
        let done = match dropped {
            Ok(dropped) if dropped || signs => sign(&engine).await,
            Ok(_) => return,
            Err(error) => Err(error),
        };
        match done {
            Ok(_) => engine.tell(&Event::DutyDone(Duty::Keeping)),
            Err(error) => failed(&engine, &error.to_string()),
        }
    })
}

fn failed(engine: &Engine, error: &str) {
    engine.tell(&Event::DutyFailed { duty: Duty::Keeping, error: error.to_owned() });
}
