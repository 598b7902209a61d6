//! A smoke of every fuzz entry: real inputs and a few thousand mutations of them, the same ones each time.
//!
//! `TECRAX_FUZZ_INPUTS` makes it a campaign of so many inputs an entry; `TECRAX_FUZZ_CORPUS` names a directory that gets the real
//! inputs, as seeds for a coverage-guided fuzzer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]

mod campaigns;
mod catalog;
mod dns;
mod http;
mod mutate;
mod seeds;
mod stored;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use mutate::Mutator;

use super::ENTRIES;

/// Inputs of an entry when nobody says otherwise.
const SMOKE: usize = 1500;

#[test]
fn no_entry_panics_over_real_inputs_and_mutations_of_them() {
    let inputs =
        std::env::var("TECRAX_FUZZ_INPUTS").map_or(SMOKE, |count| count.parse().expect("TECRAX_FUZZ_INPUTS is a number"));
    for (number, entry) in (1..).zip(ENTRIES) {
        let seeds = seeds::of(entry.name);
        assert!(!seeds.is_empty(), "{} has no real input", entry.name);
        let mut mutator = Mutator::new(number, &seeds);
        for input in seeds.iter().cloned().chain((0..inputs).map(|_| mutator.next())) {
            let whole = catch_unwind(AssertUnwindSafe(|| (entry.run)(&input))).is_ok();
            assert!(whole, "{} breaks over {:?}", entry.name, String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn an_entry_that_panics_is_seen() {
    let broken = super::Entry { name: "broken", run: |bytes| assert!(!bytes.contains(&b'!')) };
    let seeds = [b"a!".to_vec()];
    let mut mutator = Mutator::new(1, &seeds);
    assert!((0..1000).any(|_| catch_unwind(AssertUnwindSafe(|| (broken.run)(&mutator.next()))).is_err()));
}

/// Only for `fuzz/run`, which sets the variable; without it there is nothing to write.
#[test]
fn real_inputs_become_a_corpus() {
    let Some(corpus) = std::env::var_os("TECRAX_FUZZ_CORPUS") else { return };
    for entry in ENTRIES {
        let directory = Path::new(&corpus).join(entry.name);
        std::fs::create_dir_all(&directory).unwrap();
        for (number, seed) in seeds::of(entry.name).iter().enumerate() {
            std::fs::write(directory.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}
