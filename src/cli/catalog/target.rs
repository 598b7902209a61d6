//! One target of a catalog.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::environment::Environment;
use super::fields::{Fields, Refusal, refuse, scalar};
use crate::source::{Located, LocatedValue};

/// Keys of a target.
const KEYS: [&str; 8] = [
    "id",
    "target_kind",
    "profile_ref",
    "environment_ref",
    "environment_target",
    "capabilities",
    "connector_refs",
    "classification",
];
/// Most entries of a classification.
const MAX_CLASSIFICATION: usize = 32;
/// Longest value of a classification, in characters.
const MAX_VALUE: usize = 256;

/// Finds an environment by its reference, where that stands, and what messages call that place.
pub(super) type Find<'a> = dyn FnMut(&str, &Located, &str) -> Result<Rc<Environment>, Refusal> + 'a;

/// One target of a catalog, or of manifests in the same form.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogTarget {
    /// Its id.
    pub id: String,
    /// What it is: `host`, `network_device`, or what its environment says.
    pub target_kind: String,
    /// Name of the profile it belongs to.
    pub profile_ref: String,
    /// Id of its environment.
    pub environment_id: String,
    /// Its name there.
    pub environment_target: String,
    /// What it is able to do, sorted.
    pub capabilities: Vec<String>,
    /// Connectors it can be read through, sorted.
    pub connector_refs: Vec<String>,
    /// Words of the operator about it.
    pub classification: Map<String, Value>,
}

impl CatalogTarget {
    /// In the form of the Python stack.
    pub fn json(&self) -> Value {
        json!({
            "capabilities": self.capabilities,
            "classification": self.classification,
            "connector_refs": self.connector_refs,
            "environment_id": self.environment_id,
            "environment_target": self.environment_target,
            "id": self.id,
            "profile_ref": self.profile_ref,
            "target_kind": self.target_kind,
        })
    }

    /// Reads an entry; `environment` finds the environment that it names.
    /// `named_profile` answers the name of the profile at a path, if there is one.
    pub(super) fn of(
        fields: &Fields<'_>,
        profile: &str,
        named_profile: &mut dyn FnMut(&str) -> Option<String>,
        environment: &mut Find<'_>,
    ) -> Result<Self, Refusal> {
        fields.closed(&KEYS)?;
        let (_, id) = fields.token("id")?;
        let (kind_at, target_kind) = fields.token("target_kind")?;
        let (profile_at, profile_ref) = fields.text("profile_ref")?;
        let (environment_at, environment_ref) = fields.text("environment_ref")?;
        let named = if fields.map.get("environment_target").is_some() { Some(fields.token("environment_target")?) } else { None };
        let (target_at, environment_target) = named.unwrap_or((fields.map, id.clone()));
        let capabilities = fields.tokens("capabilities")?;
        let connector_refs = fields.tokens("connector_refs")?;
        let classification = classification(fields)?;
        let file = fields.file;
        let profile_ref = if profile_ref == profile {
            profile_ref
        } else {
            named_profile(&profile_ref).ok_or_else(|| {
                let refusal = refuse(file, profile_at, format!("profile not found: {profile_ref}"));
                Box::new(refusal.help(format!("the profile in force is `{profile}`")))
            })?
        };
        let environment = environment(&environment_ref, environment_at, &format!("{}.environment_ref", fields.path))?;
        if !environment.profile.is_empty() && environment.profile != profile_ref {
            return Err(refuse(file, environment_at, format!("catalog environment profile mismatch for target {id}")));
        }
        let Some(kind) = environment.kind(&environment_target) else {
            return Err(refuse(file, target_at, format!("catalog environment target not found: {id}")));
        };
        if kind != target_kind {
            let message = format!("catalog target kind mismatch for {id}: expected {kind}, got {target_kind}");
            return Err(refuse(file, kind_at, message));
        }
        for connector in &connector_refs {
            let what = match environment.enabled(connector) {
                Some(true) => continue,
                Some(false) => "disabled",
                None => "not configured",
            };
            let at = fields.map.get("connector_refs").unwrap_or(fields.map);
            return Err(refuse(file, at, format!("catalog connector {what} for {id}: {connector}")));
        }
        let environment_id = environment.id.clone();
        Ok(Self {
            id,
            target_kind,
            profile_ref,
            environment_id,
            environment_target,
            capabilities,
            connector_refs,
            classification,
        })
    }
}

fn classification(fields: &Fields<'_>) -> Result<Map<String, Value>, Refusal> {
    let Some(found) = fields.map.get("classification").filter(|found| found.value != LocatedValue::Null) else {
        return Ok(Map::new());
    };
    let path = format!("{}.classification", fields.path);
    let Some(pairs) = found.map().filter(|pairs| pairs.len() <= MAX_CLASSIFICATION) else {
        return Err(refuse(fields.file, found, format!("bounded mapping required at {path}")));
    };
    let mut map = Map::new();
    for (key, value) in pairs {
        match scalar(value) {
            Some(text) if text.chars().count() <= MAX_VALUE => map.insert(key.clone(), value.json()),
            Some(_) => return Err(refuse(fields.file, value, format!("bounded value required at {path}.{key}"))),
            None => return Err(refuse(fields.file, value, format!("scalar value required at {path}.{key}"))),
        };
    }
    Ok(map)
}
