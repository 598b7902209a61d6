//! What a state directory holds, from memory, for fuzzers.

pub use super::verify::fuzz::{INDEX, seal, wal};
use super::{StoreError, commit, escalation, read};
use crate::status::{EscalationState, PairState};

/// The stored state of a pair, and how it is stored again.
///
/// # Errors
/// [`StoreError::Damaged`] when it is none.
pub fn pair(text: &str) -> Result<(PairState, String), StoreError> {
    let state = read::parse_state("pair", text)?;
    let stored = commit::state_text(&state)?;
    Ok((state, stored))
}

/// The stored state of an Escalation, and how it is stored again.
///
/// # Errors
/// [`StoreError::Damaged`] when it is none.
pub fn escalation(text: &str) -> Result<(EscalationState, String), StoreError> {
    let state = escalation::parse("escalation", text)?;
    let stored = escalation::text(&state)?;
    Ok((state, stored))
}
