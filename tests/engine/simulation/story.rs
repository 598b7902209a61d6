//! One seed's story: what is wanted, what happens, and what must hold after every pass.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::task::Poll;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tecrax::connect::{Environment, OpenContext};
use tecrax::engine::{Engine, EngineOptions, Inputs, ManualClock, load, pass};
use tecrax::evidence::Show;
use tecrax::facts;
use tecrax::plan::Mode;
use tecrax::profile::Profile;
use tecrax::secrets::Redactor;
use tecrax::store::Store;

use super::checks::{Check, manifests};
use super::draw::Draw;
use super::model::{Cause, Pair, Question};
use super::seasons::{AUTUMN, Seasons};
use super::slots::Often;
use super::world::{Host, World};
use crate::support::manifests::snapshot;

/// Longest that the loop sleeps past a slot, in seconds: mostly long, so that many pairs are due in a pass.
const LATE_MAX: [i64; 4] = [5, 400, 900, 900];

/// What the story knows of a pair.
#[derive(Default)]
pub struct Known {
    pub pair: Pair,
    pub last: Option<Timestamp>,
    /// Whether it is due whatever its slots say: its Check was edited, or a rerun was cut short.
    pub at_once: bool,
}

/// One seed's story.
pub struct Story {
    seed: u64,
    draw: Draw,
    pub world: Arc<World>,
    clock: ManualClock,
    pub now: Timestamp,
    pub store: Store,
    profile: Arc<Profile>,
    engine: Arc<Engine>,
    inputs: Arc<Inputs>,
    hosts: Vec<String>,
    gateway: bool,
    checks: Vec<Check>,
    pub pairs: BTreeMap<String, Known>,
    /// Records that were looked at.
    pub read: u64,
    /// How often each matter was opened.
    pub opened: BTreeMap<(String, Cause), u32>,
    pub open: BTreeSet<(String, Cause)>,
    pub seasons: Seasons,
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
            seasons: Seasons::default(),
            runs: 0,
            reruns: 0,
            processes: 1,
        };
        story.reload().await;
        story
    }

    /// Goes on until so many runs on schedule are recorded, about half of them around the begin of summer time and half around the end of
    /// it, and until both are over.
    pub async fn live(&mut self, runs: u64) {
        while self.runs < runs || !self.seasons.are_over(self.now) {
            let is_time = self.runs >= runs / 2 && self.seasons.is_summer(self.now) && self.now < *AUTUMN;
            // As long as no Check is wanted nothing would run before the clocks go back.
            if is_time && !self.pairs.is_empty() {
                self.now = *AUTUMN;
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

    pub fn at(&self) -> String {
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
        let text = manifests(&self.hosts, self.gateway, &self.checks);
        self.inputs = Arc::new(load(&self.engine, &snapshot(&text), "story").await.unwrap());
        assert!(!self.inputs.has_errors(), "{:?}\n{text}", self.inputs.desired.problems);
        for check in self.checks.iter().filter(|check| check.wanted) {
            for host in &self.hosts {
                self.pairs.entry(format!("default/{}.{host}", check.name)).or_default();
            }
        }
    }

    pub fn check_of<'s>(&'s self, id: &'s str) -> (&'s Check, &'s str) {
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
