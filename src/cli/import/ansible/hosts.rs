//! Hosts of an inventory: what their variables say about a connection.

use std::collections::BTreeMap;

use super::super::fleet::{Draft, object};
use super::super::host::Settings;
use super::super::item::{Kind, Report};
use super::super::jump::{self, Hop};
use super::super::names::label_value;
use super::super::ssh_config::{path, seconds, words};
use super::inventory::{Inventory, Refused, Variable, Variables};
use crate::api::{Labels, Place};

/// Most hops of one list.
const MAX_HOPS: usize = 8;
/// Most groups of one host that become labels.
const MAX_GROUPS: usize = 60;
/// Groups that every inventory has.
const EVERY: [&str; 2] = ["all", "ungrouped"];
/// The key of the labels that groups become, and their value.
const GROUP: &str = "group";
const MEMBER: &str = "member";

/// Where names of files lead.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places<'p> {
    pub home: Option<&'p str>,
    /// The directory of the inventory.
    pub inventory: Option<&'p str>,
}

/// Every host, then jump hosts that the inventory does not hold.
///
/// # Errors
/// Groups in a circle.
pub(super) fn drafts(file: &str, inventory: &Inventory, places: Places<'_>, report: &mut Report) -> Result<Vec<Draft>, Refused> {
    let whole = super::super::item::line(file, 0);
    let in_force =
        inventory.in_force().map_err(|group| (whole.clone(), format!("group {} is a child of itself", report.word(&group))))?;
    let mut walk = Walk { places, report, drafts: Vec::new(), jumps: Vec::new() };
    let mut others = 0;
    for (host, (variables, groups)) in inventory.hosts.iter().zip(&in_force) {
        others += variables.others;
        walk.host(&host.name, &host.place, variables, groups);
    }
    walk.link();
    if others > 0 {
        let message = format!("{others} variables that say nothing about a connection, counted once for each host");
        walk.report.add(Kind::Note, &whole, "inventory", message);
    }
    Ok(walk.drafts)
}

struct Walk<'p, 'r> {
    places: Places<'p>,
    report: &'r mut Report,
    drafts: Vec<Draft>,
    /// Host, its hops, and where those are written.
    jumps: Vec<(usize, Vec<Hop>, Place)>,
}

/// A variable of the names that Ansible has for the same, the first that is set.
fn first<'v>(variables: &'v Variables, names: &[&str]) -> Option<&'v Variable> {
    names
        .iter()
        .find_map(|name| variables.kept.get(*name))
        .map(|variable| &**variable)
        .filter(|variable| !variable.text.is_empty())
}

/// Whether a value is made by a template or kept in a vault: nothing of it is read.
fn is_opaque(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.trim_start().starts_with("$ANSIBLE_VAULT")
}

impl Walk<'_, '_> {
    fn host(&mut self, name: &str, place: &Place, variables: &Variables, groups: &[&str]) {
        let object = object(name, self.report);
        let mut draft = Draft { title: name.to_owned(), place: Some(place.clone()), ..Draft::default() };
        draft.labels = self.labels(groups, place, &object);
        let connection = self.plain(variables, &["ansible_connection"], &object).map(|variable| variable.text.clone());
        match connection.as_deref() {
            None
            | Some("ssh" | "smart" | "paramiko" | "paramiko_ssh" | "ansible.builtin.ssh" | "ansible.builtin.paramiko_ssh") => {
                self.ssh(&mut draft, variables, &object);
            }
            Some("local" | "ansible.builtin.local") => draft.settings.local = true,
            Some(other) => {
                let at = first(variables, &["ansible_connection"]).map_or(place, |variable| &variable.place);
                let message = format!("connection {} has no counterpart", self.report.word(other));
                let help = "a network device is read through a `wrapper`: see the example of network devices";
                self.report.advise(Kind::LeftOut, at, &object, message, help);
                return;
            }
        }
        self.told(variables, &object);
        self.drafts.push(draft);
    }

