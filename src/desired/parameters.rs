//! Parameters: declared by the profile, for exactly one place, out of a closed set of values.

use std::collections::BTreeMap;

use super::report::{Report, Scope};
use super::union::unique;
use crate::api::{LabelName, Parameter, reason};
use crate::profile::{ParameterDeclaration, ParameterPlace, Profile};

/// What the profile declares, by place.
pub(super) struct Declared<'p> {
    connections: BTreeMap<&'p LabelName, BTreeMap<&'p LabelName, &'p ParameterDeclaration>>,
}

impl<'p> Declared<'p> {
    pub(super) fn new(profile: &'p Profile) -> Self {
        let mut connections: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for parameter in profile.intents.values().flat_map(|intent| &intent.parameters) {
            if let ParameterPlace::Connection(role) = &parameter.place {
                connections.entry(role).or_default().insert(&parameter.name, parameter);
            }
        }
        Self { connections }
    }

    /// Values of a connection, defaults filled in.
    pub(super) fn connection(
        &self,
        report: &mut Report,
        scope: &Scope<'_>,
        path: &str,
        role: &LabelName,
        given: &[Parameter],
    ) -> BTreeMap<LabelName, String> {
        let none = BTreeMap::new();
        read(report, scope, path, self.connections.get(role).unwrap_or(&none), given)
    }
}

/// Values of a Check that is asked another question: what it said of the parameters that the question declares, else their defaults.
pub(super) fn carried(declared: &[ParameterDeclaration], said: &BTreeMap<LabelName, String>) -> BTreeMap<LabelName, String> {
    let here = declared.iter().filter(|parameter| parameter.place == ParameterPlace::Check);
    let value = |parameter: &ParameterDeclaration| {
        let said = said.get(&parameter.name).filter(|value| parameter.values.allow(value));
        said.unwrap_or(&parameter.default).clone()
    };
    here.map(|parameter| (parameter.name.clone(), value(parameter))).collect()
}

/// Values of a Check, defaults filled in.
pub(super) fn of_check(
    report: &mut Report,
    scope: &Scope<'_>,
    declared: &[ParameterDeclaration],
    given: &[Parameter],
) -> BTreeMap<LabelName, String> {
    let here = declared.iter().filter(|parameter| parameter.place == ParameterPlace::Check);
    read(report, scope, "parameters", &here.map(|parameter| (&parameter.name, parameter)).collect(), given)
}

fn read(
    report: &mut Report,
    scope: &Scope<'_>,
    path: &str,
    declared: &BTreeMap<&LabelName, &ParameterDeclaration>,
    given: &[Parameter],
) -> BTreeMap<LabelName, String> {
    unique(report, scope, path, "name", given.iter().map(|parameter| parameter.name.as_str()));
    let mut values: BTreeMap<LabelName, String> =
        declared.iter().map(|(name, parameter)| ((*name).clone(), parameter.default.clone())).collect();
    for (index, parameter) in given.iter().enumerate() {
        let Some(declaration) = declared.get(&parameter.name) else {
            let message = format!("parameter `{}` is not declared here by the profile", parameter.name);
            let names = declared.keys().map(|name| name.as_str());
            report.unknown(
                scope,
                &format!("{path}[{index}].name"),
                reason::BAD_PARAMETER,
                message,
                parameter.name.as_str(),
                names,
            );
            continue;
        };
        if declaration.values.allow(&parameter.value) {
            values.insert(parameter.name.clone(), parameter.value.clone());
        } else {
            let message = format!("parameter `{}` can not have this value", parameter.name);
            let help = declaration.values.rule();
            report.error_with_help(scope, &format!("{path}[{index}].value"), reason::BAD_PARAMETER, message, help);
        }
    }
    values
}
