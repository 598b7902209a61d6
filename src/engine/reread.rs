//! Whether manifests and secrets can be read again: a change of that is told once, not with every reading.

use super::{Engine, Event};

/// Why the last reading failed, when it did.
#[derive(Debug, Default)]
pub(super) struct Rereading(Option<String>);

impl Rereading {
    /// Takes what came of a reading.
    pub(super) fn take(&mut self, engine: &Engine, failed: Option<String>) {
        match &failed {
            Some(why) if self.0.as_ref() != Some(why) => engine.tell(&Event::ReloadFails(why.clone())),
            None if self.0.is_some() => engine.tell(&Event::ReloadWorks),
            _ => {}
        }
        self.0 = failed;
    }
}
