//! Waivers: what the owner of a Check has accepted, until when, and the notice before the end.

use jiff::{SignedDuration, Timestamp};

use crate::api::{Accept, StatusFinding};

/// Kind of the finding that a waiver ends soon.
pub const WAIVER: &str = "waiver";
/// Its reason code.
pub const WAIVER_EXPIRES: &str = "waiver_expires";
/// How long before its end a waiver is spoken of.
pub const WAIVER_NOTICE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Kind of a finding about an expectation: its component is the expectation's name.
const EXPECTATION: &str = "expectation";
/// Most characters of a name that the sentence of a notice quotes.
const QUOTED_MAX: usize = 128;

/// When a waiver ends. One without an instant is never in force: it does not pass the validation of manifests.
fn end(accept: &Accept) -> Timestamp {
    accept.expires.parse().unwrap_or(Timestamp::MIN)
}

/// What the waivers in force at `now` accept: names of expectations and reason codes, in order.
pub fn in_force(accept: &[Accept], now: Timestamp) -> Vec<String> {
    accept.iter().filter(|accept| now < end(accept)).map(|accept| accept.finding.clone()).collect()
}

/// Whether one of `accepted` is the name of the finding's expectation, or its reason code. No waiver accepts its own end.
pub fn waives(accepted: &[String], finding: &StatusFinding) -> bool {
    finding.kind != WAIVER
        && accepted.iter().any(|name| *name == finding.reason_code || (finding.kind == EXPECTATION && *name == finding.component))
}

/// One finding for each waiver that is in force at `now` and ends within [`WAIVER_NOTICE`]. They say nothing about the target.
pub fn ending(accept: &[Accept], now: Timestamp) -> Vec<StatusFinding> {
    let soon = |accept: &&Accept| {
        let end = end(accept);
        now < end && end.checked_sub(WAIVER_NOTICE).unwrap_or(Timestamp::MIN) <= now
    };
    accept.iter().filter(soon).map(notice).collect()
}

fn notice(accept: &Accept) -> StatusFinding {
    let cut = |text: &str| text.chars().take(QUOTED_MAX).collect::<String>();
    let (finding, owner, end) = (cut(&accept.finding), cut(&accept.owner), end(accept));
    StatusFinding {
        kind: WAIVER.to_owned(),
        reason_code: WAIVER_EXPIRES.to_owned(),
        message: format!("the waiver of {finding} by {owner} ends at {end}"),
        next_step: Some(format!("repair what {finding} says, or let {owner} renew `accept` of the Check with a later `expires`")),
        component: finding,
    }
}
