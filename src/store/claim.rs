//! Claims: who works on a pair.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Db, StoreError, read::parse_state, request};
use crate::api::PairId;
use crate::status::PairState;

/// A granted claim, with the pair's state as of the grant.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The pair.
    pub pair: PairId,
    /// Grows with every grant; a commit with an older fence is refused.
    pub fence: i64,
    /// The pair's state; `None` when it has no records.
    pub state: Option<PairState>,
    /// The request for a run that is open, for [`super::Commit::answers`].
    pub request: Option<i64>,
}

/// No claim is longer, whoever asks.
pub const LONGEST_CLAIM: SignedDuration = SignedDuration::from_mins(110);
/// A claim that was granted by more than this in the future was granted before the clock was set back, and its holder may be gone: until it
/// runs out could be as long as the step. A holder that is there still can not commit then. Processes on one machine read one clock, and
/// each of them while nobody else can grant; those on several have clocks that differ.
const STEP: SignedDuration = SignedDuration::from_mins(2);

fn millis(span: SignedDuration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl Db {
    /// Claims each pair for its own time, which is brought within [`LONGEST_CLAIM`]. Pairs that another holder works on are left out of the
    /// answer. Not durable by itself: a claim that a power cut forgets has no holder left.
    ///
    /// The clock is read once nobody else can write: whoever asks may have waited for that, and a claim counts from when it is granted.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn claim(
        &mut self,
        holder: &str,
        now: impl FnOnce() -> Timestamp,
        wanted: &[(PairId, SignedDuration)],
    ) -> Result<Vec<Claim>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = now().as_millisecond();
        let mut granted = Vec::with_capacity(wanted.len());
        {
            let mut held = transaction.prepare_cached("SELECT fence, expires_ms, granted_ms FROM claims WHERE pair = ?1")?;
            let mut first = transaction
                .prepare_cached("INSERT INTO claims (pair, holder, fence, expires_ms, granted_ms) VALUES (?1, ?2, 1, ?3, ?4)")?;
            let mut next = transaction
                .prepare_cached("UPDATE claims SET holder = ?2, fence = ?3, expires_ms = ?4, granted_ms = ?5 WHERE pair = ?1")?;
            let mut read = transaction.prepare_cached("SELECT state FROM pairs WHERE pair = ?1")?;
            let latest = now.saturating_add(millis(LONGEST_CLAIM));
            let (future, beyond) = (now.saturating_add(millis(STEP)), latest.saturating_add(millis(STEP)));
            for (pair, span) in wanted {
                let (name, expires) = (pair.to_string(), now.saturating_add(millis(*span)).min(latest));
                let before: Option<(i64, i64, i64)> =
                    held.query_row([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
                let fence = match before {
                    None => {
                        first.execute(params![name, holder, expires, now])?;
                        1
                    }
                    // The last is for claims of which nobody knows when they were granted.
                    Some((fence, until, granted)) if until <= now || granted > future || until > beyond => {
                        next.execute(params![name, holder, fence + 1, expires, now])?;
                        fence + 1
                    }
                    Some(_) => continue,
                };
                let state: Option<String> = read.query_row([&name], |row| row.get(0)).optional()?;
                let state = state.map(|text| parse_state(&name, &text)).transpose()?;
                let request = request::of(&transaction, &name)?;
                granted.push(Claim { pair: pair.clone(), fence, state, request });
            }
        }
        transaction.commit()?;
        Ok(granted)
    }

    /// Gives claims back without a commit. Claims that have passed to another holder stay with it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn release(&mut self, claims: &[(PairId, i64)]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut free = transaction.prepare_cached("UPDATE claims SET expires_ms = 0 WHERE pair = ?1 AND fence = ?2")?;
            for (pair, fence) in claims {
                free.execute(params![pair.to_string(), fence])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Gives back everything that `holder` has claimed, Sinks included: it stops before its work is done.
    ///
    /// # Errors
    /// SQLite's.
    pub fn release_all(&mut self, holder: &str) -> Result<(), StoreError> {
        self.connection.execute("UPDATE claims SET expires_ms = 0 WHERE holder = ?1 AND expires_ms > 0", [holder])?;
        self.connection.execute("UPDATE sinks SET holder = NULL, until_ms = 0 WHERE holder = ?1", [holder])?;
        Ok(())
    }
}
