//! Whether the daemon is well: its loop turns, its store takes what it is given, and the manifests could be read. What never comes back
//! makes no event: of that it is known how long ago the last one was.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{Duty, Event, TICK_MAX};

/// What one look at the manifests may take beyond the time of [`LOOKS`]: Git's lock is waited for, and so is a large checkout.
const LOOK_MAX: Duration = Duration::from_mins(1);
/// Looks that are left out before the missing one is noticed.
const LOOKS: u32 = 3;
/// What the store may take for one thing. It waits ten seconds for another process.
const STORE_MAX: Duration = Duration::from_mins(1);

/// What the last events said.
#[derive(Debug)]
pub struct Vitals {
    signs: Mutex<Signs>,
    /// Between the ends of two looks at the manifests, at most.
    look: Duration,
}

/// What is waited for and does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hanging {
    /// For how long nobody has looked at the manifests, when that is too long.
    pub manifests: Option<Duration>,
    /// For how long the store has been at one thing, when that is too long.
    pub store: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Signs {
    /// When the loop turned last; `None` before its first turn.
    tick: Option<Instant>,
    /// Whether the store failed after the last run that it took.
    store_failed: bool,
    /// Whether Escalations could not be decided or recorded when they were looked at last.
    escalating_failed: bool,
    /// Whether the log could not be signed when it was due last.
    keeping_failed: bool,
    /// Manifests with errors at the last reading; `None` before the first.
    errors: Option<usize>,
    /// Since when manifests or secrets can not be read again.
    unreadable: Option<Instant>,
    /// When a look at the manifests ended last, whatever it found; before the first, when the process began.
    looked: Instant,
}

impl Signs {
    /// Whether that duty failed.
    const fn of(&mut self, duty: Duty) -> &mut bool {
        match duty {
            Duty::Escalating => &mut self.escalating_failed,
            Duty::Keeping => &mut self.keeping_failed,
        }
    }
}

impl Vitals {
    /// Nothing is known yet. The manifests are looked at every `rescan`.
    pub fn new(rescan: Duration) -> Self {
        let signs = Signs {
            tick: None,
            store_failed: false,
            escalating_failed: false,
            keeping_failed: false,
            errors: None,
            unreadable: None,
            looked: Instant::now(),
        };
        Self { signs: Mutex::new(signs), look: rescan.saturating_mul(LOOKS).saturating_add(LOOK_MAX) }
    }

