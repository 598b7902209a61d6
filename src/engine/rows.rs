//! The rows that let `get` and `status` answer without manifests.

use std::collections::BTreeMap;

use super::Inputs;
use super::shown::Shown;
use crate::api::{Namespace, SubdomainName};
use crate::desired::Pair;
use crate::secrets::Redactor;
use crate::status::{Wanted, WantedPolicy};
use crate::store::{DesiredRow, StoreError};

impl Inputs {
    /// A pair as it is shown.
    pub(super) fn wanted(&self, shown: Shown<'_>, pair: &Pair) -> Wanted {
        Wanted { held: self.held_of(pair), ..shown.pair(pair) }
    }

    /// What is desired. Without secrets: a label or URL may be one by mistake.
    pub(super) fn rows(&self, redactor: &Redactor) -> Result<Vec<DesiredRow>, StoreError> {
        let desired = &self.desired;
        let shown = Shown(redactor);
        let mut rows = Vec::with_capacity(desired.pairs.len() + desired.targets.len() + desired.checks.len());
        let mut push = |kind, namespace: &Namespace, name: String, value: Result<String, serde_json::Error>| {
            let value = value.map_err(|error| StoreError::Damaged { what: format!("{kind} {name}: {error}") })?;
            rows.push(DesiredRow { kind, namespace: namespace.to_string(), name, value });
            Ok::<_, StoreError>(())
        };
        for pair in &desired.pairs {
            push("Pair", &pair.id.namespace, pair.id.observation_name(), serde_json::to_string(&self.wanted(shown, pair)))?;
        }
        for target in desired.targets.values() {
            push("Target", &target.namespace, target.name.to_string(), serde_json::to_string(&shown.target(target)))?;
        }
        for check in desired.checks.values() {
            push("Check", &check.namespace, check.name.to_string(), serde_json::to_string(&shown.check(check)))?;
        }
        for sink in desired.sinks.values() {
            push("Sink", &sink.namespace, sink.name.to_string(), serde_json::to_string(&shown.sink(sink)))?;
        }
        let mut policies: BTreeMap<(&Namespace, &str), WantedPolicy> = BTreeMap::new();
        for policy in &desired.policies {
            // One whose name can not be read has nothing to be looked up by.
            let Some(namespace) = policy.namespace.as_ref().filter(|_| SubdomainName::parse(&policy.name).is_ok()) else {
                continue;
            };
            let pairs = desired.pairs.iter().filter(|pair| policy.selects(pair)).count();
            let wanted = shown.policy(policy, pairs);
            let key = (namespace, policy.name.as_str());
            // A second one of a name can not be used, and the first is still known.
            let wanted = match policies.remove(&key) {
                Some(first) => first.with(wanted),
                None => wanted,
            };
            policies.insert(key, wanted);
        }
        for ((namespace, name), wanted) in policies {
            push("Policy", namespace, name.to_owned(), serde_json::to_string(&wanted))?;
        }
        Ok(rows)
    }
}
