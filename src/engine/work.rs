//! Admitted plans, grouped by Target.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::refuse::Refused;
use crate::admission::{Admitted, Judge};
use crate::api::{Namespace, SubdomainName};
use crate::desired::{DesiredTarget, Pair};
use crate::plan::{Plan, Planning, propose};

/// Namespace and name of a Target.
pub(super) type TargetKey = (Namespace, SubdomainName);

/// The admitted plans of one Target.
#[derive(Debug)]
pub(super) struct TargetWork {
    pub(super) target: Arc<DesiredTarget>,
    pub(super) plans: Vec<Plan<Admitted>>,
}

/// Admits every due plan; a refused one costs only itself.
pub(super) fn admitted(planning: Planning, judge: &Judge) -> (BTreeMap<TargetKey, TargetWork>, Vec<Refused>) {
    let mut work: BTreeMap<TargetKey, TargetWork> = BTreeMap::new();
    let mut refused = Vec::new();
    for entry in planning.entries.into_iter().filter(|entry| entry.timing.why.runs()) {
        let pair = entry.pair;
        match judge.admit(entry.plan) {
            Ok(plan) => work
                .entry((pair.id.namespace.clone(), pair.id.target.clone()))
                .or_insert_with(|| TargetWork { target: Arc::clone(&pair.target), plans: Vec::new() })
                .plans
                .push(plan),
            Err(denial) => refused.push(Refused { pair, denial }),
        }
    }
    (work, refused)
}

/// Admits the plans of `pairs`, which are of one Target; a refused one costs only itself. No work where all are refused.
pub(super) fn admitted_of<'p>(pairs: impl Iterator<Item = &'p Pair>, judge: &Judge) -> (Option<TargetWork>, Vec<Refused>) {
    let mut work: Option<TargetWork> = None;
    let mut refused = Vec::new();
    for pair in pairs {
        match judge.admit(propose(pair)) {
            Ok(plan) => {
                work.get_or_insert_with(|| TargetWork { target: Arc::clone(&pair.target), plans: Vec::new() }).plans.push(plan);
            }
            Err(denial) => refused.push(Refused { pair: pair.clone(), denial }),
        }
    }
    (work, refused)
}
