//! Admitted plans, grouped by Target.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::refuse::Refused;
use crate::admission::{Admitted, Judge};
use crate::api::{Namespace, SubdomainName};
use crate::desired::{DesiredTarget, Pair};
use crate::plan::{Plan, Planning, Why, propose};

/// Namespace and name of a Target.
pub(super) type TargetKey = (Namespace, SubdomainName);

/// The admitted plans of one Target.
#[derive(Debug)]
pub(super) struct TargetWork {
    pub(super) target: Arc<DesiredTarget>,
    pub(super) plans: Vec<Plan<Admitted>>,
    /// Whether somebody asks for one of them.
    pub(super) urgent: bool,
}

impl TargetWork {
    /// Namespace and name of the Target.
    pub(super) fn key(&self) -> TargetKey {
        (self.target.namespace.clone(), self.target.name.clone())
    }
}

/// Admits every due plan; a refused one costs only itself.
pub(super) fn admitted(planning: Planning, judge: &Judge) -> (BTreeMap<TargetKey, TargetWork>, Vec<Refused>) {
    let mut work: BTreeMap<TargetKey, TargetWork> = BTreeMap::new();
    let mut refused = Vec::new();
    for entry in planning.entries.into_iter().filter(|entry| entry.timing.why.runs()) {
        let (pair, why) = (entry.pair, entry.timing.why);
        match judge.admit(entry.plan) {
            Ok(plan) => {
                let work = work.entry((pair.id.namespace.clone(), pair.id.target.clone())).or_insert_with(|| TargetWork {
                    target: Arc::clone(&pair.target),
                    plans: Vec::new(),
                    urgent: false,
                });
                work.urgent |= why == Why::RerunRequested;
                work.plans.push(plan);
            }
            Err(denial) => refused.push(Refused { pair, denial }),
        }
    }
    (work, refused)
}

/// Admits the plans of `pairs`, which are of one Target; a refused one costs only itself. No work where all are refused. `urgent`: as in
/// [`TargetWork`].
pub(super) fn admitted_of<'p>(
    pairs: impl Iterator<Item = &'p Pair>,
    urgent: bool,
    judge: &Judge,
) -> (Option<TargetWork>, Vec<Refused>) {
    let mut work: Option<TargetWork> = None;
    let mut refused = Vec::new();
    for pair in pairs {
        match judge.admit(propose(pair)) {
            Ok(plan) => {
                let none = || TargetWork { target: Arc::clone(&pair.target), plans: Vec::new(), urgent };
                work.get_or_insert_with(none).plans.push(plan);
            }
            Err(denial) => refused.push(Refused { pair: pair.clone(), denial }),
        }
    }
    (work, refused)
}
