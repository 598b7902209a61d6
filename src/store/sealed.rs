//! What stands for records that retention has dropped, and states folded from there on.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::de::DeserializeOwned;

use super::record::logged;
use super::tree::signed;
use super::{Db, LoggedRecord, StoreError};
use crate::api::{Digest, EscalationId, PairId};
use crate::evidence::log::Retention;
use crate::evidence::{DETAIL, Head, Record, RecordKind, Subject, unpack};
use crate::status::{EscalationState, PairState, fold, fold_escalation};

/// A retention record and what its body says.
#[derive(Debug, Clone)]
pub(super) struct SealedPast {
    pub(super) record: LoggedRecord,
    pub(super) retention: Retention,
}

/// The states that the log folds to, up to some record.
#[derive(Debug, Clone, Default)]
pub(super) struct Folded {
    pub(super) states: BTreeMap<PairId, PairState>,
    pub(super) escalations: BTreeMap<EscalationId, EscalationState>,
    /// Records whose parts could not be read, so that nothing was folded.
    pub(super) unreadable: u64,
}

impl Db {
    /// The latest retention record; `None` when nothing was ever dropped.
    pub(super) fn sealed_past(&self) -> Result<Option<SealedPast>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT idx, name, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts FROM log JOIN subjects ON id = subject
             WHERE subject = (SELECT id FROM subjects WHERE name = ?1) AND kind = ?2 ORDER BY seq DESC LIMIT 1",
        )?;
        let mut rows = statement.query(params![Subject::Log.to_string(), RecordKind::Retention.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let record = logged(&self.origin, row)?;
        let damaged = || StoreError::Damaged { what: format!("the retention record {}", record.index) };
        let retention = Retention::parse(&record.body).filter(|retention| retention.frontier().is_some()).ok_or_else(damaged)?;
        Ok(Some(SealedPast { record, retention }))
    }

    /// The states that a retention record sealed.
    pub(super) fn sealed_states(&self, retention: &Retention) -> Result<Folded, StoreError> {
        let mut folded = Folded::default();
        for digest in &retention.states {
            folded.states.extend(self.chunk(digest)?.into_iter().map(|state: PairState| (state.pair.clone(), state)));
        }
        for digest in &retention.escalations {
            folded.escalations.extend(self.chunk(digest)?.into_iter().map(|state: EscalationState| (state.id.clone(), state)));
        }
        Ok(folded)
    }

    /// One sealed list.
    fn chunk<T: DeserializeOwned>(&self, digest: &Digest) -> Result<Vec<T>, StoreError> {
        let damaged = |what: &str| StoreError::Damaged { what: format!("sealed states {digest}: {what}") };
        let chunk = self.together(digest)?.ok_or_else(|| damaged("missing"))?;
        let (_, chunk) = chunk.last().ok_or_else(|| damaged("empty"))?;
        serde_json::from_slice(chunk).map_err(|error| damaged(&error.to_string()))
    }

    /// Hands every record from index `from` on and before `to` to `take`, in order, those included that retention is about to drop.
    pub(super) fn each_record(
        &self,
        from: u64,
        to: u64,
        mut take: impl FnMut(LoggedRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT idx, name, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts FROM log JOIN subjects ON id = subject
             WHERE idx >= ?1 AND idx < ?2 ORDER BY idx",
        )?;
        let mut rows = statement.query(params![signed(from), signed(to)])?;
        while let Some(row) = rows.next()? {
            take(logged(&self.origin, row)?)?;
        }
        Ok(())
    }
}

impl Folded {
    /// Takes the next record.
    pub(super) fn take(&mut self, record: &LoggedRecord) {
        let parts = record.parts.as_deref().map(unpack).transpose();
        self.unreadable += u64::from(parts.is_err());
        let parts = parts.unwrap_or_default().unwrap_or_default();
        let detail = parts.iter().find(|(name, _)| name == DETAIL).map(|(_, bytes)| bytes.as_slice());
        self.fold(&Record { header: &record.header, leaf: record.leaf, body: &record.body, detail });
    }

    /// Takes the next record, its parts read.
    pub(super) fn fold(&mut self, record: &Record<'_>) {
        match &record.header.subject {
            Subject::Pair(pair) => {
                let state = self.states.remove(pair).unwrap_or_else(|| PairState::new(pair.clone()));
                self.states.insert(pair.clone(), fold(state, record));
            }
            Subject::Escalation(id) => {
                let state = self.escalations.remove(id).unwrap_or_else(|| EscalationState::new(id.clone()));
                self.escalations.insert(id.clone(), fold_escalation(state, record));
            }
            Subject::Log => {}
        }
    }

    /// The head of every pair and Escalation.
    pub(super) fn heads(&self) -> impl Iterator<Item = (Subject, Head)> {
        let pairs = self.states.values().map(|state| (Subject::Pair(state.pair.clone()), state.head()));
        pairs.chain(self.escalations.values().map(|state| (Subject::Escalation(state.id.clone()), state.head())))
    }
}
