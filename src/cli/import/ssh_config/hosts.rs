//! The names of a configuration, and the settings of each, as hosts.

use std::collections::BTreeMap;

use super::super::fleet::{Draft, object};
use super::super::host::Settings;
use super::super::item::{Kind, Report};
use super::super::jump::{self, Hop};
use super::pattern::is_name;
use super::resolve::{Resolved, holding, resolve};
use super::sections::{Condition, Config, Refused, Setting};
use super::value;
use crate::api::Place;

/// Most hosts.
const MAX_HOSTS: usize = 5_000;
/// Most hops of one list.
const MAX_HOPS: usize = 8;

/// What a host is looked up by: the name, and what a jump says instead of the configuration.
type Asked = (String, Option<String>, Option<u16>);
/// What names of one line must have in common to be one machine: the line, and everything that says where they lead.
type Machine = (usize, String, Option<u16>, Settings, Vec<String>);

/// Every host of `config`: its names in the order of the file, then jump hosts that have no Host line.
///
/// # Errors
/// More than a bound.
pub(super) fn drafts(config: &Config, home: Option<&str>, report: &mut Report) -> Result<Vec<Draft>, Refused> {
    let mut walk = Walk { config, home, report, drafts: Vec::new(), asked: Vec::new(), known: BTreeMap::new() };
    let mut machines: BTreeMap<Machine, usize> = BTreeMap::new();
    for (line, scope) in config.conditions.iter().enumerate() {
        let Condition::Host(patterns, place) = &scope.condition else { continue };
        for name in patterns.iter().filter(|pattern| is_name(pattern)) {
            let asked = (name.clone(), None, None);
            if walk.known.contains_key(&asked) || !counts(config, &scope.outer, name) {
                continue;
            }
            let index = walk.host(asked.clone(), place)?;
            let Some(draft) = walk.drafts.get(index) else { continue };
            let proxy = resolve(config, name).proxy.map(|proxy| proxy.arguments.clone()).unwrap_or_default();
            let machine = (line, draft.address.clone(), draft.port, draft.settings.clone(), proxy);
            match machines.get(&machine) {
                // Two names of one line that lead to the same place are one machine.
                Some(first) if draft.address != *name => {
                    let message = format!("is the machine that {} is", walk.report.word(&walk.title(*first)));
                    walk.report.add(Kind::Note, place, &object(name, walk.report), message);
                    walk.known.insert(asked, *first);
                    walk.drafts.pop();
                    walk.asked.pop();
                }
                _ => {
                    machines.insert(machine, index);
                }
            }
        }
    }
    // Hops may lead to names without a Host line, and those to others.
    let mut index = 0;
    while index < walk.drafts.len() {
        walk.hops(index)?;
        index += 1;
    }
    Ok(walk.drafts)
}

fn counts(config: &Config, outer: &[usize], name: &str) -> bool {
    if outer.is_empty() {
        return true;
    }
    let holding = holding(config, name);
    outer.iter().all(|index| holding.get(*index) == Some(&true))
}

struct Walk<'c, 'r> {
    config: &'c Config,
    home: Option<&'c str>,
    report: &'r mut Report,
    drafts: Vec<Draft>,
    /// What each of them was looked up by.
    asked: Vec<Asked>,
    known: BTreeMap<Asked, usize>,
}

impl Walk<'_, '_> {
    fn title(&self, index: usize) -> String {
        self.drafts.get(index).map(|draft| draft.title.clone()).unwrap_or_default()
    }

    /// Adds a host without its hops; `place` is where it is named.
    fn host(&mut self, asked: Asked, place: &Place) -> Result<usize, Refused> {
        if self.drafts.len() >= MAX_HOSTS {
            return Err((place.clone(), format!("more than {MAX_HOSTS} hosts")));
        }
        let (name, user, port) = &asked;
        let resolved = resolve(self.config, name);
        let object = object(name, self.report);
        let mut say = |setting: &Setting, message: String| {
            self.report.add(Kind::NotCarried, &setting.place, &object, message);
        };
        let first = |keyword: &str| resolved.get(keyword).and_then(|setting| Some((setting, setting.arguments.first()?)));
        let mut address = name.clone();
        if let Some((setting, text)) = first("hostname") {
            match value::tokens(text, &[('h', name)]) {
                Some(text) => address = text,
                None => say(setting, "HostName holds a token that is not read here, or is too long".to_owned()),
            }
        }
        let written = first("port").and_then(|(setting, text)| {
            let port = text.parse().ok().filter(|port: &u16| *port > 0);
            if port.is_none() {
                say(setting, "Port is no port".to_owned());
            }
            port
        });
        let port = port.or(written);
        let user = user.clone().or_else(|| first("user").map(|(_, text)| text.clone()));
        let login = user.clone().unwrap_or_default();
        let number = port.unwrap_or(22).to_string();
        let mut known = vec![('h', address.as_str()), ('n', name.as_str()), ('p', number.as_str())];
        if user.is_some() {
            known.push(('r', login.as_str()));
        }
        let known_hosts = known_hosts(&resolved, self.home, &known, &mut say);
        let identity = identity(&resolved, self.home, &known, &mut say);
        let connect_timeout = first("connecttimeout").and_then(|(setting, text)| {
            let seconds = value::seconds(text);
            if seconds.is_none() && !text.eq_ignore_ascii_case("none") {
                say(setting, "ConnectTimeout is no time".to_owned());
            }
            seconds.filter(|seconds| *seconds > 0)
        });
        let settings = Settings { local: false, user, identity, known_hosts, via: Vec::new(), connect_timeout };
        let draft = Draft { title: title(&asked), address, port, settings, place: Some(place.clone()), ..Draft::default() };
        self.drafts.push(draft);
        self.asked.push(asked.clone());
        let index = self.drafts.len() - 1;
        self.known.insert(asked, index);
        Ok(index)
    }

