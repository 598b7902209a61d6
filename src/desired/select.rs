//! Which Targets a Check means: an index over labels, so that thousands of selectors over thousands of Targets stay fast.

use std::collections::BTreeMap;

use super::draft::Drafts;
use crate::api::{LabelSelector, Namespace, SelectorOperator};

/// The labels of one namespace: positions by key and value, ascending.
#[derive(Default)]
struct Space<'d> {
    all: Vec<usize>,
    by_label: BTreeMap<&'d str, BTreeMap<&'d str, Vec<usize>>>,
}

/// The labels of all namespaces.
pub(super) struct Index<'d> {
    spaces: BTreeMap<&'d Namespace, Space<'d>>,
}

impl<'d> Index<'d> {
    pub(super) fn new(drafts: &'d Drafts<'_>) -> Self {
        let mut spaces: BTreeMap<&Namespace, Space<'_>> = BTreeMap::new();
        for (index, draft) in drafts.list.iter().enumerate() {
            let space = spaces.entry(&draft.namespace).or_default();
            space.all.push(index);
            for (key, value) in &draft.labels {
                space.by_label.entry(key).or_default().entry(value).or_default().push(index);
            }
        }
        Self { spaces }
    }

    /// Positions of the drafts that `selector` matches, ascending.
    pub(super) fn select(&self, drafts: &Drafts<'_>, namespace: &Namespace, selector: &LabelSelector) -> Vec<usize> {
        let Some(space) = self.spaces.get(namespace) else { return Vec::new() };
        let matches = |index: &&usize| drafts.list.get(**index).is_some_and(|draft| selector.matches(&draft.labels));
        match space.shortest(selector) {
            None => space.all.iter().filter(matches).copied().collect(),
            Some(lists) => {
                let mut found: Vec<usize> = lists.into_iter().flatten().filter(matches).copied().collect();
                found.sort_unstable();
                found.dedup();
                found
            }
        }
    }
}

impl Space<'_> {
    /// The part of the selector with the fewest candidates, as lists that together hold every match; `None` when every Target
    /// has to be looked at.
    fn shortest(&self, selector: &LabelSelector) -> Option<Vec<&[usize]>> {
        let labels = selector.match_labels.iter().map(|(key, value)| vec![self.with_label(key, value)]);
        let expressions = selector.match_expressions.iter().filter_map(|requirement| match requirement.operator {
            SelectorOperator::In => {
                Some(requirement.values.iter().map(|value| self.with_label(&requirement.key, value)).collect())
            }
            SelectorOperator::Exists => {
                let values = self.by_label.get(requirement.key.as_str());
                Some(values.into_iter().flat_map(BTreeMap::values).map(Vec::as_slice).collect())
            }
            SelectorOperator::NotIn | SelectorOperator::DoesNotExist => None,
        });
        labels.chain(expressions).min_by_key(|lists: &Vec<&[usize]>| lists.iter().map(|list| list.len()).sum::<usize>())
    }

    fn with_label(&self, key: &str, value: &str) -> &[usize] {
        self.by_label.get(key).and_then(|values| values.get(value)).map_or(&[], Vec::as_slice)
    }
}
