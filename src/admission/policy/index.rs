//! Which rules match a request, without asking each of them.
//!
//! Every rule is filed under its most selective condition: the one whose values the fewest rules ask for. Requests find their
//! candidates by their own values and only their other conditions are compared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::lookup::{Asked, Dialect, Key};
use super::row_set::RowSet;
use super::value::Comparable;
use super::{Rows, Rule};

/// The rules of a pack, by their place in it.
#[derive(Debug, Clone)]
pub(super) struct Index {
    keys: Vec<Key>,
    /// By key: which member of [`OPEN`](super::OPEN) it means, if any.
    open: Vec<Option<usize>>,
    /// By rule: the places of its keys, and what they accept.
    rules: Vec<Vec<(usize, Vec<Comparable>)>>,
    /// Rules without a condition.
    always: Vec<usize>,
    drawers: Vec<Drawer>,
}

/// Rules that are filed under one key.
#[derive(Debug, Clone)]
struct Drawer {
    key: usize,
    /// Rules that accept a missing value.
    missing: Vec<usize>,
    by_value: BTreeMap<Comparable, Vec<usize>>,
}

impl Index {
    pub(super) fn of(rules: &[Rule], dialect: Dialect) -> Self {
        let mut keys: Vec<Key> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut compiled = Vec::with_capacity(rules.len());
        for rule in rules {
            let conditions = rule.conditions.iter().map(|condition| {
                let place = *places.entry(&condition.key).or_insert_with(|| {
                    keys.push(Key::parse(&condition.key, dialect));
                    keys.len() - 1
                });
                let mut accepted: Vec<Comparable> = condition.accepted.iter().map(Comparable::of).collect();
                accepted.sort();
                accepted.dedup();
                (place, accepted)
            });
            compiled.push(conditions.collect::<Vec<_>>());
        }
        let open: Vec<_> = keys.iter().map(Key::open).collect();
        let (always, drawers) = file(&compiled, &open);
        Self { keys, open, rules: compiled, always, drawers }
    }

    /// Calls `found` with rules that match, in no order; `wanted` says which are worth comparing.
    pub(super) fn matches(&self, asked: Asked<'_>, mut wanted: impl FnMut(usize) -> bool, mut found: impl FnMut(usize)) {
        let mut values = Values { index: self, asked, known: Vec::new() };
        self.always.iter().filter(|rule| wanted(**rule)).for_each(|rule| found(*rule));
        for drawer in &self.drawers {
            let here = match self.keys.get(drawer.key).and_then(|key| key.find(asked)) {
                None => Some(&drawer.missing),
                Some(_) => drawer.by_value.get(values.at(drawer.key)),
            };
            for rule in here.into_iter().flatten() {
                if wanted(*rule) && values.fit(*rule) {
                    found(*rule);
                }
            }
        }
    }

    /// Calls `found` with rules that match some of `rows`, in no order, and with which. `wanted` says which are worth comparing.
    pub(super) fn narrowed(
        &self,
        asked: Asked<'_>,
        rows: &Rows,
        mut wanted: impl FnMut(usize) -> bool,
        mut found: impl FnMut(usize, RowSet),
    ) {
        let mut values = Values { index: self, asked, known: Vec::new() };
        self.always.iter().filter(|rule| wanted(**rule)).for_each(|rule| found(*rule, rows.all()));
        for drawer in &self.drawers {
            let several: Vec<usize>;
            let here = match self.open.get(drawer.key).copied().flatten() {
                Some(column) => {
                    let found = rows.values(column).filter_map(|value| drawer.by_value.get(value)).flatten();
                    let mut once: Vec<usize> = found.copied().collect();
                    once.sort_unstable();
                    once.dedup();
                    several = once;
                    several.as_slice()
                }
                None if self.keys.get(drawer.key).and_then(|key| key.find(asked)).is_none() => drawer.missing.as_slice(),
                None => drawer.by_value.get(values.at(drawer.key)).map_or(&[][..], Vec::as_slice),
            };
            for rule in here {
                if wanted(*rule)
                    && let Some(matched) = values.matched(*rule, rows)
                {
                    found(*rule, matched);
                }
            }
        }
    }

