//! Retention: old records are dropped, and what they folded to is sealed in their place.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::append::{Appender, subject_id};
use super::retention::RetentionPolicy;
use super::sealed::{Folded, SealedPast};
use super::tree::{KeptNodes, node, signed, stored_tree};
use super::{Db, StoreError, checkpoint};
use crate::api::Digest;
use crate::evidence::log::{BLOCK, Dropped, Frontier, Retention, STATES_PER_CHUNK};
use crate::evidence::{Head, RecordKind, Subject, canonical, pack};

/// Checkpoints that are kept of the dropped part, newest first: 35 days of one every five minutes.
const CHECKPOINTS_KEPT: i64 = 10_000;
/// Rows deleted in one transaction: others wait no longer than that takes.
const DELETED_AT_ONCE: u64 = 4_096;
/// Free pages are given back when they are more than this share of the file and more than [`FREE_MIN`] bytes: fewer are used again by
/// the next records.
const FREE_SHARE: i64 = 4;
/// See [`FREE_SHARE`].
const FREE_MIN: i64 = 16 << 20;
/// Pages given back in one transaction.
const FREED_AT_ONCE: i64 = 256;
/// Name of the parts that hold sealed states.
const STATES: &str = "states";

/// How exactly a policy is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// To the block: somebody asked for it.
    Now,
    /// Only when it is worth a new seal: a thirtieth of the age beyond the limit, or a sixteenth of the bytes before it; three sixteenths
    /// are free then. For every pass: what is written until the next one still fits.
    Lazily,
}

/// What was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// Records before this index are gone.
    pub pruned: u64,
    /// What was dropped this time.
    pub dropped: Dropped,
}

/// What would be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prunable {
    /// First index.
    pub from: u64,
    /// First index that would stay.
    pub to: u64,
    /// `age` or `bytes`: which limit the records are beyond.
    pub reason: &'static str,
}

