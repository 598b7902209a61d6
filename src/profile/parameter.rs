//! Parameters that an intent declares: a closed set of values each, for exactly one place.

use super::model::{ParameterDeclaration, ParameterPlace, ParameterValues, RoleUse};
use super::raw;
use super::report::Report;
use super::yaml::At;
use crate::api::LabelName;

/// Most values of one parameter.
const MAX_VALUES: usize = 256;
/// Longest value, in bytes.
const MAX_VALUE_BYTES: usize = 256;

/// Reads the declarations of one intent.
pub(super) fn check(
    report: &mut Report<'_>,
    path: &str,
    raw: &[At<raw::Parameter>],
    roles: &[RoleUse],
) -> Vec<ParameterDeclaration> {
    let mut declared: Vec<ParameterDeclaration> = Vec::new();
    for parameter in raw {
        let at = Some(parameter.referenced);
        match one(&parameter.value, roles) {
            Ok(new) if declared.iter().any(|known| known.name == new.name) => {
                report.fault(path, at, format!("parameter `{}` stands twice", new.name));
            }
            Ok(new) => declared.push(new),
            Err(message) => report.fault(path, at, message),
        }
    }
    declared
}

fn one(raw: &raw::Parameter, roles: &[RoleUse]) -> Result<ParameterDeclaration, String> {
    let name = LabelName::parse(&raw.name).map_err(|error| error.to_string())?;
    let place = match &raw.connection {
        None => ParameterPlace::Check,
        Some(role) => {
            let role = LabelName::parse(role).map_err(|error| error.to_string())?;
            if !roles.iter().any(|known| known.role == role) {
                return Err(format!("parameter `{name}` is for connection `{role}`, which the intent does not use"));
            }
            ParameterPlace::Connection(role)
        }
    };
    let values = match raw.pattern.as_deref() {
        None => list(&name, &raw.allowed)?,
        Some("dns_name") if raw.allowed.is_empty() => ParameterValues::DnsName,
        Some("dns_name") => return Err(format!("parameter `{name}` has a pattern and a list: one of them decides")),
        Some(other) => {
            return Err(format!("parameter `{name}` names the unknown pattern `{}`; there is dns_name", other.escape_debug()));
        }
    };
    if !values.allow(&raw.default) {
        return Err(format!("parameter `{name}`: its default is not among its allowed values"));
    }
    Ok(ParameterDeclaration { name, place, values, default: raw.default.clone() })
}

fn list(name: &LabelName, allowed: &[String]) -> Result<ParameterValues, String> {
    let plain = |value: &String| (1..=MAX_VALUE_BYTES).contains(&value.len()) && !value.chars().any(char::is_control);
    if allowed.is_empty() || allowed.len() > MAX_VALUES || !allowed.iter().all(plain) {
        return Err(format!(
            "parameter `{name}` needs 1 to {MAX_VALUES} allowed values of 1 to {MAX_VALUE_BYTES} plain characters"
        ));
    }
    Ok(ParameterValues::OneOf(allowed.to_vec()))
}
