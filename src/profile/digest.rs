//! What the digests of a profile cover.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::model::{Intent, ParameterPlace, ParameterValues, RoleUse, ValidationRule, ValidationStep, WorkflowStep};
use super::shape::Shape;
use crate::api::Digest;

/// Digest of the canonical JSON of `value`: keys sorted, no spaces.
pub(super) fn canonical(value: &Value) -> Digest {
    // serde_json keeps objects in a BTreeMap (preserve_order is off), so the text is sorted already.
    Digest::of(value.to_string().as_bytes())
}

/// Everything of a shape that decides what is sent and how the answer is read; not the help.
pub(super) fn shape(shape: &Shape) -> Digest {
    canonical(&json!({
        "connector": shape.connector,
        "action": shape.action,
        "request": shape.describe(),
        "max_output_bytes": shape.max_output_bytes,
        "unsupported_stderr": shape.command().map(|command| &command.unsupported_stderr),
    }))
}

/// Everything that a run of the intent depends on; not its title, help and runbook.
pub(super) fn intent(intent: &Intent) -> Digest {
    let steps: Vec<Value> = intent.workflow.steps.iter().map(step).collect();
    let roles: Vec<Value> = intent.roles.iter().map(role).collect();
    let parameters: Vec<Value> = intent
        .parameters
        .iter()
        .map(|parameter| {
            let connection = match &parameter.place {
                ParameterPlace::Check => None,
                ParameterPlace::Connection(role) => Some(role),
            };
            json!({
                "name": parameter.name,
                "connection": connection,
                "allowed": values(&parameter.values),
                "default": parameter.default,
            })
        })
        .collect();
    canonical(&json!({
        "id": intent.id,
        "contract": intent.contract.to_string(),
        "steps": steps,
        "roles": roles,
        "parameters": parameters,
        "validation": rule(&intent.validation),
    }))
}

/// The rule itself, not the words for it.
fn values(values: &ParameterValues) -> Value {
    match values {
        ParameterValues::OneOf(list) => json!(list),
        ParameterValues::DnsName => json!({"pattern": "dns_name"}),
    }
}

fn role(role: &RoleUse) -> Value {
    let mut said = json!({"role": role.role, "required": role.required});
    if let (Some(with), Some(map)) = (&role.with, said.as_object_mut()) {
        map.insert("with".into(), json!(with));
    }
    said
}

fn step(step: &WorkflowStep) -> Value {
    match step {
        WorkflowStep::Read { id, connector, shape, timeout } => json!({
            "read": id,
            "role": connector.role.name,
            "shape": shape.digest,
            "timeout": timeout,
        }),
        WorkflowStep::Normalize { id, action } => json!({"normalize": id, "action": action}),
        WorkflowStep::Seal { id } => json!({"seal": id}),
    }
}

fn rule(rule: &ValidationRule) -> Vec<Value> {
    rule.steps
        .iter()
        .map(|step| match step {
            ValidationStep::RequireMapping { key, fail_rule, fail_details } => {
                json!({"require_mapping": key, "fail_rule": fail_rule, "fail_details": fail_details})
            }
            ValidationStep::RequireEquals { path, value, pass_rule, fail_rule, details_from } => json!({
                "require_equals": path,
                "value": value,
                "pass_rule": pass_rule,
                "fail_rule": fail_rule,
                "details_from": details_from,
            }),
        })
        .collect()
}

/// Digest over every file: path and parsed content.
pub(super) fn profile(contents: BTreeMap<&String, &Arc<Value>>) -> Digest {
    let list: Vec<Value> =
        contents.into_iter().map(|(path, content)| json!({"path": path, "digest": canonical(content)})).collect();
    canonical(&Value::Array(list))
}
