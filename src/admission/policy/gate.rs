//! Which verdicts let an operation, or one call of a connector, through in the Python stack.

use super::{Effect, EnforcementPlan, Verdict};

/// Why a verdict lets nothing through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Reason code.
    pub reason_code: String,
    /// What stands in the way.
    pub blockers: Vec<String>,
}

/// An operation passes when its plan is ready and a plain allow carries nothing.
///
/// # Errors
/// Why it does not.
pub fn operation(verdict: &Verdict, plan: &EnforcementPlan) -> Result<(), Closed> {
    if !plan.is_ready() {
        return Err(Closed { reason_code: plan.reason_code.clone(), blockers: plan.blockers.clone() });
    }
    match verdict.decision {
        Effect::Allow => carries_nothing(verdict),
        _ => Ok(()),
    }
}

/// A call of a connector passes on a plain allow that carries nothing.
///
/// # Errors
/// Why it does not.
pub fn connector(verdict: &Verdict) -> Result<(), Closed> {
    match verdict.decision {
        Effect::Deny | Effect::ApprovalRequired => {
            Err(Closed { reason_code: verdict.reason_code.clone(), blockers: verdict.blockers.clone() })
        }
        Effect::Allow => carries_nothing(verdict),
        Effect::AllowWithObligations => carries_nothing(verdict).and_then(|()| {
            Err(Closed {
                reason_code: "unsupported_policy_obligations".to_owned(),
                blockers: vec!["unfulfilled_policy_obligations".to_owned()],
            })
        }),
    }
}

fn carries_nothing(verdict: &Verdict) -> Result<(), Closed> {
    let obligations = verdict.obligations.iter().map(|it| format!("unsupported_obligation:{}:{}", it.id, it.kind));
    let constraints = verdict.constraints.iter().map(|it| format!("unsupported_constraint:{}:{}", it.id, it.kind));
    let blockers: Vec<String> = obligations.chain(constraints).collect();
    if blockers.is_empty() { Ok(()) } else { Err(Closed { reason_code: "unsupported_policy_controls".to_owned(), blockers }) }
}
