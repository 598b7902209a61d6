//! What must be known and open after each run, computed without the reaction stage.

use std::collections::{BTreeMap, BTreeSet};

use super::world::Host;

/// What can be wrong with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    Lost,
    ClockOff,
    ClockUnseen,
    DockerStopped,
}

/// Which question a Check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Clock,
    Docker,
}

impl Question {
    /// What a run sees on a host: at most one thing.
    pub fn sees(self, host: Host) -> Option<Cause> {
        match self {
            _ if host.lost => Some(Cause::Lost),
            Self::Clock if host.clock_unseen => Some(Cause::ClockUnseen),
            Self::Clock if host.clock_off => Some(Cause::ClockOff),
            Self::Docker if host.docker_stopped => Some(Cause::DockerStopped),
            Self::Clock | Self::Docker => None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    seen: u32,
    gone: u32,
    raised: bool,
}

/// What one pair remembers.
#[derive(Debug, Clone, Default)]
pub struct Pair(BTreeMap<Cause, Known>);

impl Pair {
    /// Takes a run on schedule.
    pub fn run(&mut self, sees: Option<Cause>, failures: u32, recoveries: u32) {
        if let Some(cause) = sees {
            let known = self.0.entry(cause).or_default();
            known.seen = if known.gone == 0 { known.seen + 1 } else { 1 };
            known.gone = 0;
            known.raised |= known.seen >= failures;
        }
        for (cause, known) in &mut self.0 {
            let proves_gone = match (cause, sees) {
                (cause, Some(now)) if *cause == now => false,
                // Who gives no answer at all proves nothing, and what is unseen hides what is wrong.
                (_, Some(Cause::Lost)) | (Cause::ClockOff, Some(Cause::ClockUnseen)) => false,
                _ => true,
            };
            known.gone += u32::from(proves_gone);
        }
        self.0.retain(|_, known| known.gone < recoveries);
    }

    /// What it claims.
    pub fn raised(&self) -> BTreeSet<Cause> {
        self.0.iter().filter(|(_, known)| known.raised).map(|(cause, _)| *cause).collect()
    }
}
