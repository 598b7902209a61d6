//! `intents/<id>.yaml`: the named read-only questions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::digest;
use super::model::{ContractRef, Intent, RoleUse, ValidationRule, Workflow, WorkflowStep};
use super::operation::OperationWords;
use super::parameter;
use super::raw;
use super::report::{Report, has_extension, is_token};
use super::rule;
use super::taxonomy::{self, Taxonomy};
use super::workflow::{self, Vocabulary};
use super::yaml::At;
use crate::api::{Digest, LabelName, TargetType};

/// Longest title, in characters.
const MAX_TITLE: usize = 120;
/// Longest summary, in characters.
const MAX_SUMMARY: usize = 1024;

/// What an intent is checked against.
pub(super) struct Context<'a> {
    pub(super) vocabulary: Vocabulary<'a>,
    pub(super) taxonomy: Option<&'a Taxonomy>,
    pub(super) contracts: &'a BTreeMap<String, Arc<Value>>,
}

/// The intents of a profile.
#[derive(Default)]
pub(super) struct Checked {
    /// Every usable one by id.
    pub(super) intents: BTreeMap<String, Arc<Intent>>,
    /// What they say of themselves that no run needs, by id.
    pub(super) operations: BTreeMap<String, OperationWords>,
    /// Every path that one of them names.
    pub(super) named: BTreeSet<String>,
}

/// Reads and checks every intent.
pub(super) fn check(report: &mut Report<'_>, context: &Context<'_>) -> Checked {
    let mut all = Checked::default();
    let files = report.folder("intents", ".yaml");
    if files.is_empty() {
        report.fault_with_help("intents", None, "the profile has no intents", "see `tecrax profile export`");
    }
    for (path, stem) in files {
        let Some(raw::IntentFile { intent }) = report.read(&path) else {
            // Its workflow and rules are no orphans, only unread.
            all.named.extend([format!("workflows/{stem}.yaml"), format!("validation_rules/{stem}.yaml")]);
            continue;
        };
        let words = OperationWords::of(&intent.value);
        if let Some(intent) = one(report, &path, &stem, intent, context, &mut all.named) {
            all.operations.insert(intent.id.clone(), words);
            all.intents.insert(intent.id.clone(), Arc::new(intent));
        }
    }
    all
}

fn one(
    report: &mut Report<'_>,
    path: &str,
    stem: &str,
    raw: At<raw::Intent>,
    context: &Context<'_>,
    named: &mut BTreeSet<String>,
) -> Option<Intent> {
    let whole = Some(raw.referenced);
    let raw = raw.value;
    let id = raw.id.value;
    if id != stem || !is_token(&id) {
        report.fault(path, Some(raw.id.referenced), format!("intent id `{}` differs from the file name", id.escape_debug()));
    }
    prose(report, path, "title", &raw.title, MAX_TITLE);
    prose(report, path, "summary", &raw.summary, MAX_SUMMARY);
    word(report, path, whole, "risk", raw.risk.as_ref(), "low");
    word(report, path, whole, "side_effect_class", raw.side_effect_class.as_ref(), "none");
    modes(report, path, whole, &raw.modes, raw.enforce_declared_modes.as_ref());
    let target_types = target_types(report, path, whole, &raw.target_kinds, context.taxonomy);
    capability(report, path, whole, raw.capability.as_ref(), context.taxonomy);
    let runbook = raw.runbook.map(|runbook| runbook.value).filter(|runbook| is_token(runbook));
    if runbook.is_none() {
        report.fault(path, whole, "runbook is missing or no identifier");
    }
    let contract = contract(report, path, whole, raw.facts_contract.as_ref(), context.contracts);
    let workflow = reference(report, path, whole, "workflow", raw.workflow, named)
        .and_then(|file| workflow::check(report, &file, stem, &context.vocabulary));
    let validation: Option<ValidationRule> =
        reference(report, path, whole, "validation", raw.validation, named).and_then(|file| rule::check(report, &file));
    let roles = roles(report, path, &raw.roles, workflow.as_ref());
    let parameters = parameter::check(report, path, &raw.parameters, &roles);
    let mut intent = Intent {
        id,
        title: raw.title.value,
        summary: raw.summary.value.trim().to_owned(),
        contract: contract?,
        target_types,
        roles,
        parameters,
        workflow: workflow?,
        validation: validation?,
        runbook: runbook?,
        digest: Digest::of(&[]),
    };
    intent.digest = digest::intent(&intent);
    Some(intent)
}

