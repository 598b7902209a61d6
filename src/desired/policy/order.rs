//! Which of two rules decides, and whether one leaves the other nothing to decide.

use std::cmp::{Ordering, Reverse};

use super::{Condition, Rule};
use crate::api::PolicyEffect;

/// Place of an effect: the first that matches decides.
const fn rank(effect: PolicyEffect) -> u8 {
    match effect {
        PolicyEffect::Deny => 0,
        PolicyEffect::ApprovalRequired => 1,
        PolicyEffect::AllowWithObligations => 2,
        PolicyEffect::Allow => 3,
    }
}

/// The order in which rules decide: effect, then priority, then name. Where a rule stands in the file means nothing.
pub(super) fn decides_first(left: &Rule, right: &Rule) -> Ordering {
    let key = |rule: &Rule| (rank(rule.effect), Reverse(rule.priority));
    key(left).cmp(&key(right)).then_with(|| left.name.cmp(&right.name))
}

/// Whether everything that `narrow` matches is matched by `wide` too.
pub(super) fn covers(wide: &Rule, narrow: &Rule) -> bool {
    let implied = |condition: &Condition| {
        narrow.conditions.iter().any(|other| other.key == condition.key && other.values.is_subset(&condition.values))
    };
    wide.conditions.iter().all(implied)
}
