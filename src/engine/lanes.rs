//! Lanes: what rounds can hold each other up in.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::plan::Plan;

/// The lane of Targets that gave no answer when they were last asked; no connector has such a name.
const SILENT: &str = "(silent)";

/// Names of the connectors that a round needs. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lanes(Arc<BTreeSet<String>>);

impl Lanes {
    /// Those of a round of `plans`.
    pub(super) fn of<'p, S: 'p>(plans: impl IntoIterator<Item = &'p Plan<S>>) -> Self {
        plans.into_iter().flat_map(Plan::steps).map(|step| step.shape.connector.clone()).collect()
    }

    /// These and the others.
    pub(super) fn and(&self, others: &Self) -> Self {
        if Arc::ptr_eq(&self.0, &others.0) || others.0.is_subset(&self.0) {
            return self.clone();
        }
        if self.0.is_subset(&others.0) {
            return others.clone();
        }
        self.0.union(&others.0).cloned().collect()
    }

    /// The same for a Target that gave no answer when it was last asked.
    pub(super) fn silent(self) -> Self {
        self.and(&std::iter::once(SILENT.to_owned()).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        self.0.iter()
    }

    /// Whether `lane` is that of silent Targets.
    pub(super) fn is_silent(lane: &str) -> bool {
        lane == SILENT
    }
}

impl FromIterator<String> for Lanes {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(Arc::new(names.into_iter().collect()))
    }
}
