//! Hosts become manifests: those with equal settings one TargetSet, jump hosts and single ones a Target each.

use std::collections::BTreeMap;

use super::document::{Document, manifest};
use super::host::{Host, Settings};
use super::item::origin;
use super::names::Names;
use crate::api::{Labels, Object, SubdomainName, TargetItem, TargetSetSpec, TargetTemplate, TemplateMetadata};

/// Most items of one TargetSet.
const MAX_ITEMS: usize = 1000;
/// Most YAML nodes of the items of one TargetSet: the bound of a document is 20,000, and the template needs some.
const MAX_NODES: usize = 18_000;
/// Nodes of an item without labels: itself, and key and value of five fields.
const ITEM_NODES: usize = 11;

/// The manifests of `hosts`, jump hosts first, everything else in the order of the input.
pub(super) fn documents(hosts: &[Host]) -> Vec<Document> {
    let mut documents: Vec<Document> =
        hosts.iter().filter(|host| host.hop).filter_map(|host| target(host, "A jump host")).collect();
    let mut groups: Vec<(&Settings, Vec<&Host>)> = Vec::new();
    let mut known: BTreeMap<&Settings, usize> = BTreeMap::new();
    for host in hosts.iter().filter(|host| !host.hop) {
        let index = *known.entry(&host.settings).or_insert_with(|| {
            groups.push((&host.settings, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, group)) = groups.get_mut(index) {
            group.push(host);
        }
    }
    let mut names = Names::default();
    for (settings, group) in groups {
        if let [only] = group.as_slice() {
            documents.extend(target(only, "A host"));
            continue;
        }
        for part in parts(&group) {
            let wanted = wanted(settings, part);
            let Some(given) = names.subdomain(&wanted, "hosts") else { continue };
            documents.extend(set(given.name, settings, part));
        }
    }
    documents
}

fn target(host: &Host, noun: &str) -> Option<Document> {
    let object = manifest("Target", host.name.clone(), host.labels.clone(), host.settings.spec(Some(host))?);
    Some(Document { comments: vec![format!("{noun}, from {}.", origin(&host.place))], object: Object::Target(Box::new(object)) })
}

/// A group in pieces that fit into one document each.
fn parts<'g, 'h>(group: &'g [&'h Host]) -> Vec<&'g [&'h Host]> {
    let shared = common(group).len();
    let mut parts = Vec::new();
    let (mut start, mut nodes) = (0, 0);
    for (index, host) in group.iter().enumerate() {
        let own = ITEM_NODES + 2 * (host.labels.len() - shared);
        if index - start == MAX_ITEMS || nodes + own > MAX_NODES {
            parts.extend(group.get(start..index));
            (start, nodes) = (index, 0);
        }
        nodes += own;
    }
    parts.extend(group.get(start..));
    parts
}

/// Labels that all of these hosts have.
fn common(part: &[&Host]) -> Labels {
    let mut hosts = part.iter();
    let mut labels = hosts.next().map(|host| host.labels.clone()).unwrap_or_default();
    for host in hosts {
        labels.retain(|key, value| host.labels.get(key) == Some(value));
    }
    labels
}

/// A name that says what the hosts have in common: their smallest group, their user, their first hop.
fn wanted(settings: &Settings, part: &[&Host]) -> String {
    let group = common(part).into_keys().filter_map(|key| key.strip_prefix("group/").map(str::to_owned)).next_back();
    let mut name = group.or_else(|| settings.user.clone()).unwrap_or_else(|| "hosts".to_owned());
    if let Some(hop) = settings.via.last() {
        name.push_str("-via-");
        name.push_str(hop.as_str());
    }
    name
}

fn set(name: SubdomainName, settings: &Settings, part: &[&Host]) -> Option<Document> {
    let labels = common(part);
    let item = |host: &&Host| TargetItem {
        name: host.name.clone(),
        host: (!settings.local && host.address != host.name.as_str()).then(|| host.address.clone()),
        port: if settings.local { None } else { host.port },
        labels: host.labels.iter().filter(|(key, _)| !labels.contains_key(*key)).map(|(k, v)| (k.clone(), v.clone())).collect(),
        suspend: host.suspend,
    };
    let items = part.iter().map(item).collect();
    let metadata = TemplateMetadata { labels: labels.clone(), annotations: Labels::new() };
    let spec = TargetSetSpec { template: TargetTemplate { metadata, spec: settings.spec(None)? }, items };
    let first = part.first().map(|host| origin(&host.place)).unwrap_or_default();
    let comments = vec![format!("{} hosts with equal settings; the first is from {first}.", part.len())];
    Some(Document { comments, object: Object::TargetSet(Box::new(manifest("TargetSet", name, Labels::new(), spec))) })
}
