//! The core of every verification: a log, record by record.

use std::collections::{BTreeMap, HashMap};

use super::super::{Head, RecordKind, Subject};
use super::defect::{Defects, Place};
use super::entry::{Entry, Examined, Slot};
use super::tree::{Frontier, Node};
use crate::api::Digest;

/// Checks a log record by record: gap-free index, every header and body against their digests, every sequence against its
/// predecessor, the tree against every root that was promised. Memory grows with subjects, not with records.
///
/// Pure: who feeds it reads files or a database, and compares the [`Node`]s that come out with those that were kept.
#[derive(Debug)]
pub struct Auditor {
    frontier: Frontier,
    /// The end of every sequence that has begun, by [`Slot`].
    sequences: Vec<Option<Head>>,
    slots: HashMap<Subject, Slot>,
    /// Roots that were promised, by size.
    promised: BTreeMap<u64, Vec<(Digest, Place)>>,
    /// The smallest promised size that was not reached yet.
    watch: Option<u64>,
    /// Whether records are missing: then no later root says anything.
    gap: bool,
    nodes: Vec<Node>,
    records: u64,
    runs: u64,
    defects: Defects,
}

impl Auditor {
    /// Starts at the beginning, or where retention has cut: with the frontier and the heads of that point.
    pub fn new(frontier: Frontier, heads: HashMap<Subject, Head>) -> Self {
        let mut auditor = Self {
            frontier,
            sequences: Vec::new(),
            slots: HashMap::new(),
            promised: BTreeMap::new(),
            watch: None,
            gap: false,
            nodes: Vec::new(),
            records: 0,
            runs: 0,
            defects: Defects::default(),
        };
        for (subject, head) in heads {
            let Slot(slot) = auditor.slot(&subject);
            if let Some(sequence) = auditor.sequences.get_mut(slot) {
                *sequence = Some(head);
            }
        }
        auditor
    }

    /// Where the sequence of `subject` is kept; it may have no records.
    pub fn slot(&mut self, subject: &Subject) -> Slot {
        if let Some(slot) = self.slots.get(subject) {
            return *slot;
        }
        let slot = Slot(self.sequences.len());
        self.sequences.push(None);
        self.slots.insert(subject.clone(), slot);
        slot
    }

    /// The log must have this root at this size; `place` is where that was promised.
    pub fn promise(&mut self, size: u64, root: Digest, place: Place) {
        self.promised.entry(size).or_default().push((root, place));
        self.watch = self.promised.keys().next().copied();
    }

    /// Takes the next record, and what it was found to be alone.
    pub fn take(&mut self, entry: &Entry<'_>, alone: Examined) {
        self.records += 1;
        let header = &entry.header;
        if header.kind == RecordKind::Run.as_str() {
            self.runs += 1;
        }
        let next = self.frontier.size();
        if entry.index != next && !self.gap {
            let (from, to) = (next.min(entry.index), entry.index.saturating_sub(1).max(next));
            self.defects.add(Place::Missing { from, to }, "missing: the index has a gap");
            self.gap = true;
        }
        if !alone.body {
            self.defects.add(entry.place(), "its body is not what the header binds");
        }
        if !alone.leaf {
            self.defects.add(entry.place(), "its header does not give its leaf hash");
        }
        let after = Head { seq: header.seq, leaf: entry.leaf };
        let Slot(slot) = entry.subject;
        let before = if let Some(sequence) = self.sequences.get_mut(slot) {
            sequence.replace(after).unwrap_or(Head::empty())
        } else {
            self.defects.add(entry.place(), "nobody knows its subject");
            Head::empty()
        };
        if header.seq != before.seq + 1 {
            let what = format!("its sequence has a gap: number {} follows {}", header.seq, before.seq);
            self.defects.add(entry.place(), what);
        } else if header.prev != before.leaf {
            self.defects.add(entry.place(), format!("it is not bound to number {} of its sequence", before.seq));
        }
        self.check_promises();
        let nodes = &mut self.nodes;
        self.frontier.append(entry.leaf, |node| nodes.push(node));
        if !alone.stored {
            self.defects.add(entry.place(), "its stored parts are not what the body binds");
        }
    }

    /// The kept nodes that were completed since the last call. None after a gap: they would say nothing.
    pub fn nodes(&mut self) -> std::vec::Drain<'_, Node> {
        if self.gap {
            self.nodes.clear();
        }
        self.nodes.drain(..)
    }

    /// Ends the log and checks what was promised beyond it.
    pub fn finish(mut self) -> Audited {
        self.check_promises();
        let size = self.frontier.size();
        for (promised, what) in std::mem::take(&mut self.promised) {
            // Sizes below the first record that is kept are the caller's matter.
            if promised > size {
                for (_, place) in what {
                    self.defects.add(place, format!("the log ends at {size}: it was cut or is an older copy"));
                }
            }
        }
        let head = |(subject, Slot(slot)): (Subject, Slot)| Some((subject, self.sequences.get(slot).copied().flatten()?));
        Audited {
            records: self.records,
            runs: self.runs,
            gap: self.gap,
            frontier: self.frontier,
            heads: self.slots.into_iter().filter_map(head).collect(),
            defects: self.defects,
        }
    }

    /// Compares the root with every promise for this size.
    fn check_promises(&mut self) {
        let size = self.frontier.size();
        if self.watch != Some(size) {
            return;
        }
        let promises = self.promised.remove(&size).unwrap_or_default();
        self.watch = self.promised.keys().next().copied();
        if self.gap {
            return;
        }
        let root = self.frontier.root();
        for (promised, place) in promises {
            if promised != root {
                self.defects.add(place, format!("the first {size} records have another root: the log was rewritten"));
            }
        }
    }
}

/// What an audit found.
#[derive(Debug)]
pub struct Audited {
    /// Records read.
    pub records: u64,
    /// Those that are runs.
    pub runs: u64,
    /// Whether records are missing in between: then size and root are not the log's.
    pub gap: bool,
    /// Size, peaks and root.
    pub frontier: Frontier,
    /// The end of every sequence.
    pub heads: HashMap<Subject, Head>,
    /// What is wrong.
    pub defects: Defects,
}
