//! Escalations: their records, and the state they fold to.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, Rows, TransactionBehavior, params};

use super::append::{Appender, subject_id};
use super::commit::chains;
use super::{Db, StoreError};
use crate::api::EscalationId;
use crate::evidence::{Sealed, Subject};
use crate::status::{EscalationState, fold_escalation};

/// What became of the record of an Escalation.
#[derive(Debug, Clone)]
pub enum EscalationOutcome {
    /// It is durable; this is the state of the Escalation.
    Durable(Box<EscalationState>),
    /// Somebody else has changed it meanwhile, or the record is about something else: nothing was written.
    Refused,
}

impl Db {
    /// Every Escalation that has records, resolved ones included.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names a state that can not be read.
    pub fn escalations(&self) -> Result<BTreeMap<EscalationId, EscalationState>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT name, state FROM escalations")?;
        read(statement.query([])?)
    }

    /// Every Escalation that is not over. What those come to that are does not grow this: they are as many as there ever were.
    ///
    /// # Errors
    /// As [`Db::escalations`].
    pub fn open_escalations(&self) -> Result<BTreeMap<EscalationId, EscalationState>, StoreError> {
        // The words of the index `escalations_open`: with others the whole table would be read.
        let mut statement = self.connection.prepare_cached(
            "SELECT name, state FROM escalations
             WHERE CASE WHEN json_valid(state) THEN json_extract(state, '$.matter.resolved_at') IS NULL ELSE 1 END",
        )?;
        read(statement.query([])?)
    }

    /// Those of `ids` that have records.
    ///
    /// # Errors
    /// As [`Db::escalations`].
    pub fn escalations_named(&self, ids: &BTreeSet<EscalationId>) -> Result<BTreeMap<EscalationId, EscalationState>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT name, state FROM escalations WHERE name = ?1")?;
        let mut states = BTreeMap::new();
        for id in ids {
            states.append(&mut read(statement.query([id.to_string()])?)?);
        }
        Ok(states)
    }

    /// Writes records of Escalations, one each, in one transaction, and returns after it is durable. Each succeeds or is refused on
    /// its own: whoever comes second finds that the head has moved.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`]; then nothing was written.
    pub fn commit_escalations(&mut self, records: &[Sealed]) -> Result<Vec<EscalationOutcome>, StoreError> {
        self.durably(|db| {
            let outcomes = db.append_escalations(records);
            if outcomes.is_err() {
                // What was rolled back may have made some of them.
                db.subjects.clear();
            }
            outcomes
        })
    }

    fn append_escalations(&mut self, records: &[Sealed]) -> Result<Vec<EscalationOutcome>, StoreError> {
        let Self { connection, origin, subjects, .. } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcomes = Vec::with_capacity(records.len());
        {
            let mut log = Appender::begin(&transaction)?;
            let mut read = transaction.prepare_cached("SELECT state FROM escalations WHERE name = ?1")?;
            let mut write = transaction.prepare_cached(
                "INSERT INTO escalations (name, state) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET state = excluded.state",
            )?;
            for record in records {
                let subject = &record.header().subject;
                let Subject::Escalation(id) = subject else {
                    outcomes.push(EscalationOutcome::Refused);
                    continue;
                };
                let name = id.to_string();
                let state: Option<String> = read.query_row([&name], |row| row.get(0)).optional()?;
                let state = match state {
                    Some(text) => parse(&name, &text)?,
                    None => EscalationState::new(id.clone()),
                };
                if !chains(origin, state.head(), std::slice::from_ref(record)) {
                    outcomes.push(EscalationOutcome::Refused);
                    continue;
                }
                log.append(subject_id(&transaction, subjects, &subject.to_string())?, record)?;
                let state = fold_escalation(state, &record.record());
                write.execute(params![name, text(&state)?])?;
                outcomes.push(EscalationOutcome::Durable(Box::new(state)));
            }
            log.finish()?;
        }
        transaction.commit()?;
        Ok(outcomes)
    }
}

/// States by their ids, of rows of name and state.
fn read(mut rows: Rows<'_>) -> Result<BTreeMap<EscalationId, EscalationState>, StoreError> {
    let mut states = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let state = parse(text(0)?, text(1)?)?;
        states.insert(state.id.clone(), state);
    }
    Ok(states)
}

/// A state as it is stored.
pub(super) fn text(state: &EscalationState) -> Result<String, StoreError> {
    serde_json::to_string(state).map_err(|error| StoreError::Damaged { what: format!("escalation {}: {error}", state.id) })
}

/// Reads a stored state.
pub(super) fn parse(name: &str, text: &str) -> Result<EscalationState, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged { what: format!("escalation {name}: {error}") })
}
