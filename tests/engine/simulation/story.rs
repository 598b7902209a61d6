//! One seed's story: what is wanted, what happens, and what must hold after every pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Poll;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tecrax::connect::{Environment, OpenContext};
use tecrax::engine::{Engine, EngineOptions, Inputs, ManualClock, load, pass};
use tecrax::evidence::{RecordKind, Show, Subject};
use tecrax::facts;
use tecrax::plan::Mode;
use tecrax::profile::Profile;
use tecrax::reaction::escalation::{HOLD_MAX, SuppressionReason};
use tecrax::secrets::Redactor;
use tecrax::store::{RecordFilter, Store};

use super::draw::Draw;
use super::model::{Cause, Pair, Question};
use super::slots::Often;
use super::world::{Host, World};
use crate::support::manifests::snapshot;
use crate::support::monitoring::WELL;

/// Most reactions that one run on schedule may lead to.
const DEPTH_MAX: u64 = 3;
/// Longest that the loop sleeps past a slot, in seconds: mostly long, so that many pairs are due in a pass.
const LATE_MAX: [i64; 4] = [5, 400, 400, 400];

/// A Check of the story.
struct Check {
    name: &'static str,
    question: Question,
    often: Often,
    failures: u32,
    recoveries: u32,
    wanted: bool,
}

/// What the story knows of a pair.
#[derive(Default)]
struct Known {
    pair: Pair,
    last: Option<Timestamp>,
    /// Whether it is due whatever its slots say: its Check was edited, or a rerun was cut short.
    at_once: bool,
}

/// One seed's story.
pub struct Story {
    seed: u64,
    draw: Draw,
    world: Arc<World>,
    clock: ManualClock,
    now: Timestamp,
    store: Store,
    profile: Arc<Profile>,
    engine: Arc<Engine>,
    inputs: Arc<Inputs>,
    hosts: Vec<String>,
    gateway: bool,
    checks: Vec<Check>,
    pairs: BTreeMap<String, Known>,
    /// Records that were looked at.
    read: u64,
    /// How often each matter was opened.
    opened: BTreeMap<(String, Cause), u32>,
    open: BTreeSet<(String, Cause)>,
    pub runs: u64,
    pub reruns: u64,
    processes: u32,
}

impl Story {
    pub async fn begin(seed: u64, profile: &Arc<Profile>) -> Self {
        let mut draw = Draw::new(seed);
        let now: Timestamp = "2026-03-27T11:00:00Z".parse().unwrap();
        let now = now + SignedDuration::from_secs(draw.between(0, 86_400));
        let hosts = (0..draw.between(3, 7)).map(|number| format!("h{number}")).collect();
        let mut check = |name, question, often| Check {
            name,
            question,
            often,
            failures: u32::try_from(draw.between(1, 3)).unwrap(),
            recoveries: u32::try_from(draw.between(1, 2)).unwrap(),
            wanted: true,
        };
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let mut checks = vec![
            check("clock", Question::Clock, Often::Every(600)),
            check("docker", Question::Docker, Often::Every(600)),
            check("nightly", Question::Docker, Often::Daily(jiff::civil::time(2, 30, 0, 0), berlin)),
        ];
        for check in &mut checks {
            if let Often::Every(seconds) = &mut check.often {
                *seconds = *draw.pick(&[300, 420, 600, 900]);
            }
        }
        let memory = Store::in_memory("simulated").unwrap();
        let (world, clock) = (Arc::new(World::default()), ManualClock::new(now));
        let gateway = draw.one_in(2);
        let engine = engine(&memory, &world, &clock, profile, 0);
        let inputs = Arc::new(load(&engine, &snapshot(""), "story").await.unwrap());
        let mut story = Self {
            seed,
            draw,
            world,
            clock,
            now,
            store: memory,
            profile: Arc::clone(profile),
            engine,
            inputs,
            hosts,
            gateway,
            checks,
            pairs: BTreeMap::new(),
            read: 0,
            opened: BTreeMap::new(),
            open: BTreeSet::new(),
            runs: 0,
            reruns: 0,
            processes: 1,
        };
        story.reload().await;
        story
    }

