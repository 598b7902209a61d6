//! Hosts of an Ansible inventory, in INI (`ini`) or YAML (`yaml`).
//!
//! Both become an `inventory`, whose variables `hosts` reads as far as they say how a host is reached. Nothing is run, no vault is opened,
//! no template is filled in, and no value of another variable is looked at. Directories `group_vars` and `host_vars` are not read:
//! `ansible-inventory --list` prints everything in one file, and that file can be imported.

#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod hosts;
mod ini;
mod inventory;
mod range;
mod yaml;

use std::path::Path;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::input;
use super::document::File;
use super::fleet;
use super::item::{Kind, Report, line};
use super::sets;
use crate::api::{Problem, reason};
use crate::source::located;
use hosts::Places;
use inventory::{Inventory, Refused};

/// What the label of a Target from here says.
const ORIGIN: &str = "ansible";
/// Largest inventory, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most values of an inventory in YAML.
const MAX_NODES: usize = 400_000;

/// Imports the inventory at `path`.
#[expect(
    clippy::disallowed_methods,
    reason = "names of files in an inventory lead from the home directory, or from the inventory"
)]
pub(super) fn import(context: &Context<'_>, path: &Path, report: &mut Report) -> Result<Vec<File>, Failure> {
    if path.is_dir() {
        let help = "print it into one file: `ansible-inventory -i DIR --list --yaml > inventory.yaml`";
        return Err(Failure::new(Exit::Manifest, format!("{} is a directory", path.display())).help(help));
    }
    let text = input::text(path, MAX_BYTES)?;
    let home = std::env::var("HOME").ok().filter(|home| !home.is_empty());
    let folder = std::fs::canonicalize(path).ok().and_then(|path| Some(path.parent()?.to_str()?.to_owned()));
    let shown = path.display().to_string();
    let places = Places { home: home.as_deref(), inventory: folder.as_deref() };
    let inventory = match inventory(path, &shown, &text) {
        Ok(inventory) => inventory,
        Err((place, why)) => {
            context.problems(&[Problem::error(reason::BAD_VALUE, why).at(place)]);
            return Err(Failure::new(Exit::Manifest, "the inventory can not be used").help("nothing was written"));
        }
    };
    if ["group_vars", "host_vars"].iter().any(|name| path.with_file_name(name).is_dir()) {
        let message = "group_vars and host_vars beside it are not read";
        let help = "import what `ansible-inventory -i INVENTORY --list --yaml` prints: it holds all variables";
        report.advise(Kind::NotCarried, &line(&shown, 0), "inventory", message, help);
    }
    for place in &inventory.skipped {
        report.add(Kind::NotCarried, place, "inventory", "a group has hosts, vars and children, and nothing else");
    }
    let file = documents(&shown, &inventory, places, report)
        .map_err(|(place, why)| Failure::new(Exit::Manifest, format!("{place}: {why}")).help("nothing was written"))?;
    Ok(vec![file])
}

/// The documents of an inventory.
fn documents(shown: &str, inventory: &Inventory, places: Places<'_>, report: &mut Report) -> Result<File, Refused> {
    let drafts = hosts::drafts(shown, inventory, places, report)?;
    let hosts = fleet::hosts(drafts, ORIGIN, report);
    let comments = vec![
        "Written by `tecrax import ansible`. Edit it, or import again with --force: nothing else writes here.".to_owned(),
        "Groups are labels: a Check of the group web has `targetSelector: {matchLabels: {group/web: member}}`.".to_owned(),
    ];
    Ok(File { name: "ansible.yaml", comments, documents: sets::documents(&hosts) })
}

/// Reads an inventory in the form that its name or its first characters say.
fn inventory(path: &Path, shown: &str, text: &str) -> Result<Inventory, Refused> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let is_yaml = match extension.as_deref() {
        Some("yaml" | "yml" | "json") => true,
        Some("ini" | "cfg") => false,
        _ => text.trim_start().starts_with("---") || text.trim_start().starts_with('{') || text.starts_with("all:"),
    };
    if text.starts_with("$ANSIBLE_VAULT") {
        return Err((line(shown, 1), "the whole inventory is in a vault, and none is opened".to_owned()));
    }
    if text.starts_with("#!") {
        return Err((line(shown, 1), "it is a program, and none is run: import what it prints".to_owned()));
    }
    if !is_yaml {
        return ini::read(shown, text);
    }
    let document = located(text, MAX_NODES).map_err(|error| (line(shown, error.line), error.message))?;
    yaml::read(shown, &document)
}
