//! The log, record by record.

use std::collections::HashMap;
use std::thread;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row as SqlRow};

use super::super::record::apart;
use super::super::sealed::Folded;
use super::super::tree::{StoredTree, signed};
use super::super::{Db, StoreError};
use super::auditing::Auditing;
use super::named::{Named, subjects};
use super::past::Past;
use super::promises::{KeptCheckpoints, Promises};
use super::{Level, RecordCheck, VerifyOptions, found};
use crate::api::Digest;
use crate::evidence::log::{
    Audited, Auditor, Checkpoint, Defects, Entry, KEPT_LEVELS, Node, Place, Row, Stored, Together, resolve,
};
use crate::evidence::{DETAIL, Header, HeaderFields, Record};

/// What reading the log came to.
pub(super) struct Streamed {
    pub(super) audited: Audited,
    /// The states that the log folds to, in a full verification of a log that could be read.
    pub(super) folded: Option<Folded>,
    pub(super) checkpoints: u64,
    pub(super) latest: Option<Checkpoint>,
    pub(super) continued: u64,
}

/// Feeds the log to the auditor.
pub(super) fn run(
    db: &Db,
    tree: &StoredTree,
    past: Past,
    promises: Promises,
    options: &VerifyOptions<'_>,
    defects: &mut Defects,
) -> Result<Streamed, StoreError> {
    let full = options.level == Level::Full;
    let shared = Shared { db, known: HashMap::new() };
    if full {
        shared.check_all(defects)?;
    }
    let mut auditor = Auditor::new(past.frontier, past.heads);
    let given = promises.outside.iter().filter(|(place, _)| matches!(place, Place::Given { .. })).count();
    for (place, checkpoint) in promises.outside {
        auditor.promise(checkpoint.size, checkpoint.root, place);
    }
    let subjects = subjects(db, &mut auditor, defects)?;
    let mut reading = Reading {
        db,
        kept: KeptCheckpoints { recorded: promises.recorded, pruned: tree.pruned, count: 0, latest: None, next: None },
        folded: past.folded.filter(|_| full),
        shared,
        check: options.check,
        full,
    };
    let (audited, last_nodes) = thread::scope(|scope| {
        let mut auditing = Auditing::start(scope, &db.origin, auditor)?;
        reading.run(&mut auditing, &subjects, past.seal, defects)?;
        Ok::<_, StoreError>(auditing.finish())
    })?;
    reading.compare(last_nodes.into_iter(), defects)?;
    reading.check_number_of_nodes(tree.frontier.size(), defects)?;
    let broken = audited.defects.list().iter().filter(|defect| matches!(defect.place, Place::Given { .. })).count();
    let continued = u64::try_from(given.saturating_sub(broken)).unwrap_or_default() + promises.proven;
    let Reading { kept, folded, .. } = reading;
    Ok(Streamed { audited, folded, checkpoints: kept.count, latest: kept.latest, continued })
}

/// The near end of the audit: everything that needs the database.
struct Reading<'a> {
    db: &'a Db,
    kept: KeptCheckpoints,
    folded: Option<Folded>,
    shared: Shared<'a>,
    check: Option<&'a RecordCheck<'a>>,
    full: bool,
}

