//! The connection roles of a profile, and what intents must agree on about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::connector;
use super::model::{Intent, ParameterPlace, Role};
use super::report::Report;
use crate::api::LabelName;

/// Every role that a connector reads through; two connectors of one role must allow the same kinds.
pub(super) fn check(report: &mut Report<'_>, connectors: &BTreeMap<String, connector::Loaded>) -> BTreeMap<LabelName, Role> {
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
pub(super) fn same_parameters(report: &mut Report<'_>, intents: &BTreeMap<String, Arc<Intent>>) {
    let mut known = BTreeMap::new();
    for intent in intents.values() {
        for parameter in &intent.parameters {
            let ParameterPlace::Connection(role) = &parameter.place else { continue };
            if *known.entry((role, &parameter.name)).or_insert(parameter) != parameter {
                let message =
                    format!("parameter `{}` of connection `{role}` is declared differently by another intent", parameter.name);
                report.fault(&format!("intents/{}.yaml", intent.id), None, message);
            }
        }
    }
}