    /// Takes an event.
    pub fn hear(&self, event: &Event) {
        let mut signs = self.signs.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Ticked { .. } => signs.tick = Some(Instant::now()),
            Event::Ran { .. } | Event::Removed(_) | Event::StoreWorks => signs.store_failed = false,
            Event::StoreFailed(_) => signs.store_failed = true,
            // Runs that are recorded do not show that people are called.
            Event::DutyFailed { duty, .. } => *signs.of(*duty) = true,
            Event::DutyDone(duty) => *signs.of(*duty) = false,
            Event::Reloaded { errors, .. } => {
                signs.errors = Some(*errors);
                signs.looked = Instant::now();
            }
            Event::Read { .. } => signs.looked = Instant::now(),
            Event::ReloadFails(_) => signs.unreadable = signs.unreadable.or_else(|| Some(Instant::now())),
            Event::ReloadWorks => signs.unreadable = None,
            _ => {}
        }
    }

    /// Whether the loop turns. A loop that has not begun is not stuck.
    pub fn turns(&self) -> bool {
        let tick = self.signs.lock().unwrap_or_else(PoisonError::into_inner).tick;
        tick.is_none_or(|tick| tick.elapsed() <= TICK_MAX)
    }

    /// What hangs, where the store has been at one thing for `store`.
    pub fn hanging(&self, store: Duration) -> Hanging {
        let looked = self.signs.lock().unwrap_or_else(PoisonError::into_inner).looked;
        Hanging {
            // Every look asks the store first: where that hangs, nobody comes to look.
            manifests: Some(looked.elapsed()).filter(|since| *since > self.look && store <= STORE_MAX),
            store: Some(store).filter(|store| *store > STORE_MAX),
        }
    }

    /// What is not well, in the order of weight; empty when all is. The store has been at one thing for `store`.
    pub fn complaints(&self, store: Duration) -> Vec<String> {
        let hanging = self.hanging(store);
        let signs = *self.signs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut complaints = Vec::new();
        match signs.tick {
            None => complaints.push("scheduler: has not begun".to_owned()),
            Some(tick) if tick.elapsed() > TICK_MAX => {
                complaints.push(format!("scheduler: has not looked for what is due for {} s", tick.elapsed().as_secs()));
            }
            Some(_) => {}
        }
        if signs.store_failed {
            complaints.push("store: failed, and nothing was recorded since; the log of this process says why".to_owned());
        }
        if let Some(since) = hanging.store {
            complaints
                .push(format!("store: has not answered for {} s; look at the disk of the state directory", since.as_secs()));
        }
        if signs.escalating_failed {
            complaints
                .push("escalations: could not be recorded, so nobody is called; the log of this process says why".to_owned());
        }
        if signs.keeping_failed {
            complaints.push("evidence: could not be signed or thinned out; the log of this process says why".to_owned());
        }
        match signs.errors {
            None => complaints.push("manifests: not read yet".to_owned()),
            Some(0) => {}
            Some(errors) => complaints.push(format!("manifests: {errors} with errors; `tecrax plan` shows them")),
        }
        if let Some(since) = signs.unreadable {
            // Why is in the log: a message may name files, and whoever reads this page need not know them.
            let seconds = since.elapsed().as_secs();
            complaints.push(format!("reload: no manifests or secrets for {seconds} s; the log of this process says why"));
        }
        if let Some(since) = hanging.manifests {
            let seconds = since.as_secs();
            complaints.push(format!("reload: nobody has looked at the manifests for {seconds} s; look at their file system"));
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RESCAN;

    fn reloaded(errors: usize) -> Event {
        Event::Reloaded { pairs: 1, errors, held: 0 }
    }

    #[tokio::test(start_paused = true)]
    async fn ready_is_a_loop_that_turns_a_store_that_works_and_manifests_that_were_read() {
        let vitals = Vitals::new(RESCAN);
        assert_eq!(vitals.complaints(Duration::ZERO), ["scheduler: has not begun", "manifests: not read yet"]);
        vitals.hear(&Event::Ticked { started: 0, late: None });
        vitals.hear(&reloaded(0));
        assert!(vitals.complaints(Duration::ZERO).is_empty() && vitals.turns());

        vitals.hear(&Event::StoreFailed("disk full".to_owned()));
        assert!(
            vitals.complaints(Duration::ZERO).concat().starts_with("store: failed"),
            "{:?}",
            vitals.complaints(Duration::ZERO)
        );
        let Some(pair) = crate::api::PairId::parse("default/a.b") else { unreachable!("it is one") };
        vitals.hear(&Event::Removed(pair));
        assert!(vitals.complaints(Duration::ZERO).is_empty());

        vitals.hear(&Event::StoreFailed("disk full".to_owned()));
        vitals.hear(&Event::StoreWorks);
        assert!(vitals.complaints(Duration::ZERO).is_empty(), "although nothing was due since");

        for (duty, word) in [(Duty::Escalating, "escalations: "), (Duty::Keeping, "evidence: ")] {
            vitals.hear(&Event::DutyFailed { duty, error: "disk full".to_owned() });
            let Some(pair) = crate::api::PairId::parse("default/a.b") else { unreachable!("it is one") };
            vitals.hear(&Event::Removed(pair));
            assert!(
                vitals.complaints(Duration::ZERO).concat().starts_with(word),
                "what else is recorded is no remedy: {:?}",
                vitals.complaints(Duration::ZERO)
            );
            vitals.hear(&Event::DutyDone(duty));
            assert!(vitals.complaints(Duration::ZERO).is_empty());
        }

        vitals.hear(&reloaded(2));
        assert_eq!(vitals.complaints(Duration::ZERO), ["manifests: 2 with errors; `tecrax plan` shows them"]);
        vitals.hear(&reloaded(0));
        assert!(vitals.complaints(Duration::ZERO).is_empty());

        vitals.hear(&Event::ReloadFails("no such file".to_owned()));
        assert!(vitals.complaints(Duration::ZERO).concat().starts_with("reload: "), "{:?}", vitals.complaints(Duration::ZERO));
        vitals.hear(&Event::ReloadWorks);
        assert!(vitals.complaints(Duration::ZERO).is_empty());

        tokio::time::advance(TICK_MAX + Duration::from_secs(1)).await;
        assert_eq!(vitals.complaints(Duration::ZERO), ["scheduler: has not looked for what is due for 31 s"]);
        assert!(!vitals.turns());
        vitals.hear(&Event::Ticked { started: 0, late: None });
        assert!(vitals.turns());
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_look_that_never_comes_back_is_missed() {
        let vitals = Vitals::new(RESCAN);
        tokio::time::advance(RESCAN * LOOKS + LOOK_MAX).await;
        assert_eq!(vitals.hanging(Duration::ZERO), Hanging::default());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(vitals.hanging(Duration::ZERO).manifests, Some(RESCAN * LOOKS + LOOK_MAX + Duration::from_secs(1)));
        let complaints = vitals.complaints(Duration::ZERO);
        assert!(complaints.contains(&"manifests: not read yet".to_owned()), "{complaints:?}");
        assert!(complaints.iter().any(|complaint| complaint.starts_with("reload: nobody has looked")), "{complaints:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_comes_back_is_missed() {
        let vitals = Vitals::new(RESCAN);
        let tick = || vitals.hear(&Event::Ticked { started: 0, late: None });
        tick();
        vitals.hear(&reloaded(0));
        // Looks that find nothing new are looks.
        for _ in 0..10 {
            tokio::time::advance(RESCAN).await;
            tick();
            vitals.hear(&Event::Read { took: Duration::ZERO });
            assert!(vitals.complaints(Duration::ZERO).is_empty());
        }
        tokio::time::advance(RESCAN * LOOKS + LOOK_MAX).await;
        tick();
        assert!(vitals.complaints(Duration::ZERO).is_empty());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(
            vitals.complaints(Duration::ZERO),
            ["reload: nobody has looked at the manifests for 151 s; look at their file system"]
        );
        assert_eq!(vitals.hanging(Duration::ZERO).store, None);
        let hanging = vitals.hanging(STORE_MAX + Duration::from_secs(1));
        assert_eq!((hanging.manifests, hanging.store.is_some()), (None, true), "who waits for the store does not come to look");
        vitals.hear(&Event::Read { took: Duration::from_secs(151) });
        assert!(vitals.complaints(STORE_MAX).is_empty());
        let complaints = vitals.complaints(STORE_MAX + Duration::from_secs(1));
        assert_eq!(complaints, ["store: has not answered for 61 s; look at the disk of the state directory"]);
        assert!(vitals.turns(), "restarting mends no disk");
    }
}
