//! Environment files of the Python stack: their targets and their policy.

use std::path::Path;

use serde_json::{Map, Value};

use super::super::catalog;
use super::{Context, Failure, problem, refused};
use crate::admission::policy::criticality;

/// What a reaction needs of an environment.
pub(super) struct Environment {
    /// Its id.
    pub id: String,
    targets: Map<String, Value>,
    policy: Value,
}

impl Environment {
    /// Reads the file at `path`, which belongs to the profile named `profile`.
    ///
    /// # Errors
    /// It is not there, is no environment, holds a secret, or belongs to another profile.
    pub(super) fn read(context: &Context<'_>, path: &Path, profile: &str) -> Result<Self, Failure> {
        let document = catalog::environment(path, context.screen.redactor()).map_err(|fault| problem(&fault))?.json();
        let Some(root) = document.get("environment").filter(|root| root.is_object()) else {
            return Err(refused("environment mapping required"));
        };
        let text = |key: &str| root.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (id, named) = (text("id"), text("profile"));
        if id.is_empty() {
            return Err(refused("environment.id is required"));
        }
        if !named.is_empty() && named != profile {
            return Err(refused(format!("environment profile {named} does not match {profile}")));
        }
        let policy = root.get("policy_pack").cloned().unwrap_or_default();
        if !policy.is_object() && !policy.is_null() {
            return Err(refused("environment.policy_pack must be a mapping"));
        }
        let targets = root.get("targets").and_then(Value::as_object).cloned().unwrap_or_default();
        Ok(Self { id, targets, policy })
    }

    /// The policy pack, when there is one that says anything.
    pub(super) fn policy(&self) -> Option<&Value> {
        Some(&self.policy).filter(|policy| policy.as_object().is_some_and(|policy| !policy.is_empty()))
    }

    /// How critical a target is.
    ///
    /// # Errors
    /// There is no such target.
    pub(super) fn criticality(&self, target: &str) -> Result<String, Failure> {
        let is_member = |group: &Value| {
            let members = group.get("members").and_then(Value::as_array).into_iter().flatten();
            group.get("type").and_then(Value::as_str) == Some("group") && members.into_iter().any(|member| member == target)
        };
        if self.targets.get(target).is_some_and(Value::is_object) || self.targets.values().any(is_member) {
            return Ok(criticality(&self.targets, target));
        }
        Err(refused(format!("unknown environment target: {target}")))
    }
}
