//! An inventory as groups and hosts with variables, whatever file it was read from.
//!
//! Rule: the Ansible documentation, "How to build your inventory" and "How variables are merged": variables of all, then of groups by
//! depth and name, then of the host; a later one wins.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::api::Place;

/// Most hosts.
pub(super) const MAX_HOSTS: usize = 10_000;
/// Most groups.
pub(super) const MAX_GROUPS: usize = 500;
/// Most memberships: hosts in groups, and groups in groups.
pub(super) const MAX_MEMBERS: usize = 100_000;

/// Longest value of a variable that is kept, in bytes: that of a path.
pub(super) const MAX_VALUE: usize = 4096;

/// Why an inventory is refused: where, and what is wrong.
pub(super) type Refused = (Place, String);

/// A value of a variable, as far as an import looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub text: String,
    pub place: Place,
}

/// Variables that are kept; the others are counted and not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Variables {
    /// One of a group stands at each of its hosts, so they share it.
    pub kept: BTreeMap<&'static str, Rc<Variable>>,
    /// How many others there are.
    pub others: usize,
}

/// The variables that say how a host is reached.
const KEPT: [&str; 20] = [
    "ansible_become",
    "ansible_connection",
    "ansible_host",
    "ansible_host_key_checking",
    "ansible_password",
    "ansible_pass",
    "ansible_port",
    "ansible_private_key_file",
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
    "ansible_ssh_host",
    "ansible_ssh_host_key_checking",
    "ansible_ssh_pass",
    "ansible_ssh_password",
    "ansible_ssh_port",
    "ansible_ssh_private_key_file",
    "ansible_ssh_timeout",
    "ansible_ssh_user",
    "ansible_timeout",
    "ansible_user",
];

impl Variables {
    /// Adds a variable; a later one wins.
    ///
    /// # Errors
    /// A value that is kept and longer than [`MAX_VALUE`].
    pub(super) fn add(&mut self, name: &str, text: String, place: Place) -> Result<(), Refused> {
        let Some(name) = KEPT.into_iter().find(|kept| *kept == name) else {
            self.others += 1;
            return Ok(());
        };
        if text.len() > MAX_VALUE {
            return Err((place, format!("the value of {name} is longer than {MAX_VALUE} bytes")));
        }
        self.kept.insert(name, Rc::new(Variable { text, place }));
        Ok(())
    }

    /// Adds those of `others`, which win.
    pub(super) fn extend(&mut self, others: &Self) {
        self.kept.extend(others.kept.iter().map(|(name, variable)| (*name, Rc::clone(variable))));
        self.others += others.others;
    }
}

/// A group.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub hosts: BTreeSet<usize>,
    pub children: BTreeSet<String>,
    pub variables: Variables,
}

/// A host.
#[derive(Debug)]
pub(super) struct Member {
    pub name: String,
    pub variables: Variables,
    pub place: Place,
}

/// Everything that an inventory says.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// In the order in which they are first named.
    pub hosts: Vec<Member>,
    pub groups: BTreeMap<String, Group>,
    /// Parts that are none of an inventory's.
    pub skipped: Vec<Place>,
    by_name: BTreeMap<String, usize>,
    members: usize,
}

impl Inventory {
    /// The position of a host, which is added when it is new.
    pub(super) fn host(&mut self, name: &str, place: &Place) -> Result<usize, Refused> {
        if let Some(index) = self.by_name.get(name) {
            return Ok(*index);
        }
        if self.hosts.len() >= MAX_HOSTS {
            return Err((place.clone(), format!("more than {MAX_HOSTS} hosts")));
        }
        self.hosts.push(Member { name: name.to_owned(), variables: Variables::default(), place: place.clone() });
        self.by_name.insert(name.to_owned(), self.hosts.len() - 1);
        Ok(self.hosts.len() - 1)
    }

    /// A group, which is added when it is new.
    pub(super) fn group(&mut self, name: &str, place: &Place) -> Result<&mut Group, Refused> {
        if self.groups.len() >= MAX_GROUPS && !self.groups.contains_key(name) {
            return Err((place.clone(), format!("more than {MAX_GROUPS} groups")));
        }
        Ok(self.groups.entry(name.to_owned()).or_default())
    }

    /// Counts a membership.
    pub(super) fn count(&mut self, place: &Place) -> Result<(), Refused> {
        self.members += 1;
        if self.members > MAX_MEMBERS { Err((place.clone(), format!("more than {MAX_MEMBERS} memberships"))) } else { Ok(()) }
    }

    /// Depth of every group: the longest way from a group that is nobody's child. A circle is an error that names one of its groups.
    pub(super) fn depths(&self) -> Result<BTreeMap<&str, usize>, String> {
        let mut parents: BTreeMap<&str, usize> = self.groups.keys().map(|name| (name.as_str(), 0)).collect();
        for child in self.groups.values().flat_map(|group| &group.children) {
            if let Some(number) = parents.get_mut(child.as_str()) {
                *number += 1;
            }
        }
        let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
        let mut open: Vec<&str> = parents.iter().filter(|(_, number)| **number == 0).map(|(name, _)| *name).collect();
        while let Some(name) = open.pop() {
            let depth = *depths.entry(name).or_insert(0);
            for child in self.groups.get(name).into_iter().flat_map(|group| &group.children) {
                let known = depths.entry(child).or_insert(0);
                *known = (*known).max(depth + 1);
                if let Some(number) = parents.get_mut(child.as_str()) {
                    *number -= 1;
                    if *number == 0 {
                        open.push(child);
                    }
                }
            }
        }
        match parents.iter().find(|(_, number)| **number > 0) {
            Some((name, _)) => Err((*name).to_owned()),
            None => Ok(depths),
        }
    }

    /// Groups of every host, those above its own included, in the order in which their variables count.
    pub(super) fn memberships(&self) -> Result<Vec<Vec<&str>>, String> {
        let depths = self.depths()?;
        let mut order: Vec<(&usize, &str)> = depths.iter().map(|(name, depth)| (depth, *name)).collect();
        order.sort_unstable();
        let rank: BTreeMap<&str, usize> = order.iter().enumerate().map(|(rank, (_, name))| (*name, rank)).collect();
        // Hosts go up to the groups above, the deepest groups first.
        let mut below: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (_, name) in order.iter().rev() {
            let Some(group) = self.groups.get(*name) else { continue };
            let mut hosts = group.hosts.clone();
            for child in &group.children {
                hosts.extend(below.get(child.as_str()).into_iter().flatten());
            }
            below.insert(name, hosts);
        }
        let mut all: Vec<Vec<&str>> = vec![Vec::new(); self.hosts.len()];
        for (name, hosts) in &below {
            for host in hosts {
                if let Some(groups) = all.get_mut(*host) {
                    groups.push(name);
                }
            }
        }
        for groups in &mut all {
            groups.sort_by_key(|name| rank.get(name).copied());
        }
        Ok(all)
    }

    /// The variables in force for every host, with the groups it is in.
    pub(super) fn in_force(&self) -> Result<Vec<(Variables, Vec<&str>)>, String> {
        let every = self.groups.get("all");
        let memberships = self.memberships()?;
        let merged = self.hosts.iter().zip(memberships).map(|(host, groups)| {
            let mut variables = Variables::default();
            let above = groups.iter().filter(|name| **name != "all").filter_map(|name| self.groups.get(*name));
            let sources = every.into_iter().chain(above).map(|group| &group.variables).chain([&host.variables]);
            for source in sources {
                variables.extend(source);
            }
            (variables, groups)
        });
        Ok(merged.collect())
    }
}
