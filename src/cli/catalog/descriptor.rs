//! Operations of a profile directory of the Python stack: what its intent files say of themselves, read and held to its rules.
#![expect(clippy::disallowed_methods, reason = "reads the profile that the user named")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::fields::{Refusal, is_token, refuse, scalar};
use super::operation::Operation;
use super::read::{document, text};
use crate::api::{Place, Problem, did_you_mean, reason};
use crate::source::Located;

/// Fields of `intent.catalog`.
const KEYS: [&str; 7] =
    ["title", "summary", "target_kinds", "required_capabilities", "side_effect_class", "validation_ref", "runbook_ref"];
/// Longest title, in characters.
const MAX_TITLE: usize = 120;
/// Longest summary, in characters.
const MAX_SUMMARY: usize = 500;
/// Longest other text, in characters.
const MAX_TEXT: usize = 512;
/// Most intents of a profile.
const MAX_INTENTS: usize = 512;

/// A profile directory of the Python stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackProfile {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    root: PathBuf,
    /// Ids of its intents, sorted: ids are looked up here and never joined into a path.
    pub intents: Vec<String>,
}

/// Reads name, version and the list of intents of the profile in `root`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn stack_profile(root: &Path) -> Result<StackProfile, Box<Problem>> {
    let path = root.join("profile.yaml");
    let shown = path.display().to_string();
    let document = load(&path, "profile", || format!("profile file not found: {shown}"))?;
    if document.map().is_none() {
        return Err(refuse(&shown, &document, format!("invalid profile yaml: {shown}")));
    }
    let Some(contract) = document.get("profile_contract").filter(|contract| contract.map().is_some()) else {
        return Err(refuse(&shown, &document, "missing profile_contract"));
    };
    let field = |key: &str| {
        let text = contract.get(key).and_then(scalar).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        text.ok_or_else(|| refuse(&shown, contract, format!("profile_contract.{key} is required")))
    };
    let (name, version) = (field("name")?, field("version")?);
    let folder = root.join("intents");
    let whole = |message: String| Box::new(Problem::error(reason::UNREADABLE, message).at(place(&folder)));
    let entries = std::fs::read_dir(&folder).map_err(|error| whole(format!("intents cannot be read: {error}")))?;
    let mut intents = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| whole(format!("intents cannot be read: {error}")))?.file_name();
        intents.extend(name.to_str().and_then(|name| name.strip_suffix(".yaml")).map(str::to_owned));
        if intents.len() > MAX_INTENTS {
            return Err(whole(format!("more than {MAX_INTENTS} intents")));
        }
    }
    intents.sort();
    Ok(StackProfile { name, version, root: root.to_owned(), intents })
}

/// Every operation of a profile, sorted by id.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn descriptors(profile: &StackProfile) -> Result<Vec<Operation>, Box<Problem>> {
    profile.intents.iter().map(|id| descriptor(profile, id)).collect()
}

