//! Object metadata and label selectors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{self, Labels};
use super::{Ignored, Namespace};

/// Annotation of a Check: when its value changes, whatever it says, every pair of the Check runs once. Usually the time of asking.
pub const RUN_REQUESTED: &str = "tecrax.io/requestedAt";

/// The fields of Kubernetes' ObjectMeta. `N` is the name type of the kind.
///
/// Fields that an API server sets are accepted and ignored, so that the output of `kubectl get -o yaml` loads; the source
/// stage notes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metadata<N> {
    /// Name, unique per kind and namespace.
    pub name: N,
    /// Namespace; `default` when absent.
    #[serde(default, skip_serializing_if = "is_default_namespace")]
    pub namespace: Namespace,
    /// Labels that selectors match.
    #[serde(default, deserialize_with = "labels::deserialize", skip_serializing_if = "Labels::is_empty")]
    #[schemars(schema_with = "labels::schema")]
    pub labels: Labels,
    /// Annotations: free text. tecrax reads `tecrax.io/requestedAt` of Checks, and nothing else.
    #[serde(default, deserialize_with = "labels::deserialize_annotations", skip_serializing_if = "Labels::is_empty")]
    #[schemars(schema_with = "labels::annotations_schema")]
    pub annotations: Labels,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub uid: Ignored,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub resource_version: Ignored,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub generation: Ignored,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub creation_timestamp: Ignored,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub deletion_timestamp: Ignored,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub deletion_grace_period_seconds: Ignored,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub self_link: Ignored,
    /// Set by an API server; ignored.
    #[serde(default, skip_serializing)]
    pub managed_fields: Ignored,
    /// Set by controllers; ignored.
    #[serde(default, skip_serializing)]
    pub owner_references: Ignored,
    /// Set by controllers; ignored.
    #[serde(default, skip_serializing)]
    pub finalizers: Ignored,
    /// Names are never generated here; ignored.
    #[serde(default, skip_serializing)]
    pub generate_name: Ignored,
}

fn is_default_namespace(namespace: &Namespace) -> bool {
    namespace.as_str() == super::DEFAULT_NAMESPACE
}

impl<N> Metadata<N> {
    /// Names of the server-set fields that the document carried.
    pub fn server_set(&self) -> Vec<&'static str> {
        [
            ("uid", self.uid),
            ("resourceVersion", self.resource_version),
            ("generation", self.generation),
            ("creationTimestamp", self.creation_timestamp),
            ("deletionTimestamp", self.deletion_timestamp),
            ("deletionGracePeriodSeconds", self.deletion_grace_period_seconds),
            ("selfLink", self.self_link),
            ("managedFields", self.managed_fields),
            ("ownerReferences", self.owner_references),
            ("finalizers", self.finalizers),
            ("generateName", self.generate_name),
        ]
        .into_iter()
        .filter_map(|(name, field)| field.present().then_some(name))
        .collect()
    }
}

/// A label selector as Kubernetes defines it: all of `matchLabels` and all of `matchExpressions`; empty matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-map-type" = "atomic"))]
pub struct LabelSelector {
    /// Labels that must have exactly these values.
    #[serde(default, deserialize_with = "labels::deserialize", skip_serializing_if = "Labels::is_empty")]
    #[schemars(schema_with = "labels::schema")]
    pub match_labels: Labels,
    /// Requirements that must all hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub match_expressions: Vec<Requirement>,
}

/// One requirement of a selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Label key.
    #[serde(deserialize_with = "labels::key")]
    #[schemars(length(min = 1, max = 317), regex(pattern = labels::KEY_PATTERN))]
    pub key: String,
    /// How the label's value is compared.
    pub operator: SelectorOperator,
    /// Values for `In` and `NotIn`; empty for the others.
    #[serde(default, deserialize_with = "labels::values", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(max = 63), regex(pattern = labels::VALUE_PATTERN)))]
    pub values: Vec<String>,
}

/// Operators of a label selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SelectorOperator {
    /// The value is one of `values`.
    In,
    /// The label is absent or its value is none of `values`.
    NotIn,
    /// The label is present.
    Exists,
    /// The label is absent.
    DoesNotExist,
}

impl LabelSelector {
    /// Whether `labels` satisfy every part.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            SelectorOperator::In => value.is_some_and(|value| self.values.contains(value)),
            SelectorOperator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            SelectorOperator::Exists => value.is_some(),
            SelectorOperator::DoesNotExist => value.is_none(),
        }
    }
}
