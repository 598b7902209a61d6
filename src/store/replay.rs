//! Replay: everything shown is a fold over the log, and this folds it again.

use super::commit::state_text;
use super::sealed::Folded;
use super::{Db, StoreError, escalation};
use crate::api::{EscalationId, PairId};
use crate::evidence::Subject;

/// A pair or an Escalation whose stored state is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `namespace/check.target`, or `escalation/namespace/name`.
    pub pair: String,
    /// The state as stored (JSON); `None` when there is none.
    pub stored: Option<String>,
    /// What the log folds to (JSON); `None` when the log has no record of the pair.
    pub replayed: Option<String>,
}

/// What a replay came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Records folded.
    pub records: u64,
    /// Pairs that they are about, and those whose states were sealed by retention.
    pub pairs: u64,
    /// Pairs whose stored state is another. At most 1,000 are kept.
    pub differences: Vec<Difference>,
    /// How many there are.
    pub different: u64,
}

/// Most differences that are kept.
pub(super) const DIFFERENCES_MAX: usize = 1_000;

impl Db {
    /// Folds the log again, from the states that retention sealed, and compares with what is stored. Memory grows with pairs, not
    /// with records.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`] when a record or a sealed state can not be read.
    pub fn replay(&self) -> Result<Replay, StoreError> {
        let _snapshot = self.connection.unchecked_transaction()?;
        let head = self.tree_head()?;
        let mut folded = match self.sealed_past()? {
            Some(past) => self.sealed_states(&past.retention)?,
            None => Folded::default(),
        };
        let mut records = 0;
        self.each_record(head.pruned, u64::MAX, |record| {
            records += 1;
            folded.take(&record);
            Ok(())
        })?;
        let pairs = u64::try_from(folded.states.len()).unwrap_or(u64::MAX);
        let (differences, different) = self.compare(folded)?;
        Ok(Replay { records, pairs, differences, different })
    }

    /// Compares stored states with folded ones.
    pub(super) fn compare(&self, mut folded: Folded) -> Result<(Vec<Difference>, u64), StoreError> {
        let mut differences = Vec::new();
        let mut different = 0;
        let mut differ = |pair: String, stored: Option<String>, replayed: Option<String>| {
            different += 1;
            if differences.len() < DIFFERENCES_MAX {
                differences.push(Difference { pair, stored, replayed });
            }
        };
        let mut statement = self.connection.prepare_cached("SELECT pair, state FROM pairs ORDER BY pair")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from);
            let name = String::from_utf8_lossy(text(0)?).into_owned();
            let stored = String::from_utf8_lossy(text(1)?).into_owned();
            let state = PairId::parse(&name).and_then(|pair| folded.states.remove(&pair));
            let replayed = state.map(|state| state_text(&state)).transpose()?;
            if replayed.as_ref() != Some(&stored) {
                differ(name, Some(stored), replayed);
            }
        }
        for (pair, state) in folded.states {
            differ(pair.to_string(), None, Some(state_text(&state)?));
        }
        let mut statement = self.connection.prepare_cached("SELECT name, state FROM escalations ORDER BY name")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from);
            let name = String::from_utf8_lossy(text(0)?).into_owned();
            let stored = String::from_utf8_lossy(text(1)?).into_owned();
            let state = EscalationId::parse(&name).and_then(|id| folded.escalations.remove(&id));
            let replayed = state.map(|state| escalation::text(&state)).transpose()?;
            if replayed.as_ref() != Some(&stored) {
                differ(format!("{}{name}", Subject::ESCALATION), Some(stored), replayed);
            }
        }
        for (id, state) in folded.escalations {
            differ(Subject::Escalation(id).to_string(), None, Some(escalation::text(&state)?));
        }
        Ok((differences, different))
    }
}
