//! Whatever happens to incidents, Sinks and clocks: nothing is lost, nothing is told twice, and a failing Sink is left in peace.

use std::collections::BTreeMap;

use crate::support::cases::cases;
use crate::support::notices::{self, after, notice, webhook};
use proptest::prelude::*;
use tecrax::api::{Criticality, ErrorClass};
use tecrax::desired::sink::DesiredSink;
use tecrax::notify::{Due, Fault, Held, MAX_BACK_OFF, Notice, Stamp, alertmanager, due, health, obsolete, settled, spared};
use tecrax::status::{Ledger, Phase};

/// What happens to one of four hosts, or to the Sink, before a minute passes.
#[derive(Debug, Clone, Copy)]
enum Step {
    Open(usize),
    Resolve(usize),
    Hold(usize, Option<Held>),
    /// Another rule fires.
    Louder(usize, Criticality),
    /// How the Sink answers from now on: accepts, refuses connections, takes it and says nothing.
    Answer(u8),
    Nothing,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_usize).prop_map(Step::Open),
        (0..4_usize).prop_map(Step::Resolve),
        (0..4_usize, prop_oneof![Just(None), Just(Some(Held::Suppressed)), Just(Some(Held::Acknowledged))])
            .prop_map(|(host, held)| Step::Hold(host, held)),
        (0..4_usize, prop_oneof![Just(Criticality::Low), Just(Criticality::Critical)])
            .prop_map(|(host, severity)| Step::Louder(host, severity)),
        (0..3_u8).prop_map(Step::Answer),
        Just(Step::Nothing),
    ]
}

/// What the receiver has heard of each incident, in order.
type Heard = BTreeMap<String, Vec<Phase>>;

/// The alerts of an Alertmanager, by what makes one: the labels.
#[derive(Default)]
struct Alerts(BTreeMap<String, Phase>);

impl Alerts {
    fn labels(sink: &DesiredSink, due: &Due) -> String {
        let stamp = Stamp { now: after(0), checkpoint: None };
        alertmanager::body(sink, sink.resolve_timeout().unwrap(), std::slice::from_ref(due), &stamp)[0]["labels"].to_string()
    }

    fn hear(&mut self, sink: &DesiredSink, due: &Due) {
        self.0.insert(Self::labels(sink, due), due.phase);
    }

    /// What its alerts say of an incident: one may fire.
    fn fires(&self, notice: &Notice) -> bool {
        let named = format!("\"escalation\":\"{}\"", notice.name);
        let firing = self.0.iter().filter(|(labels, phase)| labels.contains(&named) && **phase == Phase::Firing).count();
        assert!(firing <= 1, "one matter, several alerts: {:?}", self.0);
        firing == 1
    }
}

struct World {
    sink: DesiredSink,
    notices: BTreeMap<usize, Notice>,
    incidents: [u64; 4],
    ledger: Ledger,
    heard: Heard,
    alerts: Alerts,
    now: i64,
    last_failure: Option<i64>,
    last_success: Option<i64>,
}

impl World {
    fn new(sink: DesiredSink) -> Self {
        let (notices, ledger, heard, alerts) = (BTreeMap::new(), Ledger::default(), Heard::new(), Alerts::default());
        Self { sink, notices, incidents: [0; 4], ledger, heard, alerts, now: 0, last_failure: None, last_success: None }
    }

    fn happen(&mut self, step: Step, answer: &mut u8) {
        match step {
            Step::Open(host) if self.notices.get(&host).is_none_or(|notice| notice.resolved.is_some()) => {
                self.incidents[host] += 1;
                let fresh = notice(&format!("web-{host}"), self.incidents[host]);
                self.notices.insert(host, Notice { since: after(self.now), ..fresh });
            }
            Step::Resolve(host) => {
                if let Some(notice) = self.notices.get_mut(&host) {
                    *notice = notice.clone().over(after(self.now));
                }
            }
            Step::Hold(host, held) => {
                if let Some(notice) = self.notices.get_mut(&host).filter(|notice| notice.resolved.is_none()) {
                    notice.held = held;
                }
            }
            Step::Louder(host, severity) => {
                if let Some(notice) = self.notices.get_mut(&host) {
                    notice.severity = severity;
                }
            }
            Step::Answer(next) => *answer = next,
            Step::Open(_) | Step::Nothing => {}
        }
    }

