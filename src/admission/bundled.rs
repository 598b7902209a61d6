//! The bundled default policy: the profile's own read-only plans, inside outer bounds.

use super::{Admitted, Bounds, Denial};
use crate::api::Digest;
use crate::plan::{Plan, Proposed, lint};

/// Name of the rule that admits.
const RULE: &str = "bundled.read-only";

/// Digest of the bundled policy: its rule and its bounds.
fn digest() -> Digest {
    let Bounds { max_steps, timeout, max_output_bytes, max_total_bytes, max_connections, sandbox } = Bounds::bundled();
    let (timeout, sandbox) = (timeout.as_millis(), sandbox.as_str());
    let bounds = format!(
        "max_steps={max_steps} timeout_ms={timeout} max_output_bytes={max_output_bytes} max_total_bytes={max_total_bytes} \
         max_connections={max_connections} sandbox={sandbox}"
    );
    Digest::of_parts([RULE.as_bytes(), bounds.as_bytes()])
}

/// Admits a plan that keeps every invariant and stays inside the outer bounds.
///
/// # Errors
/// A [`Denial`] that names what is wrong; nothing has been contacted.
pub fn admit(plan: Plan<Proposed>) -> Result<Plan<Admitted>, Denial> {
    let bounds = Bounds::bundled();
    let mut broken = lint(&plan);
    if plan.pair().check.timeout.to_std() > bounds.timeout {
        broken.push(format!("the run may take {}, more than ten minutes", plan.pair().check.timeout));
    }
    for step in plan.steps().iter().filter(|step| step.shape.max_output_bytes > bounds.max_output_bytes) {
        broken.push(format!("step {} may read {} bytes", step.id, step.shape.max_output_bytes));
    }
    if broken.is_empty() {
        let timeout = plan.pair().check.timeout.to_std();
        Ok(plan.with_state(Admitted::new(RULE.to_owned(), digest(), Bounds { timeout, ..bounds })))
    } else {
        Err(Denial { rule: RULE.to_owned(), policy: digest(), message: broken.join("; "), plan_digest: plan.digest() })
    }
}
