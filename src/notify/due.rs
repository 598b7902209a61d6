//! What a Sink should be told, compared with what it was told. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Notice;
use super::settle::{MAX_BACK_OFF, held_up as held_up_since, resend};
use crate::api::{Criticality, Duration};
use crate::desired::sink::DesiredSink;
use crate::status::{Delivery, Ledger, Phase};

/// Identity of heartbeats.
pub const HEARTBEAT: &str = "heartbeat";
/// How long after the last try the end of an incident that nobody knows any more is given up: where nobody told a Sink anything for a
/// week, it hears nothing of what was tried before.
pub const GIVEN_UP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long it stays known that a Sink has accepted the end of an incident, however long that was open: whoever read that it is open
/// before it was over, and comes late, must not tell it anew.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The incident's identity, or [`HEARTBEAT`].
    pub identity: String,
    /// What is said of it.
    pub phase: Phase,
    /// Tries in a row that failed.
    pub attempts: u32,
    /// The incident; `None` for a heartbeat.
    pub notice: Option<Notice>,
}

/// Everything that `sink` is to be told at `now`: what was tried least first, then the oldest.
///
/// * An open incident is told once, as loud as it is then, when the Sink selects it and nobody holds it back; where alerts run out
///   ([`DesiredSink::resolve_timeout`]), it is told again as long as it is open, whoever has acknowledged it and however loud it is by then.
/// * That it is over is told where the incident was heard, or may have been, whatever the Sink selects now; also of an incident that
///   nobody knows any more.
/// * Where the labels make the alert, the end of an incident is not told once its matter is open again and told or to be told: it would
///   end the new incident's alert.
/// * What failed waits for its time, and everything waits while the Sink itself fails.
pub fn due(sink: &DesiredSink, notices: &[Notice], ledger: &Ledger, now: Timestamp) -> Vec<Due> {
    if is_resting(ledger, now) { Vec::new() } else { wanted(sink, notices, ledger, now) }
}

/// What is only not [`due`] because the Sink has just failed, and was not tried since: the Sink fails for it, too, whatever becomes of the
/// notice that found out. Each as it is to be kept.
pub fn held_up(sink: &DesiredSink, notices: &[Notice], ledger: &Ledger, now: Timestamp) -> Vec<((String, Phase), Delivery)> {
    let Some(error) = ledger.health.error.as_deref().filter(|_| is_resting(ledger, now)) else { return Vec::new() };
    let waits = |due: Due| {
        let before = ledger.get(&due.identity, due.phase);
        let delivery = before.is_none_or(|before| before.error.is_none()).then(|| held_up_since(&due, before, error, now))?;
        Some(((due.identity, due.phase), delivery))
    };
    wanted(sink, notices, ledger, now).into_iter().filter_map(waits).collect()
}

/// Whether the Sink is not to be tried yet.
fn is_resting(ledger: &Ledger, now: Timestamp) -> bool {
    ledger.health.next.is_some_and(|next| !ripe(next, now, Some(MAX_BACK_OFF)))
}