fn prose(report: &mut Report<'_>, path: &str, field: &str, text: &At<String>, max: usize) {
    if text.value.trim().is_empty() || text.value.chars().count() > max {
        report.fault(path, Some(text.referenced), format!("{field} needs 1 to {max} characters"));
    }
}

fn word(
    report: &mut Report<'_>,
    path: &str,
    whole: Option<serde_yaml::Location>,
    field: &str,
    value: Option<&At<String>>,
    only: &str,
) {
    match value {
        None => report.fault(path, whole, format!("{field} is missing; it must be `{only}`")),
        Some(value) if value.value != only => {
            report.fault(path, Some(value.referenced), format!("{field} must be `{only}`, not `{}`", value.value.escape_debug()));
        }
        Some(_) => {}
    }
}

fn modes(
    report: &mut Report<'_>,
    path: &str,
    whole: Option<serde_yaml::Location>,
    modes: &[At<String>],
    enforce: Option<&At<bool>>,
) {
    if modes.is_empty() {
        report.fault(path, whole, "modes is missing; it must name read_only, and may name dry_run");
    }
    for mode in modes {
        if !["read_only", "dry_run"].contains(&mode.value.as_str()) {
            report.fault(
                path,
                Some(mode.referenced),
                format!("mode `{}` is not read-only; use read_only and dry_run", mode.value.escape_debug()),
            );
        }
    }
    if !enforce.is_some_and(|enforce| enforce.value) {
        report.fault(path, enforce.map_or(whole, |enforce| Some(enforce.referenced)), "enforce_declared_modes must be true");
    }
}

fn target_types(
    report: &mut Report<'_>,
    path: &str,
    whole: Option<serde_yaml::Location>,
    kinds: &[At<String>],
    taxonomy: Option<&Taxonomy>,
) -> Vec<TargetType> {
    if kinds.is_empty() {
        report.fault(path, whole, "target_kinds is missing");
    }
    let mut types = Vec::new();
    for kind in kinds {
        let found = [TargetType::Host, TargetType::NetworkDevice].into_iter().find(|known| known.profile_word() == kind.value);
        match found {
            Some(found) if taxonomy.is_none_or(|taxonomy| taxonomy.target_kinds.contains(&kind.value)) => types.push(found),
            _ => report.fault(
                path,
                Some(kind.referenced),
                format!("target kind `{}` is missing in {}", kind.value.escape_debug(), taxonomy::PATH),
            ),
        }
    }
    types
}

fn capability(
    report: &mut Report<'_>,
    path: &str,
    whole: Option<serde_yaml::Location>,
    capability: Option<&At<String>>,
    taxonomy: Option<&Taxonomy>,
) {
    let Some(capability) = capability else {
        report.fault(path, whole, "capability is missing; it names one of the taxonomy's domain_capabilities");
        return;
    };
    if taxonomy.is_some_and(|taxonomy| !taxonomy.capabilities.contains(&capability.value)) {
        let message = format!("capability `{}` is missing in {}", capability.value.escape_debug(), taxonomy::PATH);
        report.fault(path, Some(capability.referenced), message);
    }
}

