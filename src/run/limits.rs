//! What one run may not exceed, besides bytes.

use std::time::Duration;

use tokio::time::Instant;

use crate::admission::{Admitted, Bounds};
use crate::api::{ErrorClass, LabelName};
use crate::connect::Failure;
use crate::plan::Plan;

/// The end of a run, and which of its steps its bounds leave out.
#[derive(Debug)]
pub(super) struct Limits {
    deadline: Instant,
    bounds: Bounds,
    /// Roles that the Target declares, in step order: the first `max_connections` may be connected to.
    roles: Vec<LabelName>,
}

impl Limits {
    /// The limits of a run that starts now.
    pub(super) fn of(plan: &Plan<Admitted>) -> Self {
        let bounds = plan.state().bounds();
        let now = Instant::now();
        let mut roles: Vec<LabelName> = Vec::new();
        for step in plan.steps() {
            let declared = plan.pair().target.connections.contains_key(&step.connection);
            if declared && !roles.contains(&step.connection) {
                roles.push(step.connection.clone());
            }
        }
        Self { deadline: now.checked_add(bounds.timeout).unwrap_or(now), bounds, roles }
    }

    /// When the whole run ends.
    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether `span` from now is over before the run is.
    pub(super) fn holds(&self, span: Duration) -> bool {
        Instant::now().checked_add(span).is_some_and(|end| end < self.deadline)
    }

    /// Why the step at `place` (from 0) on the connection `role` can not or may not be asked.
    pub(super) fn refuse(&self, place: usize, role: &LabelName) -> Option<Failure> {
        let Bounds { max_steps, max_connections, .. } = self.bounds;
        let Some(number) = self.roles.iter().position(|declared| declared == role) else {
            return Some(Failure::new(ErrorClass::NotDeclared, format!("the Target declares no connection `{role}`")));
        };
        if place >= max_steps {
            return Some(reached(format!("the run may take {max_steps} readings, and this one comes after them")));
        }
        (number >= max_connections)
            .then(|| reached(format!("the run may open {max_connections} connections, and `{role}` comes after them")))
    }
}

/// A bound of the admission stands in the way.
pub(super) fn reached(message: String) -> Failure {
    Failure::new(ErrorClass::BoundReached, message)
}

/// The whole run has come to its end.
pub(super) fn out_of_time() -> Failure {
    Failure::new(ErrorClass::Timeout, "the run reached the Check's time-out")
        .next_step("raise `spec.timeout` of the Check, or look at what is slow on the target")
}