/// What is [`due`] of a Sink that accepts.
fn wanted(sink: &DesiredSink, notices: &[Notice], ledger: &Ledger, now: Timestamp) -> Vec<Due> {
    if sink.suspend {
        return Vec::new();
    }
    let mut due: Vec<(u32, Timestamp, Due)> = Vec::new();
    let mut push = |notice: Option<Notice>, identity: String, phase, delivery: Option<&Delivery>| {
        let attempts = delivery.map_or(0, |delivery| delivery.attempts);
        let notice = notice.map(|notice| Notice { told_as: told_as(ledger, &identity), ..notice });
        // A heartbeat says what else was said: it comes last.
        let since = notice.as_ref().map_or(Timestamp::MAX, |notice| notice.since);
        due.push((attempts, since, Due { identity, phase, attempts, notice }));
    };
    let known: BTreeMap<String, &Notice> = notices.iter().map(|notice| (notice.identity(), notice)).collect();
    for (identity, notice) in &known {
        let fired = ledger.get(identity, Phase::Firing);
        if notice.resolved.is_some() {
            if fired.is_some_and(Delivery::heard) && !is_told_over(ledger, identity, now) {
                let delivery = ledger.get(identity, Phase::Resolved);
                push(Some((*notice).clone()), identity.clone(), Phase::Resolved, delivery);
            }
            continue;
        }
        if is_wanted(sink, notice, ledger) && fired.is_none_or(|fired| is_ripe(fired, now, resend(sink))) {
            push(Some((*notice).clone()), identity.clone(), Phase::Firing, fired);
        }
    }
    for ((identity, phase), fired) in &ledger.deliveries {
        let forgotten = *phase == Phase::Firing && fired.heard() && !known.contains_key(identity);
        if forgotten
            && !is_told_over(ledger, identity, now)
            && heir(sink, notices, ledger, identity).is_none_or(|heir| !is_wanted(sink, heir, ledger))
            && let Ok(notice) = serde_json::from_str::<Notice>(&fired.told)
        {
            let delivery = ledger.get(identity, Phase::Resolved);
            push(Some(notice.over(now)), identity.clone(), Phase::Resolved, delivery);
        }
    }
    if let Some(every) = sink.heartbeat {
        let beat = ledger.get(HEARTBEAT, Phase::Heartbeat);
        if beat.is_none_or(|beat| is_ripe(beat, now, Some(every))) {
            push(None, HEARTBEAT.to_owned(), Phase::Heartbeat, beat);
        }
    }
    due.sort_by(|left, right| (left.0, left.1, &left.2.identity).cmp(&(right.0, right.1, &right.2.identity)));
    due.into_iter().map(|(_, _, due)| due).collect()
}

/// Deliveries that say nothing any more: of incidents that are told to be over and are followed by another one, or were told so [`KEPT`]
/// ago; that nobody knows and whose end was tried [`GIVEN_UP`] ago for the last time; that live on in the alert of the next one; or that
/// never were heard of. What is known of one incident goes at once.
pub fn obsolete(sink: &DesiredSink, notices: &[Notice], ledger: &Ledger, now: Timestamp) -> Vec<(String, Phase)> {
    let open: BTreeSet<String> = notices.iter().filter(|notice| notice.resolved.is_none()).map(Notice::identity).collect();
    let known: BTreeSet<String> = notices.iter().map(Notice::identity).collect();
    let past = |at: Timestamp, pause| at.checked_add(pause).is_ok_and(|end| end < now);
    let gone = |identity: &str, phase: Phase| {
        if identity == HEARTBEAT || phase == Phase::Heartbeat {
            return sink.heartbeat.is_none();
        }
        if open.contains(identity) {
            return false;
        }
        let heard = ledger.get(identity, Phase::Firing).is_some_and(Delivery::heard);
        let over = ledger.get(identity, Phase::Resolved);
        let followed = || {
            let before = identity.rsplit_once('/').and_then(|(uid, incident)| Some((uid, incident.parse::<u64>().ok()?)));
            before.is_some_and(|(uid, incident)| notices.iter().any(|notice| notice.uid == uid && notice.incident > incident))
        };
        let inherited = || heir(sink, notices, ledger, identity).is_some_and(|heir| is_told(heir, ledger));
        let told = over.and_then(|over| over.delivered).is_some_and(|at| past(at, KEPT) || followed());
        let given_up = || over.is_some_and(|over| over.delivered.is_none() && past(over.tried, GIVEN_UP));
        !heard || told || (!known.contains(identity) && (inherited() || given_up()))
    };
    ledger.deliveries.keys().filter(|(identity, phase)| gone(identity, *phase)).cloned().collect()
}

