//! The only place that writes to the log.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::StoreError;
use super::tree::{signed, stored_tree};
use crate::api::Digest;
use crate::evidence::Sealed;
use crate::evidence::log::{Frontier, Node};

/// Appends sealed records to the log and their leaves to its tree, inside one transaction.
pub(super) struct Appender<'c> {
    connection: &'c Connection,
    insert: CachedStatement<'c>,
    /// Whether a blob is there.
    known: CachedStatement<'c>,
    /// Stores one that is not.
    keep: CachedStatement<'c>,
    frontier: Frontier,
    nodes: Vec<Node>,
    /// The last record of this transaction that binds what is stored under a digest, and the one that its row names.
    shared: BTreeMap<Digest, (u64, Option<u64>)>,
}

impl<'c> Appender<'c> {
    /// Starts at the end of the log. `connection` is inside a write transaction.
    pub(super) fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        let insert = connection.prepare_cached(
            "INSERT INTO log (idx, subject, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        let known = connection.prepare_cached("SELECT 1 FROM artifacts WHERE digest = ?1")?;
        let keep = connection
            .prepare_cached("INSERT INTO artifacts (digest, last, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (digest) DO NOTHING")?;
        let frontier = stored_tree(connection)?.frontier;
        Ok(Self { connection, insert, known, keep, frontier, nodes: Vec::new(), shared: BTreeMap::new() })
    }

    /// Index of the next record.
    pub(super) const fn next(&self) -> u64 {
        self.frontier.size()
    }

    /// Appends one record of the subject with this id.
    pub(super) fn append(&mut self, subject: i64, record: &Sealed) -> Result<(), StoreError> {
        let header = record.header();
        let index = self.frontier.size();
        self.insert.execute(params![
            signed(index),
            subject,
            signed(header.seq),
            header.kind,
            header.prev.as_bytes(),
            record.leaf().as_bytes(),
            header.body.as_bytes(),
            header.sealed_at.as_millisecond(),
            record.body(),
            record.stored(),
        ])?;
        let nodes = &mut self.nodes;
        self.frontier.append(record.leaf(), |node| nodes.push(node));
        let Some(shared) = record.shared() else { return Ok(()) };
        if !self.share(shared.digest(), index, shared.is_new(), || shared.packed())? {
            // By a version that stored each under its own digest; otherwise they have no row.
            shared.others().for_each(|digest| self.use_again(digest, index));
        }
        Ok(())
    }

    /// Notes that record `index` binds what is stored under `digest`, if anything is.
    fn use_again(&mut self, digest: Digest, index: u64) {
        self.shared.entry(digest).or_insert((index, None)).0 = index;
    }

    /// Stores a blob by content once, and notes that record `index` binds it; whether it was stored now. `likely_new`: nobody looks first
    /// whether it is there.
    pub(super) fn share<'p>(
        &mut self,
        digest: Digest,
        index: u64,
        likely_new: bool,
        packed: impl FnOnce() -> Cow<'p, [u8]>,
    ) -> Result<bool, StoreError> {
        if let Some((last, _)) = self.shared.get_mut(&digest) {
            *last = index;
            return Ok(false);
        }
        let is_known = !likely_new && self.known.query_row([digest.as_bytes()], |_| Ok(())).optional()?.is_some();
        let is_new = !is_known && self.keep.execute(params![digest.as_bytes(), signed(index), packed()])? > 0;
        self.shared.insert(digest, (index, is_new.then_some(index)));
        Ok(is_new)
    }

    /// Writes what goes with the records: the tree's edge, its nodes, the last use of shared parts.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        let mut node = self.connection.prepare_cached("INSERT INTO nodes (level, idx, hash) VALUES (?1, ?2, ?3)")?;
        for Node { level, index, hash } in &self.nodes {
            node.execute(params![level, signed(*index), hash.as_bytes()])?;
        }
        let mut used = self.connection.prepare_cached("UPDATE artifacts SET last = ?2 WHERE digest = ?1")?;
        for (digest, (index, _)) in self.shared.iter().filter(|(_, (index, row))| *row != Some(*index)) {
            used.execute(params![digest.as_bytes(), signed(*index)])?;
        }
        self.connection
            .prepare_cached("UPDATE tree SET size = ?1, peaks = ?2")?
            .execute(params![signed(self.frontier.size()), self.frontier.to_bytes()])?;
        Ok(())
    }
}

/// The id of a subject, made if need be. `known` holds ids that are durable or of the transaction under way: whoever rolls back
/// empties it.
pub(super) fn subject_id(connection: &Connection, known: &mut HashMap<String, i64>, name: &str) -> Result<i64, StoreError> {
    if let Some(id) = known.get(name) {
        return Ok(*id);
    }
    let mut find = connection.prepare_cached("SELECT id FROM subjects WHERE name = ?1")?;
    let id = match find.query_row([name], |row| row.get(0)).optional()? {
        Some(id) => id,
        None => connection.prepare_cached("INSERT INTO subjects (name) VALUES (?1)")?.insert([name])?,
    };
    known.insert(name.to_owned(), id);
    Ok(id)
}