impl Reading<'_> {
    fn run<'s>(
        &mut self,
        auditing: &mut Auditing<'s>,
        subjects: &'s HashMap<i64, Named>,
        mut seal: Option<(u64, Digest)>,
        defects: &mut Defects,
    ) -> Result<(), StoreError> {
        let db = self.db;
        let mut kept =
            db.connection.prepare("SELECT size, key, made_ms, note, nodes, sum FROM checkpoints ORDER BY size, made_ms")?;
        let mut kept = kept.query([])?;
        let mut statement = db.connection.prepare(
            "SELECT idx, subject, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts FROM log WHERE idx >= ?1 ORDER BY idx",
        )?;
        let mut rows = statement.query([signed(self.kept.pruned)])?;
        while let Some(Some(row)) = found(rows.next().map_err(StoreError::from), defects)? {
            let index = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX);
            self.kept.promise(db, &mut kept, Some(index), auditing, defects)?;
            let Some((entry, named)) = entry(&db.origin, subjects, index, row) else {
                defects.add(Place::Missing { from: index, to: index }, "it can not be read");
                continue;
            };
            seal.take_if(|(at, sealed)| *at == index && *sealed == entry.leaf);
            if self.full {
                auditing.take(&Entry { stored: Stored::Elsewhere, ..entry }, named);
                self.content(&entry, named, defects);
            } else {
                auditing.take(&entry, named);
            }
            self.compare(auditing.nodes(), defects)?;
        }
        self.kept.promise(db, &mut kept, None, auditing, defects)?;
        if let Some((index, _)) = seal {
            defects.add(Place::Missing { from: index, to: index }, "the retention record that stands for dropped records");
        }
        Ok(())
    }

    /// Checks everything that a record binds, and folds it.
    fn content(&mut self, entry: &Entry<'_>, named: &Named, defects: &mut Defects) {
        let parts = match entry.stored {
            Stored::Blob(blob) => Some(blob),
            Stored::Nothing | Stored::Elsewhere => None,
        };
        let row = &Row { index: entry.index, header: &header(entry, named), leaf: entry.leaf, body: entry.body };
        let (record, wrong) = resolve(row, parts, &mut |digest| self.shared.get(digest));
        let readable = wrong.is_empty();
        defects.extend(wrong);
        if let Some(folded) = &mut self.folded {
            folded.fold(&Record { header: row.header, leaf: row.leaf, body: row.body, detail: record.part(DETAIL) });
        }
        if readable && let Some(check) = self.check {
            defects.extend(check(&record));
        }
    }

    /// Compares computed nodes with the kept ones.
    fn compare(&self, nodes: impl Iterator<Item = Node>, defects: &mut Defects) -> Result<(), StoreError> {
        for Node { level, index, hash } in nodes {
            let stored: Option<Vec<u8>> = self
                .db
                .connection
                .prepare_cached("SELECT hash FROM nodes WHERE level = ?1 AND idx = ?2")?
                .query_row([i64::from(level), signed(index)], |row| row.get(0))
                .optional()?;
            if stored.as_deref() != Some(hash.as_bytes().as_slice()) {
                defects.add(Place::Node { level, index }, "the kept node is not over its records");
            }
        }
        Ok(())
    }

    /// Every node of the tree was compared when it was completed; there must be no others.
    fn check_number_of_nodes(&self, size: u64, defects: &mut Defects) -> Result<(), StoreError> {
        let expected: u64 = (1..u64::BITS / KEPT_LEVELS).map(|step| size >> (step * KEPT_LEVELS)).sum();
        let stored: i64 = self.db.connection.query_row("SELECT count(*) FROM nodes", [], |row| row.get(0))?;
        if u64::try_from(stored) != Ok(expected) {
            defects.add(Place::Log, format!("{stored} nodes are kept over {size} records instead of {expected}"));
        }
        Ok(())
    }
}

/// What many records share, each row read and checked once.
struct Shared<'a> {
    db: &'a Db,
    known: HashMap<Digest, Option<Together>>,
}

/// Digests of shared parts that are remembered.
const SHARED_MAX: usize = 4_096;

impl Shared<'_> {
    fn get(&mut self, digest: &Digest) -> Option<Together> {
        if let Some(known) = self.known.get(digest) {
            return known.clone();
        }
        if self.known.len() >= SHARED_MAX {
            self.known.clear();
        }
        let together = self.db.together(digest).ok().flatten();
        self.known.insert(*digest, together.clone());
        together
    }

    /// Checks every artifact, those included that no record binds.
    fn check_all(&self, defects: &mut Defects) -> Result<(), StoreError> {
        let mut statement = self.db.connection.prepare("SELECT digest, bytes FROM artifacts")?;
        let mut rows = statement.query([])?;
        while let Some(Some(row)) = found(rows.next().map_err(StoreError::from), defects)? {
            let digest = Digest::from_bytes(row.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?).unwrap_or(Digest::ZERO);
            let blob = row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?;
            if apart(blob, &digest).is_none() {
                defects.add(Place::Artifact { digest }, "its bytes are not those of its digest");
            }
        }
        Ok(())
    }
}

/// What the columns idx, subject, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts say, and whose record it is; `None` when
/// they make no record.
fn entry<'a, 's: 'a>(
    origin: &'a str,
    subjects: &'s HashMap<i64, Named>,
    index: u64,
    row: &'a SqlRow<'_>,
) -> Option<(Entry<'a>, &'s Named)> {
    let bytes = |column| row.get_ref(column).ok()?.as_bytes().ok();
    let digest = |column| Digest::from_bytes(bytes(column)?);
    let named = subjects.get(&row.get::<_, i64>(1).ok()?)?;
    let header = HeaderFields {
        origin,
        subject: &named.text,
        seq: u64::try_from(row.get::<_, i64>(2).ok()?).ok()?,
        kind: row.get_ref(3).ok()?.as_str().ok()?,
        prev: digest(4)?,
        sealed_at: Timestamp::from_millisecond(row.get(7).ok()?).ok()?,
        body: digest(6)?,
    };
    let stored = row.get_ref(9).ok()?.as_bytes_or_null().ok()?.map_or(Stored::Nothing, Stored::Blob);
    // A leaf of another length is no hash at all: not the one that the header gives, either.
    let leaf = digest(5).unwrap_or(Digest::ZERO);
    Some((Entry { index, subject: named.slot, header, leaf, body: bytes(8)?, stored }, named))
}

/// The header of an entry.
fn header(entry: &Entry<'_>, named: &Named) -> Header {
    let HeaderFields { origin, subject: _, seq, kind, prev, sealed_at, body } = entry.header;
    Header { origin: origin.to_owned(), subject: named.subject.clone(), seq, kind: kind.to_owned(), prev, sealed_at, body }
}
