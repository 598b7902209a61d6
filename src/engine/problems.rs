//! What is wrong with manifests, as it is logged.

use crate::api::{Problem, Severity};

/// Problems that are told one by one; a commit may break thousands.
const TOLD_MAX: usize = 20;

/// Logs the first problems, and how many there are beside them. Notes only when somebody asks for them, and not beyond the first.
pub(super) fn tell(problems: &[Problem]) {
    let silent = problems.iter().filter(|problem| problem.severity != Severity::Note).count().saturating_sub(TOLD_MAX);
    if silent > 0 {
        tracing::error!("the first {TOLD_MAX} problems of the manifests follow; `tecrax validate` shows the other {silent}");
    }
    let mut told = 0;
    for problem in problems {
        told += usize::from(problem.severity != Severity::Note);
        if told > TOLD_MAX {
            break;
        }
        match problem.severity {
            Severity::Error => tracing::error!(reason = problem.reason, "{problem}"),
            Severity::Warning => tracing::warn!(reason = problem.reason, "{problem}"),
            Severity::Note => tracing::debug!(reason = problem.reason, "{problem}"),
        }
    }
}
