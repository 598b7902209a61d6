//! What a Check expects, as far as a decision depends on it.

use std::collections::BTreeMap;

use super::gone::EXPECTATION;
use crate::api::{Expect, TrackedFinding};

/// Keys of facts by the names of the expectations that ask them.
pub type Expected = BTreeMap<String, String>;

/// The keys that those of `expects` ask of which the pair remembers a finding: only of these it matters what else was not read.
pub fn expected(expects: &[Expect], previous: &[TrackedFinding]) -> Expected {
    let is_known =
        |name: &str| previous.iter().any(|before| before.finding.kind == EXPECTATION && before.finding.component == name);
    let known = expects.iter().filter(|expect| is_known(expect.name.as_str()));
    known.map(|expect| (expect.name.as_str().to_owned(), expect.key.clone())).collect()
}
