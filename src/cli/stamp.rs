//! Instants and spans as people read them.

use jiff::Timestamp;

/// A span in at most two units, as kubectl shows ages: `45s`, `3m12s`, `5h`, `12d`.
pub fn span(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    if seconds < 120 {
        format!("{seconds}s")
    } else if minutes < 10 {
        match seconds % 60 {
            0 => format!("{minutes}m"),
            rest => format!("{minutes}m{rest}s"),
        }
    } else if hours < 3 {
        format!("{minutes}m")
    } else if days < 2 {
        format!("{hours}h")
    } else {
        format!("{days}d")
    }
}

/// How long ago `at` was; `-` when there is no instant.
pub fn ago(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map_or_else(|| "-".to_owned(), |at| span(now.as_millisecond() - at.as_millisecond()))
}

/// In how long `at` is: `now` when it is over; `-` when there is no instant.
pub fn until(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        None => "-".to_owned(),
        Some(at) if at <= now => "now".to_owned(),
        Some(at) => format!("in {}", span(at.as_millisecond() - now.as_millisecond() + 999)),
    }
}
