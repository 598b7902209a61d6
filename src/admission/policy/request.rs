//! What a policy is asked about.

use serde_json::{Map, Value};

use super::forbidden;
use super::pack::SCHEMA_VERSION;
use super::refused::{Refused, Step};
use super::value::{first_text, too_deep, truthy};

/// What a policy is asked about: who wants to do what to which thing. None of the maps holds a forbidden key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// Name of the request, part of the name of its verdict.
    pub(super) id: String,
    /// What the verdict is about.
    pub(super) subject_ref: String,
    /// Who asks.
    pub(super) principal: Map<String, Value>,
    /// What would be done.
    pub(super) action: Map<String, Value>,
    /// To what.
    pub(super) resource: Map<String, Value>,
    /// The Check that wants it; nothing in requests of the Python stack.
    pub(super) check: Map<String, Value>,
    /// Around it.
    pub(super) context: Map<String, Value>,
    /// What was seen before.
    pub(super) evidence_refs: Vec<String>,
}

impl Request {
    /// Reads a request; members that mean nothing are ignored.
    ///
    /// # Errors
    /// The first reason code: no map, no id, no subject, another version, a part that is no map, a forbidden key, references that
    /// are no texts, nested too deep.
    pub fn from_json(value: &Value) -> Result<Self, Refused> {
        let Value::Object(map) = value else { return Err(Refused::new("invalid_policy_request")) };
        if too_deep(value) {
            return Err(Refused::new("policy_request_too_deep"));
        }
        let missing = |what: &str| Refused::new(format!("missing_policy_request_{what}"));
        let id = first_text(map, &["request_id", "id"]).ok_or_else(|| missing("id"))?;
        let subject_ref = first_text(map, &["subject_ref"]).ok_or_else(|| missing("subject_ref"))?;
        match map.get("schema_version") {
            Some(version) if truthy(version) && version != SCHEMA_VERSION => {
                let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
                return Err(Refused::new(format!("unknown_policy_request_schema_version:{version}")).at("schema_version"));
            }
            _ => {}
        }
        let part = |name: &str| match map.get(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(part)) => Ok(part.clone()),
            Some(_) => Err(Refused::new(format!("invalid_policy_request_{name}")).at(name)),
        };
        let (principal, action, resource) = (part("principal")?, part("action")?, part("resource")?);
        let (context, check) = (part("context")?, part("check")?);
        part("metadata")?;
        for name in ["principal", "action", "resource", "context", "metadata"] {
            map.get(name).map_or(Ok(()), forbidden::check).map_err(|refused| refused.at(name))?;
        }
        let evidence_refs = references(map.get("evidence_refs")).map_err(|refused| refused.at("evidence_refs"))?;
        Ok(Self { id, subject_ref, principal, action, resource, check, context, evidence_refs })
    }

    /// Name of the request.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the verdict is about.
    pub fn subject(&self) -> &str {
        &self.subject_ref
    }
}

/// Texts, or one text.
fn references(value: Option<&Value>) -> Result<Vec<String>, Refused> {
    let invalid = || Refused::new("invalid_policy_request_evidence_refs");
    match value {
        None => Ok(Vec::new()),
        Some(value) if !truthy(value) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(items)) => {
            let item = |(index, item): (usize, &Value)| {
                item.as_str().map(str::to_owned).ok_or_else(|| invalid().inside([Step::Item(index)]))
            };
            items.iter().enumerate().map(item).collect()
        }
        Some(_) => Err(invalid()),
    }
}
