//! Telling one Sink what is due, and keeping what came of it.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::keep::token;
use super::notices::notices;
use super::{Engine, Event, Inputs};
use crate::desired::sink::DesiredSink;
use crate::notify::{
    Courier, Due, Fault, Notice, Stamp, due, health, held_up, next_due, obsolete, settled, spared, under_way as under_way_since,
};
use crate::status::{Delivery, Ledger, Phase, WantedSink};
use crate::store::{DesiredRow, StoreError, Told};

/// Requests to Sinks under way at once.
const AT_ONCE: usize = 4;
/// How long this process alone may tell a Sink without a word: longer than the longest try.
const HOLD: SignedDuration = SignedDuration::from_secs(30);
/// How long new requests to one Sink are begun in one turn.
pub(super) const TURN: Duration = Duration::from_secs(30);
/// Pause before a Sink that another process tells is looked at again.
const ELSEWHERE: SignedDuration = SignedDuration::from_secs(2);

/// What all deliveries of this process share.
#[derive(Debug)]
pub(super) struct Post {
    courier: Courier,
    turns: Semaphore,
    /// Something may have to be told.
    news: Notify,
    /// Nothing new is sent any more.
    stopping: AtomicBool,
}

impl Post {
    pub(super) fn new(courier: Courier) -> Self {
        Self { courier, turns: Semaphore::new(AT_ONCE), news: Notify::new(), stopping: AtomicBool::new(false) }
    }

    /// Says that something may have to be told.
    pub(super) fn ring(&self) {
        self.news.notify_one();
    }

    /// Waits until somebody said so.
    pub(super) async fn rung(&self) {
        self.news.notified().await;
    }

