//! Requests that differ in a few members of their action, decided in one pass over the rules: a plan of twenty readings is forty of them.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::index::Left;
use super::invariant;
use super::lookup::Asked;
use super::value::{Comparable, truthy};
use super::{Effect, NO_MATCHING_RULE, Pack, Refused, Request, Rule};

/// The members of the action in which the requests differ. Invariants look at none of them where the action says its mode.
pub const OPEN: [&str; 4] = ["category", "connector", "backend", "name"];

/// What each of the requests has in [`OPEN`], in that order.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    rows: Vec<[Comparable; OPEN.len()]>,
    /// Every value of a member once.
    values: [BTreeSet<Comparable>; OPEN.len()],
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
        let mut all = Self::default();
        for row in rows {
            let row = row.map(|text| Comparable::Text(text.to_owned()));
            for (values, value) in all.values.iter_mut().zip(&row) {
                if !values.contains(value) {
                    values.insert(value.clone());
                }
            }
            all.rows.push(row);
        }
        all
    }

    /// How many requests there are.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every value of the member `column` of [`OPEN`], once.
    pub(super) fn values(&self, column: usize) -> impl Iterator<Item = &Comparable> {
        self.values.get(column).into_iter().flatten()
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
        let candidates = self.candidates(Asked { request, runtime }, rows);
        let rulings = rows.rows.iter().map(|row| {
            let rule = candidates.iter().find(|candidate| candidate.fits(row)).and_then(|first| self.rules().get(first.rank.1));
            match (of_invariant, rule) {
                (Some(ruling), rule) if rule.is_none_or(|rule| rule.effect != Effect::Deny) => Ok(ruling),
                (_, Some(rule)) => {
                    rule.sound()?;
                    Ok(Ruling { decision: rule.effect, rule: Some(rule), reason_code: &rule.reason_code })
                }
                (_, None) => Ok(Ruling { decision: Effect::Deny, rule: None, reason_code: NO_MATCHING_RULE }),
            }
        });
        rulings.collect()
    }

    /// The rules that match some row, the one that decides first in front. Behind one that matches every row nothing decides.
    fn candidates(&self, asked: Asked<'_>, rows: &Rows) -> Vec<Candidate<'_>> {
        let rank = |place: usize| self.rules().get(place).map(|rule| (rule.effect, place));
        let always: Cell<Option<Rank>> = Cell::new(None);
        let mut candidates = Vec::new();
        self.index().narrowed(
            asked,
            rows,
            |place| rank(place).is_some_and(|rank| always.get().is_none_or(|always| rank < always)),
            |place, left| {
                let Some(rank) = rank(place) else { return };
                if left.is_empty() {
                    always.set(Some(rank));
                }
                candidates.push(Candidate { rank, left });
            },
        );
        candidates.retain(|candidate| always.get().is_none_or(|always| candidate.rank <= always));
        candidates.sort_unstable_by_key(|candidate| candidate.rank);
        candidates
    }
}

type Rank = (Effect, usize);

/// A rule that matches the rows which meet what is left of its conditions.
struct Candidate<'p> {
    rank: Rank,
    left: Vec<Left<'p>>,
}

impl Candidate<'_> {
    fn fits(&self, row: &[Comparable; OPEN.len()]) -> bool {
        self.left.iter().all(|(column, accepted)| row.get(*column).is_some_and(|value| accepted.binary_search(value).is_ok()))
    }
}
