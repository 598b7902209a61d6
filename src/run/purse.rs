//! The bytes that all readings of one run may have together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::limits::reached;
use crate::api::ErrorClass;
use crate::connect::{Failure, Output};

/// The bytes of one run: what was read for it, kept or not, and what is set aside for readings under way. Never more than the total.
#[derive(Debug)]
pub(super) struct Purse {
    total: u64,
    taken: Mutex<Taken>,
    given_back: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    /// Read, kept or not.
    spent: u64,
    /// Set aside for readings under way.
    aside: u64,
}

/// Bytes set aside for one try; what is not read goes back.
#[derive(Debug)]
pub(super) struct Room<'p> {
    purse: &'p Purse,
    /// Most bytes of each stream.
    bytes: u32,
    /// Whether that is less than was wanted.
    narrow: bool,
    aside: u64,
    spent: u64,
}

impl Purse {
    /// A purse of `total` bytes.
    pub(super) fn new(total: u64) -> Self {
        Self { total, taken: Mutex::default(), given_back: Notify::new() }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for a try whose two streams may have `wanted` bytes each. Waits while others may still give some back; whoever is then
    /// alone gets what is left.
    ///
    /// # Errors
    /// When nothing is left.
    pub(super) async fn room(&self, wanted: u32) -> Result<Room<'_>, Failure> {
        loop {
            let given_back = self.given_back.notified();
            if let Some(room) = self.try_room(wanted) {
                return room;
            }
            given_back.await;
        }
    }

    fn try_room(&self, wanted: u32) -> Option<Result<Room<'_>, Failure>> {
        let mut taken = self.taken();
        let left = self.total.saturating_sub(taken.spent).saturating_sub(taken.aside);
        let both = u64::from(wanted) * 2;
        let (aside, narrow) = match () {
            () if both <= left => (both, false),
            () if taken.aside > 0 => return None,
            () if left == 0 => return Some(Err(self.empty())),
            () => (left, true),
        };
        taken.aside += aside;
        let bytes = wanted.min(u32::try_from(aside).unwrap_or(u32::MAX));
        Some(Ok(Room { purse: self, bytes, narrow, aside, spent: 0 }))
    }

    fn empty(&self) -> Failure {
        reached(format!("the readings of this run may have {} bytes together, and this one has no room any more", self.total))
    }
}

impl Room<'_> {
    /// Most bytes of each stream of the try.
    pub(super) const fn bytes(&self) -> u32 {
        self.bytes
    }

    /// Keeps what a try brought, or says that it has no room. What was `read` for it is spent either way: of a try that timed out or
    /// was lost nothing is kept, and its target has sent all the same.
    pub(super) fn keep(mut self, result: Result<Output, Failure>, read: u64) -> Result<Output, Failure> {
        let output = match &result {
            Ok(output) => Some(output),
            Err(failure) => failure.partial.as_deref(),
        };
        let length = output.map_or(0, |output| output.stdout.len() + output.stderr.len());
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.spent = read.min(self.aside);
        let cut = self.narrow && result.as_ref().is_err_and(|failure| failure.class == ErrorClass::OutputCut);
        if cut || length > self.aside {
            self.spent = self.aside;
            return Err(self.purse.empty());
        }
        result
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        let mut taken = self.purse.taken();
        taken.aside -= self.aside;
        taken.spent += self.spent;
        drop(taken);
        self.purse.given_back.notify_waiters();
    }
}
