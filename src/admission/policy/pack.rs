//! A compiled pack: rules in their order, an index over them, and the digest that verdicts are bound to.

use serde_json::{Map, Value, json};

use super::canonical::{digest, record_digest};
use super::index::Index;
use super::lookup::Dialect;
use super::{Condition, Rule};
use crate::api::Digest;

/// The one version of the format of packs, requests and verdicts.
pub const SCHEMA_VERSION: &str = "v0.1";

/// Rules that were compiled together. Immutable: digest and index are those of its rules.
#[derive(Debug, Clone)]
pub struct Pack {
    id: String,
    version: String,
    metadata: Map<String, Value>,
    rules: Vec<Rule>,
    record: Value,
    digest: Digest,
    index: Index,
}

impl Pack {
    /// A pack of our own rules. Keys are `action.…`, `resource.…`, `check.…` and `context.…` (of the request), names of labels are
    /// whole behind `labels.`; values of a condition are a set. Its digest belongs to no pack of the Python stack.
    pub fn new(id: impl Into<String>, version: impl Into<String>, rules: Vec<Rule>) -> Self {
        Self::compiled(id.into(), version.into(), Map::new(), rules, Dialect::Own, |record| {
            digest("tecrax", "policy.Pack", record)
        })
    }

    /// A pack of the Python stack whose parts were checked; every condition accepts one value.
    pub(super) fn python(id: String, version: String, metadata: Map<String, Value>, rules: Vec<Rule>) -> Self {
        Self::compiled(id, version, metadata, rules, Dialect::Python, |record| {
            record_digest("govengine.policy.compiler.CompiledPolicyPack", record)
        })
    }

    fn compiled(
        id: String,
        version: String,
        metadata: Map<String, Value>,
        mut rules: Vec<Rule>,
        dialect: Dialect,
        digest: fn(&Value) -> Digest,
    ) -> Self {
        for rule in &mut rules {
            rule.conditions.sort_by(|left, right| left.key.cmp(&right.key));
        }
        rules.sort_by(|left, right| (left.priority, &left.id).cmp(&(right.priority, &right.id)));
        let conditions = match dialect {
            Dialect::Python => single,
            Dialect::Own => set,
        };
        let record = json!({
            "policy_id": id,
            "version": version,
            "schema_version": SCHEMA_VERSION,
            "metadata": metadata,
            "rules": rules.iter().map(|rule| rule.json(&conditions(&rule.conditions))).collect::<Vec<_>>(),
        });
        let (digest, index) = (digest(&record), Index::of(&rules, dialect));
        Self { id, version, metadata, rules, record, digest, index }
    }

    /// Name of the pack.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its version, as its author counts.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What its author noted about it.
    pub const fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// Rules by priority, then id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The normalised pack, with every default filled in: what the digest is taken of.
    pub const fn record(&self) -> &Value {
        &self.record
    }

    /// Digest of the normalised pack.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    pub(super) const fn index(&self) -> &Index {
        &self.index
    }
}

/// Conditions with one value each, as a map of keys.
fn single(conditions: &[Condition]) -> Value {
    let first = |condition: &Condition| condition.accepted.first().cloned().unwrap_or_default();
    Value::Object(conditions.iter().map(|condition| (condition.key.clone(), first(condition))).collect())
}

/// Conditions with sets of values, as a list: a key may be asked for twice.
fn set(conditions: &[Condition]) -> Value {
    conditions.iter().map(|condition| json!({"key": condition.key, "values": condition.accepted})).collect()
}
