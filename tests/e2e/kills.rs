//! kill −9 at random points: daemons and single passes on one state directory, under load, with a budget so small that records are
//! dropped all the while, and with Targets that flap.
//!
//! After every kill the log verifies, the status is what it folds to, what was told is there, and no pair was looked at twice for one
//! slot. In the end nothing is stuck.
//!
//! `TECRAX_KILLS=1000 cargo nextest run --test e2e kills::` is the campaign of docs/campaigns.md; `TECRAX_SEED` repeats one.
#![allow(clippy::print_stdout, reason = "a campaign says where it is, and with which seed")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::process::Stdio;
use std::time::Duration;

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};
use crate::support::living::{
    Living, Luck, Watcher, acknowledged, device, devices, nothing_is_stuck, number, runs, script, sound,
};
use crate::support::log;

/// Kills, when the environment names no others.
const KILLS: u64 = 25;
const HOSTS: u64 = 16;
const DEVICES: u64 = 4;
/// Bytes that the state directory may take.
const BUDGET: &str = "1500kB";
/// Longest that a process lives, in milliseconds: most of that is its start.
const LIFE: u64 = 1_500;
/// After so many kills everything is verified; in between only what is new.
const EVERY: u64 = 10;

/// Names a process in its log.
const DAEMONS: [&str; 2] = ["first", "second"];

struct Campaign {
    home: Home,
    luck: Luck,
    watcher: Watcher,
    daemons: [Option<Living>; 2],
    /// Runs of each pair that were told so far.
    told: BTreeMap<String, u64>,
    /// How far each log was read.
    read: BTreeMap<&'static str, u64>,
    kills: u64,
}

impl Campaign {
    fn new(seed: u64) -> Self {
        let home = Home::new();
        home.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  interval: 1s\n  timeout: 5s\n"));
        home.write("devices.yaml", &Self::devices(&home));
        // Nobody listens there: every Escalation is told in vain, again and again.
        home.write(
            "sink.yaml",
            "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {name: nobody}\nspec: {webhook: {url: 'http://127.0.0.1:9/'}}\n",
        );
        let mut campaign = Self {
            home,
            luck: Luck::new(seed),
            watcher: Watcher::default(),
            daemons: [None, None],
            told: BTreeMap::new(),
            read: BTreeMap::new(),
            kills: 0,
        };
        (0..HOSTS).for_each(|index| campaign.edit(index));
        campaign
    }

    /// Devices that answer, fail or take a while, as it happens.
    fn devices(home: &Home) -> String {
        script(
            &home.path("device"),
            "#!/bin/sh\nread -r word < /proc/sys/kernel/random/uuid\ncase $word in\n[0-5]*) exit 1 ;;\n[67]*) sleep 0.2 ;;\nesac\n\
             printf 'System Name : switch\\nHardware Version : TL-SG2452 2.0\\nSoftware Version : 1\\n'\n",
        );
        let check = devices("  timeout: 2s\n");
        (0..DEVICES).fold(check, |text, index| text + &device(&format!("switch-{index}"), &home.path("device")))
    }

    /// Gives a host a disk that is full or not.
    fn edit(&mut self, index: u64) {
        let used = if self.luck.one_in(3) { 95 } else { 50 };
        self.home.write(&format!("web-{index}.yaml"), &host(&format!("web-{index}"), Some(used)));
    }

    fn flags() -> [&'static str; 2] {
        ["--retain-bytes", BUDGET]
    }

    /// Some processes live for a while; one of them, or all, are killed.
    fn round(&mut self) {
        let single = self.luck.one_in(3).then(|| self.single());
        for (index, name) in DAEMONS.into_iter().enumerate() {
            if self.daemons[index].is_none() && (index == 0 || self.luck.one_in(2)) {
                self.daemons[index] = Some(Living::start(&self.home, name, &Self::flags()));
            }
        }
        if self.luck.one_in(4) {
            let index = self.luck.below(HOSTS);
            self.edit(index);
        }
        std::thread::sleep(Duration::from_millis(self.luck.below(LIFE)));
        if let Some(mut single) = single {
            if single.try_wait().unwrap().is_none() && self.luck.one_in(2) {
                single.kill().unwrap();
                single.wait().unwrap();
                self.killed(single.id());
            }
            single.wait().unwrap();
        }
        let both = self.luck.one_in(4);
        let chosen = usize::try_from(self.luck.below(2)).unwrap();
        for (index, name) in DAEMONS.into_iter().enumerate() {
            if (both || index == chosen)
                && let Some(daemon) = self.daemons[index].take()
            {
                let process = daemon.child.id();
                assert!(daemon.kill(), "a daemon ended by itself: {}", self.news(name));
                self.killed(process);
            }
        }
    }

