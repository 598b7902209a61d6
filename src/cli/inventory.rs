//! Targets that `targets` and `operations` are about: of manifests, or of a catalog of the Python stack.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::{Map, Value, json};

use super::catalog::{self, Catalog, CatalogTarget, Operation};
use super::context::Context;
use super::exit::{Exit, Failure};
use super::loaded::{exit_of, load};
use crate::api::{Digest, Labels, did_you_mean};
use crate::desired::{ConnectionConfig, DesiredTarget};
use crate::profile::{Auth, Connector, Profile, Shape};

/// Where targets come from.
#[derive(Debug, Args)]
pub struct From {
    /// Manifest files and directories
    #[arg(value_name = "PATH", conflicts_with = "catalog")]
    pub paths: Vec<PathBuf>,
    /// A target catalog of the Python stack (version 0.1) instead of manifests
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
}

impl From {
    /// Whether nothing was named.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.catalog.is_none()
    }
}

/// Targets, and where they come from.
pub enum Inventory {
    /// A catalog.
    Catalog(Catalog),
    /// Manifests: their digest, and the targets with what the manifests say of them.
    Manifests { digest: Digest, targets: Vec<(CatalogTarget, Declared)>, exit: Exit },
}

/// What manifests say of a target beyond a catalog.
pub struct Declared {
    pub target: Arc<DesiredTarget>,
    pub namespace: String,
    pub labels: Labels,
    pub connections: Vec<(String, &'static str)>,
    pub suspend: bool,
    pub place: String,
}

/// Reads what `from` names.
pub fn read(context: &Context<'_>, profile: &Profile, from: &From) -> Result<Inventory, Failure> {
    read_for(context, profile, &profile.name, from)
}

/// Reads what `from` names; targets of a catalog belong to the profile named `name`.
pub fn read_for(context: &Context<'_>, profile: &Profile, name: &str, from: &From) -> Result<Inventory, Failure> {
    if let Some(path) = &from.catalog {
        return match catalog::read(path, name, context.screen.redactor()) {
            Ok(catalog) => Ok(Inventory::Catalog(catalog)),
            Err(problem) => {
                context.problems(&[*problem]);
                Err(Failure::new(Exit::Failing, "the catalog can not be used"))
            }
        };
    }
    if from.paths.is_empty() {
        return Err(Failure::new(Exit::Usage, "no targets are named").help("name manifests, or --catalog FILE"));
    }
    let loaded = load(context, &from.paths)?;
    context.problems(&loaded.desired.problems);
    let operations = catalog::operations(profile);
    let targets = loaded.desired.targets.values().map(|target| (of(target, profile, &operations), declared(target))).collect();
    let exit = exit_of(&loaded.desired.problems);
    Ok(Inventory::Manifests { digest: loaded.desired.manifest_digest, targets, exit })
}

/// A declared Target in the form of a catalog: it can be read through every connector whose role it has a connection for, with a
/// token where a shape needs one, and is able to do whatever its kind allows.
fn of(target: &DesiredTarget, profile: &Profile, operations: &[Operation]) -> CatalogTarget {
    let has = |connector: &Connector| match target.connections.get(&connector.role.name).map(|known| &known.config) {
        Some(ConnectionConfig::Http(http)) => http.auth.is_some() || !connector.shapes.values().any(|shape| needs_token(shape)),
        Some(_) => true,
        None => false,
    };
    let connectors: Vec<String> =
        profile.connectors.values().filter(|connector| has(connector)).map(|connector| connector.name.clone()).collect();
    let mut capabilities: Vec<String> = operations
        .iter()
        .filter(|operation| operation.target_kinds.iter().any(|kind| kind == target.r#type.profile_word()))
        .flat_map(|operation| operation.required_capabilities.iter().cloned())
        .collect();
    capabilities.sort();
    capabilities.dedup();
    CatalogTarget {
        id: target.name.to_string(),
        target_kind: target.r#type.profile_word().to_owned(),
        profile_ref: profile.name.clone(),
        environment_id: target.namespace.to_string(),
        environment_target: target.name.to_string(),
        capabilities,
        connector_refs: connectors,
        classification: Map::new(),
    }
}

fn needs_token(shape: &Shape) -> bool {
    shape.http().is_some_and(|http| matches!(http.auth, Auth::Required { .. }))
}

fn declared(target: &Arc<DesiredTarget>) -> Declared {
    Declared {
        target: Arc::clone(target),
        namespace: target.namespace.to_string(),
        labels: target.labels.clone(),
        connections: target.connections.iter().map(|(name, connection)| (name.to_string(), connection.config.kind())).collect(),
        suspend: target.suspend,
        place: target.place.to_string(),
    }
}

impl Inventory {
    /// Every target.
    pub fn targets(&self) -> Vec<&CatalogTarget> {
        match self {
            Self::Catalog(catalog) => catalog.targets.iter().collect(),
            Self::Manifests { targets, .. } => targets.iter().map(|(target, _)| target).collect(),
        }
    }

    /// The targets of that name, at least one: names are unique in a namespace.
    pub fn named(&self, name: &str) -> Result<Vec<&CatalogTarget>, Failure> {
        let targets = self.targets();
        let found: Vec<&CatalogTarget> = targets.iter().copied().filter(|target| target.id == name).collect();
        if found.is_empty() {
            let near = did_you_mean(name, targets.iter().map(|target| target.id.as_str()));
            let help =
                near.map_or_else(|| "`tecrax targets list` names them all".to_owned(), |near| format!("did you mean `{near}`?"));
            return Err(match self {
                Self::Catalog(_) => Failure::new(Exit::Failing, format!("unknown catalog target: {name}")),
                Self::Manifests { .. } => Failure::new(Exit::Config, format!("no target named `{name}`")),
            }
            .help(help));
        }
        Ok(found)
    }

    /// The Target behind one of the targets; `None` for those of a catalog.
    pub fn declared(&self, target: &CatalogTarget) -> Option<&DesiredTarget> {
        match self {
            Self::Catalog(_) => None,
            Self::Manifests { targets, .. } => {
                let found = targets.iter().find(|(known, _)| std::ptr::eq(known, target));
                found.map(|(_, declared)| &*declared.target)
            }
        }
    }

    /// 65 when some manifest is wrong: its targets are missing here.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Catalog(_) => Exit::Ok,
            Self::Manifests { exit, .. } => *exit,
        }
    }
}

impl Declared {
    /// With what a catalog would say.
    pub fn json(&self, target: &CatalogTarget) -> Value {
        let connections: Vec<Value> = self.connections.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
        json!({
            "namespace": self.namespace,
            "id": target.id,
            "target_kind": target.target_kind,
            "labels": self.labels,
            "connections": connections,
            "connector_refs": target.connector_refs,
            "capabilities": target.capabilities,
            "suspend": self.suspend,
            "place": self.place,
        })
    }
}
