//! What the rules of a pack ask, each question once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::{Condition, Operator};
use super::path::Path;
use super::rule::Rule;

/// The distinct conditions of a pack's rules over its distinct paths. Rules of one pack ask much the same: an answer is worked out once an
/// observation, however many rules want it.
#[derive(Debug, Clone)]
pub(super) struct Questions {
    paths: Vec<Path>,
    /// Each condition, with the place of its path in `paths`.
    conditions: Vec<(usize, Condition)>,
    /// For each rule, in their order, the places of its conditions in `conditions`.
    rules: Vec<Vec<usize>>,
}

impl Questions {
    /// Of rules in the order in which they are asked.
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut made = Self { paths: Vec::new(), conditions: Vec::new(), rules: Vec::with_capacity(rules.len()) };
        let mut paths: BTreeMap<&str, usize> = BTreeMap::new();
        let mut known: BTreeMap<(usize, Operator, String), usize> = BTreeMap::new();
        for rule in rules {
            let mut asks = Vec::with_capacity(rule.when.len());
            for condition in &rule.when {
                let path = *paths.entry(condition.path()).or_insert_with(|| {
                    made.paths.push(condition.way().clone());
                    made.paths.len() - 1
                });
                // As written: `1` and `1.0` stay two questions with one answer, which costs nothing but the second look.
                let question = (path, condition.operator(), condition.value().to_string());
                asks.push(*known.entry(question).or_insert_with(|| {
                    made.conditions.push((path, condition.clone()));
                    made.conditions.len() - 1
                }));
            }
            made.rules.push(asks);
        }
        made
    }

    /// The place of the first rule whose conditions all hold of an observation.
    pub(super) fn first_match(&self, observation: &Value) -> Option<usize> {
        let mut found: Vec<Option<Option<&Value>>> = vec![None; self.paths.len()];
        let mut answers: Vec<Option<bool>> = vec![None; self.conditions.len()];
        let mut holds = |question: usize| -> Option<bool> {
            let answer = answers.get_mut(question)?;
            if answer.is_none() {
                let (path, condition) = self.conditions.get(question)?;
                let slot = found.get_mut(*path)?;
                let actual = *slot.get_or_insert_with(|| self.paths.get(*path).and_then(|path| path.resolve(observation)));
                *answer = Some(condition.holds(actual));
            }
            *answer
        };
        self.rules.iter().position(|asks| asks.iter().all(|&question| holds(question) == Some(true)))
    }
}
