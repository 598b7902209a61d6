//! The files of a profile as written: closed structures without any meaning yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::yaml::At;

macro_rules! root {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $inner:ty })+) => {
        $($(#[$doc])* #[derive(Deserialize)] #[serde(deny_unknown_fields)]
        pub(super) struct $name { pub(super) $field: $inner })+
    };
}

root! {
    /// `profile.yaml`
    RootFile { profile_contract: Root }
    /// `taxonomy.yaml`
    TaxonomyFile { taxonomy: Taxonomy }
    /// `finding_taxonomy.yaml`
    FindingFile { finding_taxonomy: Findings }
    /// `connectors/<name>.yaml`
    ConnectorFile { connector: Connector }
    /// `workflows/<id>.yaml`
    WorkflowFile { workflow: Workflow }
    /// `validation_rules/<id>.yaml`
    RuleFile { validation_rule: Rule }
    /// `intents/<id>.yaml`
    IntentFile { intent: At<Intent> }
}

/// The root of the profile. Everything is optional here, so that every absence can be reported at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Root {
    pub(super) name: Option<At<String>>,
    pub(super) version: Option<At<String>>,
    pub(super) intents: Option<At<Section>>,
    pub(super) workflows: Option<At<Section>>,
    pub(super) connector_requirements: Option<At<Section>>,
    pub(super) risk_classes: Option<At<Section>>,
    pub(super) evidence_requirements: Option<At<Section>>,
    pub(super) governance_expectations: Option<At<Section>>,
    pub(super) validation_rules: Option<At<Section>>,
    pub(super) escalation_rules: Option<At<Section>>,
    pub(super) rollback_rules: Option<At<BTreeMap<String, Value>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    pub(super) required: Option<bool>,
    #[serde(default, rename = "description")]
    _description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Taxonomy {
    pub(super) version: At<String>,
    pub(super) target_kinds: Vec<At<String>>,
    pub(super) roles: Vec<At<String>>,
    pub(super) domain_capabilities: Vec<At<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Findings {
    pub(super) version: At<String>,
    pub(super) severities: Vec<At<String>>,
    pub(super) kinds: Vec<At<String>>,
    pub(super) reason_codes: Vec<At<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) kinds: Vec<String>,
    #[serde(default)]
    pub(super) https_only: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connector {
    pub(super) name: At<String>,
    pub(super) role: At<Role>,
    pub(super) timeout_default: At<String>,
    pub(super) capabilities: Vec<At<String>>,
    #[serde(default)]
    pub(super) command_shapes: BTreeMap<String, At<Shape>>,
    #[serde(default)]
    pub(super) http_shapes: BTreeMap<String, At<HttpShape>>,
    #[serde(default)]
    pub(super) dns_shapes: BTreeMap<String, At<DnsShape>>,
}

/// An HTTP shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpShape {
    pub(super) method: At<String>,
    pub(super) path: At<String>,
    #[serde(default)]
    pub(super) query: BTreeMap<String, String>,
    /// The only body; `bodies` when there are several.
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) bodies: Vec<At<Body>>,
    pub(super) answer: At<String>,
    pub(super) unwrap: Option<String>,
    pub(super) token_header_since: Option<At<String>>,
    pub(super) version_from: Option<String>,
    pub(super) max_output_bytes: At<u64>,
    pub(super) unsupported_help: At<String>,
}

/// One form of a body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub(super) name: String,
    pub(super) since: Option<At<String>>,
    pub(super) json: Value,
}

/// A DNS question; both name parameters of the Check.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DnsShape {
    pub(super) name: At<String>,
    pub(super) r#type: At<String>,
    pub(super) max_output_bytes: At<u64>,
    pub(super) unsupported_help: At<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    pub(super) argv: At<Vec<String>>,
    #[serde(default)]
    pub(super) exit_codes: Option<At<Vec<i64>>>,
    pub(super) max_output_bytes: At<u64>,
    #[serde(default)]
    pub(super) unsupported_stderr: Vec<At<String>>,
    pub(super) unsupported_help: At<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workflow {
    pub(super) id: At<String>,
    pub(super) intent: At<String>,
    pub(super) mode: At<String>,
    #[serde(default, rename = "description")]
    _description: String,
    pub(super) steps: At<Vec<At<Step>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) id: At<String>,
    pub(super) r#type: At<String>,
    pub(super) action: Option<At<String>>,
    pub(super) connector: Option<At<String>>,
    pub(super) timeout: Option<At<String>>,
    pub(super) continue_on_error: Option<At<bool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) steps: At<Vec<At<RuleStep>>>,
}

/// A step of a rule file; which fields it must carry depends on `type`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleStep {
    pub(super) r#type: At<String>,
    pub(super) key: Option<String>,
    pub(super) fail: Option<RuleFail>,
    pub(super) path: Option<String>,
    pub(super) value: Option<Value>,
    pub(super) pass_rule: Option<String>,
    pub(super) fail_rule: Option<String>,
    pub(super) details_from: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFail {
    pub(super) rule: String,
    pub(super) details: BTreeMap<String, Value>,
}

/// An intent. Fields whose absence has its own message are optional here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intent {
    pub(super) id: At<String>,
    pub(super) title: At<String>,
    pub(super) summary: At<String>,
    pub(super) workflow: Option<At<String>>,
    pub(super) validation: Option<At<String>>,
    pub(super) facts_contract: Option<At<String>>,
    pub(super) risk: Option<At<String>>,
    #[serde(default)]
    pub(super) modes: Vec<At<String>>,
    pub(super) enforce_declared_modes: Option<At<bool>>,
    pub(super) side_effect_class: Option<At<String>>,
    #[serde(default)]
    pub(super) target_kinds: Vec<At<String>>,
    pub(super) capability: Option<At<String>>,
    #[serde(default)]
    pub(super) roles: Vec<At<RoleUse>>,
    #[serde(default)]
    pub(super) parameters: Vec<At<Parameter>>,
    pub(super) runbook: Option<At<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleUse {
    pub(super) role: String,
    pub(super) required: bool,
    /// Another role of the intent that an optional one comes together with.
    pub(super) with: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// The connection role that carries it; the Check when absent.
    pub(super) connection: Option<String>,
    #[serde(default)]
    pub(super) allowed: Vec<String>,
    /// A named pattern instead of a list: `dns_name`.
    pub(super) pattern: Option<String>,
    pub(super) default: String,
}
