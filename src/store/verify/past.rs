//! What stands for dropped records: the seal, its states, the nodes over them.

use std::collections::HashMap;

use super::super::sealed::Folded;
use super::super::tree::{StoredTree, signed};
use super::super::{Db, StoreError};
use super::found;
use crate::api::Digest;
use crate::evidence::log::{BLOCK, Defects, Frontier, KEPT_LEVELS, Place};
use crate::evidence::{Head, Subject};

/// Where the audit starts.
pub(super) struct Past {
    pub(super) frontier: Frontier,
    pub(super) heads: HashMap<Subject, Head>,
    /// The states at that point; `None` when they can not be read, so that nothing can be folded.
    pub(super) folded: Option<Folded>,
    /// The leaf of the record that seals all this: the audit must come by it.
    pub(super) seal: Option<(u64, Digest)>,
}

/// Reads the seal and checks it against the tree.
pub(super) fn check(db: &Db, tree: &StoredTree, defects: &mut Defects) -> Result<Past, StoreError> {
    let start = Past { frontier: Frontier::new(), heads: HashMap::new(), folded: Some(Folded::default()), seal: None };
    let past = found(db.sealed_past(), defects)?.flatten();
    let Some(past) = past else {
        if tree.pruned > 0 {
            let to = tree.pruned - 1;
            defects.add(Place::Missing { from: 0, to }, "dropped, and no retention record stands for them");
        }
        return Ok(start);
    };
    let retention = &past.retention;
    if retention.pruned != tree.pruned {
        let what = format!("it stands for {} records, and {} are noted as dropped", retention.pruned, tree.pruned);
        defects.add(past.record.row().place(), what);
    }
    let Some(frontier) = retention.frontier() else { return Ok(start) };
    let folded = found(db.sealed_states(retention), defects)?;
    let mut heads: HashMap<Subject, Head> = folded.iter().flat_map(Folded::heads).collect();
    if retention.log_seq > 0 {
        heads.insert(Subject::Log, retention.log_head());
    }
    nodes(db, &frontier, defects)?;
    Ok(Past { frontier, heads, folded, seal: Some((past.record.index, past.record.leaf)) })
}

/// Checks every kept node over dropped records: the lowest of them give all others and the sealed peaks.
fn nodes(db: &Db, sealed: &Frontier, defects: &mut Defects) -> Result<(), StoreError> {
    let blocks = sealed.size() / BLOCK;
    let mut lowest = db.connection.prepare_cached("SELECT idx, hash FROM nodes WHERE level = ?1 AND idx < ?2 ORDER BY idx")?;
    let mut above = db.connection.prepare_cached("SELECT hash FROM nodes WHERE level = ?1 AND idx = ?2")?;
    let mut rows = lowest.query([i64::from(KEPT_LEVELS), signed(blocks)])?;
    // A tree whose leaves are blocks: its nodes are those of the log's tree, eight levels up.
    let mut tree = Frontier::new();
    while let Some(row) = rows.next()? {
        let index = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX);
        let hash = Digest::from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
        let Some(hash) = hash.filter(|_| index == tree.size()) else { break };
        let mut completed = Vec::new();
        tree.append(hash, |node| completed.push(node));
        for node in completed {
            let level = node.level + KEPT_LEVELS;
            let stored: Vec<u8> = match above.query_row([i64::from(level), signed(node.index)], |row| row.get(0)) {
                Ok(stored) => stored,
                Err(rusqlite::Error::QueryReturnedNoRows) => Vec::new(),
                Err(error) => return Err(error.into()),
            };
            if stored != node.hash.as_bytes() {
                defects.add(Place::Node { level, index: node.index }, "the kept node is not over those below it");
            }
        }
    }
    if tree.size() != blocks || tree.peaks() != sealed.peaks() {
        defects.add(Place::Log, "the kept nodes over dropped records do not give the sealed root");
    }
    Ok(())
}