fn contract(
    report: &mut Report<'_>,
    path: &str,
    whole: Option<serde_yaml::Location>,
    raw: Option<&At<String>>,
    contracts: &BTreeMap<String, Arc<Value>>,
) -> Option<ContractRef> {
    let Some(raw) = raw else {
        report.fault(path, whole, "facts_contract is missing");
        return None;
    };
    let at = Some(raw.referenced);
    let Some(contract) = ContractRef::parse(&raw.value) else {
        let message = format!("bad facts_contract `{}`: write `tecrax.<name>@<major>.<minor>`", raw.value.escape_debug());
        report.fault(path, at, message);
        return None;
    };
    let file = format!("contracts/{contract}.schema.json");
    if !contracts.contains_key(&contract.to_string()) && !report.files.texts.contains_key(&file) {
        report.fault(path, at, format!("facts_contract `{contract}` has no schema: {file} is missing"));
    }
    Some(contract)
}

/// A file that the intent names. The text is only looked up among the files of the profile, never joined into a path.
fn reference(
    report: &mut Report<'_>,
    path: &str,
    whole: Option<serde_yaml::Location>,
    field: &str,
    raw: Option<At<String>>,
    named: &mut BTreeSet<String>,
) -> Option<String> {
    let folder = if field == "workflow" { "workflows" } else { "validation_rules" };
    let Some(raw) = raw else {
        report.fault(path, whole, format!("{field} is missing; it names a file in {folder}/"));
        return None;
    };
    let at = Some(raw.referenced);
    let file = raw.value;
    if file.starts_with('/') || file.contains('\\') || file.split('/').any(|part| part == ".." || part == ".") {
        report.fault(path, at, format!("{field} `{}` leaves the profile; name a file in {folder}/", file.escape_debug()));
        return None;
    }
    let inside = file.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    if !inside.is_some_and(|name| !name.contains('/') && has_extension(name, "yaml")) {
        report.fault(path, at, format!("{field} `{}` must be {folder}/<id>.yaml", file.escape_debug()));
        return None;
    }
    if !report.files.texts.contains_key(&file) {
        report.fault(path, at, format!("{field} not found: {}", file.escape_debug()));
        return None;
    }
    if !named.insert(file.clone()) {
        report.fault(path, at, format!("{field} {file} is named by another intent too"));
    }
    Some(file)
}

fn roles(report: &mut Report<'_>, path: &str, raw: &[At<raw::RoleUse>], workflow: Option<&Workflow>) -> Vec<RoleUse> {
    let used: BTreeSet<&LabelName> = workflow
        .into_iter()
        .flat_map(|workflow| &workflow.steps)
        .filter_map(|step| match step {
            WorkflowStep::Read { connector, .. } => Some(&connector.role.name),
            _ => None,
        })
        .collect();
    let mut roles: Vec<RoleUse> = Vec::new();
    for role in raw {
        let at = Some(role.referenced);
        match LabelName::parse(&role.value.role) {
            Ok(name) if roles.iter().any(|known| known.role == name) => {
                report.fault(path, at, format!("role `{name}` stands twice"));
            }
            Ok(name) if workflow.is_some() && !used.contains(&name) => {
                report.fault(path, at, format!("role `{name}` is declared, but no step reads through it"));
            }
            Ok(name) => match with(&role.value, raw) {
                Ok(with) => roles.push(RoleUse { role: name, required: role.value.required, with }),
                Err(message) => report.fault(path, at, message),
            },
            Err(error) => report.fault(path, at, error.to_string()),
        }
    }
    for name in used {
        if !roles.iter().any(|role| role.role == *name) {
            report.fault(path, None, format!("the workflow reads through role `{name}`, which roles does not declare"));
        }
    }
    roles
}

/// The role that an optional role comes together with.
fn with(role: &raw::RoleUse, all: &[At<raw::RoleUse>]) -> Result<Option<LabelName>, String> {
    let Some(with) = &role.with else { return Ok(None) };
    let known = all.iter().any(|other| other.value.role == *with && !other.value.required);
    if role.required || !known || *with == role.role {
        let (role, with) = (role.role.escape_debug(), with.escape_debug());
        return Err(format!("role `{role}` comes with `{with}`: both must be roles of the intent, and both optional"));
    }
    LabelName::parse(with).map(Some).map_err(|error| error.to_string())
}
