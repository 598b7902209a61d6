//! Commits: sealed records and the state they fold to, many pairs in one durable transaction.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::append::{Appender, subject_id};
use super::{Db, StoreError, read::parse_state, request};
use crate::api::PairId;
use crate::evidence::{Head, Sealed};
use crate::status::{PairState, fold};

/// The sealed records of one pair, in order.
#[derive(Debug)]
pub struct Commit {
    /// The records; never empty, all of one pair.
    pub records: Vec<Sealed>,
    /// The fence of the claim under which they were made.
    pub fence: i64,
    /// Whether the claim ends with this commit.
    pub release: bool,
    /// The request for a run that it answers, as [`super::Claim::request`] has it.
    pub answers: Option<i64>,
}

impl Commit {
    /// The claim under which its records were made.
    pub fn claim(&self) -> Option<(PairId, i64)> {
        Some((self.records.first()?.header().subject.pair()?.clone(), self.fence))
    }
}

/// What became of a commit.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is durable; this is the state of the pair.
    Durable(Box<PairState>),
    /// The claim has passed to another holder, or the chain has moved on: nothing was written.
    Refused,
}

impl Db {
    /// Writes `commits` in one transaction and returns after it is durable. Each commit succeeds or is refused on its own.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`]; then nothing was written.
    pub fn commit(&mut self, commits: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        self.durably(|db| db.append(commits))
    }

    /// Runs `work` so that what it commits is durable when it returns.
    pub(super) fn durably<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        let result = work(self);
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        result
    }

    fn append(&mut self, commits: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        let outcomes = self.append_all(commits);
        if outcomes.is_err() {
            // What was rolled back may have made some of them.
            self.subjects.clear();
        }
        outcomes
    }

    fn append_all(&mut self, commits: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        let Self { connection, origin, subjects, .. } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcomes = Vec::with_capacity(commits.len());
        {
            let mut log = Appender::begin(&transaction)?;
            let mut read = transaction.prepare_cached(
                "SELECT claims.fence, pairs.state FROM claims LEFT JOIN pairs ON pairs.pair = claims.pair WHERE claims.pair = ?1",
            )?;
            let mut first = transaction.prepare_cached("INSERT INTO pairs (pair, state) VALUES (?1, ?2)")?;
            let mut next = transaction.prepare_cached("UPDATE pairs SET state = ?2 WHERE pair = ?1")?;
            let mut free = transaction.prepare_cached("UPDATE claims SET expires_ms = 0 WHERE pair = ?1")?;
            for commit in commits {
                let Some(pair) = commit.records.first().and_then(|record| record.header().subject.pair()) else {
                    outcomes.push(Outcome::Refused);
                    continue;
                };
                let name = pair.to_string();
                let claimed: Option<(i64, Option<String>)> =
                    read.query_row([&name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                let Some((fence, state)) = claimed else {
                    outcomes.push(Outcome::Refused);
                    continue;
                };
                let (write, mut state) = match state {
                    Some(text) => (&mut next, parse_state(&name, &text)?),
                    None => (&mut first, PairState::new(pair.clone())),
                };
                if fence != commit.fence || !chains(origin, state.head(), &commit.records) {
                    outcomes.push(Outcome::Refused);
                    continue;
                }
                let subject = subject_id(&transaction, subjects, &name)?;
                for record in &commit.records {
                    log.append(subject, record)?;
                    state = fold(state, &record.record());
                }
                if state.removed {
                    // Nobody is going to ask for it soon.
                    subjects.remove(&name);
                }
                write.execute(params![name, state_text(&state)?])?;
                if let Some(answered) = commit.answers {
                    request::answer(&transaction, &name, answered)?;
                }
                if commit.release {
                    free.execute([&name])?;
                }
                outcomes.push(Outcome::Durable(Box::new(state)));
            }
            log.finish()?;
        }
        transaction.commit()?;
        Ok(outcomes)
    }
}

/// A state as it is stored.
pub(super) fn state_text(state: &PairState) -> Result<String, StoreError> {
    serde_json::to_string(state).map_err(|error| StoreError::Damaged { what: format!("state of {}: {error}", state.pair) })
}

/// Whether `records` continue the sequence at `head`, without a gap, all of one subject of this log.
pub(super) fn chains(origin: &str, mut head: Head, records: &[Sealed]) -> bool {
    let subject = records.first().map(|record| &record.header().subject);
    records.iter().all(|record| {
        let header = record.header();
        let fits =
            header.origin == origin && Some(&header.subject) == subject && header.seq == head.seq + 1 && header.prev == head.leaf;
        head = record.head();
        fits
    })
}
