//! When something was first and last seen, and how often.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// When something was first and last seen, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First time.
    pub first: Timestamp,
    /// Last time.
    pub last: Timestamp,
    /// How often.
    pub count: u64,
}

/// Spans by what they are about.
#[derive(Debug)]
pub struct Spans<K>(BTreeMap<K, Span>);

impl<K> Default for Spans<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Spans<K> {
    /// Notes that `key` was seen at `at`.
    pub fn see(&mut self, key: K, at: Timestamp) {
        let span = self.0.entry(key).or_insert(Span { first: at, last: at, count: 0 });
        span.first = span.first.min(at);
        span.last = span.last.max(at);
        span.count += 1;
    }

    /// All of them, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &Span)> {
        self.0.iter()
    }
}
