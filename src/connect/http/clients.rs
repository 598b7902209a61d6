//! What the HTTP sessions of this process share.

use super::turns::Turns;
use crate::connect::Failure;
use crate::http::{self, Fault};

/// Clients by TLS material, and how many requests a server is sent at once.
#[derive(Debug, Default)]
pub(in crate::connect) struct Clients {
    pub(super) http: http::Clients,
    pub(super) turns: Turns,
}

impl Clients {
    /// How many clients are kept.
    #[cfg(test)]
    pub(in crate::connect) fn kept(&self) -> usize {
        self.http.kept()
    }

    /// Resolves `count` names that nobody asks.
    #[cfg(test)]
    pub(in crate::connect) fn flood(&self, count: usize) {
        self.http.flood(count);
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let failure = Self::new(fault.class, fault.message);
        match fault.next_step {
            Some(step) => failure.next_step(step),
            None => failure,
        }
    }
}
