//! What a try leaves behind: when the next one comes. Pure.

use jiff::{SignedDuration, Timestamp};

use super::{Due, Fault};
use crate::api::Duration;
use crate::desired::sink::DesiredSink;
use crate::status::{Delivery, Phase, SinkHealth};

/// Longest pause between two tries.
pub const MAX_BACK_OFF: Duration = Duration::from_secs(300);
/// Longest pause after the first failed try; it doubles with every other.
const FIRST_BACK_OFF: Duration = Duration::from_secs(2);
/// How often an alert is told again within the time after which it counts as resolved.
const RESENDS: u64 = 4;

/// The pause after `attempts` failed tries in a row: exponential, at most [`MAX_BACK_OFF`], of which `jitter` (of 65535) leaves
/// between a half and all.
pub fn back_off(attempts: u32, jitter: u16) -> Duration {
    let doubled = FIRST_BACK_OFF.as_millis().saturating_mul(1_u64.checked_shl(attempts.saturating_sub(1)).unwrap_or(u64::MAX));
    let span = doubled.min(MAX_BACK_OFF.as_millis());
    Duration::from_millis(span / 2 + span / 2 * u64::from(jitter) / u64::from(u16::MAX))
}

/// How often an open incident is told again; `None` where once is enough.
pub fn resend(sink: &DesiredSink) -> Option<Duration> {
    sink.resolve_timeout().map(|timeout| Duration::from_millis((timeout.as_millis() / RESENDS).max(1)))
}

/// The delivery while a try that began at `now` is under way: it may have arrived, and is tried again by whoever finds it so.
pub fn under_way(due: &Due, before: Option<&Delivery>, now: Timestamp) -> Delivery {
    Delivery {
        attempts: before.map_or(0, |before| before.attempts),
        tried: now,
        next: Some(now),
        delivered: before.and_then(|before| before.delivered),
        reached: true,
        error: before.and_then(|before| before.error.clone()),
        told: told(due),
    }
}

/// The delivery that waits since `now` because its Sink has just failed with `error`. What the Sink has heard of it stays known.
pub fn held_up(due: &Due, before: Option<&Delivery>, error: &str, now: Timestamp) -> Delivery {
    let untried =
        || Delivery { attempts: 0, tried: now, next: Some(now), delivered: None, reached: false, error: None, told: told(due) };
    Delivery { error: Some(error.to_owned()), ..before.cloned().unwrap_or_else(untried) }
}

fn told(due: &Due) -> String {
    due.notice.as_ref().and_then(|notice| serde_json::to_string(&notice.clone().bounded()).ok()).unwrap_or_default()
}

/// The delivery after a try at `now`.
pub fn settled(
    sink: &DesiredSink,
    due: &Due,
    before: Option<&Delivery>,
    result: Result<(), &Fault>,
    now: Timestamp,
    jitter: u16,
) -> Delivery {
    let told = told(due);
    let again = match due.phase {
        Phase::Firing => resend(sink),
        Phase::Heartbeat => sink.heartbeat,
        Phase::Resolved => None,
    };
    match result {
        Ok(()) => Delivery {
            attempts: 0,
            tried: now,
            next: again.map(|pause| after(now, pause)),
            delivered: Some(now),
            reached: true,
            error: None,
            told,
        },
        Err(fault) => {
            let attempts = before.map_or(0, |before| before.attempts).saturating_add(1);
            let pause = back_off(attempts, jitter).min(again.unwrap_or(MAX_BACK_OFF));
            Delivery {
                attempts,
                tried: now,
                next: Some(after(now, pause)),
                delivered: before.and_then(|before| before.delivered),
                reached: fault.reached || before.is_some_and(|before| before.reached),
                error: Some(fault.class.reason().to_owned()),
                told,
            }
        }
    }
}

/// How the Sink stands after a try at `now`. `partly` is what is not as it should be although it accepted.
pub fn health(before: &SinkHealth, result: Result<Option<&Fault>, &Fault>, now: Timestamp, jitter: u16) -> SinkHealth {
    let changed = |failing: bool| if (before.failures > 0) == failing { before.changed } else { Some(now) };
    match result {
        Ok(partly) => SinkHealth {
            failures: 0,
            next: None,
            delivered: Some(now),
            changed: changed(false).or(Some(now)),
            error: None,
            message: partly.map(|fault| fault.message.clone()).unwrap_or_default(),
        },
        // One notice was refused: the others are not held up.
        Err(fault) if fault.single => {
            SinkHealth { error: Some(fault.class.reason().to_owned()), message: fault.message.clone(), ..before.clone() }
        }
        Err(fault) => {
            let failures = before.failures.saturating_add(1);
            SinkHealth {
                failures,
                next: Some(after(now, back_off(failures, jitter))),
                delivered: before.delivered,
                changed: changed(true),
                error: Some(fault.class.reason().to_owned()),
                message: fault.message.clone(),
            }
        }
    }
}

fn after(now: Timestamp, pause: Duration) -> Timestamp {
    let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    now.checked_add(SignedDuration::from_millis(millis)).unwrap_or(Timestamp::MAX)
}
