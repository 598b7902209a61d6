//! `upcoming.yaml`: intents and roles that a later version brings.

use std::collections::BTreeMap;

use super::connector;
use super::model::{Intent, Role};
use super::raw;
use super::report::{Report, is_token};
use super::taxonomy::Taxonomy;
use crate::api::LabelName;

pub(super) const PATH: &str = "upcoming.yaml";

/// The titles of upcoming intents; adds the upcoming roles to `roles`. The file may be absent.
pub(super) fn check<V>(
    report: &mut Report<'_>,
    taxonomy: Option<&Taxonomy>,
    intents: &BTreeMap<String, V>,
    roles: &mut BTreeMap<LabelName, Role>,
) -> BTreeMap<String, String> {
    let Some(raw::UpcomingFile { upcoming }) = report.read(PATH) else { return BTreeMap::new() };
    for raw_role in &upcoming.roles {
        if let Some(role) = connector::role(report, PATH, raw_role, taxonomy) {
            let name = role.name.clone();
            if roles.insert(name.clone(), role).is_some() {
                report.fault(PATH, Some(raw_role.referenced), format!("role `{name}` exists already"));
            }
        }
    }
    let mut titles = BTreeMap::new();
    for (id, title) in upcoming.intents {
        if !is_token(&id) || title.value.trim().is_empty() {
            report.fault(
                PATH,
                Some(title.referenced),
                format!("upcoming intent `{}` needs an identifier and a title", id.escape_debug()),
            );
        } else if intents.contains_key(&id) || report.files.texts.contains_key(&format!("intents/{id}.yaml")) {
            report.fault(PATH, Some(title.referenced), format!("intent `{id}` exists already; remove it here"));
        }
        titles.insert(id, title.value);
    }
    titles
}

/// Every role that a connector reads through; two connectors of one role must allow the same kinds.
pub(super) fn roles_of(report: &mut Report<'_>, connectors: &BTreeMap<String, connector::Loaded>) -> BTreeMap<LabelName, Role> {
    let mut roles: BTreeMap<LabelName, Role> = BTreeMap::new();
    for (name, loaded) in connectors {
        let role = &loaded.connector.role;
        match roles.get(&role.name) {
            Some(known) if known != role => {
                report.fault(
                    &format!("connectors/{name}.yaml"),
                    None,
                    format!("role `{}` allows other kinds in another connector", role.name),
                );
            }
            _ => {
                roles.insert(role.name.clone(), role.clone());
            }
        }
    }
    roles
}

/// Every parameter of a connection role must be declared alike by all intents that declare it.
pub(super) fn same_parameters(report: &mut Report<'_>, intents: &BTreeMap<String, std::sync::Arc<Intent>>) {
    let mut known = BTreeMap::new();
    for intent in intents.values() {
        for parameter in &intent.parameters {
            let super::model::ParameterPlace::Connection(role) = &parameter.place else { continue };
            if *known.entry((role, &parameter.name)).or_insert(parameter) != parameter {
                let message =
                    format!("parameter `{}` of connection `{role}` is declared differently by another intent", parameter.name);
                report.fault(&format!("intents/{}.yaml", intent.id), None, message);
            }
        }
    }
}
