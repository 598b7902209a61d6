//! Rows of the store that stay although nothing of them is desired, because errors may hide it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::past::Past;
use super::text::{DOCUMENT, Text, absolute};
use crate::api::{PairId, SubdomainName};
use crate::desired::{Desired, Held, Lost};
use crate::source::Kept;
use crate::status::{WantedCheck, WantedSink, WantedTarget};
use crate::store::DesiredRow;

/// The rows of `past` that errors may hide, so that what they stand for does not count as removed.
pub(super) fn retained(
    past: &Past,
    desired: &Desired,
    lost: &Lost<'_>,
    held: &BTreeSet<Held>,
    texts: &[Text],
) -> Vec<DesiredRow> {
    let new: HashSet<(String, String)> = texts.iter().map(|text| (text.namespace.clone(), text.name.clone())).collect();
    let mut stay: HashSet<(String, String)> =
        held.iter().map(|held| (held.namespace.to_string(), format!("{}/{}", held.kind, held.name))).collect();
    for item in held.iter().filter(|held| held.kind == "Target") {
        let target = SubdomainName::parse(&item.name).ok().and_then(|name| desired.targets.get(&(item.namespace.clone(), name)));
        stay.extend(target.and_then(|target| Some((item.namespace.to_string(), format!("TargetSet/{}", target.set.as_ref()?)))));
    }
    let stays = |row: &DesiredRow, key: &(String, String)| {
        let Some((kind, name)) = row.name.split_once('/') else { return false };
        let file = || serde_json::from_str::<Kept>(&row.value).map(|kept| kept.file).unwrap_or_default();
        stay.contains(key) || lost.may_hide(kind, name, &file())
    };
    let documents = past.of(DOCUMENT).iter().filter(|row| {
        let key = (row.namespace.clone(), row.name.clone());
        !new.contains(&key) && stays(row, &key)
    });
    let mut rows: Vec<DesiredRow> = documents.cloned().collect();
    let wanted = Wants::of(desired);
    let mut gone: HashMap<&str, HashSet<(String, String)>> = HashMap::new();
    for kind in ["Target", "Check", "Sink"] {
        for row in past.of(kind) {
            if !wanted.has(kind, &row.namespace, &row.name) && is_hidden(lost, row) {
                gone.entry(kind).or_default().insert((row.namespace.clone(), row.name.clone()));
                rows.push(row.clone());
            }
        }
    }
    let wanted: HashSet<String> = desired.pairs.iter().map(|pair| pair.id.to_string()).collect();
    for row in past.of("Pair") {
        let Some(pair) = PairId::parse(&format!("{}/{}", row.namespace, row.name)) else { continue };
        let lacks =
            |kind: &str, name: &str| gone.get(kind).is_some_and(|gone| gone.contains(&(row.namespace.clone(), name.to_owned())));
        let id = pair.to_string();
        if !wanted.contains(&id)
            && (at_odds(desired, lost, &pair) || lacks("Target", pair.target.as_str()) || lacks("Check", pair.check.as_str()))
        {
            rows.push(row.clone());
        }
    }
    rows
}

/// Whether an error says why two that are both there do not make a pair; the Check is named when there are many.
fn at_odds(desired: &Desired, lost: &Lost<'_>, pair: &PairId) -> bool {
    let there = desired.targets.contains_key(&(pair.namespace.clone(), pair.target.clone()))
        && desired.checks.contains_key(&(pair.namespace.clone(), pair.check.clone()));
    there && (lost.names(&pair.to_string()) || lost.names(&format!("Check/{}", pair.check)))
}

/// What is desired, by kind, namespace and name.
pub(super) struct Wants<'a>(HashSet<(&'static str, &'a str, &'a str)>);

impl<'a> Wants<'a> {
    pub(super) fn of(desired: &'a Desired) -> Self {
        let targets = desired.targets.keys().map(|(namespace, name)| ("Target", namespace.as_str(), name.as_str()));
        let checks = desired.checks.keys().map(|(namespace, name)| ("Check", namespace.as_str(), name.as_str()));
        let sinks = desired.sinks.keys().map(|(namespace, name)| ("Sink", namespace.as_str(), name.as_str()));
        Self(targets.chain(checks).chain(sinks).collect())
    }

    fn has(&self, kind: &'static str, namespace: &str, name: &str) -> bool {
        self.0.contains(&(kind, namespace, name))
    }

    /// Whether the object of a text is desired. Of a TargetSet nobody knows without reading it.
    pub(super) fn has_document(&self, row: &DesiredRow) -> bool {
        let Some((kind, name)) = row.name.split_once('/') else { return false };
        ["Target", "Check", "Sink"].into_iter().any(|known| kind == known && self.has(known, &row.namespace, name))
    }
}

fn is_hidden(lost: &Lost<'_>, row: &DesiredRow) -> bool {
    let (place, set) = match row.kind {
        "Target" => serde_json::from_str(&row.value).map(|it: WantedTarget| (it.place, it.set)),
        "Check" => serde_json::from_str(&row.value).map(|it: WantedCheck| (it.place, None)),
        _ => serde_json::from_str(&row.value).map(|it: WantedSink| (it.place, None)),
    }
    .unwrap_or_default();
    let file = absolute(file_of(&place));
    lost.may_hide(row.kind, &row.name, &file) || set.is_some_and(|set| lost.may_hide("TargetSet", &set, &file))
}

/// The file of a place that was written as text.
pub(super) fn file_of(place: &str) -> &str {
    let cut = |text: &'_ str| -> usize {
        text.rsplit_once(':')
            .filter(|(_, tail)| !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()))
            .map_or(text.len(), |(head, _)| head.len())
    };
    let once = place.get(..cut(place)).unwrap_or(place);
    once.get(..cut(once)).unwrap_or(once)
}