/// Deliveries that failed, of incidents that are open and that the Sink is not to hear of now: somebody knows, something else is the cause,
/// they are not loud enough, or not about its Targets any more. Each as it is to be kept: nobody waits for it, and what may have been heard
/// stays known for its end.
pub fn spared(sink: &DesiredSink, notices: &[Notice], ledger: &Ledger) -> Vec<((String, Phase), Delivery)> {
    let open = notices.iter().filter(|notice| notice.resolved.is_none());
    let failed = open.filter(|notice| !is_wanted(sink, notice, ledger)).filter_map(|notice| {
        let key = (notice.identity(), Phase::Firing);
        let fired = ledger.deliveries.get(&key).filter(|fired| fired.error.is_some())?;
        Some((key, Delivery { error: None, ..fired.clone() }))
    });
    failed.collect()
}

/// The first time after `now` at which [`due`] may have something to say if nothing else happens; `None` when it has not.
pub fn next_due(sink: &DesiredSink, ledger: &Ledger, now: Timestamp) -> Option<Timestamp> {
    if sink.suspend {
        return None;
    }
    let held = ledger.health.next.unwrap_or(Timestamp::MIN);
    ledger.deliveries.values().filter_map(|delivery| delivery.next).map(|next| next.max(held)).filter(|next| *next > now).min()
}

/// Whether the Sink is one that hears of it.
pub fn selects(sink: &DesiredSink, notice: &Notice) -> bool {
    notice.severity >= sink.min_severity && is_about(sink, notice)
}

/// Whether it is about a Target of the Sink.
fn is_about(sink: &DesiredSink, notice: &Notice) -> bool {
    sink.namespace == notice.namespace && notice.targets.iter().any(|target| sink.selector.matches(&target.labels))
}

/// Whether the Sink hears of what is open. The first word waits until it is loud enough and nobody holds it back; what was told is kept
/// alive.
fn is_wanted(sink: &DesiredSink, notice: &Notice, ledger: &Ledger) -> bool {
    if is_told(notice, ledger) { is_about(sink, notice) } else { selects(sink, notice) && notice.held.is_none() }
}

/// How loud the Sink was told the incident is, or may have been.
fn told_as(ledger: &Ledger, identity: &str) -> Option<Criticality> {
    let fired = ledger.get(identity, Phase::Firing).filter(|fired| fired.heard())?;
    Some(serde_json::from_str::<Notice>(&fired.told).ok()?.label())
}

/// Whether the Sink has accepted that it is open.
fn is_told(notice: &Notice, ledger: &Ledger) -> bool {
    ledger.get(&notice.identity(), Phase::Firing).is_some_and(|fired| fired.delivered.is_some())
}

/// The open incident that followed this one and has its alert: the same labels.
fn heir<'n>(sink: &DesiredSink, notices: &'n [Notice], ledger: &Ledger, identity: &str) -> Option<&'n Notice> {
    sink.resolve_timeout()?;
    let (uid, incident) = identity.rsplit_once('/')?;
    let incident: u64 = incident.parse().ok()?;
    let heir = notices.iter().find(|notice| notice.uid == uid && notice.incident > incident && notice.resolved.is_none())?;
    let label = told_as(ledger, &heir.identity()).unwrap_or(heir.severity);
    (told_as(ledger, identity) == Some(label)).then_some(heir)
}

/// Whether the end was told, or waits for its time.
fn is_told_over(ledger: &Ledger, identity: &str, now: Timestamp) -> bool {
    ledger.get(identity, Phase::Resolved).is_some_and(|over| over.delivered.is_some() || !is_ripe(over, now, None))
}

fn is_ripe(delivery: &Delivery, now: Timestamp, every: Option<Duration>) -> bool {
    delivery.next.is_some_and(|next| ripe(next, now, every))
}

/// Whether `next` has come. A time further away than anything waits was set before the clock was stepped back.
fn ripe(next: Timestamp, now: Timestamp, every: Option<Duration>) -> bool {
    let longest = every.map_or(MAX_BACK_OFF, |every| every.max(MAX_BACK_OFF));
    let longest = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
    next <= now || next.as_millisecond() > now.as_millisecond().saturating_add(longest)
}
