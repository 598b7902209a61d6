//! When a pair is due, computed without the planner: whole intervals from a phase, and a calendar walked by the minute.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tecrax::api::Digest;

/// How often a Check runs.
#[derive(Debug, Clone)]
pub enum Often {
    /// Every so many seconds.
    Every(i64),
    /// Every day at this time of a zone with daylight saving.
    Daily(Time, TimeZone),
}

impl Often {
    /// When a pair is due that last started at `last`, asked at `now`.
    pub fn due(&self, pair: &str, last: Timestamp, now: Timestamp) -> Timestamp {
        match self {
            Self::Every(seconds) => {
                let length = SignedDuration::from_secs(*seconds);
                // Evidence from so far in the future that the clock must have stepped back.
                if last.duration_since(now) > length / 2 {
                    return now;
                }
                first_slot(pair, *seconds * 1000, (last + length / 2).as_millisecond())
            }
            Self::Daily(time, zone) => {
                let after = |at: Timestamp| next_day(*time, zone, at);
                if last > now && after(after(now)) <= last { now } else { after(last) }
            }
        }
    }
}

/// The first whole `length` after the pair's phase that is not before `from`, in milliseconds.
fn first_slot(pair: &str, length: i64, from: i64) -> Timestamp {
    let digest = Digest::of(pair.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    let phase = i64::try_from(u64::from_be_bytes(first) % u64::try_from(length).unwrap()).unwrap();
    let mut slot = (from - phase).div_euclid(length) * length + phase;
    if slot < from {
        slot += length;
    }
    Timestamp::from_millisecond(slot).unwrap()
}

/// The first instant after `at` whose clock shows `time`. On the day without such a time it is when the clocks go forward, on the
/// day with two of them the first.
fn next_day(time: Time, zone: &TimeZone, at: Timestamp) -> Timestamp {
    let mut date = at.to_zoned(zone.clone()).date().yesterday().unwrap();
    loop {
        let wanted = date.to_datetime(time);
        let ambiguous = zone.to_ambiguous_timestamp(wanted);
        let instant = ambiguous.earlier().unwrap();
        let instant = if ambiguous.is_ambiguous() && instant.to_zoned(zone.clone()).datetime() != wanted {
            // The gap: its end.
            zone.following(instant).next().unwrap().timestamp()
        } else {
            instant
        };
        if instant > at {
            return instant;
        }
        date = date.tomorrow().unwrap();
    }
}
