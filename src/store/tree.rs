//! The Merkle tree as it is stored: its right edge, the kept nodes, and the leaves in the log.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Db, StoreError};
use crate::api::Digest;
use crate::evidence::log::{Frontier, KEPT_LEVELS, consistency, inclusion, root_at};

/// The log's size and root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of records ever appended.
    pub size: u64,
    /// Root of the tree over all of them.
    pub root: Digest,
    /// Records before this index were dropped by retention; what they folded to is sealed.
    pub pruned: u64,
}

/// The row of the tree.
pub(super) struct StoredTree {
    pub(super) frontier: Frontier,
    pub(super) pruned: u64,
}

/// Reads the row of the tree.
pub(super) fn stored_tree(connection: &Connection) -> Result<StoredTree, StoreError> {
    let (size, peaks, pruned): (i64, Vec<u8>, i64) = connection
        .prepare_cached("SELECT size, peaks, pruned FROM tree")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let damaged = || StoreError::Damaged { what: "the size and peaks of the log's tree".to_owned() };
    let frontier = Frontier::from_bytes(u64::try_from(size).map_err(|_| damaged())?, &peaks).ok_or_else(damaged)?;
    let pruned = u64::try_from(pruned).ok().filter(|pruned| *pruned <= frontier.size()).ok_or_else(damaged)?;
    Ok(StoredTree { frontier, pruned })
}

/// The root of the `2^level` leaves from `index × 2^level`: kept, or computed from kept nodes and leaves below it.
pub(super) fn node(connection: &Connection, level: u32, index: u64) -> Result<Digest, StoreError> {
    let missing = || StoreError::Damaged { what: format!("the tree over records {} and on", u128::from(index) << level) };
    let base = level / KEPT_LEVELS * KEPT_LEVELS;
    let width = 1_u64 << (level - base);
    let first = index.checked_mul(width).ok_or_else(missing)?;
    let (sql, base_level) = if base == 0 {
        ("SELECT leaf FROM log WHERE ?1 = 0 AND idx >= ?2 AND idx < ?3 ORDER BY idx", 0)
    } else {
        ("SELECT hash FROM nodes WHERE level = ?1 AND idx >= ?2 AND idx < ?3 ORDER BY idx", base)
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![base_level, signed(first), signed(first.saturating_add(width))])?;
    let mut frontier = Frontier::new();
    while let Some(row) = rows.next()? {
        let hash = Digest::from_bytes(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?).ok_or_else(missing)?;
        frontier.append(hash, |_| {});
    }
    // Complete subtrees have a power of two of children, so the frontier has one peak: the node.
    if frontier.size() == width { Ok(frontier.root()) } else { Err(missing()) }
}

/// As SQLite holds it.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Db {
    /// The log's size and root.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn tree_head(&self) -> Result<TreeHead, StoreError> {
        let tree = stored_tree(&self.connection)?;
        Ok(TreeHead { size: tree.frontier.size(), root: tree.frontier.root(), pruned: tree.pruned })
    }

    /// Number of records ever appended.
    ///
    /// # Errors
    /// As [`Db::tree_head`].
    pub fn log_size(&self) -> Result<u64, StoreError> {
        Ok(stored_tree(&self.connection)?.frontier.size())
    }

    /// The root of the tree at an earlier `size`. Inside what retention has dropped, only at sizes that a kept checkpoint has, and at
    /// multiples of 256.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when hashes that are needed are not there.
    pub fn root_at(&self, size: u64) -> Result<Digest, StoreError> {
        let kept = self.kept_nodes(size)?;
        root_at(size, &mut |level, index| kept.get(level, index).map_or_else(|| node(&self.connection, level, index), Ok))
    }

    /// The inclusion proof of record `index` in the tree of the first `size` records; both must be kept records.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when hashes that are needed are not there.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, StoreError> {
        inclusion(index, size, &mut |level, index| node(&self.connection, level, index))
    }

    /// The consistency proof from the first `old` to the first `new` records. `old` as for [`Db::root_at`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when hashes that are needed are not there.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, StoreError> {
        let kept = self.kept_nodes(old)?;
        consistency(old, new, &mut |level, index| kept.get(level, index).map_or_else(|| node(&self.connection, level, index), Ok))
    }

    /// The hashes that were kept for a checkpoint of this size when retention dropped the leaves of its block.
    fn kept_nodes(&self, size: u64) -> Result<KeptNodes, StoreError> {
        let bytes: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT nodes FROM checkpoints WHERE size = ?1 AND nodes IS NOT NULL")?
            .query_row([signed(size)], |row| row.get(0))
            .optional()?;
        let damaged = || StoreError::Damaged { what: format!("the kept nodes of the checkpoint at {size}") };
        bytes.map_or_else(|| Ok(KeptNodes::default()), |bytes| KeptNodes::from_bytes(size, &bytes).ok_or_else(damaged))
    }
}

/// Nodes below the kept levels, of one block of 256 leaves.
#[derive(Debug, Default)]
pub(super) struct KeptNodes(pub(super) Vec<(u32, u64, Digest)>);

impl KeptNodes {
    /// The hash of a node, when it was kept.
    pub(super) fn get(&self, level: u32, index: u64) -> Option<Digest> {
        self.0.iter().find(|(known_level, known, _)| (*known_level, *known) == (level, index)).map(|(_, _, hash)| *hash)
    }

    /// Level, position inside the block, hash: 34 bytes each.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 34);
        for (level, index, hash) in &self.0 {
            let inside = index & ((1_u64 << (KEPT_LEVELS - level.min(&KEPT_LEVELS))) - 1);
            bytes.push(u8::try_from(*level).unwrap_or(u8::MAX));
            bytes.push(u8::try_from(inside).unwrap_or(u8::MAX));
            bytes.extend(hash.as_bytes());
        }
        bytes
    }

    /// Reads [`KeptNodes::to_bytes`] for the block in which the tree of `size` leaves ends.
    pub(super) fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (nodes, rest) = bytes.as_chunks::<34>();
        if !rest.is_empty() {
            return None;
        }
        let block = size.saturating_sub(1) >> KEPT_LEVELS;
        let nodes = nodes.iter().map(|[level, inside, hash @ ..]| {
            let level = u32::from(*level);
            let index = (level < KEPT_LEVELS).then(|| (block << (KEPT_LEVELS - level)) + u64::from(*inside))?;
            Some((level, index, Digest::from_bytes(hash)?))
        });
        nodes.collect::<Option<_>>().map(Self)
    }

    /// The nodes that [`Db::root_at`] and [`Db::consistency`] need from the block in which the tree of `size` leaves ends, recorded
    /// while that block is still there.
    pub(super) fn record(connection: &Connection, size: u64) -> Result<Self, StoreError> {
        let mut kept: Vec<(u32, u64, Digest)> = Vec::new();
        let end = size.next_multiple_of(1 << KEPT_LEVELS);
        let mut take = |level, index| {
            let hash = node(connection, level, index)?;
            if level < KEPT_LEVELS && !kept.contains(&(level, index, hash)) {
                kept.push((level, index, hash));
            }
            Ok::<_, StoreError>(hash)
        };
        root_at(size, &mut take)?;
        consistency(size, end, &mut take)?;
        // A block that a checkpoint ends with needs nothing: its root is a kept node.
        Ok(Self(kept))
    }
}
