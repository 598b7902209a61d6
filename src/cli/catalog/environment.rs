//! Environment files of the Python stack: which targets they have and which connectors are on.
#![expect(clippy::disallowed_methods, reason = "asks whether the file that the user named is one")]

use std::path::Path;

use super::fields::{Refusal, refuse, scalar};
use super::inline;
use super::read::{document, text};
use crate::api::{Place, Problem, reason};
use crate::secrets::Redactor;
use crate::source::{Located, LocatedValue};

/// The environment file at `path`, without anything secret in it.
///
/// # Errors
/// It is not there, is no YAML or no mapping, or holds a secret.
pub(in crate::cli) fn environment(path: &Path, redactor: &Redactor) -> Result<Located, Refusal> {
    let shown = path.display().to_string();
    let whole = |message: String| {
        let place = Place { file: shown.as_str().into(), line: 0, column: 0 };
        Box::new(Problem::error(reason::UNREADABLE, message).at(place))
    };
    if !path.is_file() {
        return Err(whole(format!("environment file not found: {shown}")));
    }
    let text = text(path).map_err(|why| whole(format!("environment {why}: {shown}")))?;
    let invalid = format!("invalid environment yaml: {shown}");
    let document = document(&shown, &text, "environment", &invalid)?;
    if document.map().is_none() {
        return Err(refuse(&shown, &document, invalid));
    }
    let Some(root) = document.get("environment") else {
        return Err(refuse(&shown, &document, "environment mapping required"));
    };
    inline::check(&shown, "environment", root, redactor)?;
    Ok(document)
}

/// What a catalog needs of an environment.
#[derive(Debug)]
pub(super) struct Environment {
    pub id: String,
    pub profile: String,
    targets: Vec<(String, String)>,
    connectors: Vec<(String, bool)>,
}

impl Environment {
    /// Reads it; `file` is its name in messages.
    pub fn of(file: &str, document: &Located) -> Result<Self, Refusal> {
        let Some(root) = document.get("environment").filter(|root| root.map().is_some()) else {
            return Err(refuse(file, document, "environment mapping required"));
        };
        let text = |key: &str| root.get(key).and_then(scalar).unwrap_or_default();
        let id = text("id");
        if id.is_empty() {
            return Err(refuse(file, root.get("id").unwrap_or(root), "environment.id is required"));
        }
        let pairs = |key: &str| root.get(key).and_then(Located::map).into_iter().flatten();
        let kind = |target: &Located| target.get("type").and_then(scalar).unwrap_or_else(|| "host".to_owned());
        let on = |connector: &Located| {
            connector
                .get("enabled")
                .is_none_or(|enabled| !matches!(&enabled.value, LocatedValue::Bool(false) | LocatedValue::Null))
        };
        Ok(Self {
            id,
            profile: text("profile"),
            targets: pairs("targets")
                .filter(|(_, target)| target.map().is_some())
                .map(|(name, target)| (name.clone(), kind(target)))
                .collect(),
            connectors: pairs("connectors").map(|(name, connector)| (name.clone(), on(connector))).collect(),
        })
    }

    /// Kind of a target.
    pub fn kind(&self, target: &str) -> Option<&str> {
        self.targets.iter().find(|(name, _)| name == target).map(|(_, kind)| kind.as_str())
    }

    /// Whether a connector is on; `None` when there is none of that name.
    pub fn enabled(&self, connector: &str) -> Option<bool> {
        self.connectors.iter().find(|(name, _)| name == connector).map(|(_, on)| *on)
    }
}
