//! Memory after 100,000 passes against that after 1,000, in one process with the program's allocator. Goal: at most 1.1 times.
//!
//!     MIMALLOC_PURGE_DELAY=0 cargo bench --bench memory     as packaging/systemd/tecrax.service starts it
//!
//! `TECRAX_BENCH_ROUNDS` names another number of passes; a hundredth of them comes before the first measurement.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use tecrax::connect::{Environment, OpenContext};
use tecrax::engine::{Engine, EngineOptions, Keeping, ManualClock, reconcile};
use tecrax::evidence::Show;
use tecrax::facts;
use tecrax::plan::Mode;
use tecrax::profile::Profile;
use tecrax::secrets::Redactor;
use tecrax::store::{RetentionPolicy, Store, VerifyOptions, verify};

#[path = "../tests/support/hosts.rs"]
#[allow(dead_code)]
mod hosts;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSES: usize = 100_000;
const HOSTS: usize = 3;
/// Bytes that the state directory may take: old evidence is dropped all the while.
const BUDGET: u64 = 64 << 20;

/// Kilobytes of memory that the process holds.
fn held() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn main() {
    let passes = std::env::var("TECRAX_BENCH_ROUNDS").map_or(PASSES, |text| text.parse().expect("a number"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(live(passes));
}

async fn live(passes: usize) {
    let directory = tempfile::tempdir().unwrap();
    let (state, manifests) = (directory.path().join("state"), directory.path().join("manifests"));
    fs::create_dir(&manifests).unwrap();
    fs::write(manifests.join("check.yaml"), hosts::INVENTORY).unwrap();
    let mut at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let clock = ManualClock::new(at);
    let engine = engine(&state, &clock).await;
    let began = Instant::now();
    let mut first = 0.0;
    println!("{passes} passes over {HOSTS} hosts, one of which flaps, and a guest that comes and goes");
    for pass in 1..=passes {
        if pass % 10 == 1 {
            edit(&manifests, pass % 20 == 1);
        }
        at += SignedDuration::from_secs(300);
        clock.set(at);
        reconcile(&engine, std::slice::from_ref(&manifests), Mode::Once).await.unwrap();
        if pass == passes / 100 {
            first = held();
        }
        if pass == passes / 100 || pass % (passes / 10) == 0 {
            println!(
                "  {pass:>9} passes: {:>8.0} kB held, {:>6.1} MB on disk, {:>6.0} s",
                held(),
                on_disk(&state),
                began.elapsed().as_secs_f64()
            );
        }
    }
    let ratio = held() / first;
    let word = if ratio <= 1.1 { "met" } else { "MISSED" };
    println!("  after {passes} passes against after {}: {ratio:.3} times (goal: at most 1.1, {word})", passes / 100);
    engine.store().close().await;
    let report = verify(&state, &VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{:?}", report.defects);
}

/// One host is full or not, another one is there or not.
fn edit(manifests: &Path, odd: bool) {
    for index in 0..HOSTS {
        let used = if index == 0 && odd { 95 } else { 50 };
        fs::write(manifests.join(format!("web-{index}.yaml")), hosts::host(&format!("web-{index}"), Some(used))).unwrap();
    }
    let guest = manifests.join("guest.yaml");
    if odd {
        fs::write(guest, hosts::host("guest", Some(50))).unwrap();
    } else {
        fs::remove_file(guest).unwrap();
    }
}

fn on_disk(state: &Path) -> f64 {
    fs::read_dir(state).unwrap().map(|file| file.unwrap().metadata().unwrap().len() as f64).sum::<f64>() / 1e6
}

async fn engine(state: &Path, clock: &ManualClock) -> Arc<Engine> {
    let engine = Engine::new(EngineOptions {
        profile: Arc::new(Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap()),
        store: Store::open(state, "bench").unwrap(),
        open: OpenContext::new(Environment::default(), true),
        now: clock.now(),
        holder: "bench".to_owned(),
        redactor: Redactor::default(),
        show: Show::default(),
        listener: Arc::new(|_| {}),
    });
    let key = Arc::new(engine.store().checkpoint_key(None).await.unwrap());
    let retention = RetentionPolicy { max_age: None, max_bytes: Some(BUDGET) };
    engine.keep(Keeping { key, retention, checkpoint_file: None });
    engine
}
