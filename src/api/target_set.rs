//! TargetSet: many Targets of one form, expanded statically.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{self, Labels};
use super::{ObjectStatus, SubdomainName, TargetSpec};

/// Many Targets of one form: a template, and the items that fill it. Expanded statically.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, CustomResource)]
#[kube(
    group = "tecrax.io",
    version = "v1alpha1",
    kind = "TargetSet",
    namespaced,
    schema = "disabled",
    status = "ObjectStatus",
    shortname = "tgs",
    category = "tecrax",
    printcolumn = r#"{"name":"Type","type":"string","jsonPath":".spec.template.spec.type"}"#,
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(deny_unknown_fields)]
pub struct TargetSetSpec {
    /// What every item becomes.
    pub template: TargetTemplate,
    /// The items, by name.
    #[schemars(length(max = 1000), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub items: Vec<TargetItem>,
}

/// What every item becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetTemplate {
    /// Labels and annotations of every item.
    #[serde(default)]
    pub metadata: TemplateMetadata,
    /// The Target's spec.
    pub spec: TargetSpec,
}

/// Metadata of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateMetadata {
    /// Labels of every item.
    #[serde(default, deserialize_with = "labels::deserialize", skip_serializing_if = "Labels::is_empty")]
    #[schemars(schema_with = "labels::schema")]
    pub labels: Labels,
    /// Annotations of every item.
    #[serde(default, deserialize_with = "labels::deserialize_annotations", skip_serializing_if = "Labels::is_empty")]
    #[schemars(schema_with = "labels::annotations_schema")]
    pub annotations: Labels,
}

/// One Target of the set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetItem {
    /// Name of the Target.
    pub name: SubdomainName,
    /// Fills `ssh.host` of connection `os`; the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub host: Option<String>,
    /// Fills `ssh.port` of connection `os`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Added to the template's labels; the item's value wins.
    #[serde(default, deserialize_with = "labels::deserialize", skip_serializing_if = "Labels::is_empty")]
    #[schemars(schema_with = "labels::schema")]
    pub labels: Labels,
    /// Stops every Check of this item.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspend: bool,
}
