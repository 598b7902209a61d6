//! Commits: sealed records and the state they fold to, many pairs in one durable transaction.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Db, StoreError, read::parse_state};
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
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        let outcomes = self.append(commits);
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        outcomes
    }

    /// The only place that writes to the log.
    fn append(&mut self, commits: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        let origin = self.origin.clone();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcomes = Vec::with_capacity(commits.len());
        {
            let mut fence = transaction.prepare_cached("SELECT fence FROM claims WHERE pair = ?1")?;
            let mut read = transaction.prepare_cached("SELECT state FROM pairs WHERE pair = ?1")?;
            let mut append = transaction.prepare_cached(
                "INSERT INTO log (origin, pair, seq, kind, prev, digest, body_digest, sealed_ms, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            let mut write = transaction.prepare_cached(
                "INSERT INTO pairs (pair, state) VALUES (?1, ?2) ON CONFLICT (pair) DO UPDATE SET state = excluded.state",
            )?;
            let mut free = transaction.prepare_cached("UPDATE claims SET expires_ms = 0 WHERE pair = ?1")?;
            for commit in commits {
                let Some(pair) = commit.records.first().map(Sealed::pair) else {
                    outcomes.push(Outcome::Refused);
                    continue;
                };
                let name = pair.to_string();
                let current: Option<i64> = fence.query_row([&name], |row| row.get(0)).optional()?;
                let state: Option<String> = read.query_row([&name], |row| row.get(0)).optional()?;
                let state = match state {
                    Some(text) => parse_state(&name, &text)?,
                    None => PairState::new(pair.clone()),
                };
                if current != Some(commit.fence) || !chains(&origin, state.head(), &commit.records) {
                    outcomes.push(Outcome::Refused);
                    continue;
                }
                let mut state = state;
                for record in &commit.records {
                    append.execute(params![
                        record.origin(),
                        name,
                        i64::try_from(record.seq()).unwrap_or(i64::MAX),
                        record.kind().as_str(),
                        record.prev().as_bytes(),
                        record.digest().as_bytes(),
                        record.body_digest().as_bytes(),
                        record.sealed_at().as_millisecond(),
                        record.body(),
                    ])?;
                    state = fold(state, record);
                }
                let text = serde_json::to_string(&state)
                    .map_err(|error| StoreError::Damaged { what: format!("state of {name}: {error}") })?;
                write.execute(params![name, text])?;
                if commit.release {
                    free.execute([&name])?;
                }
                outcomes.push(Outcome::Durable(Box::new(state)));
            }
        }
        transaction.commit()?;
        Ok(outcomes)
    }
}

/// Whether `records` continue the chain at `head`, without a gap, all in one pair of this log.
fn chains(origin: &str, mut head: Head, records: &[Sealed]) -> bool {
    let pair = records.first().map(Sealed::pair);
    records.iter().all(|record| {
        let fits = record.origin() == origin
            && Some(record.pair()) == pair
            && record.seq() == head.seq + 1
            && record.prev() == head.digest;
        head = record.head();
        fits
    })
}
