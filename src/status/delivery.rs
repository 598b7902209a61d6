//! What a Sink has been told, and how it stands: plain values that the store keeps and `notify` judges. Not evidence; nothing of the
//! log is rebuilt from them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is said of an incident; or that tecrax is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is open.
    Firing,
    /// It is over.
    Resolved,
    /// tecrax is alive.
    Heartbeat,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 3] = [Self::Firing, Self::Resolved, Self::Heartbeat];

    /// The lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
            Self::Heartbeat => "heartbeat",
        }
    }
}

/// One notice to one Sink: what came of it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Tries in a row that failed.
    pub attempts: u32,
    /// When it was tried last; of what was not tried yet, since when it waits.
    pub tried: Timestamp,
    /// Not to be tried before; `None` for what is never said again.
    pub next: Option<Timestamp>,
    /// When it was accepted last.
    pub delivered: Option<Timestamp>,
    /// Whether a failed try may have arrived all the same.
    pub reached: bool,
    /// Class of the last failure, a word of `docs/reasons.md`, or of that of the Sink for which it waits; `None` when the last try was
    /// accepted, and where nobody waits for another.
    pub error: Option<String>,
    /// What was told, as JSON without secrets: what is needed to say that it is over when nothing else remembers it.
    pub told: String,
}

impl Delivery {
    /// Whether the Sink has heard it, or may have.
    pub const fn heard(&self) -> bool {
        self.delivered.is_some() || self.reached
    }
}

/// How a Sink stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinkHealth {
    /// Tries in a row that failed for a reason that is the Sink's, not a single notice's.
    pub failures: u32,
    /// Not to be tried before; `None` while it accepts.
    pub next: Option<Timestamp>,
    /// When it accepted something last.
    pub delivered: Option<Timestamp>,
    /// When `failures` left 0 or returned to it.
    pub changed: Option<Timestamp>,
    /// Class of the last failure; `None` while it accepts.
    pub error: Option<String>,
    /// The last failure in words, or what is not as it should be although it accepts; without secrets.
    pub message: String,
}

/// Everything that is known of one Sink's deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// How it stands.
    pub health: SinkHealth,
    /// By identity and phase.
    pub deliveries: BTreeMap<(String, Phase), Delivery>,
}

impl Ledger {
    /// Notices that the Sink did not accept yet, or that wait because it has just failed, and that are to be tried.
    pub fn waiting(&self) -> usize {
        let over = |identity: &str| self.get(identity, Phase::Resolved).is_some_and(|over| over.delivered.is_some());
        let waits = |(identity, phase): &(String, Phase)| *phase != Phase::Firing || !over(identity);
        self.deliveries.iter().filter(|(key, delivery)| delivery.error.is_some() && waits(key)).count()
    }

    /// Whether the Sink does not accept, and something waits for it. Where nothing does, nobody finds out whether it accepts by now.
    pub fn fails(&self) -> bool {
        self.health.failures > 0 && self.waiting() > 0
    }

    /// Class of the last failure, where something waits that the Sink did not accept.
    pub fn trouble(&self) -> Option<&str> {
        self.health.error.as_deref().filter(|_| self.waiting() > 0)
    }

    /// The delivery of that identity and phase.
    pub fn get(&self, identity: &str, phase: Phase) -> Option<&Delivery> {
        self.deliveries.get(&(identity.to_owned(), phase))
    }
}
