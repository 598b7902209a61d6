//! A text from memory.

use super::list::List;
use super::scan;

/// What the lines of `bytes` give away: line and column, both from 1.
pub fn findings(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut findings = Vec::new();
    scan::text(bytes, |line, column, _, _| findings.push((line, column)));
    findings
}

/// The lines of a list of exceptions that say nothing valid.
pub fn exceptions(bytes: &[u8]) -> Vec<usize> {
    List::of(String::new(), bytes).wrong().collect()
}
