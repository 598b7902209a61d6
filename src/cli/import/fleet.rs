//! Hosts that refer to each other by position get their names, and what can not work between them is taken out.

use super::host::{Host, Settings};
use super::item::{Kind, Report};
use super::names::Names;
use crate::api::{Labels, Place, SubdomainName};
use crate::desired::is_host;

/// Most hops to one host, those of the first hop included: the bound of `viaRefs`.
const MAX_HOPS: usize = 8;
/// Longest login name, in bytes.
const MAX_USER: usize = 64;
/// Longest path, in bytes.
const MAX_PATH: usize = 4096;
/// Longest time for a connection, in seconds.
const MAX_CONNECT: u64 = 120;

/// A host before it has a name.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// What it is called in the input.
    pub title: String,
    pub address: String,
    pub port: Option<u16>,
    /// Without hops.
    pub settings: Settings,
    /// Positions of the hosts to hop through, in order.
    pub hops: Vec<usize>,
    pub labels: Labels,
    /// It can not be reached as it is written.
    pub suspend: bool,
    pub place: Option<Place>,
}

/// The hosts of `drafts` in their order. Left out are those without a usable address.
pub(super) fn hosts(mut drafts: Vec<Draft>, origin: &str, report: &mut Report) -> Vec<Host> {
    let usable: Vec<bool> = drafts.iter_mut().map(|draft| clean(draft, report)).collect();
    // A hop is reached over SSH.
    let hoppable: Vec<bool> = drafts.iter().zip(&usable).map(|(draft, usable)| *usable && !draft.settings.local).collect();
    for index in 0..drafts.len() {
        let chain = chain(&drafts, index);
        let Some(draft) = drafts.get_mut(index) else { continue };
        let why = match chain {
            Chain::Ok if draft.hops.iter().all(|hop| hoppable.get(*hop) == Some(&true)) => continue,
            Chain::Ok => "a jump host has no usable address".to_owned(),
            Chain::Circle => "its jump hosts lead in a circle".to_owned(),
            Chain::Long => format!("more than {MAX_HOPS} jump hosts"),
        };
        draft.hops.clear();
        if usable.get(index) == Some(&true) {
            draft.suspend = true;
            let (place, object) = (draft.place.clone(), object(&draft.title, report));
            if let Some(place) = place {
                report.advise(
                    Kind::NotCarried,
                    &place,
                    &object,
                    why,
                    "it is written with `suspend: true`: give it `viaRefs` that work",
                );
            }
        }
    }
    let mut hop = vec![false; drafts.len()];
    for index in drafts.iter().flat_map(|draft| &draft.hops) {
        if let Some(flag) = hop.get_mut(*index) {
            *flag = true;
        }
    }
    let mut names = Names::default();
    let given: Vec<Option<SubdomainName>> =
        drafts.iter().zip(&usable).map(|(draft, usable)| if *usable { name(draft, &mut names, report) } else { None }).collect();
    let mut hosts = Vec::new();
    for ((draft, hop), name) in drafts.iter().zip(hop).zip(&given) {
        let (Some(name), Some(place)) = (name, &draft.place) else { continue };
        let via = draft.hops.iter().filter_map(|hop| given.get(*hop)?.clone()).collect();
        let mut labels = draft.labels.clone();
        labels.insert(super::host::ORIGIN.to_owned(), origin.to_owned());
        hosts.push(Host {
            name: name.clone(),
            address: draft.address.clone(),
            port: draft.port.filter(|port| *port != 22),
            settings: Settings { via, ..draft.settings.clone() },
            labels,
            suspend: draft.suspend,
            hop,
            place: place.clone(),
        });
    }
    hosts
}

/// What messages call a host.
pub(super) fn object(title: &str, report: &Report) -> String {
    format!("host {}", report.word(title))
}

fn name(draft: &Draft, names: &mut Names, report: &mut Report) -> Option<SubdomainName> {
    let given = names.subdomain(&draft.title, "host")?;
    if given.collided
        && let Some(place) = &draft.place
    {
        let message = format!("is named `{}`, because another has the name that this one would have", given.name);
        report.add(Kind::Changed, place, &object(&draft.title, report), message);
    }
    Some(given.name)
}

/// Takes out what a manifest can not hold; whether an address is left.
fn clean(draft: &mut Draft, report: &mut Report) -> bool {
    let Some(place) = draft.place.clone() else { return false };
    let object = object(&draft.title, report);
    if !draft.settings.local && !(is_host(&draft.address) && report.plain(&draft.address).is_some()) {
        let message = format!("{} is no host name and no address", report.word(&draft.address));
        report.advise(Kind::LeftOut, &place, &object, message, "add a Target for it by hand");
        return false;
    }
    let settings = &mut draft.settings;
    for (noun, text, most) in [
        ("user", &mut settings.user, MAX_USER),
        ("key file", &mut settings.identity, MAX_PATH),
        ("known_hosts file", &mut settings.known_hosts, MAX_PATH),
    ] {
        let bad = text.as_ref().is_some_and(|text| text.is_empty() || text.len() > most || report.plain(text).is_none());
        if bad && let Some(text) = text.take() {
            let message = format!("{noun} {} can not stand in a manifest", report.word(&text));
            report.add(Kind::NotCarried, &place, &object, message);
        }
    }
    if settings.connect_timeout.is_some_and(|seconds| seconds > MAX_CONNECT) {
        settings.connect_timeout = Some(MAX_CONNECT);
        report.add(Kind::Changed, &place, &object, format!("connectTimeout is {MAX_CONNECT}s, the most there is"));
    }
    true
}

enum Chain {
    Ok,
    Circle,
    Long,
}

/// Follows every hop of a host, and theirs: a circle anywhere is one that manifests may not have.
fn chain(drafts: &[Draft], start: usize) -> Chain {
    let (mut length, mut at, mut steps) = (0, start, 0);
    // Only the first hop's own hops are made; the others count for circles.
    while let Some(draft) = drafts.get(at) {
        length += draft.hops.len();
        steps += 1;
        match draft.hops.first() {
            _ if length > MAX_HOPS || steps > MAX_HOPS + 1 => break,
            Some(first) => at = *first,
            None => break,
        }
    }
    if reaches(drafts, start) {
        return Chain::Circle;
    }
    if length > MAX_HOPS { Chain::Long } else { Chain::Ok }
}

/// Whether the hops of `start` lead back to it. Visits each host once.
fn reaches(drafts: &[Draft], start: usize) -> bool {
    let mut open: Vec<usize> = drafts.get(start).map(|draft| draft.hops.clone()).unwrap_or_default();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(at) = open.pop() {
        if at == start {
            return true;
        }
        if seen.insert(at) {
            open.extend(drafts.get(at).into_iter().flat_map(|draft| draft.hops.iter().copied()));
        }
    }
    false
}