    /// Time passes for the claims of the killed: they run out at once, so that the others have as much to do as before.
    fn killed(&mut self, process: u32) {
        self.kills += 1;
        if !self.home.state().join("tecrax.db").exists() {
            return;
        }
        let connection = log::open(&self.home.state());
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        // A process that is killed while it makes the tables leaves none.
        let _ = connection.execute("UPDATE claims SET expires_ms = 1 WHERE holder LIKE ?1 || '-%'", [process]);
    }

    /// One `--once` beside the daemons.
    fn single(&self) -> std::process::Child {
        std::process::Command::new(env!("CARGO_BIN_EXE_tecrax"))
            .args(["reconcile", "--once", "--allow-fixtures", "--log", "debug", "manifests", "--state-dir"])
            .arg(self.home.state())
            .args(Self::flags())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.home.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::options().create(true).append(true).open(self.home.path("single.log")).unwrap())
            .spawn()
            .unwrap()
    }

    /// Whole lines of a log that nobody has read yet.
    fn news(&mut self, name: &'static str) -> String {
        let Ok(mut log) = fs::File::open(self.home.path(&format!("{name}.log"))) else { return String::new() };
        let from = self.read.entry(name).or_default();
        let mut told = Vec::new();
        log.seek(SeekFrom::Start(*from)).unwrap();
        log.read_to_end(&mut told).unwrap();
        told.truncate(told.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        *from += u64::try_from(told.len()).unwrap();
        String::from_utf8_lossy(&told).into_owned()
    }

    /// What must hold after a kill, while others may still be at work.
    fn check(&mut self, all: bool) {
        let state = self.home.state();
        if !state.join("tecrax.db").exists() {
            return;
        }
        // What was told before this is asked is durable.
        for name in DAEMONS.into_iter().chain(["single"]) {
            let told = self.news(name);
            assert!(!told.contains("a bug in tecrax"), "{told}");
            assert!(!told.contains("the claim had passed on"), "a run was doubled by {name}:\n{told}");
            for (pair, count) in acknowledged(&told) {
                *self.told.entry(pair).or_default() += count;
            }
        }
        for (pair, told) in &self.told {
            let recorded = runs(&state, pair.split_once('/').unwrap().1);
            assert!(recorded >= *told, "{pair}: {told} runs were told, {recorded} are recorded");
        }
        self.watcher.look(&state);
        if all {
            sound(&state, &format!("after {} kills", self.kills));
        }
    }
}

#[tokio::test]
async fn processes_killed_at_random_points_lose_nothing_and_double_nothing() {
    let random = (u64::from(std::process::id()) << 32) | u64::from(jiff::Timestamp::now().subsec_nanosecond().unsigned_abs());
    let (kills, seed) = (number("TECRAX_KILLS", KILLS), number("TECRAX_SEED", random));
    println!("TECRAX_SEED={seed} TECRAX_KILLS={kills}");
    let mut campaign = Campaign::new(seed);
    let (mut checked, mut said) = (0, 0);
    while campaign.kills < kills {
        campaign.round();
        let all = campaign.kills / EVERY > checked / EVERY;
        checked = campaign.kills;
        campaign.check(all);
        if campaign.kills / 100 > said {
            said = campaign.kills / 100;
            println!("{} kills, {} runs looked at", campaign.kills, campaign.watcher.looked_at);
        }
    }
    campaign.daemons = [None, None];
    campaign.check(true);
    assert!(campaign.watcher.looked_at > kills, "{} runs in {kills} lives", campaign.watcher.looked_at);
    println!("{} kills, {} runs looked at", campaign.kills, campaign.watcher.looked_at);
    nothing_is_stuck(&campaign.home, &campaign.home.state(), HOSTS + DEVICES).await;
    sound(&campaign.home.state(), "in the end");
}