impl Db {
    /// What [`Db::prune`] with [`Prune::Now`] would drop; `None` when nothing. Writes nothing.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn prunable(&self, policy: &RetentionPolicy, now: Timestamp) -> Result<Option<Prunable>, StoreError> {
        let before = stored_tree(&self.connection)?;
        let due = self.due(policy, Prune::Now, now, before.pruned, before.frontier.size())?;
        Ok(due.map(|(to, reason)| Prunable { from: before.pruned, to, reason }))
    }

    /// Whether [`Db::prune`] has anything to do. Takes a few look-ups; on the way the write-ahead log is held within its part of the
    /// budget.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub(super) fn is_due(&mut self, policy: &RetentionPolicy, mode: Prune, now: Timestamp) -> Result<bool, StoreError> {
        self.hold_wal(policy.wal_room())?;
        let tree = stored_tree(&self.connection)?;
        Ok(self.first_row()?.is_some_and(|first| first < tree.pruned)
            || self.to_free(policy)? > 0
            || self.due(policy, mode, now, tree.pruned, tree.frontier.size())?.is_some())
    }

    /// Drops the oldest records that `policy` no longer wants, whole blocks of 256 only, and seals the states that they folded to as
    /// a retention record. Returns `None` when there is nothing to drop; finding that out takes two look-ups.
    ///
    /// Verification, replay, proofs of kept records and kept checkpoints work as before. Make a checkpoint afterwards, so that it
    /// covers the seal.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`]: what can not be read is not dropped.
    pub fn prune(&mut self, policy: &RetentionPolicy, mode: Prune, now: Timestamp) -> Result<Option<Pruned>, StoreError> {
        self.hold_wal(policy.wal_room())?;
        self.delete_dropped()?;
        let before = stored_tree(&self.connection)?;
        let Some((pruned, reason)) = self.due(policy, mode, now, before.pruned, before.frontier.size())? else {
            self.give_back(policy)?;
            return Ok(None);
        };
        // What is old does not change, so all this is read without the write lock.
        let seal = self.seal_past(before.pruned, pruned, reason)?;
        let dropped = self.durably(|db| {
            let sealed = db.write_seal(before.pruned, &seal, now);
            if sealed.is_err() {
                db.subjects.clear();
            }
            sealed
        })?;
        if !dropped {
            return Ok(None);
        }
        self.delete_dropped()?;
        self.give_back(policy)?;
        self.hold_wal(policy.wal_room())?;
        Ok(Some(Pruned { pruned, dropped: seal.retention.dropped }))
    }

    /// Up to which index records are to be dropped, and why.
    fn due(
        &self,
        policy: &RetentionPolicy,
        mode: Prune,
        now: Timestamp,
        pruned: u64,
        size: u64,
    ) -> Result<Option<(u64, &'static str)>, StoreError> {
        let mut by_age = pruned;
        if let Some(age) = policy.max_age {
            let older = |age: SignedDuration| now.checked_sub(age).map_or(i64::MIN, Timestamp::as_millisecond);
            let slack = match mode {
                Prune::Now => SignedDuration::ZERO,
                Prune::Lazily => age / 30,
            };
            if self.block_is_before(pruned, size, older(age.saturating_add(slack)))? {
                while self.block_is_before(by_age, size, older(age))? {
                    by_age += BLOCK;
                }
            }
        }
        let mut by_bytes = pruned;
        if let Some(most) = policy.database_room() {
            let (limit, target) = match mode {
                Prune::Now => (most, most),
                Prune::Lazily => (most - most / 16, most - most * 3 / 16),
            };
            let mut used = self.bytes_used()?;
            if used > limit {
                while used > target && by_bytes + BLOCK <= size {
                    used = used.saturating_sub(self.bytes_of_block(by_bytes)?);
                    by_bytes += BLOCK;
                }
            }
        }
        let (to, reason) = if by_bytes > by_age { (by_bytes, "bytes") } else { (by_age, "age") };
        Ok((to > pruned).then_some((to, reason)))
    }

    /// Whether all of the block from `first` is there and was sealed before `limit_ms`.
    fn block_is_before(&self, first: u64, size: u64, limit_ms: i64) -> Result<bool, StoreError> {
        if first + BLOCK > size {
            return Ok(false);
        }
        // The last one is nearly always the latest; only when it is old enough the others are looked at.
        let last: i64 = self
            .connection
            .prepare_cached("SELECT sealed_ms FROM log WHERE idx = ?1")?
            .query_row([signed(first + BLOCK - 1)], |row| row.get(0))?;
        if last >= limit_ms {
            return Ok(false);
        }
        let latest: i64 = self
            .connection
            .prepare_cached("SELECT max(sealed_ms) FROM log WHERE idx >= ?1 AND idx < ?2")?
            .query_row([signed(first), signed(first + BLOCK)], |row| row.get(0))?;
        Ok(latest < limit_ms)
    }

    /// Bytes of the database file that hold something.
    fn bytes_used(&self) -> Result<u64, StoreError> {
        let pragma = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
        Ok(u64::try_from(pages.saturating_mul(pragma("page_size")?)).unwrap_or_default())
    }

    fn bytes_of_block(&self, first: u64) -> Result<u64, StoreError> {
        let bytes: i64 = self
            .connection
            .prepare_cached(
                "SELECT coalesce(sum(length(body) + coalesce(length(parts), 0) + 160), 0) FROM log WHERE idx >= ?1 AND idx < ?2",
            )?
            .query_row([signed(first), signed(first + BLOCK)], |row| row.get(0))?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    /// Folds the records from `from` and before `to` and puts together what stands for them.
    fn seal_past(&self, from: u64, to: u64, reason: &str) -> Result<Seal, StoreError> {
        let past = self.sealed_past()?;
        let (mut folded, mut log_head) = match &past {
            Some(SealedPast { retention, .. }) => (self.sealed_states(retention)?, retention.log_head()),
            None => (Folded::default(), Head::empty()),
        };
        let (mut runs, mut first, mut last) = (0, Timestamp::MAX, Timestamp::MIN);
        self.each_record(from, to, |record| {
            if record.header.subject == Subject::Log {
                log_head = Head { seq: record.header.seq, leaf: record.leaf };
            }
            runs += u64::from(record.header.kind == RecordKind::Run.as_str());
            first = first.min(record.header.sealed_at);
            last = last.max(record.header.sealed_at);
            folded.take(&record);
            Ok(())
        })?;
        if folded.unreadable > 0 {
            return Err(StoreError::Damaged { what: format!("parts of {} records of the log", folded.unreadable) });
        }
        let mut chunks = sealed_chunks(folded.states.values())?;
        let states = digests(&chunks);
        let escalations = sealed_chunks(folded.escalations.values())?;
        let escalated = digests(&escalations);
        chunks.extend(escalations);
        let peaks = peaks(&self.connection, to)?;
        let retention = Retention {
            pruned: to,
            root: peaks.root(),
            peaks: peaks.peaks().to_vec(),
            log_seq: log_head.seq,
            log_leaf: log_head.leaf,
            states,
            escalations: escalated,
            pairs: u64::try_from(folded.states.len()).unwrap_or(u64::MAX),
            dropped: Dropped { from, records: to - from, runs, first, last, reason: reason.to_owned() },
        };
        Ok(Seal { retention, chunks, nodes: self.checkpoint_nodes(to)? })
    }

    /// For every checkpoint that ends in what is dropped: the hashes of its last block. The oldest beyond the bound are left out.
    fn checkpoint_nodes(&self, to: u64) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT size FROM checkpoints WHERE size < ?1 AND nodes IS NULL ORDER BY size DESC LIMIT ?2",
        )?;
        let sizes = statement.query_map(params![signed(to), CHECKPOINTS_KEPT], |row| row.get::<_, i64>(0))?;
        sizes
            .map(|size| {
                let size = u64::try_from(size?).unwrap_or_default();
                Ok((size, KeptNodes::record(&self.connection, size)?.to_bytes()))
            })
            .collect()
    }

    /// Writes the seal and moves the border, unless somebody else was faster.
    fn write_seal(&mut self, from: u64, seal: &Seal, now: Timestamp) -> Result<bool, StoreError> {
        let Self { connection, origin, subjects, .. } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if stored_tree(&transaction)?.pruned != from {
            return Ok(false);
        }
        let to = seal.retention.pruned;
        let name = Subject::Log.to_string();
        let subject = subject_id(&transaction, subjects, &name)?;
        let head = log_head(&transaction, subject)?;
        let mut log = Appender::begin(&transaction)?;
        let index = log.next();
        log.append(subject, &seal.retention.seal(origin, head, now))?;
        for (digest, bytes) in &seal.chunks {
            log.share(*digest, index, true, || pack([(STATES, bytes.as_slice())]).into())?;
        }
        log.finish()?;
        keep_nodes(&transaction, &seal.nodes)?;
        transaction.execute(
            "DELETE FROM checkpoints WHERE size < ?1 AND (nodes IS NULL OR size NOT IN
                (SELECT size FROM checkpoints WHERE size < ?1 ORDER BY size DESC LIMIT ?2))",
            params![signed(to), CHECKPOINTS_KEPT],
        )?;
        transaction.execute("DELETE FROM artifacts WHERE last < ?1", [signed(to)])?;
        transaction.execute("UPDATE tree SET pruned = ?1", [signed(to)])?;
        transaction.commit()?;
        Ok(true)
    }

    /// Deletes the rows that are already sealed away, a few at a time. What a killed process left is deleted by the next one.
    fn delete_dropped(&mut self) -> Result<(), StoreError> {
        let pruned = stored_tree(&self.connection)?.pruned;
        while let Some(first) = self.first_row()?.filter(|first| *first < pruned) {
            let to = pruned.min(first.saturating_add(DELETED_AT_ONCE));
            self.connection.execute("DELETE FROM log WHERE idx < ?1", [signed(to)])?;
        }
        Ok(())
    }

    fn first_row(&self) -> Result<Option<u64>, StoreError> {
        let first: Option<i64> = self.connection.prepare_cached("SELECT min(idx) FROM log")?.query_row([], |row| row.get(0))?;
        Ok(first.and_then(|first| u64::try_from(first).ok()))
    }

    /// Gives free pages back to the file system when there are many, or the file does not fit.
    fn give_back(&self, policy: &RetentionPolicy) -> Result<(), StoreError> {
        let mut left = self.to_free(policy)?;
        while left > 0 {
            self.connection.execute_batch(&format!("PRAGMA incremental_vacuum({})", left.min(FREED_AT_ONCE)))?;
            let next = self.to_free(policy)?;
            if next >= left {
                break;
            }
            left = next;
        }
        Ok(())
    }

    /// How many free pages are to be given back.
    fn to_free(&self, policy: &RetentionPolicy) -> Result<i64, StoreError> {
        let pragma = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let (page, pages, free) = (pragma("page_size")?.max(1), pragma("page_count")?, pragma("freelist_count")?);
        let many = if free.saturating_mul(page) > FREE_MIN { free.saturating_sub(pages / FREE_SHARE) } else { 0 };
        let room = policy.database_room().map_or(i64::MAX, |room| i64::try_from(room).unwrap_or(i64::MAX));
        let beyond = pages.saturating_sub(room / page);
        Ok(many.max(beyond).clamp(0, free))
    }
}