    /// From here on nothing new is sent.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// Tells `sink` what is due, if anything is of `seen`; begins no request after `until`. Returns when there may be more to tell.
///
/// # Errors
/// The store's. What was accepted and could not be written is told again.
pub(super) async fn tell(
    engine: &Arc<Engine>,
    inputs: &Inputs,
    sink: &DesiredSink,
    seen: &[Notice],
    until: Instant,
) -> Result<Option<Timestamp>, Arc<StoreError>> {
    let now = (engine.now)();
    let mut ledger = engine.store.ledger(sink.receiver()).await?;
    let kept = kept(engine, sink, seen, &mut ledger, now);
    // How it stands may have changed without a request of ours: it is suspended, another process has told it, nothing is left to tell, or
    // there is something new that it is too early to try.
    stand(engine, sink, &ledger);
    // Most looks find nothing, and cost no write.
    if kept.is_none() && due_now(engine, sink, seen, &ledger, now).is_empty() {
        return Ok(next_due(sink, &ledger, now));
    }
    let taken = engine.store.take_sink(sink.receiver(), engine.holder.clone(), now, later(now, HOLD)).await?;
    let Some(ledger) = taken else { return Ok(Some(later(now, ELSEWHERE))) };
    let result = tell_held(engine, inputs, sink, ledger, until).await;
    engine.store.leave_sink(sink.receiver(), engine.holder.clone()).await?;
    result
}

/// What is due and may be said.
fn due_now(engine: &Engine, sink: &DesiredSink, notices: &[Notice], ledger: &Ledger, now: Timestamp) -> Vec<Due> {
    due(sink, notices, ledger, now).into_iter().filter(|due| may_say(engine, due.phase)).collect()
}

/// A process that is not well has no heartbeat: nothing said is how whoever listens learns of it.
fn may_say(engine: &Engine, phase: Phase) -> bool {
    phase != Phase::Heartbeat || engine.pulse.beats()
}

/// Says whether the Sink fails.
fn stand(engine: &Engine, sink: &DesiredSink, ledger: &Ledger) {
    engine.tell(&Event::SinkStands { sink: sink.title(), fails: !sink.suspend && ledger.fails() });
}

/// What is to be kept of `ledger`, in it and for the store; `None` when that is all of it, as it is.
fn kept(engine: &Engine, sink: &DesiredSink, notices: &[Notice], ledger: &mut Ledger, now: Timestamp) -> Option<Told> {
    let (forget, mut deliveries) = (obsolete(sink, notices, ledger, now), spared(sink, notices, ledger));
    for key in &forget {
        ledger.deliveries.remove(key);
    }
    // Nothing is both: one is of what the Sink is to hear of, the other of what it is not.
    deliveries.extend(held_up(sink, notices, ledger, now).into_iter().filter(|((_, phase), _)| may_say(engine, *phase)));
    ledger.deliveries.extend(deliveries.iter().cloned());
    let changed = !(forget.is_empty() && deliveries.is_empty());
    changed.then(|| Told { sink: sink.receiver(), health: ledger.health.clone(), deliveries, forget })
}

async fn tell_held(
    engine: &Arc<Engine>,
    inputs: &Inputs,
    sink: &DesiredSink,
    mut ledger: Ledger,
    until: Instant,
) -> Result<Option<Timestamp>, Arc<StoreError>> {
    // Whoever told the Sink before may have known more than stood in the log when this process looked: from here on nobody else tells it.
    let notices = notices(engine, inputs).await?;
    let now = (engine.now)();
    if let Some(told) = kept(engine, sink, &notices, &mut ledger, now) {
        // Nothing was told yet. Where the hold has passed on meanwhile, what is kept now is what the other one has told.
        if !engine.store.begin_sink(told, engine.holder.clone(), later(now, HOLD)).await? {
            return Ok(Some(later(now, ELSEWHERE)));
        }
        stand(engine, sink, &ledger);
    }
    let list = due_now(engine, sink, &notices, &ledger, now);
    if list.is_empty() {
        return Ok(next_due(sink, &ledger, now));
    }
    let checkpoint = token(engine).await;
    for batch in Courier::batches(sink, &list) {
        let Ok(_turn) = engine.post.turns.acquire().await else { break };
        if Instant::now() > until || engine.post.stopping.load(Ordering::Relaxed) {
            return Ok(Some((engine.now)()));
        }
        // The turn may have been long in coming: another process may hold the Sink by now, and has told it what was due.
        let sent = under_way(sink, batch, &ledger, (engine.now)());
        if !engine.store.begin_sink(sent, engine.holder.clone(), later((engine.now)(), HOLD)).await? {
            break;
        }
        let stamp = Stamp { now: (engine.now)(), checkpoint: checkpoint.clone() };
        let result = engine.post.courier.send(sink, batch, &stamp).await;
        let (told, go_on) = outcome(engine, sink, batch, &mut ledger, &result);
        let held = engine.store.tell_sink(told, engine.holder.clone(), later((engine.now)(), HOLD)).await?;
        if !(held && go_on) {
            break;
        }
    }
    Ok(next_due(sink, &ledger, (engine.now)()))
}

/// What is written before a request is sent: it may arrive, whatever becomes of this process. Whoever comes next tries again what
/// nobody knows the outcome of, and tells its end.
fn under_way(sink: &DesiredSink, batch: &[Due], ledger: &Ledger, now: Timestamp) -> Told {
    let fresh = |due: &&Due| {
        let before = ledger.get(&due.identity, due.phase);
        due.phase == Phase::Firing && !before.is_some_and(Delivery::heard)
    };
    let row = |due: &Due| {
        let before = ledger.get(&due.identity, due.phase);
        ((due.identity.clone(), due.phase), under_way_since(due, before, now))
    };
    let deliveries = batch.iter().filter(fresh).map(row).collect();
    Told { sink: sink.receiver(), health: ledger.health.clone(), deliveries, forget: Vec::new() }
}

/// What came of one request, in `ledger` and for the store; and whether the Sink may be sent more now.
fn outcome(
    engine: &Engine,
    sink: &DesiredSink,
    batch: &[Due],
    ledger: &mut Ledger,
    result: &Result<Option<Fault>, Fault>,
) -> (Told, bool) {
    let now = (engine.now)();
    let mut deliveries = Vec::with_capacity(batch.len());
    for due in batch {
        let key = (due.identity.clone(), due.phase);
        let before = ledger.deliveries.get(&key);
        let delivery = settled(sink, due, before, result.as_ref().map(|_| ()), now, jitter());
        let first = before.is_none_or(|before| before.delivered.is_none()) && delivery.delivered.is_some();
        if let (true, Some(notice)) = (first && due.phase != Phase::Heartbeat, &due.notice) {
            engine.tell(&Event::Told { sink: sink.title(), phase: due.phase, summary: notice.summary.clone() });
        }
        if let (Err(fault), 1) = (result, delivery.attempts)
            && fault.single
        {
            engine.tell(&Event::SinkRefuses { sink: sink.title(), message: fault.message.clone() });
        }
        ledger.deliveries.insert(key.clone(), delivery.clone());
        deliveries.push((key, delivery));
    }
    let before = ledger.health.failures;
    ledger.health = health(&ledger.health, result.as_ref().map(Option::as_ref), now, jitter());
    stand(engine, sink, ledger);
    match (before, ledger.health.failures) {
        (0, 1..) => engine.tell(&Event::SinkFails { sink: sink.title(), message: ledger.health.message.clone() }),
        (1.., 0) => engine.tell(&Event::SinkAccepts { sink: sink.title() }),
        _ => {}
    }
    let go_on = result.as_ref().err().is_none_or(|fault| fault.single);
    (Told { sink: sink.receiver(), health: ledger.health.clone(), deliveries, forget: Vec::new() }, go_on)
}

/// Forgets what was told to receivers that no manifests want any more: Sinks that are gone, and addresses that they had. `own` are
/// those of this process: another set may want more.
///
/// # Errors
/// The store's.
pub(super) async fn forget(engine: &Engine, own: impl Iterator<Item = &String>) -> Result<(), Arc<StoreError>> {
    let rows = engine.store.ask(|db| db.desired_everywhere("Sink")).await?;
    let receiver = |row: &DesiredRow| Some(serde_json::from_str::<WantedSink>(&row.value).ok()?.receiver);
    let mut wanted: HashSet<String> = rows.iter().filter_map(receiver).collect();
    wanted.extend(own.cloned());
    Ok(engine.store.forget_sinks(wanted).await?)
}

/// `RandomState` is seeded by the operating system.
fn jitter() -> u16 {
    u16::try_from(RandomState::new().hash_one(0_u8) & u64::from(u16::MAX)).unwrap_or_default()
}

fn later(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}
