//! Commands of the Python stack that have no counterpart, by name, with what to use instead.

use std::ffi::OsString;

use super::super::exit::{Exit, Failure};
use crate::api::did_you_mean;

/// Each with its reason and what to use instead.
const FOREIGN: [(&str, &str); 14] = [
    ("version", "`tecrax --version` prints it"),
    ("start", "a plan is started by nobody: `tecrax reconcile --once` runs what is due"),
    ("resume", "a run is never paused: `tecrax reconcile --once` runs what is due"),
    ("retry", "the Check's `retry` says when a reading is taken again; `tecrax reconcile --once --force` runs everything now"),
    ("approve", "nothing here changes anything, so nothing is approved: Policies decide what may be read"),
    ("pause", "`suspend: true` in the Check or the Target pauses it"),
    ("cancel", "SIGTERM ends a pass; `suspend: true` in the Check or the Target keeps it from running"),
    (
        "escalate",
        "rules escalate; `tecrax get escalations` lists what is open, `tecrax explain observation/CHECK.TARGET` says why",
    ),
    ("rollback", "nothing here changes anything, so nothing is rolled back"),
    ("history", "`tecrax evidence list CHECK.TARGET` lists what was recorded"),
    ("queue", "there is no queue: `tecrax plan PATH` shows what is due and why"),
    ("worker", "`tecrax reconcile PATH` follows the manifests and runs what is due"),
    ("trigger", "`tecrax reconcile --once --force PATH` runs everything now"),
    ("reaction-start", "a rerun is planned, admitted and run by `tecrax reconcile`; `tecrax describe CHECK.TARGET` shows it"),
];

/// The refusal of a command that is not there.
pub(in crate::cli) fn refuse(words: &[OsString]) -> Failure {
    let name = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some((_, instead)) = FOREIGN.iter().find(|(known, _)| *known == name) {
        let failure = Failure::new(Exit::Usage, format!("`{name}` of the Python stack has no counterpart"));
        return failure.help(format!("{instead}; docs/migration.md maps every command"));
    }
    let failure = Failure::new(Exit::Usage, format!("unrecognized subcommand '{}'", name.escape_debug()));
    match did_you_mean(&name, super::super::args::command_names().iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("`tecrax --help` lists all commands"),
    }
}
