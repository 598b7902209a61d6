//! Commits: sealed records and the state they fold to, many pairs in one durable transaction.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Db, StoreError, read::parse_state};
use crate::evidence::{Head, Sealed, pack};
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
                "INSERT INTO log (idx, subject, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?;
            let mut share = transaction.prepare_cached("INSERT OR IGNORE INTO artifacts (digest, bytes) VALUES (?1, ?2)")?;
            let mut index: i64 = transaction.query_row("SELECT coalesce(max(idx) + 1, 0) FROM log", [], |row| row.get(0))?;
            let mut write = transaction.prepare_cached(
                "INSERT INTO pairs (pair, state) VALUES (?1, ?2) ON CONFLICT (pair) DO UPDATE SET state = excluded.state",
            )?;
            let mut free = transaction.prepare_cached("UPDATE claims SET expires_ms = 0 WHERE pair = ?1")?;
            for commit in commits {
                let Some(pair) = commit.records.first().and_then(|record| record.header().subject.pair()) else {
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
                    let header = record.header();
                    append.execute(params![
                        index,
                        name,
                        i64::try_from(header.seq).unwrap_or(i64::MAX),
                        header.kind,
                        header.prev.as_bytes(),
                        record.leaf().as_bytes(),
                        header.body.as_bytes(),
                        header.sealed_at.as_millisecond(),
                        record.body(),
                        record.stored(),
                    ])?;
                    index += 1;
                    for part in record.shared() {
                        share.execute(params![part.digest().as_bytes(), pack([(part.name(), part.bytes())])])?;
                    }
                    state = fold(state, &record.record());
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

/// Whether `records` continue the sequence at `head`, without a gap, all of one subject of this log.
fn chains(origin: &str, mut head: Head, records: &[Sealed]) -> bool {
    let subject = records.first().map(|record| &record.header().subject);
    records.iter().all(|record| {
        let header = record.header();
        let fits =
            header.origin == origin && Some(&header.subject) == subject && header.seq == head.seq + 1 && header.prev == head.leaf;
        head = record.head();
        fits
    })
}
