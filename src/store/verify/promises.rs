//! What was promised about the log: checkpoints of the database, of the file beside it, and of the caller.

use rusqlite::{Row, Rows};

use super::super::checkpoint::sum;
use super::super::tree::StoredTree;
use super::super::{Db, StoreError};
use super::auditing::Auditing;
use super::{VerifyOptions, found};
use crate::api::Digest;
use crate::evidence::log::{BLOCK, Checkpoint, Defects, Place, SignedCheckpoint, VerifierKey, verify_consistency};

/// Checkpoints from outside the database that the audit will come by, smallest first.
pub(super) struct Promises {
    pub(super) outside: Vec<(Place, Checkpoint)>,
    /// Checkpoints of the caller inside the dropped part that were proven from kept nodes.
    pub(super) proven: u64,
    pub(super) recorded: Vec<VerifierKey>,
}

impl Promises {
    /// Checks signatures, and everything about checkpoints inside the dropped part.
    pub(super) fn gather(
        db: &Db,
        file: Result<Option<SignedCheckpoint>, String>,
        options: &VerifyOptions<'_>,
        recorded: &[VerifierKey],
        tree: &StoredTree,
        defects: &mut Defects,
    ) -> Result<Self, StoreError> {
        let mut promises = Self { outside: Vec::new(), proven: 0, recorded: recorded.to_vec() };
        match file {
            Ok(None) => {
                if found(db.latest_checkpoint(), defects)?.flatten().is_some() {
                    defects.add(Place::CheckpointFile, "it is not there, and the database has checkpoints");
                }
            }
            Ok(Some(file)) => promises.take(db, Place::CheckpointFile, &file, recorded, tree, defects)?,
            Err(what) => defects.add(Place::CheckpointFile, what),
        }
        let keys = if options.keys.is_empty() { recorded } else { &options.keys };
        for given in &options.checkpoints {
            let before = defects.list().len();
            promises.take(db, Place::Given { size: given.checkpoint().size }, given, keys, tree, defects)?;
            if given.checkpoint().size < tree.pruned && defects.list().len() == before {
                promises.proven += 1;
            }
        }
        Ok(promises)
    }

    /// One checkpoint from outside the database.
    fn take(
        &mut self,
        db: &Db,
        place: Place,
        signed: &SignedCheckpoint,
        keys: &[VerifierKey],
        tree: &StoredTree,
        defects: &mut Defects,
    ) -> Result<(), StoreError> {
        let checkpoint = signed.checkpoint();
        if checkpoint.origin != db.origin {
            defects.add(place, format!("it is of the log {}, and this is {}", checkpoint.origin, db.origin));
            return Ok(());
        }
        if let Err(error) = signed.verify(keys) {
            defects.add(place.clone(), error.to_string());
        }
        if checkpoint.size < tree.pruned {
            if found(db.prove_dropped(checkpoint.size, &checkpoint.root), defects)? != Some(true) {
                defects.add(place, "it can not be proven: the records are dropped and their hashes are others or not kept");
            }
            return Ok(());
        }
        self.outside.push((place, checkpoint.clone()));
        Ok(())
    }
}

/// The checkpoints of the database, read in step with the log: there may be more of them than fit memory.
pub(super) struct KeptCheckpoints {
    pub(super) recorded: Vec<VerifierKey>,
    pub(super) pruned: u64,
    pub(super) count: u64,
    pub(super) latest: Option<Checkpoint>,
    /// The next one that the log has not come by.
    pub(super) next: Option<Checkpoint>,
}

impl KeptCheckpoints {
    /// Promises those of at most `size`, all of them without one. `rows` has the columns that [`KeptCheckpoints::read`] reads.
    pub(super) fn promise(
        &mut self,
        db: &Db,
        rows: &mut Rows<'_>,
        size: Option<u64>,
        auditing: &mut Auditing<'_>,
        defects: &mut Defects,
    ) -> Result<(), StoreError> {
        loop {
            if self.next.is_none() {
                self.next = self.advance(db, rows, defects)?;
            }
            let Some(one) = self.next.take_if(|one| size.is_none_or(|size| one.size <= size)) else { return Ok(()) };
            auditing.promise(one.size, one.root, Place::Checkpoint { size: one.size });
        }
    }

    /// The next one that the log will come by; those of the dropped part are proven at once.
    fn advance(&mut self, db: &Db, rows: &mut Rows<'_>, defects: &mut Defects) -> Result<Option<Checkpoint>, StoreError> {
        while let Some(Some(row)) = found(rows.next().map_err(StoreError::from), defects)? {
            self.count += 1;
            let Some(checkpoint) = found(self.read(db, row, defects), defects)?.flatten() else { continue };
            self.latest = Some(checkpoint.clone());
            if checkpoint.size >= self.pruned {
                return Ok(Some(checkpoint));
            }
            if !db.prove_dropped(checkpoint.size, &checkpoint.root)? {
                let place = Place::Checkpoint { size: checkpoint.size };
                defects.add(place, "it can not be proven from the hashes that retention kept");
            }
        }
        Ok(None)
    }

    /// Reads a row of the columns size, key, made_ms, note, nodes, sum, and checks what needs no log. `None` when it says nothing
    /// about this log.
    fn read(&self, db: &Db, row: &Row<'_>, defects: &mut Defects) -> Result<Option<Checkpoint>, StoreError> {
        let size = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX);
        let place = || Place::Checkpoint { size };
        let (key, made, note): (i64, i64, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let (nodes, stored): (Option<Vec<u8>>, Vec<u8>) = (row.get(4)?, row.get(5)?);
        let expected = sum(size, u32::try_from(key).unwrap_or(u32::MAX), made, &note, nodes.as_deref());
        if stored != expected.as_bytes() {
            defects.add(place(), "its row was changed");
        }
        let signed = match SignedCheckpoint::parse(&note) {
            Ok(signed) => signed,
            Err(error) => {
                defects.add(place(), error.to_string());
                return Ok(None);
            }
        };
        if let Err(error) = signed.verify(&self.recorded) {
            defects.add(place(), error.to_string());
        }
        let checkpoint = signed.checkpoint();
        if checkpoint.origin == db.origin && checkpoint.size == size {
            return Ok(Some(checkpoint.clone()));
        }
        defects.add(place(), "it says another log or size");
        Ok(None)
    }
}

impl Db {
    /// Whether the first `size` records, which are dropped, had this root: shown by a consistency proof to the end of the block, whose
    /// root is a kept node.
    pub(super) fn prove_dropped(&self, size: u64, root: &Digest) -> Result<bool, StoreError> {
        let end = size.next_multiple_of(BLOCK);
        match self.root_at(end).and_then(|at_end| Ok((at_end, self.consistency(size, end)?))) {
            Ok((at_end, proof)) => Ok(verify_consistency((size, root), (end, &at_end), &proof).is_ok()),
            Err(StoreError::Damaged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
