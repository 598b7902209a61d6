//! Requests that differ in a few members of their action, decided in one pass over the rules: a plan of twenty readings is forty of them.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::invariant;
use super::lookup::Asked;
use super::row_set::RowSet;
use super::value::{Comparable, truthy};
use super::{Effect, NO_MATCHING_RULE, Pack, Refused, Request, Rule};

/// The members of the action in which the requests differ. Invariants look at none of them where the action says its mode.
pub const OPEN: [&str; 4] = ["category", "connector", "backend", "name"];

/// What each of the requests has in [`OPEN`], turned round: of every value of a member the rows that have it.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    len: usize,
    values: [BTreeMap<Comparable, RowSet>; OPEN.len()],
}

/// What a pack says about one of the requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ruling<'p> {
    /// The decision.
    pub decision: Effect,
    /// The rule that decided; none when an invariant or the default did.
    pub rule: Option<&'p Rule>,
    /// Why, as a code.
    pub reason_code: &'p str,
}

impl Rows {
    /// One row a request.
    pub fn new<'t>(rows: impl IntoIterator<Item = [&'t str; OPEN.len()]>) -> Self {
        let mut len = 0;
        let mut columns: [BTreeMap<&str, RowSet>; OPEN.len()] = Default::default();
        for row in rows {
            for (column, value) in columns.iter_mut().zip(row) {
                column.entry(value).or_default().insert(len);
            }
            len += 1;
        }
        let owned = |column: BTreeMap<&str, RowSet>| {
            column.into_iter().map(|(text, rows)| (Comparable::Text(text.to_owned()), rows)).collect()
        };
        Self { len, values: columns.map(owned) }
    }

    /// How many requests there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them.
    pub(super) fn all(&self) -> RowSet {
        RowSet::up_to(self.len)
    }

    /// Every value of the member `column` of [`OPEN`], once.
    pub(super) fn values(&self, column: usize) -> impl Iterator<Item = &Comparable> {
        self.values.get(column).into_iter().flat_map(BTreeMap::keys)
    }

    /// Takes from `rows` those that have none of the `accepted` values, which are sorted, in the member `column` of [`OPEN`].
    pub(super) fn keep(&self, rows: &mut RowSet, column: usize, accepted: &[Comparable]) {
        let mut kept = RowSet::default();
        let Some(values) = self.values.get(column) else { return *rows = kept };
        // Whichever is less is looked up in the other.
        if accepted.len() < values.len() {
            accepted.iter().filter_map(|value| values.get(value)).for_each(|those| kept.add(those));
        } else {
            values.iter().filter(|(value, _)| accepted.binary_search(value).is_ok()).for_each(|(_, those)| kept.add(those));
        }
        rows.keep(&kept);
    }
}

impl Request {
    /// The same with other members of the action.
    #[must_use]
    pub fn with_action<'t>(&self, members: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut request = self.clone();
        request.action.extend(members.into_iter().map(|(key, text)| (key.to_owned(), text.into())));
        request
    }
}

impl Pack {
    /// What [`Pack::evaluate`] says about every row: about `request` with [`OPEN`] of its action as the row has it. In the order of the rows.
    ///
    /// # Errors
    /// The action says no mode, so that an invariant may look at what differs; a rule that decides has a class or score of risk that
    /// there is not.
    pub fn rulings(&self, request: &Request, runtime: &Map<String, Value>, rows: &Rows) -> Result<Vec<Ruling<'_>>, Refused> {
        if !request.action.get("mode").is_some_and(truthy) {
            return Err(Refused::new("missing_policy_request_mode"));
        }
        let invariant = invariant::broken(request);
        let of_invariant =
            invariant.map(|broken| Ruling { decision: broken.decision, rule: None, reason_code: broken.reason_code });
        if let Some(ruling) = of_invariant.filter(|ruling| ruling.decision == Effect::Deny) {
            return Ok(vec![ruling; rows.len()]);
        }
        let mut deciding: Vec<Option<&Rule>> = vec![None; rows.len()];
        let mut open = rows.all();
        for candidate in self.candidates(Asked { request, runtime }, rows) {
            for row in open.take(&candidate.rows) {
                if let Some(decides) = deciding.get_mut(row) {
                    *decides = self.rules().get(candidate.rank.1);
                }
            }
        }
        let rulings = deciding.into_iter().map(|rule| match (of_invariant, rule) {
            (Some(ruling), rule) if rule.is_none_or(|rule| rule.effect != Effect::Deny) => Ok(ruling),
            (_, Some(rule)) => {
                rule.sound()?;
                Ok(Ruling { decision: rule.effect, rule: Some(rule), reason_code: &rule.reason_code })
            }
            (_, None) => Ok(Ruling { decision: Effect::Deny, rule: None, reason_code: NO_MATCHING_RULE }),
        });
        rulings.collect()
    }

    /// The rules that match some row, the one that decides first in front. Behind one that matches every row nothing decides.
    fn candidates(&self, asked: Asked<'_>, rows: &Rows) -> Vec<Candidate> {
        let rank = |place: usize| self.rules().get(place).map(|rule| (rule.effect, place));
        let all = rows.all();
        let always: Cell<Option<Rank>> = Cell::new(None);
        let mut candidates = Vec::new();
        self.index().narrowed(
            asked,
            rows,
            |place| rank(place).is_some_and(|rank| always.get().is_none_or(|always| rank < always)),
            |place, matched| {
                let Some(rank) = rank(place) else { return };
                if matched == all {
                    always.set(Some(rank));
                }
                candidates.push(Candidate { rank, rows: matched });
            },
        );
        candidates.retain(|candidate| always.get().is_none_or(|always| candidate.rank <= always));
        candidates.sort_unstable_by_key(|candidate| candidate.rank);
        candidates
    }
}

type Rank = (Effect, usize);

/// A rule, and the rows that it matches.
struct Candidate {
    rank: Rank,
    rows: RowSet,
}
