//! The rules of one intent, in their recorded order.

use std::collections::BTreeSet;

use serde_json::Value;

use super::tokens::{self, identifiers};
use super::words::{Words, list, text};
use super::{Around, Parsed};

/// Adds every rule that an intent breaks. Where the table says so, a broken rule ends the check of this intent.
pub(super) fn intent(parsed: &Parsed<'_>, path: &str, stem: &str, around: &Around<'_>, found: &mut BTreeSet<String>) {
    let file = path.rsplit('/').next().unwrap_or(path);
    let Some(intent) = parsed.root(path, "intent") else {
        found.insert(format!("{file}:missing_intent_mapping"));
        return;
    };
    let named = text(intent, "id");
    if named != stem {
        found.insert(format!("{file}:id_mismatch:{named}"));
    }
    let id = if named.is_empty() { stem } else { named };
    let mut add = |word: &str| found.insert(format!("{id}:{word}"));
    if intent.get("enforce_declared_modes") != Some(&Value::Bool(true)) {
        add("declared_modes_not_enforced");
    }
    let mut modes = list(intent, "modes");
    modes.sort_unstable();
    if modes.is_empty() || modes.iter().any(|mode| !["read_only", "dry_run"].contains(mode)) {
        add(&format!("non_readonly_modes:{}", modes.join(",")));
    }
    let Some(words) = Words::of(intent) else {
        add("missing_catalog");
        return;
    };
    if words.text("side_effect_class") != "none" {
        add("side_effect_not_none");
    }
    for field in ["title", "summary"] {
        if words.text(field).trim().is_empty() {
            add(&format!("missing_catalog_field:{field}"));
        }
    }
    for (field, values) in [("target_kinds", words.list("target_kinds")), ("required_capabilities", words.capabilities())] {
        if values.is_empty() {
            add(&format!("missing_catalog_field:{field}"));
        }
    }
    if let Some(broken) = contract(parsed, text(intent, "facts_contract")) {
        add(&broken);
    }
    if let Some(broken) = capability(parsed, &words.capabilities()) {
        add(broken);
    }
    let workflow_ref = text(intent, "workflow");
    if !parsed.has(workflow_ref) {
        add(&format!("missing_workflow:{workflow_ref}"));
        return;
    }
    let (validation, runbook) = (words.validation(), words.runbook());
    if !parsed.has(validation) {
        add(&format!("missing_validation:{validation}"));
    } else if let Some(broken) = decision(parsed, validation, text(intent, "facts_contract")) {
        add(&broken);
    }
    if runbook.is_empty() || (around.runbook)(runbook) == Some(false) {
        add(&format!("missing_runbook:{runbook}"));
    }
    let whole = parsed.values.get(workflow_ref).unwrap_or(&Value::Null);
    let workflow = whole.get("workflow").unwrap_or(whole);
    if text(workflow, "intent") != id {
        add("workflow_intent_mismatch");
        return;
    }
    if text(workflow, "mode") != "read_only" {
        add("workflow_not_read_only");
    }
    for token in tokens::PRODUCTS {
        if identifiers(intent).contains(token) || identifiers(workflow).contains(token) {
            add(&format!("forbidden_active_token:{token}"));
        }
    }
    steps(parsed, id, workflow, found);
}

/// The connectors that a workflow reads through.
fn steps(parsed: &Parsed<'_>, id: &str, workflow: &Value, found: &mut BTreeSet<String>) {
    let steps = workflow.get("steps").and_then(Value::as_array).into_iter().flatten();
    for step in steps.filter(|step| text(step, "type") == "connector") {
        let (name, action) = (text(step, "connector"), text(step, "action"));
        let path = format!("connectors/{name}.yaml");
        let Some(connector) = parsed.root(&path, "connector") else {
            found.insert(format!("{id}:missing_connector:{name}"));
            continue;
        };
        if !list(connector, "capabilities").contains(&action) {
            found.insert(format!("{id}:undeclared_connector_action:{name}:{action}"));
        }
        let identifiers = identifiers(connector);
        let tokens = tokens::ACTIONS.iter().filter(|token| identifiers.contains(**token));
        found.extend(tokens.map(|token| format!("{name}:forbidden_connector_action_token:{token}")));
    }
}

/// What is wrong with the contract that an intent names.
fn contract(parsed: &Parsed<'_>, reference: &str) -> Option<String> {
    if reference.is_empty() {
        return Some("missing_facts_contract".to_owned());
    }
    let (id, version) = reference.split_once('@').unwrap_or_default();
    if id.is_empty() || version.is_empty() || version.contains('@') {
        return Some(format!("invalid_facts_contract_ref:{reference}"));
    }
    if parsed.has(&schema(reference)) {
        return None;
    }
    let known = parsed.files.texts.keys().any(|path| path.starts_with(&format!("contracts/{id}@")));
    Some(if known { format!("facts_contract_version_mismatch:{reference}") } else { format!("unknown_facts_contract:{id}") })
}

fn schema(reference: &str) -> String {
    format!("contracts/{reference}.schema.json")
}

fn capability(parsed: &Parsed<'_>, capabilities: &[&str]) -> Option<&'static str> {
    let domain: Vec<&&str> = capabilities.iter().filter(|capability| capability.starts_with("tecrax.")).collect();
    let [one] = domain.as_slice() else { return Some("expected_one_domain_capability") };
    let taxonomy = parsed.root("taxonomy.yaml", "taxonomy")?;
    (!list(taxonomy, "domain_capabilities").contains(one)).then_some("unknown_domain_capability")
}

/// Whether the path that a rule file decides by exists in the contract; without a schema nobody can say.
fn decision(parsed: &Parsed<'_>, validation: &str, contract: &str) -> Option<String> {
    let schema = parsed.values.get(schema(contract).as_str())?;
    let steps = parsed.root(validation, "validation_rule")?.get("steps")?.as_array()?;
    steps.iter().find_map(|step| {
        let path = step.get("path")?.as_str()?;
        let inside = path.split('.').skip(1);
        let exists = inside.clone().try_fold(schema, |schema, key| schema.get("properties")?.get(key)).is_some();
        (!exists).then(|| format!("validation_path_not_in_contract:{path}"))
    })
}
