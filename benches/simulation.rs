//! The simulation of `tests/engine/simulation`, as many seeds and runs as there is time for: the campaign of docs/campaigns.md.
//!
//!     cargo bench --bench simulation
//!     TECRAX_SEEDS=1000 TECRAX_RUNS=50000 TECRAX_FIRST=0 cargo bench --bench simulation
//!
//! One core, seed after seed, a line each; it ends with what a run costs. A broken invariant ends it at once, with seed and instant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures")]

#[path = "../tests/engine/simulation/checks.rs"]
mod checks;
#[path = "../tests/engine/simulation/draw.rs"]
mod draw;
#[path = "../tests/engine/simulation/matters.rs"]
mod matters;
#[path = "../tests/engine/simulation/model.rs"]
mod model;
#[path = "../tests/engine/simulation/records.rs"]
mod records;
#[path = "../tests/engine/simulation/seasons.rs"]
mod seasons;
#[path = "../tests/engine/simulation/slots.rs"]
mod slots;
#[path = "../tests/engine/simulation/story.rs"]
mod story;
#[path = "../tests/engine/simulation/world.rs"]
mod world;

#[allow(dead_code, reason = "tests use more of it")]
mod support {
    #[path = "../../tests/support/manifests.rs"]
    pub mod manifests;
    #[path = "../../tests/support/monitoring.rs"]
    pub mod monitoring;
}

use std::time::Instant;

use story::{Story, profile};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

fn main() {
    let (first, seeds, runs) = (number("TECRAX_FIRST", 0), number("TECRAX_SEEDS", 2), number("TECRAX_RUNS", 2_000));
    let profile = profile();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let began = Instant::now();
    let (mut done, mut reruns, mut incidents) = (0, 0, 0_u64);
    for seed in first..first + seeds {
        let story = runtime.block_on(async {
            let mut story = Story::begin(seed, &profile).await;
            story.live(runs).await;
            story
        });
        let called = u64::from(story.incidents());
        // Rare: every Check was unwanted for days around a change.
        let idle = if story.seasons.crossed_both() { "" } else { ", idle at a change of the clocks" };
        println!(
            "seed {seed}: {} runs, {} reruns, {called} incidents{idle}, {:.0} s",
            story.runs,
            story.reruns,
            began.elapsed().as_secs_f64()
        );
        done += story.runs;
        reruns += story.reruns;
        incidents += called;
    }
    let each = began.elapsed().as_secs_f64() * 1e6 / done.max(1) as f64;
    println!(
        "seeds {first} to {}: {done} runs, {reruns} reruns, {incidents} incidents, {each:.0} µs a run, no invariant broken",
        first + seeds - 1
    );
}
