//! How often a Check runs: interval or cron, and the time-outs that go with it.

use jiff::Timestamp;

use super::calendar::{self, Calendar};
use super::model::Cadence;
use super::report::{Report, Scope};
use super::union::at_most_one;
use crate::api::{CheckSpec, Duration, Schedule, did_you_mean, reason};

/// Shortest interval.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// Longest interval, `freshFor` and starting deadline: one year.
const MAX_INTERVAL: Duration = Duration::from_secs(8760 * 3600);
/// Longest time for one run.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

/// Any fixed start tells whether there is a slot at all: the calendar repeats within 28 years.
const ANY_START: Timestamp = Timestamp::UNIX_EPOCH;

/// Cadence, time-out and `freshFor` with defaults.
pub(super) fn read(report: &mut Report, scope: &Scope<'_>, spec: &CheckSpec) -> (Cadence, Duration, Option<Duration>) {
    at_most_one(report, scope, "", [("interval", spec.interval.is_some()), ("schedule", spec.schedule.is_some())]);
    let timeout = spec.timeout.unwrap_or(CheckSpec::DEFAULT_TIMEOUT);
    between(report, scope, "timeout", timeout, Duration::from_millis(1), MAX_TIMEOUT);
    if let Some(fresh_for) = spec.fresh_for {
        between(report, scope, "freshFor", fresh_for, MIN_INTERVAL, MAX_INTERVAL);
    }
    if let Some(schedule) = &spec.schedule {
        return (Cadence::Schedule(self::calendar(report, scope, schedule)), timeout, spec.fresh_for);
    }
    let interval = spec.interval.unwrap_or(CheckSpec::DEFAULT_INTERVAL);
    between(report, scope, "interval", interval, MIN_INTERVAL, MAX_INTERVAL);
    if spec.fresh_for.is_some_and(|fresh_for| fresh_for < interval) {
        let message = "freshFor is shorter than the interval, so evidence is stale before the next run";
        report.warn(scope, "freshFor", reason::BAD_VALUE, message);
    }
    let default = Duration::from_millis(interval.as_millis().saturating_mul(2).saturating_add(timeout.as_millis()));
    (Cadence::Interval(interval), timeout, Some(spec.fresh_for.unwrap_or(default)))
}

/// Checks a duration against its bounds.
pub(super) fn between(report: &mut Report, scope: &Scope<'_>, path: &str, value: Duration, least: Duration, most: Duration) {
    if value < least || value > most {
        report.error(scope, path, reason::BAD_VALUE, format!("{value} is out of bounds: write {least} to {most}"));
    }
}

/// The calendar of a schedule; reports what can not be read.
fn calendar(report: &mut Report, scope: &Scope<'_>, schedule: &Schedule) -> Calendar {
    zone(report, scope, schedule);
    if let Some(deadline) = schedule.starting_deadline {
        between(report, scope, "schedule.startingDeadline", deadline, MIN_INTERVAL, MAX_INTERVAL);
    }
    let calendar = Calendar::from(schedule.clone());
    let path = "schedule.cron";
    let help = "write five fields: minute, hour, day of month, month, day of week, such as `30 2 * * MON`";
    if let Err(error) = calendar::parse_cron(&schedule.cron) {
        let message = format!("bad cron expression: {}", error.escape_debug());
        report.error_with_help(scope, path, reason::BAD_VALUE, message, help);
    } else if Calendar::from(Schedule { time_zone: None, ..schedule.clone() }).slot(ANY_START).is_none() {
        report.error_with_help(scope, path, reason::BAD_VALUE, "this cron expression never comes due", help);
    }
    calendar
}

fn zone(report: &mut Report, scope: &Scope<'_>, schedule: &Schedule) {
    let Some(name) = schedule.time_zone.as_deref().filter(|name| calendar::zone(name).is_none()) else { return };
    let names = calendar::zones();
    let help = did_you_mean(name, names.iter().map(String::as_str)).map_or_else(
        || "use a name of the IANA time zone database, such as `Europe/Berlin` or `UTC`".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    report.error_with_help(scope, "schedule.timeZone", reason::BAD_VALUE, "unknown time zone", help);
}