    /// Goes on until so many runs on schedule are recorded; half of them before the summer, half around the end of it.
    pub async fn live(&mut self, runs: u64) {
        let autumn: Timestamp = "2026-10-23T00:00:00Z".parse().unwrap();
        while self.runs < runs {
            if self.runs >= runs / 2 && self.now < autumn {
                self.now = autumn;
                self.restart();
            }
            self.happen().await;
            self.pass().await;
        }
        let replay = self.store.ask(tecrax::store::Db::replay).await.unwrap();
        assert_eq!(replay.different, 0, "{}: status is not what the log says: {:?}", self.at(), replay.differences);
    }

    /// How often a person had to be called.
    pub fn incidents(&self) -> u32 {
        self.opened.values().sum()
    }

    fn at(&self) -> String {
        format!("seed {} at {}", self.seed, self.now)
    }

    /// Lets something happen, or nothing, and time pass until a pair is due.
    async fn happen(&mut self) {
        match self.draw.between(0, 99) {
            0..=24 => self.change_host(),
            25..=26 => self.restart(),
            27 => self.crash().await,
            28 => {
                // The wall clock steps; nothing else knows.
                let step = self.draw.between(-7_200, 7_200);
                self.now += SignedDuration::from_secs(step);
                self.set_clock();
            }
            29 => self.edit().await,
            _ => {}
        }
        let soon = self.pairs.keys().map(|id| self.due(id)).min();
        let soon = soon.unwrap_or(self.now + SignedDuration::from_mins(10)).max(self.now);
        let late = *self.draw.pick(&LATE_MAX);
        self.now = soon + SignedDuration::from_secs(self.draw.between(0, late));
        self.set_clock();
    }

    fn set_clock(&self) {
        self.clock.set(self.now);
    }

    fn change_host(&mut self) {
        let name = self.draw.pick(&self.hosts).clone();
        let mut host = self.world.host(&name);
        match self.draw.between(0, 6) {
            0 => host.clock_off = !host.clock_off,
            1 => host.docker_stopped = !host.docker_stopped,
            2 => host.clock_unseen = !host.clock_unseen,
            3 => host.lost = !host.lost,
            _ => host = Host::default(),
        }
        self.world.set(&name, host);
    }

    /// Another process goes on where this one ended.
    fn restart(&mut self) {
        self.now += SignedDuration::from_secs(self.draw.between(1, 5_400));
        self.set_clock();
        self.engine = engine(&self.store, &self.world, &self.clock, &self.profile, self.processes);
        self.processes += 1;
    }

    /// The process ends somewhere in the middle of a pass; the next one comes when its claims have run out.
    async fn crash(&mut self) {
        {
            let mut polls = self.draw.between(1, 40);
            let engine = Arc::clone(&self.engine);
            let inputs = Arc::clone(&self.inputs);
            let mut work = Box::pin(async move { pass(&engine, &inputs, Mode::Watch).await });
            std::future::poll_fn(|context| {
                polls -= 1;
                match work.as_mut().poll(context) {
                    Poll::Pending if polls > 0 => {
                        context.waker().wake_by_ref();
                        Poll::Pending
                    }
                    _ => Poll::Ready(()),
                }
            })
            .await;
        }
        self.read_log(None).await;
        self.now += SignedDuration::from_mins(15);
        self.restart();
    }

    /// A Check goes, comes back, or gets another interval.
    async fn edit(&mut self) {
        let at = usize::try_from(self.draw.between(0, 2)).unwrap();
        let interval = *self.draw.pick(&[300, 420, 600, 900]);
        let check = &mut self.checks[at];
        let name = check.name;
        match &mut check.often {
            Often::Every(seconds) if check.wanted && *seconds != interval && self.draw.one_in(2) => {
                *seconds = interval;
                self.of_check(name).for_each(|known| known.at_once = true);
            }
            _ => {
                check.wanted = !check.wanted;
                if !check.wanted {
                    self.pairs.retain(|id, _| !id.starts_with(&format!("default/{name}.")));
                }
            }
        }
        self.reload().await;
    }

    fn of_check(&mut self, name: &str) -> impl Iterator<Item = &mut Known> {
        let prefix = format!("default/{name}.");
        self.pairs.iter_mut().filter(move |(id, _)| id.starts_with(&prefix)).map(|(_, known)| known)
    }

