//! The table of kinds, and the one schema tree from which CRDs, editor schemas and bounds are rendered.
//!
//! The tree is the JSON Schema of the Rust types, written out in full, with these marks left for the renderings:
//!
//! | mark | means | CRD | editor schema | [`super::violations`] |
//! |---|---|---|---|---|
//! | `x-tecrax-one-of` | exactly one of these fields | CEL | `oneOf` | checked |
//! | `x-tecrax-at-most-one-of` | none or one of these two | CEL | `not` | checked |
//! | `x-tecrax-immutable` | never changes | CEL transition rule | – | by the store |
//! | `x-kubernetes-list-type` and keys | how list items are told apart | kept | `uniqueItems` for a set | checked |

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::check::Check;
use super::escalation::Escalation;
use super::observation::Observation;
use super::policy::Policy;
use super::sink::Sink;
use super::target::Target;
use super::target_set::TargetSet;
use super::{
    CheckSpec, CheckStatus, EscalationSpec, EscalationStatus, LabelName, Manifest, ObjectStatus, ObservationSpec,
    ObservationStatus, PolicySpec, SinkSpec, SinkStatus, TargetSetSpec, TargetSpec, TargetStatus,
};

/// Mark: exactly one of these fields is set.
pub(super) const ONE_OF: &str = "x-tecrax-one-of";
/// Mark: at most one of these two fields is set.
pub(super) const AT_MOST_ONE_OF: &str = "x-tecrax-at-most-one-of";
/// Mark: never changes.
pub(super) const IMMUTABLE: &str = "x-tecrax-immutable";
/// Kubernetes' mark of how list items are told apart: `atomic`, `set` or `map`.
pub(super) const LIST_TYPE: &str = "x-kubernetes-list-type";
/// Kubernetes' mark of the fields that tell the items of a `map` list apart.
pub(super) const LIST_MAP_KEYS: &str = "x-kubernetes-list-map-keys";

/// Longest name of an Observation or Escalation: a DNS subdomain.
const WRITTEN_NAME_MAX: usize = 253;
/// Where the `ssh` connection stands in the tree of a Target.
const TARGET_SSH: &str = "/properties/spec/properties/connections/items/properties/ssh";

/// One kind.
pub(super) struct Kind {
    /// As written in `kind`.
    pub(super) name: &'static str,
    /// Whether a user writes it; the others are written by tecrax and never read from manifests.
    pub(super) written_by_user: bool,
    /// Schema of the spec alone; its description is the kind's.
    spec: fn() -> Value,
    /// Schema of the whole document, `status` left open.
    document: fn() -> Value,
    /// Schema of the status.
    pub(super) status: fn() -> Value,
    /// Names, columns and subresources, without the schema.
    pub(super) definition: fn() -> CustomResourceDefinition,
}

/// Every kind, in the order of the documentation.
pub(super) const ALL: [Kind; 7] = [
    Kind {
        name: "Target",
        written_by_user: true,
        spec: tree::<TargetSpec>,
        document: tree::<Manifest<TargetSpec>>,
        status: tree::<TargetStatus>,
        definition: Target::crd,
    },
    Kind {
        name: "TargetSet",
        written_by_user: true,
        spec: tree::<TargetSetSpec>,
        document: tree::<Manifest<TargetSetSpec>>,
        status: tree::<ObjectStatus>,
        definition: TargetSet::crd,
    },
    Kind {
        name: "Check",
        written_by_user: true,
        spec: tree::<CheckSpec>,
        document: tree::<Manifest<CheckSpec, LabelName>>,
        status: tree::<CheckStatus>,
        definition: Check::crd,
    },
    Kind {
        name: "Policy",
        written_by_user: true,
        spec: tree::<PolicySpec>,
        document: tree::<Manifest<PolicySpec>>,
        status: tree::<ObjectStatus>,
        definition: Policy::crd,
    },
    Kind {
        name: "Sink",
        written_by_user: true,
        spec: tree::<SinkSpec>,
        document: tree::<Manifest<SinkSpec>>,
        status: tree::<SinkStatus>,
        definition: Sink::crd,
    },
    Kind {
        name: "Observation",
        written_by_user: false,
        spec: tree::<ObservationSpec>,
        document: tree::<Manifest<ObservationSpec>>,
        status: tree::<ObservationStatus>,
        definition: Observation::crd,
    },
    Kind {
        name: "Escalation",
        written_by_user: false,
        spec: tree::<EscalationSpec>,
        document: tree::<Manifest<EscalationSpec>>,
        status: tree::<EscalationStatus>,
        definition: Escalation::crd,
    },
];

impl Kind {
    /// What the kind is, for people: the docs of its spec type.
    pub(super) fn about(&self) -> String {
        (self.spec)().get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Schema tree of the document, with marks.
    pub(super) fn document(&self) -> Value {
        let mut tree = (self.document)();
        if !self.written_by_user {
            set(&mut tree, "/properties/metadata/properties/name/maxLength", json!(WRITTEN_NAME_MAX));
        }
        tree
    }

    /// Schema tree of the document in which a Target needs the address that a TargetSet item may still fill in.
    ///
    /// The CRD says the same by a rule on `spec`, see [`super::crd`].
    pub(super) fn complete_document(&self) -> Value {
        let mut tree = self.document();
        if self.name == "Target"
            && let Some(ssh) = tree.pointer_mut(TARGET_SSH).and_then(Value::as_object_mut)
            && let Some(fields) = ssh.remove(AT_MOST_ONE_OF)
        {
            ssh.insert(ONE_OF.into(), fields);
        }
        tree
    }
}

fn set(tree: &mut Value, pointer: &str, value: Value) {
    if let Some(slot) = tree.pointer_mut(pointer) {
        *slot = value;
    }
}

/// The schema of `T` with every reference written out.
pub(super) fn tree<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// The field names of a mark.
pub(super) fn fields<'a>(schema: &'a serde_json::Map<String, Value>, mark: &str) -> Vec<&'a str> {
    schema.get(mark).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