/// The operation of one intent.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn descriptor(profile: &StackProfile, id: &str) -> Result<Operation, Box<Problem>> {
    if !profile.intents.iter().any(|known| known == id) {
        let problem =
            Problem::error(reason::UNREADABLE, format!("intent not found: {id}")).at(place(&profile.root.join("intents")));
        let near = did_you_mean(id, profile.intents.iter().map(String::as_str));
        return Err(Box::new(near.map_or(problem.clone(), |near| problem.help(format!("did you mean `{near}`?")))));
    }
    let path = profile.root.join(format!("intents/{id}.yaml"));
    let document = load(&path, "intent", || format!("intent not found: {id}"))?;
    let file = path.display().to_string();
    if document.map().is_none() {
        return Err(refuse(&file, &document, format!("invalid intent file: {id}")));
    }
    let Some(intent) = document.get("intent").filter(|intent| intent.map().is_some()) else {
        return Err(refuse(&file, &document, format!("intent mapping missing for: {id}")));
    };
    let named = Part { file: &file, path: "intent".to_owned(), map: intent }.text("id", MAX_TEXT)?;
    if named != id {
        return Err(refuse(
            &file,
            intent.get("id").unwrap_or(intent),
            format!("intent file/id mismatch: expected {id}, got {named}"),
        ));
    }
    let Some(catalog) = intent.get("catalog").filter(|catalog| catalog.map().is_some()) else {
        return Err(refuse(&file, intent, format!("intent catalog metadata missing: {id}")));
    };
    let mut strangers: Vec<&(String, Located)> =
        catalog.map().into_iter().flatten().filter(|(key, _)| !KEYS.contains(&key.as_str())).collect();
    strangers.sort_by_key(|(key, _)| key);
    if let Some((_, first)) = strangers.first() {
        let unknown: Vec<&str> = strangers.iter().map(|(key, _)| key.as_str()).collect();
        return Err(refuse(&file, first, format!("unknown intent catalog fields for {id}: {}", unknown.join(", "))));
    }
    let part = Part { file: &file, path: format!("{id}.catalog"), map: catalog };
    let workflow = workflow(profile, id, &file, intent)?;
    let mut operation = Operation {
        id: named,
        title: part.text("title", MAX_TITLE)?,
        summary: part.text("summary", MAX_SUMMARY)?,
        profile_ref: profile.name.clone(),
        profile_version: profile.version.clone(),
        target_kinds: part.tokens("target_kinds", 1)?,
        required_capabilities: part.tokens("required_capabilities", 0)?,
        required_connectors: connectors(&workflow),
        modes: Part { file: &file, path: id.to_owned(), map: intent }.tokens("modes", 1)?,
        risk: [intent, &workflow]
            .into_iter()
            .find_map(|of| of.get("risk").and_then(scalar))
            .unwrap_or_else(|| "unknown".to_owned()),
        side_effect_class: part.token("side_effect_class")?,
        validation_ref: part.inside("validation_ref", &profile.root)?,
        runbook_ref: part.text("runbook_ref", MAX_TEXT)?,
        digest: String::new(),
    };
    operation.digest = operation.digest();
    Ok(operation)
}

/// What the root of a profile declares, as its digest covers it.
///
/// # Errors
/// The file can not be read any more.
pub fn contract(profile: &StackProfile) -> Result<Value, Box<Problem>> {
    let path = profile.root.join("profile.yaml");
    let document = load(&path, "profile", || format!("profile file not found: {}", path.display()))?;
    Ok(document.get("profile_contract").map(Located::json).unwrap_or_default())
}

/// What one intent declares, as the digest covers it.
///
/// # Errors
/// There is no such intent, or its file can not be used.
pub fn intent(profile: &StackProfile, id: &str) -> Result<Value, Box<Problem>> {
    if !profile.intents.iter().any(|known| known == id) {
        let place = place(&profile.root.join("intents"));
        return Err(Box::new(Problem::error(reason::UNREADABLE, format!("intent not found: {id}")).at(place)));
    }
    let path = profile.root.join(format!("intents/{id}.yaml"));
    let document = load(&path, "intent", || format!("intent not found: {id}"))?;
    let declared = document.get("intent").filter(|declared| declared.map().is_some());
    let missing = || refuse(&path.display().to_string(), &document, format!("intent mapping missing for: {id}"));
    declared.map(Located::json).ok_or_else(missing)
}

