//! Instants as artifacts write them.

use jiff::Timestamp;

/// The instant without its fraction of a second.
pub(super) fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// `YYYY-MM-DDTHH:MM:SS+00:00`: every reader of RFC 3339 takes the offset in digits.
pub(super) fn seconds(at: Timestamp) -> String {
    let mut text = whole(at).to_string();
    text.truncate(text.trim_end_matches('Z').len());
    text.push_str("+00:00");
    text
}
