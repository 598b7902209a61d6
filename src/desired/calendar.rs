//! A cron schedule, read once.

use std::sync::{Arc, LazyLock};

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};

use crate::api::Schedule;

/// The zones that this binary brings along: what a name means does not depend on the machine, and nothing is read from disk.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A schedule with its expression and zone read: asking for slots parses nothing. Cheap to clone.
///
/// Any schedule may be one; of what can not be read no slot ever comes. Manifests with such a schedule are refused before.
/// Written as its schedule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Schedule", into = "Schedule")]
pub struct Calendar(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    schedule: Schedule,
    read: Option<(Cron, TimeZone)>,
}

impl Calendar {
    /// The schedule as written.
    pub fn schedule(&self) -> &Schedule {
        &self.0.schedule
    }

    /// The first slot at or after `from`; `None` when none ever comes.
    pub fn slot(&self, from: Timestamp) -> Option<Timestamp> {
        let (cron, zone) = self.0.read.as_ref()?;
        // Slots are whole seconds, and the search does not see less: what has begun is over.
        let from = from.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil)).ok()?;
        let search =
            |from: Timestamp| cron.find_next_occurrence(&from.to_zoned(zone.clone()), true).ok().map(|zoned| zoned.timestamp());
        // The search gives up where a zone leaves out a whole day, as Apia did in 2011: it goes on when the clocks have leapt.
        search(from).or_else(|| zone.following(from).next().and_then(|leap| search(leap.timestamp())))
    }
}

impl From<Schedule> for Calendar {
    fn from(schedule: Schedule) -> Self {
        let zone = schedule.time_zone.as_deref().map_or(Some(TimeZone::UTC), zone);
        let read = parse_cron(&schedule.cron).ok().zip(zone);
        Self(Arc::new(Inner { schedule, read }))
    }
}

impl From<Calendar> for Schedule {
    fn from(calendar: Calendar) -> Self {
        calendar.schedule().clone()
    }
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        self.0.schedule == other.0.schedule
    }
}

impl Eq for Calendar {}

/// Reads a five-field cron expression.
///
/// # Errors
/// A sentence about what is wrong with it.
pub(super) fn parse_cron(expression: &str) -> Result<Cron, String> {
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(expression)
        .map_err(|error| error.to_string())
}

/// A zone by its IANA name.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok()
}

/// The names of all zones.
pub(super) fn zones() -> Vec<String> {
    ZONES.available().map(|zone| zone.to_string()).collect()
}