    /// The conditions of a rule that a request does not meet, by their place in the rule, with what the request holds.
    pub(super) fn unmet<'r>(&self, rule: usize, asked: Asked<'r>) -> Vec<(usize, Option<&'r Value>)> {
        let conditions = self.rules.get(rule).map(Vec::as_slice).unwrap_or_default();
        let unmet = conditions.iter().enumerate().filter_map(|(place, (key, accepted))| {
            let found = self.keys.get(*key).and_then(|key| key.find(asked));
            let unmet = accepted.binary_search(&found.map_or(Comparable::Null, Comparable::of)).is_err();
            unmet.then_some((place, found))
        });
        unmet.collect()
    }
}

/// Values of one request, each read when a rule first asks for it.
struct Values<'i, 'r> {
    index: &'i Index,
    asked: Asked<'r>,
    known: Vec<Option<Comparable>>,
}

impl Values<'_, '_> {
    fn at(&mut self, key: usize) -> &Comparable {
        if self.known.is_empty() {
            self.known.resize(self.index.keys.len(), None);
        }
        let found = || self.index.keys.get(key).and_then(|key| key.find(self.asked)).map_or(Comparable::Null, Comparable::of);
        self.known.get_mut(key).map_or(&Comparable::Null, |slot| slot.get_or_insert_with(found))
    }

    /// The rows that a rule matches; `None` when that is none of them.
    fn matched(&mut self, rule: usize, rows: &Rows) -> Option<RowSet> {
        let conditions = self.index.rules.get(rule)?;
        let open = |key: usize| self.index.open.get(key).copied().flatten();
        // What all rows have in common takes one comparison.
        if !conditions.iter().all(|(key, accepted)| open(*key).is_some() || self.meets(*key, accepted)) {
            return None;
        }
        let mut matched = rows.all();
        for (key, accepted) in conditions {
            if let Some(column) = open(*key) {
                rows.keep(&mut matched, column, accepted);
            }
        }
        (!matched.is_empty()).then_some(matched)
    }

    fn meets(&mut self, key: usize, accepted: &[Comparable]) -> bool {
        let found = self.at(key);
        match accepted {
            [only] => only == found,
            several => several.binary_search(found).is_ok(),
        }
    }

    fn fit(&mut self, rule: usize) -> bool {
        let index = self.index;
        index.rules.get(rule).is_some_and(|conditions| conditions.iter().all(|(key, accepted)| self.meets(*key, accepted)))
    }
}

/// Readings of a plan, by rule of thumb: a drawer of a key that tells them apart is opened for so many values at once.
const READINGS: usize = 16;

/// Files every rule under one condition. `open`: by key, which member of [`OPEN`](super::OPEN) it means.
fn file(rules: &[Vec<(usize, Vec<Comparable>)>], open: &[Option<usize>]) -> (Vec<usize>, Vec<Drawer>) {
    let mut asking: BTreeMap<(usize, &Comparable), usize> = BTreeMap::new();
    let mut using: BTreeMap<usize, usize> = BTreeMap::new();
    for (key, accepted) in rules.iter().flatten() {
        *using.entry(*key).or_default() += 1;
        for value in accepted {
            *asking.entry((*key, value)).or_default() += 1;
        }
    }
    let crowd = |key: usize, accepted: &[Comparable]| -> usize {
        let here: usize = accepted.iter().filter_map(|value| asking.get(&(key, value))).sum();
        let values = if open.get(key).copied().flatten().is_some() { READINGS } else { 1 };
        here.saturating_mul(values)
    };
    let mut always = Vec::new();
    let mut drawers: BTreeMap<usize, Drawer> = BTreeMap::new();
    for (rule, conditions) in rules.iter().enumerate() {
        // Among equals the key that most rules use, so that a request is asked for few.
        let best = conditions.iter().min_by_key(|(key, accepted)| {
            (crowd(*key, accepted), std::cmp::Reverse(using.get(key).copied().unwrap_or_default()))
        });
        let Some((key, accepted)) = best else {
            always.push(rule);
            continue;
        };
        let drawer = drawers.entry(*key).or_insert_with(|| Drawer { key: *key, missing: Vec::new(), by_value: BTreeMap::new() });
        for value in accepted {
            if *value == Comparable::Null {
                drawer.missing.push(rule);
            }
            drawer.by_value.entry(value.clone()).or_default().push(rule);
        }
    }
    (always, drawers.into_values().collect())
}
