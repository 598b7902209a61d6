//! The sentence that a person reads first.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::matter::{Claim, Matter};
use crate::api::{MESSAGE_MAX, SubdomainName};

/// Members of a group that the sentence names.
const NAMED: usize = 3;

/// `web-07: clock not synchronised, 3 of 3 runs since 02:14Z`.
pub(super) fn of_target(target: &SubdomainName, message: &str, claims: &[Claim], now: Timestamp) -> String {
    let message = message.trim().trim_end_matches('.');
    let Some(claim) = claims.iter().min_by_key(|claim| claim.since) else { return cut(format!("{target}: {message}")) };
    let runs = if claim.runs == 1 { "run" } else { "runs" };
    cut(format!("{target}: {message}, {} of {} {runs} since {}", claim.seen, claim.runs, clock(claim.since, now)))
}

/// `12 of 14 targets give no answer since 02:14Z: db-01, db-02, db-03 and 9 more`.
pub(super) fn of_group(said: &str, targets: &[&SubdomainName], since: Timestamp, now: Timestamp) -> String {
    let named: Vec<&str> = targets.iter().take(NAMED).map(|target| target.as_str()).collect();
    let more = match targets.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    cut(format!("{said} since {}: {}{more}", clock(since, now), named.join(", ")))
}

/// The sentence about a resolved matter.
pub(super) fn resolved(matter: &Matter, now: Timestamp) -> String {
    let subject = matter.target.as_ref().map_or_else(|| "group".to_owned(), ToString::to_string);
    let message = matter.finding.message.trim().trim_end_matches('.');
    cut(format!("{subject}: over since {}: {message}", clock(now, now)))
}

/// The time of day in UTC, with the date when that is another than today's.
fn clock(at: Timestamp, now: Timestamp) -> String {
    let (at, now) = (at.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC));
    let format = if at.date() == now.date() { "%H:%MZ" } else { "%Y-%m-%d %H:%MZ" };
    at.strftime(format).to_string()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MESSAGE_MAX) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}
