//! What is known of a Target, from the pairs that look at it.

use super::View;
use crate::api::{ConditionStatus, ErrorClass, reason};

/// Classes that say the connection itself did not come about.
const TRANSPORT: [ErrorClass; 5] = [
    ErrorClass::Unreachable,
    ErrorClass::UnknownHostKey,
    ErrorClass::ChangedHostKey,
    ErrorClass::AuthRefused,
    ErrorClass::CredentialUnusable,
];

/// What is known of a Target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetView {
    /// Whether its connections answered in their last round.
    pub reachable: ConditionStatus,
    /// CamelCase reason of `reachable`.
    pub reason: &'static str,
    /// Pairs that look at it.
    pub pairs: usize,
}

/// What the views of one Target's pairs say about it.
pub fn target_view<'a>(views: impl IntoIterator<Item = &'a View>) -> TargetView {
    let mut out = TargetView { reachable: ConditionStatus::Unknown, reason: reason::NOT_YET_OBSERVED, pairs: 0 };
    for view in views {
        out.pairs += 1;
        if view.last_run.is_none() || out.reachable == ConditionStatus::False {
            continue;
        }
        if view.reason == reason::STALE {
            // What nobody has looked at for so long proves nothing either way.
            if out.reachable == ConditionStatus::Unknown {
                out.reason = reason::STALE;
            }
            continue;
        }
        let lost = TRANSPORT.iter().find(|class| view.findings.iter().any(|finding| finding.reason_code == class.reason()));
        (out.reachable, out.reason) = match lost {
            Some(class) => (ConditionStatus::False, class.reason()),
            None => (ConditionStatus::True, reason::REACHABLE),
        };
    }
    out
}