    async fn reload(&mut self) {
        let text = self.manifests();
        self.inputs = Arc::new(load(&self.engine, &snapshot(&text), "story").await.unwrap());
        assert!(!self.inputs.has_errors(), "{:?}\n{text}", self.inputs.desired.problems);
        for check in self.checks.iter().filter(|check| check.wanted) {
            for host in &self.hosts {
                self.pairs.entry(format!("default/{}.{host}", check.name)).or_default();
            }
        }
    }

    fn manifests(&self) -> String {
        let mut text = String::new();
        for (number, host) in self.hosts.iter().enumerate() {
            writeln!(text, "---\nkind: Target\nmetadata: {{name: {host}, labels: {{of: story}}}}\nspec:\n  type: Host").unwrap();
            if self.gateway && number > 0 {
                writeln!(text, "  dependsOn: [{{name: h0}}]").unwrap();
            }
            writeln!(text, "  connections:\n  - name: os\n    fixture:\n      readings:").unwrap();
            for (shape, stdout) in WELL.iter().filter(|(shape, _)| shape.contains("ntp") || shape.contains("docker")) {
                writeln!(text, "      - {{shape: {shape}, stdout: {}}}", Value::from(*stdout)).unwrap();
            }
        }
        for Check { name, question, often, failures, recoveries, .. } in self.checks.iter().filter(|check| check.wanted) {
            let intent = match question {
                Question::Clock => "check_ntp_health",
                Question::Docker => "check_docker_services_health",
            };
            let often = match often {
                Often::Every(seconds) => format!("interval: {seconds}s"),
                Often::Daily(..) => "schedule: {cron: \"30 2 * * *\", timeZone: Europe/Berlin}".to_owned(),
            };
            writeln!(
                text,
                "---\nkind: Check\nmetadata: {{name: {name}}}\nspec:\n  intent: {intent}\n  targetSelector: {{matchLabels: {{of: \
                 story}}}}\n  {often}\n  confirmations: {{failures: {failures}, recoveries: {recoveries}}}\n  retry: {{attempts: 0}}"
            )
            .unwrap();
        }
        text
    }

