//! A Policy with nothing left to look up.

use std::collections::BTreeSet;

use super::{Controls, Key, Selection};
use crate::api::{Digest, LabelName, Labels, Namespace, PolicyEffect};
use crate::desired::Pair;

/// A Policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredPolicy {
    /// Namespace, whose pairs alone it judges; `None` for an unusable one whose namespace can not be read: it judges all.
    pub namespace: Option<Namespace>,
    /// Name.
    pub name: String,
    /// Labels.
    pub labels: Labels,
    /// Pairs that any of these selects are its own: one, or none for an unusable Policy that is remembered only.
    pub selections: Vec<Selection>,
    /// For an unusable Policy: what its last usable version selected, which it judges too.
    pub last_good: Vec<Selection>,
    /// What it says.
    pub law: Law,
    /// Digest of name, selectors and rules.
    pub digest: Digest,
    /// Where it is declared, or was.
    pub place: String,
}

/// What a Policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Law {
    /// These rules, in the order in which they decide: Deny before ApprovalRequired before AllowWithObligations before Allow, inside
    /// an effect the highest priority first, then by name.
    Rules(Vec<Rule>),
    /// Why it can not be used; everything it selects is denied.
    Unusable(String),
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Name.
    pub name: LabelName,
    /// What it decides.
    pub effect: PolicyEffect,
    /// All must hold; one a key, sorted by key.
    pub conditions: Vec<Condition>,
    /// What an admitted run must do and not exceed.
    pub controls: Controls,
    /// Higher first, inside an effect.
    pub priority: i32,
    /// Reason code of the verdict.
    pub reason_code: Option<String>,
}

/// The request's value at `key` is one of `values`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// What is looked at.
    pub key: Key,
    /// Accepted values.
    pub values: BTreeSet<String>,
}

impl DesiredPolicy {
    /// Whether the pair is one of those that it judges.
    pub fn selects(&self, pair: &Pair) -> bool {
        self.namespace.as_ref().is_none_or(|namespace| *namespace == pair.id.namespace)
            && self
                .selections
                .iter()
                .chain(&self.last_good)
                .any(|selection| selection.selects(&pair.target.labels, &pair.check.labels))
    }

    /// Whether any rule wants a sandbox around local commands.
    pub fn asks_for_sandbox(&self) -> bool {
        match &self.law {
            Law::Rules(rules) => rules.iter().any(|rule| rule.controls.sandbox.is_some()),
            Law::Unusable(_) => false,
        }
    }

    /// `namespace/name`; `*/name` when it judges every namespace.
    pub fn title(&self) -> String {
        format!("{}/{}", self.namespace.as_ref().map_or("*", Namespace::as_str), self.name)
    }
}