/// What stands for dropped records.
struct Seal {
    retention: Retention,
    /// Sealed states: digest and canonical JSON.
    chunks: Vec<(Digest, Vec<u8>)>,
    /// Hashes for checkpoints, by size.
    nodes: Vec<(u64, Vec<u8>)>,
}

/// States as canonical JSON lists of at most 256.
fn sealed_chunks<'s, T: Serialize + 's>(states: impl Iterator<Item = &'s T>) -> Result<Vec<(Digest, Vec<u8>)>, StoreError> {
    let states: Vec<&T> = states.collect();
    states
        .chunks(STATES_PER_CHUNK)
        .map(|chunk| {
            let value = serde_json::to_value(chunk).map_err(|error| StoreError::Damaged { what: format!("a state: {error}") })?;
            let bytes = canonical(&value);
            Ok((Digest::of(&bytes), bytes))
        })
        .collect()
}

fn digests(chunks: &[(Digest, Vec<u8>)]) -> Vec<Digest> {
    chunks.iter().map(|(digest, _)| *digest).collect()
}

/// The frontier at a multiple of 256, from kept nodes.
fn peaks(connection: &rusqlite::Connection, size: u64) -> Result<Frontier, StoreError> {
    let mut peaks = Vec::new();
    let mut start = 0;
    for level in (0..u64::BITS).rev().filter(|level| size & (1_u64 << level) != 0) {
        peaks.push(node(connection, level, start >> level)?);
        start += 1_u64 << level;
    }
    Frontier::from_peaks(size, peaks).ok_or_else(|| StoreError::Damaged { what: "the log's tree".to_owned() })
}