/// The workflow that an intent names: an existing file inside the profile.
fn workflow(profile: &StackProfile, id: &str, file: &str, intent: &Located) -> Result<Located, Refusal> {
    let reference = intent.get("workflow").and_then(scalar).filter(|reference| !reference.is_empty());
    let Some(reference) = reference else {
        return Err(refuse(file, intent, format!("intent.workflow missing for: {id}")));
    };
    let at = intent.get("workflow").unwrap_or(intent);
    let path = profile.root.join(&reference);
    if !path.is_file() {
        return Err(refuse(file, at, format!("workflow not found for intent {id}: {reference}")));
    }
    if !is_inside(&path, &profile.root) {
        return Err(refuse(file, at, format!("workflow escapes profile root: {reference}")));
    }
    let shown = path.display().to_string();
    let document = load(&path, "workflow", || format!("workflow file not found: {shown}"))?;
    if document.map().is_none() {
        return Err(refuse(&shown, &document, format!("invalid workflow content: {shown}")));
    }
    // The mapping under `workflow`, or the bare one.
    Ok(document.get("workflow").filter(|inner| inner.map().is_some()).cloned().unwrap_or(document))
}

/// Connectors of the steps that read, sorted.
fn connectors(workflow: &Located) -> Vec<String> {
    let steps = workflow.get("steps").and_then(Located::list).into_iter().flatten();
    let reading = steps.filter(|step| step.get("type").and_then(scalar).as_deref() == Some("connector"));
    let names: BTreeSet<String> = reading.filter_map(|step| step.get("connector").and_then(scalar)).collect();
    names.into_iter().collect()
}

fn is_inside(path: &Path, root: &Path) -> bool {
    match (std::fs::canonicalize(path), std::fs::canonicalize(root)) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => false,
    }
}

fn place(path: &Path) -> Place {
    Place { file: path.display().to_string().into(), line: 0, column: 0 }
}

fn load(path: &Path, noun: &str, absent: impl FnOnce() -> String) -> Result<Located, Refusal> {
    let shown = path.display().to_string();
    if !path.is_file() {
        return Err(Box::new(Problem::error(reason::UNREADABLE, absent()).at(place(path))));
    }
    let text = text(path)
        .map_err(|why| Box::new(Problem::error(reason::UNREADABLE, format!("{noun} {why}: {shown}")).at(place(path))))?;
    document(&shown, &text, noun, &format!("invalid {noun} yaml: {shown}"))
}

/// A map of an intent file, and what messages call it.
struct Part<'a> {
    file: &'a str,
    path: String,
    map: &'a Located,
}

impl Part<'_> {
    fn bad(&self, key: &str, what: &str) -> Refusal {
        refuse(self.file, self.map.get(key).unwrap_or(self.map), format!("{what} at {}.{key}", self.path))
    }

    fn text(&self, key: &str, longest: usize) -> Result<String, Refusal> {
        let text = self.map.get(key).and_then(scalar).map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty() && text.chars().count() <= longest)
            .ok_or_else(|| self.bad(key, "bounded text required"))
    }

    fn token(&self, key: &str) -> Result<String, Refusal> {
        let text = self.text(key, MAX_TEXT)?;
        if is_token(&text) { Ok(text) } else { Err(self.bad(key, "invalid token")) }
    }

    fn tokens(&self, key: &str, least: usize) -> Result<Vec<String>, Refusal> {
        let what = if least > 0 { "non-empty list required" } else { "list required" };
        let items = self.map.get(key).and_then(Located::list).filter(|items| items.len() >= least);
        let items = items.ok_or_else(|| self.bad(key, what))?;
        let mut tokens = BTreeSet::new();
        for item in items {
            let text = scalar(item).filter(|text| is_token(text));
            let text = text.ok_or_else(|| refuse(self.file, item, format!("invalid token at {}.{key}[]", self.path)))?;
            if !tokens.insert(text) {
                return Err(self.bad(key, "duplicate values forbidden"));
            }
        }
        Ok(tokens.into_iter().collect())
    }

    /// The name of an existing file inside `root`.
    fn inside(&self, key: &str, root: &Path) -> Result<String, Refusal> {
        let text = self.text(key, MAX_TEXT)?;
        let path = root.join(&text);
        if path.is_file() && is_inside(&path, root) { Ok(text) } else { Err(self.bad(key, "profile file reference invalid")) }
    }
}
