//! What is known of pairs, carried over to new manifests.

use crate::desired::Pair;

/// Answers what was known of a pair: with its older self of `before` and the entry of `known` at the same place. Both lists of pairs are in the
/// order of the ids, and are gone through once: it must be asked in that order.
pub(super) fn carry<'b, T>(before: &'b [Pair], known: Vec<T>) -> impl FnMut(&Pair) -> Option<(&'b Pair, T)> {
    let mut known = before.iter().zip(known).peekable();
    move |pair| {
        while known.next_if(|(older, _)| older.id < pair.id).is_some() {}
        known.next_if(|(older, _)| older.id == pair.id)
    }
}
