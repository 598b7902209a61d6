//! The auditor in a thread of its own: one core reads the database, another one hashes.

use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};

use super::super::StoreError;
use crate::api::Digest;
use crate::evidence::Header;
use crate::evidence::log::{Audited, Auditor, Node, Place, Row, stored_digest};

/// Bytes of one batch. Small enough for the cache that both cores share.
const BATCH_BYTES: usize = 256 << 10;
/// Batches under way.
const BATCHES: usize = 4;

/// One step of the audit.
enum Step {
    /// A root that was promised.
    Promise(u64, Digest, Place),
    /// A record; what it holds stands in the bytes of the batch.
    Record { index: u64, header: Header, leaf: Digest, body: Range<usize>, parts: Parts },
}

/// What is to be done about the stored parts of a record.
enum Parts {
    /// Somebody else checks them.
    Checked,
    /// There are none, and the body must bind none.
    None,
    /// The body must bind these.
    Stored(Range<usize>),
}

#[derive(Default)]
struct Batch {
    steps: Vec<Step>,
    bytes: Vec<u8>,
}

/// The near end: takes records in order, and gives back the kept nodes that they complete.
pub(super) struct Auditing<'scope> {
    batch: Batch,
    batches: SyncSender<Batch>,
    nodes: Receiver<Node>,
    thread: ScopedJoinHandle<'scope, Audited>,
}

impl<'scope> Auditing<'scope> {
    /// Starts the thread.
    pub(super) fn start(scope: &'scope Scope<'scope, '_>, auditor: Auditor) -> Result<Self, StoreError> {
        let (batches, queue) = sync_channel(BATCHES);
        let (found, nodes) = channel();
        let thread = thread::Builder::new()
            .name("tecrax-audit".to_owned())
            .spawn_scoped(scope, move || audit(auditor, &queue, &found))
            .map_err(|source| StoreError::Damaged { what: format!("cannot start a thread: {source}") })?;
        Ok(Self { batch: Batch::default(), batches, nodes, thread })
    }

    /// The log must have this root at this size.
    pub(super) fn promise(&mut self, size: u64, root: Digest, place: Place) {
        self.batch.steps.push(Step::Promise(size, root, place));
    }

    /// Takes the next record, of which only the header and the body are left to check.
    pub(super) fn take(&mut self, row: &Row<'_>) {
        self.record(row, |_| Parts::Checked);
    }

    /// Takes the next record with its stored parts.
    pub(super) fn take_with_parts(&mut self, row: &Row<'_>, parts: Option<&[u8]>) {
        self.record(row, |keep| parts.map_or(Parts::None, |parts| Parts::Stored(keep(parts))));
    }

    fn record(&mut self, row: &Row<'_>, parts: impl FnOnce(&mut dyn FnMut(&[u8]) -> Range<usize>) -> Parts) {
        let mut keep = |bytes: &[u8]| {
            let from = self.batch.bytes.len();
            self.batch.bytes.extend_from_slice(bytes);
            from..self.batch.bytes.len()
        };
        let body = keep(row.body);
        let parts = parts(&mut keep);
        self.batch.steps.push(Step::Record { index: row.index, header: row.header.clone(), leaf: row.leaf, body, parts });
        if self.batch.bytes.len() >= BATCH_BYTES {
            self.send();
        }
    }

    /// Kept nodes that were completed meanwhile.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.nodes.try_iter()
    }

    /// Ends the audit; the last kept nodes come with it.
    pub(super) fn finish(mut self) -> (Audited, Vec<Node>) {
        self.send();
        let Self { batches, nodes, thread, .. } = self;
        drop(batches);
        let audited = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (audited, nodes.iter().collect())
    }

    fn send(&mut self) {
        // The thread takes batches as long as this end sends some.
        let _ = self.batches.send(std::mem::take(&mut self.batch));
    }
}

fn audit(mut auditor: Auditor, queue: &Receiver<Batch>, found: &Sender<Node>) -> Audited {
    for batch in queue {
        let bytes = |range: Range<usize>| batch.bytes.get(range).unwrap_or_default();
        for step in batch.steps {
            match step {
                Step::Promise(size, root, place) => auditor.promise(size, root, place),
                Step::Record { index, header, leaf, body, parts } => {
                    let row = Row { index, header: &header, leaf, body: bytes(body) };
                    auditor.take(&row);
                    let bound = match parts {
                        Parts::Checked => true,
                        Parts::None => stored_digest(row.body).is_none(),
                        Parts::Stored(parts) => stored_digest(row.body) == Some(Digest::of(bytes(parts))),
                    };
                    if !bound {
                        auditor.blame(row.place(), "its stored parts are not what the body binds");
                    }
                }
            }
        }
        for node in auditor.nodes() {
            // Nobody listens any more when the near end has failed.
            let _ = found.send(node);
        }
    }
    auditor.finish()
}
