//! Sealing, storing and verifying evidence: 256 pairs a group, durable after each group, beside a plain loop that does the least
//! any such program must. Goals: 10,000 runs a second; a quick verification at half of one core's SHA-256; a full one of 5,000 runs
//! a second; memory that does not grow with the log.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a bench may stop"
)]
#![allow(clippy::disallowed_methods, reason = "it measures from outside")]

mod support;

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use support::evidence::{Fleet, naive};
use support::{TECRAX, cost, stats};
use tecrax::api::Digest;
use tecrax::evidence::{Agreement, Head};
use tecrax::store::{Commit, Db, Level, Outcome, VerifyOptions, verify};

/// Runs of one durable commit.
const GROUP: usize = 256;
/// Groups of one round.
const GROUPS: usize = 40;
/// Runs that are verified.
const VERIFIED: usize = 100_000;

fn main() {
    let rounds = support::rounds(5);
    let fleet = Fleet::new(GROUP);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let state = tempfile::tempdir_in(support::scratch()).unwrap();
        let clock = Instant::now();
        write(&fleet, state.path(), GROUPS);
        let rate = (GROUP * GROUPS) as f64 / clock.elapsed().as_secs_f64();
        let plain = naive(&fleet, GROUP, GROUPS);
        if round > 0 {
            ours.push(rate);
            theirs.push(plain);
        }
    }
    stats::head(&format!("sealing and storing {} runs in groups of {GROUP}, each durable", GROUP * GROUPS), rounds);
    stats::line("tecrax, runs/s", &ours);
    stats::line("a plain loop over the same seven artifacts, runs/s", &theirs);
    stats::ratio("tecrax / plain loop", &ours, &theirs, None);
    stats::at_least("tecrax, runs/s", &ours, 10_000.0);

    let state = tempfile::tempdir_in(support::scratch()).unwrap();
    write(&fleet, state.path(), VERIFIED / GROUP);
    let (mut hash, mut quick, mut full) = (Vec::new(), Vec::new(), Vec::new());
    let stored = stored_bytes(state.path());
    let runs = (VERIFIED / GROUP * GROUP) as f64;
    for round in 0..=rounds {
        let figures = (sha256_rate(), timed(state.path(), Level::Quick), timed(state.path(), Level::Full));
        if round > 0 {
            hash.push(figures.0 / 1e6);
            quick.push(stored / 1e6 / figures.1);
            full.push(runs / figures.2);
        }
    }
    stats::head(&format!("verifying {runs} runs, {:.0} MB stored ({:.0} bytes a run)", stored / 1e6, stored / runs), rounds);
    stats::line("SHA-256 on one core, MB/s", &hash);
    stats::line("tree, sequences, digests, MB/s of stored bytes", &quick);
    let halves: Vec<f64> = quick.iter().zip(&hash).map(|(quick, hash)| quick / hash).collect();
    stats::at_least("quick pass / SHA-256", &halves, 0.5);
    stats::at_least("full pass, runs/s", &full, 5_000.0);

    let small = tempfile::tempdir_in(support::scratch()).unwrap();
    write(&fleet, small.path(), VERIFIED / GROUP / 10);
    let memory = |state: &Path| {
        let mut command = std::process::Command::new(TECRAX);
        cost(command.arg("--state-dir").arg(state).args(["evidence", "verify"])).memory / 1_048_576.0
    };
    let (few, many) = (memory(small.path()), memory(state.path()));
    println!("  memory of a full `evidence verify`: {few:.1} MiB for a tenth of the runs, {many:.1} MiB for all");
}

/// Seals on this thread and stores on another, as the engine does.
fn write(fleet: &Fleet, state: &Path, groups: usize) {
    let mut db = Db::open(state, "tecrax-bench").unwrap();
    let (sender, queue) = sync_channel::<(Vec<Commit>, Timestamp)>(2);
    let pairs = fleet.pairs();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for (mut commits, now) in queue {
                let wanted: Vec<_> = pairs.iter().map(|pair| (pair.clone(), SignedDuration::from_mins(2))).collect();
                let claims = db.claim("bench", || now, &wanted).unwrap();
                assert_eq!(claims.len(), commits.len());
                for (commit, claim) in commits.iter_mut().zip(&claims) {
                    commit.fence = claim.fence;
                }
                let outcomes = db.commit(&commits).unwrap();
                assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Durable(_))));
            }
            db.close();
        });
        let mut heads = vec![(Head::empty(), None::<Agreement>); GROUP];
        for group in 0..groups {
            let now = fleet.at + SignedDuration::from_mins(5 * i64::try_from(group).unwrap());
            let commits = heads
                .iter_mut()
                .enumerate()
                .map(|(index, (head, agreement))| {
                    let records = fleet.seal(index, *head, agreement, now);
                    *head = records.last().unwrap().head();
                    Commit { records, fence: 0, release: true, answers: None }
                })
                .collect();
            sender.send((commits, now)).unwrap();
        }
        drop(sender);
    });
}

fn timed(state: &Path, level: Level) -> f64 {
    let clock = Instant::now();
    let report = verify(state, &VerifyOptions { level, ..VerifyOptions::default() }).unwrap();
    let took = clock.elapsed().as_secs_f64();
    assert!(report.is_sound(), "{report:?}");
    took
}

fn stored_bytes(state: &Path) -> f64 {
    let connection = rusqlite::Connection::open(state.join("tecrax.db")).unwrap();
    connection
        .query_row("SELECT sum(length(body) + coalesce(length(parts), 0)) FROM log", [], |row| row.get::<_, i64>(0))
        .unwrap() as f64
}

/// Bytes a second.
fn sha256_rate() -> f64 {
    let block = vec![7_u8; 64 << 20];
    let clock = Instant::now();
    std::hint::black_box(Digest::of(&block));
    block.len() as f64 / clock.elapsed().as_secs_f64()
}
