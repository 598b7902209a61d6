//! The bundled default policy: the profile's own read-only plans, inside outer bounds.

use std::sync::LazyLock;

use super::Bounds;
use crate::api::Digest;
use crate::plan::{Plan, Proposed, lint};

/// Name of the rule that admits what no Policy selects, and that every plan has to keep.
pub(super) const RULE: &str = "bundled.read-only";
/// Name of the rule that denies what no Policy selects.
pub(super) const DENY: &str = "bundled.default-deny";

/// Digest of the bundled policy: its rule and its bounds.
pub(super) fn digest() -> Digest {
    static DIGEST: LazyLock<Digest> = LazyLock::new(take);
    *DIGEST
}

fn take() -> Digest {
    let Bounds { max_steps, timeout, max_output_bytes, max_total_bytes, max_connections, sandbox } = Bounds::bundled();
    let (timeout, sandbox) = (timeout.as_millis(), sandbox.as_str());
    let bounds = format!(
        "max_steps={max_steps} timeout_ms={timeout} max_output_bytes={max_output_bytes} max_total_bytes={max_total_bytes} \
         max_connections={max_connections} sandbox={sandbox}"
    );
    Digest::of_parts([RULE.as_bytes(), bounds.as_bytes()])
}

/// What breaks an invariant or the outer bounds; empty for a sound plan.
pub(super) fn faults(plan: &Plan<Proposed>) -> Vec<String> {
    let bounds = Bounds::bundled();
    let mut broken = lint(plan);
    if plan.pair().check.timeout.to_std() > bounds.timeout {
        broken.push(format!("the run may take {}, more than ten minutes", plan.pair().check.timeout));
    }
    for step in plan.steps().iter().filter(|step| step.shape.max_output_bytes > bounds.max_output_bytes) {
        broken.push(format!("step {} may read {} bytes", step.id, step.shape.max_output_bytes));
    }
    broken
}
