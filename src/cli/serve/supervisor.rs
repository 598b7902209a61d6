//! What systemd is told (`Type=notify`): ready, alive, stopping.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::Instant;

use crate::engine::Event;

/// Talks to whoever started this process, when that is systemd; says nothing to anybody else.
///
/// The watchdog is fed by the loop's own turns, not by a timer: a loop that hangs is noticed.
#[derive(Debug)]
pub struct Supervisor {
    /// Half of what systemd waits for a sign of life, when it does.
    feed_every: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    ready: bool,
    fed: Option<Instant>,
}

impl Supervisor {
    /// Reads what systemd asks for from the environment.
    pub fn from_environment() -> Self {
        Self { feed_every: sd_notify::watchdog_enabled().map(|timeout| timeout / 2), state: Mutex::default() }
    }

    /// Takes an event: the first turn of the loop means that the manifests are read and the store is open.
    pub fn hear(&self, event: &Event) {
        let Event::Ticked { .. } = event else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.ready {
            state.ready = true;
            say(&[NotifyState::Ready, NotifyState::Status("following manifests")]);
        }
        let Some(every) = self.feed_every else { return };
        if state.fed.is_none_or(|fed| fed.elapsed() >= every.min(FEED_MAX)) {
            state.fed = Some(Instant::now());
            say(&[NotifyState::Watchdog]);
        }
    }

    /// Runs in progress get their time to end.
    pub fn stopping() {
        say(&[NotifyState::Stopping]);
    }
}

/// Signs of life are no rarer than this, however patient systemd is.
const FEED_MAX: Duration = Duration::from_secs(5);

fn say(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!("systemd does not hear: {error}");
    }
}