/// The head of the log's own sequence. Its last record is always kept.
fn log_head(transaction: &Transaction<'_>, subject: i64) -> Result<Head, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT seq, leaf FROM log WHERE subject = ?1 ORDER BY seq DESC LIMIT 1")?;
    let mut rows = statement.query([subject])?;
    let Some(row) = rows.next()? else { return Ok(Head::empty()) };
    let damaged = || StoreError::Damaged { what: "the log's own sequence".to_owned() };
    let leaf = Digest::from_bytes(row.get_ref(1)?.as_blob().map_err(|_| damaged())?).ok_or_else(damaged)?;
    Ok(Head { seq: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| damaged())?, leaf })
}

/// Writes the hashes that checkpoints need beside them.
fn keep_nodes(transaction: &Transaction<'_>, nodes: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
    let mut read = transaction.prepare_cached("SELECT key, made_ms, note FROM checkpoints WHERE size = ?1")?;
    let mut write = transaction.prepare_cached("UPDATE checkpoints SET nodes = ?3, sum = ?4 WHERE size = ?1 AND key = ?2")?;
    for (size, nodes) in nodes {
        let rows =
            read.query_map([signed(*size)], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)))?;
        for row in rows.collect::<Result<Vec<_>, _>>()? {
            let (key, made, note) = row;
            let sum = checkpoint::sum(*size, key, made, &note, Some(nodes));
            write.execute(params![signed(*size), key, nodes, sum.as_bytes()])?;
        }
    }
    Ok(())
}
