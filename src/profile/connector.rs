//! `connectors/<name>.yaml`: roles and the closed list of what may be sent through them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{Connector, Role};
use super::raw;
use super::report::{Report, is_token};
use super::shapes::{self, Written};
use super::taxonomy::{self, Taxonomy};
use super::yaml::At;
use crate::api::{Duration, LabelName, did_you_mean};

/// Longest default time-out of a connector.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);
/// Kinds a role may name; `fixture` is allowed for every role and never named.
const KINDS: [&str; 5] = ["local", "ssh", "wrapper", "http", "dns"];

/// A connector and what only the loader needs of it.
pub(super) struct Loaded {
    pub(super) connector: Arc<Connector>,
    pub(super) capabilities: Vec<String>,
    pub(super) timeout: Duration,
}

/// Every usable connector by name; what is absent has been reported.
pub(super) fn check(report: &mut Report<'_>, taxonomy: Option<&Taxonomy>) -> BTreeMap<String, Loaded> {
    let mut connectors = BTreeMap::new();
    for (path, stem) in report.folder("connectors", ".yaml") {
        if let Some(raw::ConnectorFile { connector }) = report.read(&path)
            && let Some(loaded) = one(report, &path, &stem, connector, taxonomy)
        {
            connectors.insert(stem, loaded);
        }
    }
    connectors
}

fn one(report: &mut Report<'_>, path: &str, stem: &str, raw: raw::Connector, taxonomy: Option<&Taxonomy>) -> Option<Loaded> {
    if raw.name.value != stem || !is_token(stem) {
        report.fault(path, Some(raw.name.referenced), format!("connector name `{}` differs from the file name", raw.name.value));
    }
    let timeout = match Duration::parse(&raw.timeout_default.value) {
        Some(timeout) if timeout > Duration::from_millis(0) && timeout <= MAX_TIMEOUT => timeout,
        _ => {
            let message = format!(
                "bad timeout_default `{}`: write a duration above 0s and at most {MAX_TIMEOUT}",
                raw.timeout_default.value
            );
            report.fault(path, Some(raw.timeout_default.referenced), message);
            MAX_TIMEOUT
        }
    };
    let role = role(report, path, &raw.role, taxonomy);
    let declared: Vec<&String> = raw.command_shapes.keys().chain(raw.http_shapes.keys()).chain(raw.dns_shapes.keys()).collect();
    if declared.is_empty() {
        report.fault(path, None, "connector has no command_shapes, http_shapes or dns_shapes");
    }
    for capability in &raw.capabilities {
        let name = &capability.value;
        if raw.capabilities.iter().filter(|other| other.value == *name).count() > 1 {
            report.fault(path, Some(capability.referenced), format!("capability `{name}` stands twice"));
        }
        if !declared.contains(&name) {
            let help = did_you_mean(name, declared.iter().map(|name| name.as_str()))
                .map_or_else(|| "declare it under command_shapes".to_owned(), |near| format!("did you mean `{near}`?"));
            report.fault_with_help(path, Some(capability.referenced), format!("capability `{name}` has no shape"), help);
        }
    }
    let capabilities: Vec<String> = raw.capabilities.into_iter().map(|capability| capability.value).collect();
    let written = Written { commands: raw.command_shapes, http: raw.http_shapes, dns: raw.dns_shapes };
    let shapes = shapes::check(report, path, stem, &capabilities, written);
    let connector = Arc::new(Connector { name: stem.to_owned(), role: role?, shapes });
    Some(Loaded { connector, capabilities, timeout })
}

/// Checks a role; `None` when its name is none.
pub(super) fn role(report: &mut Report<'_>, path: &str, raw: &At<raw::Role>, taxonomy: Option<&Taxonomy>) -> Option<Role> {
    let at = Some(raw.referenced);
    let name = &raw.value.name;
    if taxonomy.is_some_and(|taxonomy| !taxonomy.roles.contains(name)) {
        report.fault(path, at, format!("role `{name}` is missing in {}", taxonomy::PATH));
    }
    if raw.value.kinds.is_empty() {
        report.fault(path, at, format!("role `{name}` allows no connection kind"));
    }
    for kind in &raw.value.kinds {
        if !KINDS.contains(&kind.as_str()) {
            report.fault(path, at, format!("role `{name}` allows unknown kind `{kind}`; kinds are {}", KINDS.join(", ")));
        }
    }
    match LabelName::parse(name) {
        Ok(name) => Some(Role { name, kinds: raw.value.kinds.clone(), https_only: raw.value.https_only }),
        Err(error) => {
            report.fault(path, at, error.to_string());
            None
        }
    }
}
