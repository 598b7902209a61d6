//! What the last usable version of a Policy selected: kept while the manifests have errors, because a broken document proves nothing
//! about what is absent.

use std::sync::Arc;

use super::{DesiredPolicy, Law, Selection};
use crate::api::{Digest, Labels, Namespace, Problem, Severity, reason};
use crate::desired::Desired;

/// What is known of a Policy of the same manifests from before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Namespace.
    pub namespace: Namespace,
    /// Name.
    pub name: String,
    /// What its last usable version selected; empty when none was.
    pub selections: Vec<Selection>,
    /// Where it stood.
    pub place: String,
}

/// Adds to what is desired what is remembered of it: an unusable Policy also judges what its last usable version selected, and one that
/// is absent while there are errors is unusable.
pub fn remember(desired: &mut Desired, before: Vec<Remembered>) {
    if !desired.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return;
    }
    for known in before {
        let same =
            |policy: &&mut Arc<DesiredPolicy>| policy.namespace.as_ref() == Some(&known.namespace) && policy.name == known.name;
        if let Some(policy) = desired.policies.iter_mut().find(same) {
            if matches!(policy.law, Law::Unusable(_)) {
                let policy = Arc::make_mut(policy);
                policy.digest = mixed(policy.digest, &known.selections);
                policy.last_good.clone_from(&known.selections);
            }
            continue;
        }
        if known.selections.is_empty() {
            continue;
        }
        let title = format!("{}/{}", known.namespace, known.name);
        let message = format!(
            "Policy {title} was in effect and is in no document that can be read; what it selected is denied until the errors are gone"
        );
        desired.problems.push(Problem::warning(reason::POLICY_UNUSABLE, message).about(format!("Policy/{}", known.name)));
        desired.policies.push(Arc::new(DesiredPolicy {
            namespace: Some(known.namespace),
            name: known.name,
            labels: Labels::new(),
            selections: Vec::new(),
            digest: mixed(Digest::of_parts([b"absent policy".as_slice(), title.as_bytes()]), &known.selections),
            last_good: known.selections,
            law: Law::Unusable("it is in no document that can be read, and there are errors".to_owned()),
            place: known.place,
        }));
    }
}

fn mixed(digest: Digest, selections: &[Selection]) -> Digest {
    let selections: Vec<Digest> = selections.iter().map(Digest::of_canonical).collect();
    Digest::of_parts(std::iter::once(&digest).chain(&selections).map(|digest| &digest.as_bytes()[..]))
}
