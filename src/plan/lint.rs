//! Invariants that every plan keeps, whatever the profile says. Admission refuses a plan that breaks one.

use std::collections::BTreeSet;

use super::{Plan, Proposed};

/// Most steps of one plan: the largest workflow of the stack has 21 readings.
pub const MAX_STEPS: usize = 64;

/// Sentences about every broken invariant; empty for a sound plan.
pub fn lint(plan: &Plan<Proposed>) -> Vec<String> {
    let mut broken = Vec::new();
    let steps = plan.steps();
    if steps.is_empty() {
        broken.push("the plan takes no reading".to_owned());
    }
    if steps.len() > MAX_STEPS {
        broken.push(format!("the plan takes {} readings, more than {MAX_STEPS}", steps.len()));
    }
    let mut ids = BTreeSet::new();
    for step in steps {
        if !ids.insert(&step.id) {
            broken.push(format!("step {} stands twice", step.id));
        }
        if step.shape.command().is_some_and(|command| command.argv.is_empty()) {
            broken.push(format!("step {} has an empty argv", step.id));
        }
        if step.needs_version() && !steps.iter().any(|other| other.reads_version_of(step)) {
            broken.push(format!("step {} depends on the server's version, and no step reads it", step.id));
        }
        if step.timeout > plan.pair().check.timeout {
            broken.push(format!("step {} may take longer than the whole run", step.id));
        }
    }
    broken
}
