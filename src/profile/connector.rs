//! `connectors/<name>.yaml`: roles and the closed list of what may be sent through them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::argv;
use super::digest;
use super::model::{Connector, Role, Shape};
use super::raw;
use super::report::{Report, is_token};
use super::taxonomy::{self, Taxonomy};
use super::yaml::At;
use crate::api::{Digest, Duration, LabelName, did_you_mean};

/// Largest bound of an output, in bytes.
const MAX_OUTPUT_BYTES: u64 = 1024 * 1024;
/// Most documented exit statuses of one shape.
const MAX_EXIT_CODES: usize = 32;
/// Most substrings of stderr that mean "unsupported".
const MAX_UNSUPPORTED: usize = 8;
/// Longest default time-out of a connector.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);
/// Longest help of a shape, in characters.
const MAX_HELP: usize = 512;
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
    if raw.command_shapes.is_empty() {
        report.fault(path, None, "connector has no command_shapes");
    }
    for capability in &raw.capabilities {
        let name = &capability.value;
        if raw.capabilities.iter().filter(|other| other.value == *name).count() > 1 {
            report.fault(path, Some(capability.referenced), format!("capability `{name}` stands twice"));
        }
        if !raw.command_shapes.contains_key(name) {
            let help = did_you_mean(name, raw.command_shapes.keys().map(String::as_str))
                .map_or_else(|| "declare it under command_shapes".to_owned(), |near| format!("did you mean `{near}`?"));
            report.fault_with_help(path, Some(capability.referenced), format!("capability `{name}` has no command shape"), help);
        }
    }
    let capabilities: Vec<String> = raw.capabilities.into_iter().map(|capability| capability.value).collect();
    let mut shapes = BTreeMap::new();
    for (action, shape) in raw.command_shapes {
        if !is_token(&action) {
            report.fault(path, Some(shape.referenced), format!("action `{}` is no identifier", action.escape_debug()));
        } else if !capabilities.contains(&action) {
            report.fault(path, Some(shape.referenced), format!("shape `{action}` is missing in capabilities"));
        }
        let shape = self::shape(report, path, stem, &action, shape);
        shapes.insert(action, Arc::new(shape));
    }
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
        Ok(name) => Some(Role { name, kinds: raw.value.kinds.clone() }),
        Err(error) => {
            report.fault(path, at, error.to_string());
            None
        }
    }
}

fn shape(report: &mut Report<'_>, path: &str, connector: &str, action: &str, raw: At<raw::Shape>) -> Shape {
    let shape = raw.value;
    if let Some(why) = argv::fault(&shape.argv.value) {
        report.fault(path, Some(shape.argv.referenced), format!("shape `{action}`: {why}"));
    }
    let (codes, at) = shape.exit_codes.map_or((vec![0], raw.referenced), |codes| (codes.value, codes.referenced));
    let mut exit_codes: Vec<i32> = codes.iter().filter_map(|code| u8::try_from(*code).ok().map(i32::from)).collect();
    exit_codes.sort_unstable();
    exit_codes.dedup();
    if codes.is_empty() || codes.len() > MAX_EXIT_CODES || exit_codes.len() != codes.len() {
        report.fault(
            path,
            Some(at),
            format!("shape `{action}`: exit_codes must be 1 to {MAX_EXIT_CODES} different statuses from 0 to 255"),
        );
    }
    let bound = shape.max_output_bytes.value;
    if !(1..=MAX_OUTPUT_BYTES).contains(&bound) {
        let message = format!("shape `{action}`: max_output_bytes must be from 1 to {MAX_OUTPUT_BYTES}");
        report.fault(path, Some(shape.max_output_bytes.referenced), message);
    }
    if shape.unsupported_stderr.len() > MAX_UNSUPPORTED {
        report.fault(
            path,
            Some(raw.referenced),
            format!("shape `{action}`: more than {MAX_UNSUPPORTED} unsupported_stderr entries"),
        );
    }
    for text in &shape.unsupported_stderr {
        if text.value.trim().len() < 4 || text.value.len() > 128 {
            let message = format!("shape `{action}`: an unsupported_stderr entry needs 4 to 128 characters");
            report.fault(path, Some(text.referenced), message);
        }
    }
    let help = shape.unsupported_help.value;
    if help.trim().is_empty() || help.chars().count() > MAX_HELP || help.chars().any(char::is_control) {
        let message = format!("shape `{action}`: unsupported_help must be one line of 1 to {MAX_HELP} characters");
        report.fault(path, Some(shape.unsupported_help.referenced), message);
    }
    let mut shape = Shape {
        connector: connector.to_owned(),
        action: action.to_owned(),
        argv: shape.argv.value,
        exit_codes,
        max_output_bytes: u32::try_from(bound.min(MAX_OUTPUT_BYTES)).unwrap_or_default(),
        unsupported_stderr: shape.unsupported_stderr.into_iter().map(|text| text.value).collect(),
        unsupported_help: help,
        digest: Digest::of(&[]),
    };
    shape.digest = digest::shape(&shape);
    shape
}
