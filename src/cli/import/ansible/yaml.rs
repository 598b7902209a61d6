//! Inventories in YAML, and what `ansible-inventory --list` prints. Rule: the Ansible documentation, "ansible.builtin.yaml inventory" and
//! "Developing dynamic inventory".

use super::super::super::catalog::scalar;
use super::super::item::place;
use super::inventory::{Inventory, Refused, Variables};
use super::range::expand;
use crate::api::Place;
use crate::source::{Located, LocatedValue};

/// Where a listing has the variables of its hosts.
const META: &str = "_meta";
/// Deepest nesting of groups.
const MAX_DEPTH: usize = 20;

/// Reads an inventory; `file` is its name in messages.
///
/// # Errors
/// The first thing that is no part of an inventory, and more than a bound.
pub(super) fn read(file: &str, document: &Located) -> Result<Inventory, Refused> {
    let mut reader = Reader { file, inventory: Inventory::default() };
    let Some(groups) = document.map() else {
        return Err((place(file, document), "an inventory in YAML is a mapping of groups".to_owned()));
    };
    for (name, group) in groups {
        if name == META {
            let hosts = group.get("hostvars").and_then(Located::map).unwrap_or_default();
            for (name, variables) in hosts {
                let index = reader.inventory.host(name, &reader.at(variables))?;
                let variables = reader.variables(variables)?;
                if let Some(host) = reader.inventory.hosts.get_mut(index) {
                    host.variables.extend(&variables);
                }
            }
            continue;
        }
        reader.group(name, group, 0)?;
    }
    Ok(reader.inventory)
}

struct Reader<'f> {
    file: &'f str,
    inventory: Inventory,
}

impl Reader<'_> {
    fn at(&self, value: &Located) -> Place {
        place(self.file, value)
    }

    fn group(&mut self, name: &str, group: &Located, depth: usize) -> Result<(), Refused> {
        let at = self.at(group);
        if depth > MAX_DEPTH {
            return Err((at, format!("groups are nested deeper than {MAX_DEPTH}")));
        }
        self.inventory.group(name, &at)?;
        let Some(parts) = self.mapping(group, "a group is a mapping with hosts, vars and children")? else { return Ok(()) };
        for (part, value) in parts {
            match part.as_str() {
                "hosts" => {
                    for (pattern, value) in self.entries(&value)? {
                        self.hosts(name, &pattern, &value)?;
                    }
                }
                "children" => {
                    for (child, value) in self.entries(&value)? {
                        let at = self.at(&value);
                        self.inventory.count(&at)?;
                        self.inventory.group(name, &at)?.children.insert(child.clone());
                        self.group(&child, &value, depth + 1)?;
                    }
                }
                "vars" => {
                    for (key, value) in self.entries(&value)? {
                        let at = self.at(&value);
                        self.inventory.group(name, &at)?.variables.add(&key, text(&value), at)?;
                    }
                }
                _ => self.inventory.skipped.push(self.at(&value)),
            }
        }
        Ok(())
    }

    /// The pairs of a mapping, or the names of a list.
    fn entries(&self, value: &Located) -> Result<Vec<(String, Located)>, Refused> {
        let Some(names) = value.list() else {
            return Ok(self.mapping(value, "hosts, vars and children are mappings")?.unwrap_or_default());
        };
        let name = |item: &Located| {
            let nothing = Located { value: LocatedValue::Null, ..item.clone() };
            scalar(item)
                .map(|name| (name, nothing))
                .ok_or_else(|| (self.at(item), "a list of hosts or groups holds names".to_owned()))
        };
        names.iter().map(name).collect()
    }

    fn hosts(&mut self, group: &str, pattern: &str, value: &Located) -> Result<(), Refused> {
        let at = self.at(value);
        let variables = self.variables(value)?;
        for name in expand(pattern).map_err(|why| (at.clone(), why))? {
            let index = self.inventory.host(&name, &at)?;
            self.inventory.count(&at)?;
            self.inventory.group(group, &at)?.hosts.insert(index);
            if let Some(host) = self.inventory.hosts.get_mut(index) {
                host.variables.extend(&variables);
            }
        }
        Ok(())
    }

    fn variables(&self, value: &Located) -> Result<Variables, Refused> {
        let mut variables = Variables::default();
        for (key, value) in self.mapping(value, "the variables of a host are a mapping")?.unwrap_or_default() {
            variables.add(&key, text(&value), self.at(&value))?;
        }
        Ok(variables)
    }

    /// The pairs of a mapping; none when there is nothing.
    fn mapping(&self, value: &Located, rule: &str) -> Result<Option<Vec<(String, Located)>>, Refused> {
        match &value.value {
            LocatedValue::Null => Ok(None),
            LocatedValue::Map(pairs) => Ok(Some(pairs.clone())),
            _ => Err((self.at(value), rule.to_owned())),
        }
    }
}

/// A scalar as text; what is none is no value that says how a host is reached.
fn text(value: &Located) -> String {
    scalar(value).unwrap_or_default()
}