    fn check_of<'s>(&'s self, id: &'s str) -> (&'s Check, &'s str) {
        let (check, host) = id.strip_prefix("default/").unwrap().split_once('.').unwrap();
        (self.checks.iter().find(|known| known.name == check).unwrap(), host)
    }

    fn due(&self, id: &str) -> Timestamp {
        let known = &self.pairs[id];
        match known.last {
            _ if known.at_once => self.now,
            Some(last) => self.check_of(id).0.often.due(id, last, self.now),
            None => self.now,
        }
    }

    /// One pass: exactly what is due runs, and what is open is what must be.
    async fn pass(&mut self) {
        let due: BTreeSet<String> = self.pairs.keys().filter(|id| self.due(id) <= self.now).cloned().collect();
        pass(&self.engine, &self.inputs, Mode::Watch).await.unwrap();
        self.read_log(Some(due)).await;
        self.check_escalations().await;
    }

    /// Reads what the log has got. `due`: exactly the pairs that must have run.
    async fn read_log(&mut self, due: Option<BTreeSet<String>>) {
        let filter = RecordFilter { first_index: Some(self.read), ..RecordFilter::default() };
        let records = self
            .store
            .ask(move |db| {
                let mut records = Vec::new();
                db.records(&filter, |record| {
                    records.push(record);
                    ControlFlow::Continue(())
                })?;
                Ok(records)
            })
            .await
            .unwrap();
        let mut ran = BTreeSet::new();
        for record in records {
            self.read = record.index + 1;
            let Subject::Pair(pair) = &record.header.subject else { continue };
            let (id, body): (String, Value) = (pair.to_string(), serde_json::from_slice(&record.body).unwrap());
            match RecordKind::parse(&record.header.kind) {
                Some(RecordKind::Run) => {
                    let depth = body["depth"].as_u64().unwrap();
                    assert!(depth <= DEPTH_MAX, "{}: {id} reran {depth} times", self.at());
                    if depth > 0 {
                        self.reruns += 1;
                        continue;
                    }
                    assert!(ran.insert(id.clone()), "{}: {id} ran twice in a pass", self.at());
                    self.take_run(&id, &body);
                }
                Some(RecordKind::Reaction) => {
                    let outcome = body["reaction"]["outcome"].as_str().unwrap().to_owned();
                    if let Some(known) = self.pairs.get_mut(&id) {
                        known.at_once = outcome == "rerun";
                    }
                }
                _ => {}
            }
        }
        if let Some(due) = due {
            assert_eq!(ran, due, "{}: what ran, what was due", self.at());
        }
    }

    fn take_run(&mut self, id: &str, body: &Value) {
        self.runs += 1;
        let started: Timestamp = body["started"].as_str().unwrap().parse().unwrap();
        let (check, host) = self.check_of(id);
        let sees = check.question.sees(self.world.host(host));
        let (failures, recoveries) = (check.failures, check.recoveries);
        let assessment = match sees {
            None => "healthy",
            Some(Cause::Lost | Cause::ClockUnseen) => "unknown",
            Some(Cause::ClockOff | Cause::DockerStopped) => "unhealthy",
        };
        assert_eq!(body["assessment"], assessment, "{}: {id}", self.at());
        let known = self.pairs.get_mut(id).expect("a pair that is wanted");
        known.last = Some(started);
        known.pair.run(sees, failures, recoveries);
    }

    /// One open Escalation for every host and cause that some pair claims, and no other.
    async fn check_escalations(&mut self) {
        let mut wanted = BTreeSet::new();
        for (id, known) in &self.pairs {
            let host = self.check_of(id).1;
            wanted.extend(known.pair.raised().into_iter().map(|cause| (host.to_owned(), cause)));
        }
        for new in wanted.difference(&self.open) {
            *self.opened.entry(new.clone()).or_default() += 1;
        }
        self.open = wanted;
        let states = self.store.ask(tecrax::store::Db::escalations).await.unwrap();
        let (mut found, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for state in states.values().filter(|state| state.is_open()) {
            let matter = state.matter.as_ref().unwrap();
            let Some(target) = &matter.target else {
                groups.insert(state.id.name.to_string());
                continue;
            };
            let cause = match (matter.key.kind.as_str(), matter.key.reason_code.as_str()) {
                ("reading", "Timeout") => Cause::ClockUnseen,
                ("facts", _) if matter.key.component.contains("docker") => Cause::DockerStopped,
                ("facts", _) => Cause::ClockOff,
                _ => Cause::Lost,
            };
            let new = found.insert((target.to_string(), cause));
            assert!(new, "{}: two open Escalations for {target} {cause:?}", self.at());
            let incidents = self.opened.get(&(target.to_string(), cause)).copied();
            assert_eq!(Some(matter.incident), incidents, "{}: incidents of {target} {cause:?}", self.at());
        }
        assert_eq!(found, self.open, "{}: open Escalations", self.at());
        for state in states.values().filter(|state| state.is_open()) {
            let suppressed = state.matter.as_ref().and_then(|matter| matter.suppressed.as_ref());
            // A call that waits for others is never long in coming.
            if let Some(until) = suppressed.and_then(|why| why.until) {
                let left = until.duration_since(self.now);
                assert!(left.is_positive() && left <= HOLD_MAX, "{}: {} waits until {until}", self.at(), state.id);
            }
            let grouped = suppressed.filter(|why| why.reason == SuppressionReason::PartOfGroup);
            let Some(by) = grouped.map(|why| why.by.clone()).filter(|by| !groups.contains(by)) else { continue };
            // The group is over: its members wait for their next run before anybody is called, and no longer.
            let group = states.values().find(|group| group.id.name.as_str() == by).and_then(|group| group.matter.as_ref());
            let over = group.and_then(|group| group.resolved_at).unwrap_or_else(|| panic!("{}: no group {by}", self.at()));
            let patience = SignedDuration::from_hours(25);
            assert!(self.now.duration_since(over) < patience, "{}: {} still waits for {by}", self.at(), state.id);
        }
    }
}

fn engine(store: &Store, world: &Arc<World>, clock: &ManualClock, profile: &Arc<Profile>, process: u32) -> Arc<Engine> {
    let recordings: Arc<dyn tecrax::connect::Recordings> = Arc::<World>::clone(world);
    Engine::new(EngineOptions {
        profile: Arc::clone(profile),
        store: store.clone(),
        open: OpenContext::new(Environment::default(), true).with_recordings(recordings),
        now: clock.now(),
        holder: format!("process-{process}"),
        redactor: Redactor::default(),
        show: Show::default(),
        listener: Arc::new(|_| {}),
    })
}

/// The bundled profile.
pub fn profile() -> Arc<Profile> {
    Arc::new(Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile"))
}
