//! How many pairs show `Stale`, and how many have no evidence: whether checks run as they should is not said by when the last one did.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Event;
use super::agenda::{Agenda, Started};
use super::carry::carry;
use crate::api::PairId;
use crate::desired::{Cadence, DesiredCheck, Pair};
use crate::plan::{expected_until, fresh_until};

/// How often they are counted.
const EVERY: Duration = Duration::from_secs(10);

/// What is known of when the evidence of each pair is stale: to work that out for a calendar takes far longer than to compare instants.
#[derive(Debug, Default)]
pub(super) struct Lateness {
    pairs: Vec<Option<Until>>,
    counted: Option<Instant>,
}

/// How long the evidence of a run counts.
#[derive(Debug, Clone, Copy)]
struct Until {
    started: Timestamp,
    /// As far as `freshFor` says.
    fresh: Timestamp,
    /// Until the next run should have begun.
    expected: Timestamp,
}

/// Runs of one Check from after which the next one is expected until the same instant: no slot lies between them. Of thousands of pairs with one
/// calendar nearly all are such, and the calendar is asked for some.
struct Alike<'p> {
    check: &'p Arc<DesiredCheck>,
    first: Timestamp,
    last: Timestamp,
    until: Timestamp,
}

impl<'p> Alike<'p> {
    /// Until when the run after one that started at `started` is expected, where only a `search` tells.
    fn expected(
        alike: &mut Option<Self>,
        check: &'p Arc<DesiredCheck>,
        started: Timestamp,
        search: impl FnOnce() -> Timestamp,
    ) -> Timestamp {
        let known = alike.take_if(|known| !Arc::ptr_eq(known.check, check) || !(known.first..=known.last).contains(&started));
        if let Some(known) = alike {
            return known.until;
        }
        let until = search();
        // Who starts later is not expected sooner, so whoever starts between two of the same answer has it, too.
        let known = known.filter(|known| Arc::ptr_eq(known.check, check) && known.until == until);
        let (first, last) = known.map_or((started, started), |known| (known.first.min(started), known.last.max(started)));
        *alike = Some(Self { check, first, last, until });
        until
    }
}

impl Until {
    fn of<'p>(pair: &'p Pair, started: Timestamp, alike: &mut Option<Alike<'p>>) -> Self {
        let check = &pair.check;
        let search = || expected_until(&check.cadence, check.timeout, &pair.id, started);
        let fresh = || fresh_until(&check.cadence, check.fresh_for, check.timeout, &pair.id, started);
        let (expected, fresh) = match (&check.cadence, check.fresh_for) {
            (Cadence::Interval(_), _) => (search(), fresh()),
            (Cadence::Schedule(_), Some(_)) => (Alike::expected(alike, check, started, search), fresh()),
            (Cadence::Schedule(_), None) => {
                let expected = Alike::expected(alike, check, started, search);
                (expected, expected)
            }
        };
        Self { started, fresh, expected }
    }
}

/// Whether evidence under both counts for the same time.
fn counts_as_long(one: &DesiredCheck, other: &DesiredCheck) -> bool {
    (&one.cadence, one.fresh_for, one.timeout) == (&other.cadence, other.fresh_for, other.timeout)
}

impl Lateness {
    /// New manifests: what is known of pairs that run as before still holds, and the count does not.
    pub(super) fn renew(&mut self, before: &[Pair], pairs: &[Pair]) {
        let mut known = carry(before, std::mem::take(&mut self.pairs));
        let until = |pair: &Pair| {
            let (older, until) = known(pair)?;
            until.filter(|_| counts_as_long(&older.check, &pair.check))
        };
        self.pairs = pairs.iter().map(until).collect();
        self.counted = None;
    }

    /// Counts the pairs of `agenda` that are stale at the time of day, and those that may run and have no evidence; `None` when that was done
    /// just before. What is suspended or `denied` is not looked at, for no fault of anybody's.
    pub(super) fn count(
        &mut self,
        pairs: &[Pair],
        agenda: &Agenda,
        denied: impl Fn(&PairId) -> bool,
        (now, clock): (Timestamp, Instant),
    ) -> Option<Event> {
        if self.counted.is_some_and(|counted| clock.duration_since(counted) < EVERY) {
            return None;
        }
        self.counted = Some(clock);
        self.pairs.resize(pairs.len(), None);
        let (mut overdue, mut on_schedule, mut without_evidence, mut alike) = (0, 0, 0, None);
        for ((pair, known), started) in pairs.iter().zip(&mut self.pairs).zip(agenda.started()) {
            if pair.check.suspend || pair.target.suspend {
                continue;
            }
            let started = match started {
                Started::Refused => continue,
                Started::Never => {
                    without_evidence += usize::from(!denied(&pair.id));
                    continue;
                }
                Started::At(started) => started,
            };
            let until = match *known {
                Some(until) if until.started == started => until,
                _ => *known.insert(Until::of(pair, started, &mut alike)),
            };
            let is_late = now > until.expected;
            if !is_late && now <= until.fresh || denied(&pair.id) {
                continue;
            }
            *if is_late { &mut overdue } else { &mut on_schedule } += 1;
        }
        Some(Event::Stale { overdue, on_schedule, without_evidence })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "what is missing fails the test")]
