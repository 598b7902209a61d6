//! A simulated year of a small site, seed by seed: a manual clock, a store in memory, hosts that fail and return, clocks that step,
//! processes that end in the middle, Checks that are edited, and both ends of summer time.
//!
//! After every pass: exactly what was due ran, once; what is open is what the runs so far claim, opened as often as it came back;
//! no chain of reruns is longer than its budget; and in the end the status is what the log folds to.
//!
//! `benches/simulation.rs` lives many more of them: the campaign of docs/campaigns.md.
#![allow(clippy::print_stdout, reason = "a campaign of hours says where it is")]

mod checks;
mod draw;
mod matters;
mod model;
mod records;
mod seasons;
mod slots;
mod story;
mod world;

use std::env;

use story::{Story, profile};

/// Seeds and runs a seed, when the environment names no others.
const SEEDS: u64 = 20;
const RUNS: u64 = 5_000;
/// Tests that share the seeds, so that two processors have something to do.
const PARTS: u64 = 4;

fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

fn part(part: u64) {
    let (seeds, runs) = (number("TECRAX_SEEDS", SEEDS), number("TECRAX_RUNS", RUNS));
    let profile = profile();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for seed in (0..seeds).filter(|seed| seed % PARTS == part) {
        let story = runtime.block_on(async {
            let mut story = Story::begin(seed, &profile).await;
            story.live(runs).await;
            story
        });
        let incidents = story.incidents();
        println!("seed {seed}: {} runs, {} reruns, {incidents} incidents", story.runs, story.reruns);
        assert!(
            story.runs >= runs && story.reruns > 0 && incidents > 0 && story.seasons.crossed_both(),
            "seed {seed}: a story in which nothing happens proves nothing"
        );
    }
}

#[test]
fn the_first_quarter_of_the_seeds() {
    part(0);
}

#[test]
fn the_second_quarter_of_the_seeds() {
    part(1);
}

#[test]
fn the_third_quarter_of_the_seeds() {
    part(2);
}

#[test]
fn the_last_quarter_of_the_seeds() {
    part(3);
}
