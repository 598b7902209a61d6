//! Whether what the admitting rules ask can be met at all: told before anything is contacted.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{LabelName, SandboxLevel};
use crate::desired::ConnectionConfig;
use crate::desired::policy::Controls;
use crate::plan::{Plan, Proposed};

/// The first rule whose constraints this plan, or this machine, can not keep, and why. Bounds of time and bytes can always be kept:
/// what does not fit is cut.
pub(super) fn unmet(
    plan: &Plan<Proposed>,
    admitting: &BTreeMap<String, Controls>,
    available: SandboxLevel,
) -> Option<(String, String)> {
    let roles: BTreeSet<&LabelName> = plan.steps().iter().map(|step| &step.connection).collect();
    let roles: Vec<_> = roles.into_iter().filter_map(|role| plan.pair().target.connections.get(role)).collect();
    let commands = roles.iter().any(|role| matches!(role.config, ConnectionConfig::Local | ConnectionConfig::Wrapper(_)));
    let (steps, connections) = (plan.steps().len(), roles.len());
    admitting.iter().find_map(|(rule, controls)| {
        let why = if let Some(most) = controls.max_steps.filter(|most| steps > *most) {
            format!("rule {rule} admits at most {most} readings, and this plan takes {steps}")
        } else if let Some(most) = controls.max_connections.filter(|most| connections > *most) {
            format!("rule {rule} admits at most {most} connections, and this plan needs {connections}")
        } else if let Some(least) = controls.sandbox.filter(|least| commands && *least > available) {
            let (least, available) = (least.as_str(), available.as_str());
            format!("rule {rule} wants local commands in sandbox {least}, and here the highest level is {available}")
        } else {
            return None;
        };
        Some((rule.clone(), why))
    })
}
