//! The auditor in a thread of its own: one core reads the database, another one hashes, and the first one helps it when it has more
//! to do.

use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};

use jiff::Timestamp;

use super::super::StoreError;
use super::named::Named;
use crate::api::Digest;
use crate::evidence::HeaderFields;
use crate::evidence::log::{Audited, Auditor, Entry, Examined, Node, Place, Stored};

/// Bytes of one batch. Small enough for the cache that both cores share.
const BATCH_BYTES: usize = 256 << 10;
/// Batches that may wait for the auditor.
const WAITING: usize = 4;

/// One step of the audit.
enum Step<'s> {
    /// A root that was promised.
    Promise(u64, Digest, Place),
    /// A record.
    Record(Record<'s>),
}

/// A record; what it holds stands in the bytes of the batch.
struct Record<'s> {
    index: u64,
    named: &'s Named,
    seq: u64,
    kind: Range<usize>,
    prev: Digest,
    sealed_at: Timestamp,
    body_digest: Digest,
    leaf: Digest,
    body: Range<usize>,
    stored: Part,
}

/// [`Stored`], in the bytes of the batch.
enum Part {
    Elsewhere,
    Nothing,
    Blob(Range<usize>),
}

/// Steps in order. A batch goes to the auditor and comes back empty, with the kept nodes that it completed.
#[derive(Default)]
struct Batch<'s> {
    steps: Vec<Step<'s>>,
    bytes: Vec<u8>,
    /// What every record is alone, once somebody has looked.
    examined: Vec<Examined>,
    nodes: Vec<Node>,
}

impl<'s> Record<'s> {
    fn entry<'b>(&self, origin: &'b str, bytes: &'b [u8]) -> Entry<'b>
    where
        's: 'b,
    {
        let at = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        Entry {
            index: self.index,
            subject: self.named.slot,
            header: HeaderFields {
                origin,
                subject: &self.named.text,
                seq: self.seq,
                kind: std::str::from_utf8(at(&self.kind)).unwrap_or_default(),
                prev: self.prev,
                sealed_at: self.sealed_at,
                body: self.body_digest,
            },
            leaf: self.leaf,
            body: at(&self.body),
            stored: match &self.stored {
                Part::Elsewhere => Stored::Elsewhere,
                Part::Nothing => Stored::Nothing,
                Part::Blob(blob) => Stored::Blob(at(blob)),
            },
        }
    }
}

impl<'s> Batch<'s> {
    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        from..self.bytes.len()
    }

    fn push(&mut self, entry: &Entry<'_>, named: &'s Named) {
        let header = &entry.header;
        let record = Record {
            index: entry.index,
            named,
            seq: header.seq,
            kind: self.keep(header.kind.as_bytes()),
            prev: header.prev,
            sealed_at: header.sealed_at,
            body_digest: header.body,
            leaf: entry.leaf,
            body: self.keep(entry.body),
            stored: match entry.stored {
                Stored::Elsewhere => Part::Elsewhere,
                Stored::Nothing => Part::Nothing,
                Stored::Blob(blob) => Part::Blob(self.keep(blob)),
            },
        };
        self.steps.push(Step::Record(record));
    }

    /// Looks at every record alone: most of the work, and in no order.
    fn examine(&mut self, origin: &str, scratch: &mut Vec<u8>) {
        let Self { steps, bytes, examined, .. } = self;
        examined.extend(steps.iter().filter_map(|step| match step {
            Step::Record(record) => Some(record.entry(origin, bytes).examine(scratch)),
            Step::Promise(..) => None,
        }));
    }

    /// Takes every step in order.
    fn audit(&mut self, origin: &str, auditor: &mut Auditor) {
        let mut examined = self.examined.drain(..);
        for step in self.steps.drain(..) {
            match step {
                Step::Promise(size, root, place) => auditor.promise(size, root, place),
                Step::Record(record) => {
                    if let Some(alone) = examined.next() {
                        auditor.take(&record.entry(origin, &self.bytes), alone);
                    }
                }
            }
        }
        drop(examined);
        self.bytes.clear();
        self.nodes.extend(auditor.nodes());
    }
}

/// The near end: takes records in order, and gives back the kept nodes that they complete.
pub(super) struct Auditing<'s> {
    origin: &'s str,
    batch: Batch<'s>,
    batches: SyncSender<Batch<'s>>,
    spent: Receiver<Batch<'s>>,
    scratch: Vec<u8>,
    nodes: Vec<Node>,
    thread: ScopedJoinHandle<'s, Audited>,
}

impl<'s> Auditing<'s> {
    /// Starts the thread. `origin` is the name of the log.
    pub(super) fn start(scope: &'s Scope<'s, '_>, origin: &'s str, auditor: Auditor) -> Result<Self, StoreError> {
        let (batches, queue) = sync_channel(WAITING);
        let (done, spent) = channel();
        let thread = thread::Builder::new()
            .name("tecrax-audit".to_owned())
            .spawn_scoped(scope, move || audit(origin, auditor, &queue, &done))
            .map_err(|source| StoreError::Damaged { what: format!("cannot start a thread: {source}") })?;
        Ok(Self { origin, batch: Batch::default(), batches, spent, scratch: Vec::new(), nodes: Vec::new(), thread })
    }

    /// The log must have this root at this size.
    pub(super) fn promise(&mut self, size: u64, root: Digest, place: Place) {
        self.batch.steps.push(Step::Promise(size, root, place));
    }

    /// Takes the next record, of the subject `named`.
    pub(super) fn take(&mut self, entry: &Entry<'_>, named: &'s Named) {
        self.batch.push(entry, named);
        if self.batch.bytes.len() >= BATCH_BYTES {
            self.send();
        }
    }

    /// Kept nodes that were completed meanwhile.
    pub(super) fn nodes(&mut self) -> std::vec::Drain<'_, Node> {
        self.nodes.drain(..)
    }

    /// Ends the audit; the last kept nodes come with it.
    pub(super) fn finish(mut self) -> (Audited, Vec<Node>) {
        self.send();
        let Self { batches, spent, mut nodes, thread, .. } = self;
        drop(batches);
        let audited = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        nodes.extend(spent.iter().flat_map(|batch| batch.nodes));
        (audited, nodes)
    }

    fn send(&mut self) {
        let mut next = self.spent.try_recv().unwrap_or_default();
        self.nodes.append(&mut next.nodes);
        let batch = std::mem::replace(&mut self.batch, next);
        // The thread takes batches as long as this end sends some.
        if let Err(TrySendError::Full(mut batch)) = self.batches.try_send(batch) {
            batch.examine(self.origin, &mut self.scratch);
            let _ = self.batches.send(batch);
        }
    }
}

fn audit<'s>(origin: &str, mut auditor: Auditor, queue: &Receiver<Batch<'s>>, done: &Sender<Batch<'s>>) -> Audited {
    let mut scratch = Vec::new();
    for mut batch in queue {
        if batch.examined.is_empty() {
            batch.examine(origin, &mut scratch);
        }
        batch.audit(origin, &mut auditor);
        // Nobody listens any more when the near end has failed.
        let _ = done.send(batch);
    }
    auditor.finish()
}
