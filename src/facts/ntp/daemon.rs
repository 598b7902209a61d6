//! Which time daemon a host has, out of `systemctl show` over every known unit.

use std::collections::BTreeMap;

use super::{NOT_FOUND, WORD_MAX};
use crate::facts::text::{collapse, lines, part, trim};
use crate::facts::unit_state::is_up;

/// Most unit blocks that are read.
const UNITS_MAX: usize = 64;

/// A daemon and its state.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::facts) struct Daemon {
    /// Unit name without `.service`; `None` when no known daemon exists.
    pub name: Option<String>,
    /// `ActiveState`, or `not-found`.
    pub state: String,
}

/// The daemon out of blocks of `KEY=value` lines separated by blank lines: the loaded one that runs, else the loaded one
/// that is enabled, else the first loaded one, else one that can not be loaded (`masked`); earlier blocks win. An alias repeats the block of its unit under the same `Id`,
/// which changes nothing. `None` when the text describes no unit at all.
pub(super) fn discover(text: &str) -> Option<Daemon> {
    let units: Vec<_> = blocks(text).into_iter().filter(|unit| unit.contains_key("Id")).collect();
    if units.is_empty() {
        return None;
    }
    let loaded = || units.iter().filter(|unit| field(unit, "LoadState") == "loaded");
    let (unit, state) = if let Some(unit) = loaded()
        .find(|unit| is_up(field(unit, "ActiveState")))
        .or_else(|| loaded().find(|unit| field(unit, "UnitFileState").starts_with("enabled")))
        .or_else(|| loaded().next())
    {
        (unit, field(unit, "ActiveState"))
    } else if let Some(unit) = units.iter().find(|unit| !matches!(field(unit, "LoadState"), "" | NOT_FOUND)) {
        // Masked, or a unit file that systemd can not use: the load state says more than `inactive`.
        (unit, field(unit, "LoadState"))
    } else {
        return Some(Daemon { name: None, state: NOT_FOUND.into() });
    };
    let id = field(unit, "Id");
    let name = collapse(id.strip_suffix(".service").unwrap_or(id), WORD_MAX);
    let state = collapse(state, WORD_MAX);
    (!name.is_empty() && !state.is_empty()).then_some(Daemon { name: Some(name), state })
}

fn field<'a>(unit: &BTreeMap<&str, &'a str>, key: &str) -> &'a str {
    unit.get(key).copied().unwrap_or_default()
}

fn blocks(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut blocks = vec![BTreeMap::new()];
    for line in lines(text) {
        if trim(line).is_empty() {
            if blocks.len() == UNITS_MAX {
                break;
            }
            blocks.push(BTreeMap::new());
        } else if let (Some((key, value)), Some(block)) = (part(line, '='), blocks.last_mut()) {
            block.insert(key, trim(value));
        }
    }
    blocks
}