    /// A variable with a value that is written out; others are told about.
    fn plain<'v>(&mut self, variables: &'v Variables, names: &[&str], object: &str) -> Option<&'v Variable> {
        let variable = first(variables, names)?;
        if is_opaque(&variable.text) {
            let what = names.first().copied().unwrap_or_default();
            let message = format!("{what} is a template or in a vault, and neither is read");
            self.report.advise(
                Kind::NotCarried,
                &variable.place,
                object,
                message,
                "write it into the manifest, or a reference to a secret",
            );
            return None;
        }
        Some(variable)
    }

    fn ssh(&mut self, draft: &mut Draft, variables: &Variables, object: &str) {
        draft.address.clone_from(&draft.title);
        let names = ["ansible_host", "ansible_ssh_host"];
        match self.plain(variables, &names, object) {
            Some(variable) => draft.address.clone_from(&variable.text),
            // It is not reached by its name.
            None => draft.suspend = first(variables, &names).is_some(),
        }
        draft.port = self.plain(variables, &["ansible_port", "ansible_ssh_port"], object).and_then(|variable| {
            let port = variable.text.trim().parse().ok().filter(|port: &u16| *port > 0);
            if port.is_none() {
                self.report.add(Kind::NotCarried, &variable.place, object, "ansible_port is no port");
            }
            port
        });
        let user = self.plain(variables, &["ansible_user", "ansible_ssh_user"], object).map(|variable| variable.text.clone());
        let key = self
            .plain(variables, &["ansible_ssh_private_key_file", "ansible_private_key_file"], object)
            .and_then(|variable| self.file(variable, "ansible_ssh_private_key_file", object));
        let timeout = self.plain(variables, &["ansible_ssh_timeout", "ansible_timeout"], object);
        draft.settings = Settings {
            user,
            identity: key,
            connect_timeout: timeout.and_then(|variable| seconds(variable.text.trim())).filter(|seconds| *seconds > 0),
            ..Settings::default()
        };
        let mut hops = None;
        for name in ["ansible_ssh_common_args", "ansible_ssh_extra_args"] {
            if let Some(variable) = self.plain(variables, &[name], object) {
                self.arguments(draft, variable, &mut hops, object);
            } else if first(variables, &[name]).is_some() {
                draft.suspend = true;
            }
        }
        if let Some((hops, place)) = hops {
            self.jumps.push((self.drafts.len(), hops, place));
        }
    }

    /// A name of a file: `~` is the home directory, and what is relative is so to the inventory.
    fn file(&mut self, variable: &Variable, what: &str, object: &str) -> Option<String> {
        let found = path(&variable.text.replace('%', "%%"), self.places.home, &[]).and_then(|path| {
            if path.starts_with('/') { Some(path) } else { self.places.inventory.map(|folder| format!("{folder}/{path}")) }
        });
        if found.is_none() {
            self.report.add(Kind::NotCarried, &variable.place, object, format!("{what} names no file that can be found"));
        } else if !variable.text.starts_with(['/', '~']) {
            let message = format!("{what} is relative: it is taken as relative to the inventory");
            self.report.add(Kind::Changed, &variable.place, object, message);
        }
        found
    }

    /// Arguments of the `ssh` that Ansible starts.
    fn arguments(&mut self, draft: &mut Draft, variable: &Variable, hops: &mut Option<(Vec<Hop>, Place)>, object: &str) {
        let Ok(words) = words(&variable.text) else {
            self.report.add(Kind::NotCarried, &variable.place, object, "arguments of ssh whose quotes do not end");
            return;
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let option = match word.as_str() {
                "-J" => words.next().map(|to| ("proxyjump".to_owned(), to)),
                "-o" => words.next().as_deref().and_then(option),
                joined => match (joined.strip_prefix("-J"), joined.strip_prefix("-o")) {
                    (Some(to), _) => Some(("proxyjump".to_owned(), to.to_owned())),
                    (None, Some(text)) => option(text),
                    (None, None) => None,
                },
            };
            let Some((keyword, value)) = option else {
                let message = format!("argument {} of ssh has no place in a manifest", self.report.word(&word));
                self.report.add(Kind::NotCarried, &variable.place, object, message);
                continue;
            };
            self.option(draft, variable, &keyword, &value, hops, object);
        }
    }

    fn option(
        &mut self,
        draft: &mut Draft,
        variable: &Variable,
        keyword: &str,
        value: &str,
        hops: &mut Option<(Vec<Hop>, Place)>,
        object: &str,
    ) {
        let place = &variable.place;
        match keyword {
            "proxyjump" | "proxycommand" if hops.is_some() || draft.suspend => {}
            "proxyjump" | "proxycommand" => {
                let read = if keyword == "proxyjump" {
                    jump::hops(value)
                } else if value.eq_ignore_ascii_case("none") {
                    Ok(Vec::new())
                } else {
                    jump::of_command(&words(value).unwrap_or_default()).ok_or("no connection runs a ProxyCommand")
                };
                match read {
                    Ok(found) if found.len() <= MAX_HOPS => *hops = Some((found, place.clone())),
                    other => {
                        let why = other.err().unwrap_or("more than eight jump hosts");
                        let help = "it is written with `suspend: true`: name a jump host in `viaRefs`";
                        self.report.advise(Kind::NotCarried, place, object, why, help);
                        draft.suspend = true;
                    }
                }
            }
            "userknownhostsfile" if !matches!(value, "/dev/null" | "none") => {
                let file =
                    Variable { text: value.split_whitespace().next().unwrap_or_default().to_owned(), place: place.clone() };
                draft.settings.known_hosts = self.file(&file, "UserKnownHostsFile", object);
            }
            "stricthostkeychecking" | "userknownhostsfile" => {
                self.report.add(Kind::Changed, place, object, "host keys are always verified, and none is trusted on first use");
            }
            "connecttimeout" => draft.settings.connect_timeout = seconds(value).filter(|seconds| *seconds > 0),
            "controlmaster" | "controlpersist" | "controlpath" | "serveraliveinterval" | "serveralivecountmax" => {}
            _ => {
                let message = format!("option {} of ssh has no place in a manifest", self.report.word(keyword));
                self.report.add(Kind::NotCarried, place, object, message);
            }
        }
    }

    /// Variables that mean something else here than a manifest can say.
    fn told(&mut self, variables: &Variables, object: &str) {
        let passwords = ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password", "ansible_pass"];
        if let Some(variable) = passwords.iter().find_map(|name| variables.kept.get(*name)) {
            let help = "log in with a key: `identity` of the connection, or a key that the agent holds";
            self.report.advise(
                Kind::NotCarried,
                &variable.place,
                object,
                "nothing logs in with a password, and it was not read",
                help,
            );
        }
        let yes = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1");
        if let Some(variable) = variables.kept.get("ansible_become").filter(|variable| yes(&variable.text)) {
            self.report.add(
                Kind::NotCarried,
                &variable.place,
                object,
                "checks read as the user who logs in, and never become another",
            );
        }
        for name in ["ansible_host_key_checking", "ansible_ssh_host_key_checking"] {
            if let Some(variable) = variables.kept.get(name).filter(|variable| !yes(&variable.text)) {
                let message = "host keys are always verified, and none is trusted on first use";
                self.report.add(Kind::Changed, &variable.place, object, message);
            }
        }
    }

    fn labels(&mut self, groups: &[&str], place: &Place, object: &str) -> Labels {
        let mut labels = Labels::new();
        for group in groups.iter().filter(|group| !EVERY.contains(group)) {
            let name = label_value(group);
            let clean = self.report.plain(group).is_some() && !crate::api::secret_text::names_access(group);
            if name.is_empty() || !clean || labels.len() >= MAX_GROUPS {
                let message = format!("group {} can not be a label", self.report.word(group));
                self.report.add(Kind::NotCarried, place, object, message);
                continue;
            }
            labels.insert(format!("{GROUP}/{name}"), MEMBER.to_owned());
        }
        labels
    }

    /// Hops become hosts: those of the inventory by name or address, others new ones.
    fn link(&mut self) {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (index, draft) in self.drafts.iter().enumerate().filter(|(_, draft)| !draft.settings.local) {
            known.entry(draft.address.clone()).or_insert(index);
        }
        for (index, draft) in self.drafts.iter().enumerate().filter(|(_, draft)| !draft.settings.local) {
            known.insert(draft.title.clone(), index);
        }
        let mut made: BTreeMap<Hop, usize> = BTreeMap::new();
        for (index, hops, place) in std::mem::take(&mut self.jumps) {
            let mut found = Vec::with_capacity(hops.len());
            for hop in hops {
                let same = known.get(&hop.host).copied().filter(|at| {
                    self.drafts.get(*at).is_some_and(|draft| {
                        (hop.user.is_none() || hop.user == draft.settings.user)
                            && hop.port.is_none_or(|port| port == draft.port.unwrap_or(22))
                    })
                });
                let at = same.unwrap_or_else(|| {
                    *made.entry(hop.clone()).or_insert_with(|| {
                        self.drafts.push(jump_host(&hop, &place));
                        self.drafts.len() - 1
                    })
                });
                if at != index {
                    found.push(at);
                }
            }
            if let Some(draft) = self.drafts.get_mut(index) {
                draft.hops = found;
            }
        }
    }
}

/// `Keyword=value` or `Keyword value`.
fn option(text: &str) -> Option<(String, String)> {
    let (keyword, value) = text.split_once(['=', ' '])?;
    let value = value.trim().trim_matches('"');
    Some((keyword.trim().to_ascii_lowercase(), value.to_owned()))
}

fn jump_host(hop: &Hop, place: &Place) -> Draft {
    let user = hop.user.as_ref().map(|user| format!("-{user}")).unwrap_or_default();
    let port = hop.port.filter(|port| *port != 22);
    Draft {
        title: format!("{}{user}{}", hop.host, port.map(|port| format!("-{port}")).unwrap_or_default()),
        address: hop.host.clone(),
        port,
        settings: Settings { user: hop.user.clone(), ..Settings::default() },
        place: Some(place.clone()),
        ..Draft::default()
    }
}