    /// Adds the hops of a host, and those of them that are new.
    fn hops(&mut self, index: usize) -> Result<(), Refused> {
        let (Some((name, ..)), Some(draft)) = (self.asked.get(index), self.drafts.get(index)) else { return Ok(()) };
        let Some(proxy) = resolve(self.config, name).proxy else { return Ok(()) };
        let object = object(name, self.report);
        let read = if proxy.keyword == "proxyjump" {
            let port = draft.port.unwrap_or(22).to_string();
            let mut known = vec![('h', draft.address.as_str()), ('n', name.as_str()), ('p', port.as_str())];
            known.extend(draft.settings.user.as_deref().map(|user| ('r', user)));
            let text = value::tokens(proxy.arguments.first().map_or("", String::as_str), &known);
            text.ok_or("ProxyJump holds a token that is not read here, or is too long").and_then(|text| jump::hops(&text))
        } else if proxy.arguments.first().is_some_and(|first| first.eq_ignore_ascii_case("none")) {
            Ok(Vec::new())
        } else {
            let words = super::line::words(&proxy.arguments.join(" ")).unwrap_or_default();
            jump::of_command(&words).ok_or("no connection runs a ProxyCommand")
        };
        let hops = match read {
            Ok(hops) if hops.len() > MAX_HOPS => Err("more than eight jump hosts"),
            other => other,
        };
        let hops = match hops {
            Ok(hops) => hops,
            Err(why) => {
                let help = "it is written with `suspend: true`: name a jump host in `viaRefs`, or remove the word when it can be reached";
                self.report.advise(Kind::NotCarried, &proxy.place, &object, why, help);
                if let Some(draft) = self.drafts.get_mut(index) {
                    draft.suspend = true;
                }
                return Ok(());
            }
        };
        let mut found = Vec::with_capacity(hops.len());
        for hop in hops {
            let to = self.hop(hop, &proxy.place)?;
            if to == index {
                let message = "its jump host is itself, which OpenSSH refuses; left away";
                self.report.add(Kind::Changed, &proxy.place, &object, message);
            } else {
                found.push(to);
            }
        }
        if let Some(draft) = self.drafts.get_mut(index) {
            draft.hops = found;
        }
        Ok(())
    }

    /// The host that a hop means: one that is there, when it says nothing else than the configuration does.
    fn hop(&mut self, hop: Hop, place: &Place) -> Result<usize, Refused> {
        let Hop { user, host, port } = hop;
        if let Some(index) = self.known.get(&(host.clone(), None, None)).copied()
            && let Some(draft) = self.drafts.get(index)
            && (user.is_none() || user == draft.settings.user)
            && (port.is_none() || port.unwrap_or(22) == draft.port.unwrap_or(22))
        {
            return Ok(index);
        }
        let asked = (host, user, port);
        match self.known.get(&asked) {
            Some(index) => Ok(*index),
            None => self.host(asked, place),
        }
    }
}

fn title((name, user, port): &Asked) -> String {
    let user = user.as_ref().map(|user| format!("-{user}")).unwrap_or_default();
    format!("{name}{user}{}", port.map(|port| format!("-{port}")).unwrap_or_default())
}

fn known_hosts(
    resolved: &Resolved<'_>,
    home: Option<&str>,
    known: &[(char, &str)],
    say: &mut impl FnMut(&Setting, String),
) -> Option<String> {
    let setting = resolved.get("userknownhostsfile")?;
    let mut files = setting.arguments.iter();
    let first = files.next()?;
    if matches!(first.as_str(), "none" | "/dev/null") {
        say(setting, "there is no file of known keys, and none is trusted unseen: the usual files are read".to_owned());
        return None;
    }
    if files.next().is_some() {
        say(setting, "of several files of known keys the first is read".to_owned());
    }
    let path = value::path(first, home, known);
    if path.is_none() {
        say(setting, "the name of the file holds what is not read here".to_owned());
    }
    path
}

fn identity(
    resolved: &Resolved<'_>,
    home: Option<&str>,
    known: &[(char, &str)],
    say: &mut impl FnMut(&Setting, String),
) -> Option<String> {
    let mut files = resolved.identities.iter().filter_map(|setting| Some((*setting, setting.arguments.first()?)));
    let (setting, first) = files.next()?;
    if let Some((other, _)) = files.next() {
        say(other, "of several key files the first is used".to_owned());
    }
    if first.eq_ignore_ascii_case("none") {
        return None;
    }
    let path = value::path(first, home, known);
    if path.is_none() {
        say(setting, "the name of the key file holds what is not read here".to_owned());
    }
    path
}