    fn turn(&mut self, answer: u8, jitter: u16) {
        let now = after(self.now);
        let notices: Vec<Notice> = self.notices.values().cloned().collect();
        for key in obsolete(&self.sink, &notices, &self.ledger, now) {
            self.ledger.deliveries.remove(&key);
        }
        self.ledger.deliveries.extend(spared(&self.sink, &notices, &self.ledger));
        for due in due(&self.sink, &notices, &self.ledger, now) {
            let key = (due.identity.clone(), due.phase);
            let fault = Fault { reached: answer == 2, ..Fault::new(ErrorClass::Timeout, "no answer") };
            let result = if answer == 0 { Ok(()) } else { Err(&fault) };
            if answer != 1 {
                self.heard.entry(due.identity.clone()).or_default().push(due.phase);
                if self.sink.resolve_timeout().is_some() {
                    self.alerts.hear(&self.sink, &due);
                }
            }
            let before = self.ledger.deliveries.get(&key);
            if answer == 0 && self.sink.resolve_timeout().is_none() {
                assert!(before.is_none_or(|before| before.delivered.is_none()), "told twice: {key:?}");
            }
            let next = settled(&self.sink, &due, before, result, now, jitter);
            if let (Some(next), true) = (next.next, result.is_err()) {
                assert!(next > now && (next - now).get_seconds() <= 300, "{next} after {now}");
            }
            self.ledger.deliveries.insert(key, next);
            self.ledger.health = health(&self.ledger.health, result.map(|()| None), now, jitter);
            if result.is_err() {
                self.last_failure = Some(self.now);
                break; // as the engine does
            }
            self.last_success = Some(self.now);
        }
    }
}

fn run(sink: DesiredSink, steps: &[(Step, u16)]) {
    let is_alertmanager = sink.resolve_timeout().is_some();
    let mut world = World::new(sink);
    let mut answer = 0;
    for (step, jitter) in steps {
        world.happen(*step, &mut answer);
        world.turn(answer, *jitter);
        world.now += 60;
    }
    // In the end the Sink accepts for as long as any back-off lasts: whatever was to be told has been told.
    for _ in 0..20 {
        world.now += 60;
        world.turn(0, 0);
    }
    for notice in world.notices.values() {
        let heard = world.heard.get(&notice.identity()).cloned().unwrap_or_default();
        match notice.resolved {
            None if notice.held.is_none() => assert!(heard.contains(&Phase::Firing), "lost: {notice:?}"),
            None => {}
            Some(_) if heard.contains(&Phase::Firing) => {
                assert_eq!(heard.last(), Some(&Phase::Resolved), "the end is lost: {heard:?}");
            }
            Some(_) => assert!(heard.is_empty(), "an end without a beginning: {heard:?}"),
        }
        if is_alertmanager {
            let told = world.ledger.get(&notice.identity(), Phase::Firing).is_some_and(|fired| fired.delivered.is_some());
            assert!(notice.resolved.is_none() || !world.alerts.fires(notice), "over, and its alert fires: {notice:?}");
            assert!(
                notice.resolved.is_some() || !told || world.alerts.fires(notice),
                "open and told, and its alert is over: {notice:?}"
            );
        }
    }
    for (identity, heard) in &world.heard {
        let known = world.notices.values().find(|notice| notice.identity() == *identity);
        assert!(heard[0] == Phase::Firing, "{heard:?}");
        if known.is_none() && !is_alertmanager {
            assert_eq!(heard.last(), Some(&Phase::Resolved), "an incident that came back left its first one open: {heard:?}");
        }
        let first_end = heard.iter().position(|phase| *phase == Phase::Resolved).unwrap_or(heard.len());
        assert!(heard[first_end..].iter().all(|phase| *phase == Phase::Resolved), "told again after its end: {heard:?}");
    }
    assert_eq!(world.ledger.waiting(), 0, "what is held back waits for nobody: {:?}", world.ledger);
    // A Sink that had nothing to be told since it failed has not shown that it is well.
    assert_eq!(world.ledger.health.failures == 0, world.last_success >= world.last_failure);
    assert!(MAX_BACK_OFF.as_millis() == 300_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(400)))]

    #[test]
    fn a_webhook_hears_of_every_incident_once_and_of_its_end(steps in prop::collection::vec((step(), any::<u16>()), 1..60)) {
        run(webhook("http://127.0.0.1/"), &steps);
    }

    #[test]
    fn alertmanager_hears_of_every_incident_and_of_its_end(steps in prop::collection::vec((step(), any::<u16>()), 1..60)) {
        run(notices::alertmanager(&["http://127.0.0.1:9093"], 900), &steps);
    }
}