mod tests {
    use std::collections::HashMap;
    use std::fmt::Write as _;
    use std::sync::Arc;

    use jiff::{SignedDuration, Timestamp};

    use super::{Alike, Lateness, Until};
    use crate::desired::{Desired, build};
    use crate::engine::Event;
    use crate::engine::agenda::Agenda;
    use crate::plan::{expected_until, fresh_until};
    use crate::profile::Profile;
    use crate::{facts, source};

    /// One Target with a Check for each of `specs`.
    fn wanted(specs: &[&str]) -> Desired {
        let mut text = "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: web, labels: {a: b}}\n\
                        spec: {type: Host, connections: [{name: os, local: {}}]}\n"
            .to_owned();
        for (index, spec) in specs.iter().enumerate() {
            let spec = format!("{{intent: check_ntp_health, {spec}, targetSelector: {{matchLabels: {{a: b}}}}}}");
            writeln!(text, "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: c{index}}}\nspec: {spec}")
                .unwrap();
        }
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("all.yaml"), text).unwrap();
        let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
        let desired = build(&source::load(&[home.path().to_owned()], None), &profile, &facts::check_path);
        assert_eq!(desired.pairs.len(), specs.len(), "{:?}", desired.problems);
        desired
    }

    /// Instants up to `within` seconds after midnight, in no order.
    fn starts(number: i64, within: i64) -> impl Iterator<Item = Timestamp> {
        let midnight: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        (0..number).map(move |index| midnight + SignedDuration::from_secs(index * 7_919 % within))
    }

    #[test]
    fn what_is_shared_is_what_the_calendar_says_of_each() {
        let desired = wanted(&[
            "schedule: {cron: \"*/5 * * * *\"}",
            "schedule: {cron: \"0 * * * *\", timeZone: Europe/Berlin}",
            "schedule: {cron: \"*/5 * * * *\"}, freshFor: 2m",
            "interval: 5m",
        ]);
        let mut alike = None;
        for started in starts(300, 7_200) {
            for pair in &desired.pairs {
                let until = Until::of(pair, started, &mut alike);
                let check = &pair.check;
                assert_eq!(
                    until.expected,
                    expected_until(&check.cadence, check.timeout, &pair.id, started),
                    "{} {started}",
                    pair.id
                );
                let fresh = fresh_until(&check.cadence, check.fresh_for, check.timeout, &pair.id, started);
                assert_eq!(until.fresh, fresh, "{} {started}", pair.id);
            }
            // Pairs of one Check follow each other.
            let check = &desired.pairs[0].check;
            for started in starts(10, 900) {
                let until = Until::of(&desired.pairs[0], started, &mut alike);
                assert_eq!(until.expected, expected_until(&check.cadence, check.timeout, &desired.pairs[0].id, started));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_edit_is_in_the_count_at_once() {
        let desired = wanted(&["interval: 5m", "interval: 10m"]);
        let (pairs, fewer) = (&desired.pairs[..], &desired.pairs[..1]);
        let at: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let (mut agenda, mut lateness) = (Agenda::new(pairs, HashMap::new(), at), Lateness::default());
        let clock = tokio::time::Instant::now();
        let count = |lateness: &mut Lateness, pairs, agenda: &Agenda| match lateness.count(pairs, agenda, |_| false, (at, clock))
        {
            Some(Event::Stale { without_evidence, .. }) => Some(without_evidence),
            _ => None,
        };
        assert_eq!(count(&mut lateness, pairs, &agenda), Some(2));
        assert_eq!(count(&mut lateness, pairs, &agenda), None, "it was counted just before");
        agenda.renew(pairs, fewer, at);
        lateness.renew(pairs, fewer);
        assert_eq!(count(&mut lateness, fewer, &agenda), Some(1));
    }

    #[test]
    fn of_a_thousand_pairs_after_one_slot_few_ask_the_calendar() {
        let desired = wanted(&["schedule: {cron: \"0 * * * *\"}", "schedule: {cron: \"0 * * * *\"}"]);
        let mut searches = 0;
        for pair in &desired.pairs {
            let mut alike = None;
            for started in starts(1_000, 3_600) {
                let check: &Arc<_> = &pair.check;
                Alike::expected(&mut alike, check, started, || {
                    searches += 1;
                    expected_until(&check.cadence, check.timeout, &pair.id, started)
                });
            }
        }
        assert!((2..60).contains(&searches), "{searches} searches");
    }
}
