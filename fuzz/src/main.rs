//! One parser under libFuzzer: the entry that `TECRAX_FUZZ_ENTRY` names.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tecrax::fuzz::{ENTRIES, Entry};

static ENTRY: LazyLock<Entry> = LazyLock::new(|| {
    let wanted = std::env::var("TECRAX_FUZZ_ENTRY").unwrap_or_default();
    let found = ENTRIES.iter().find(|entry| entry.name == wanted).copied();
    found.unwrap_or_else(|| {
        let names: Vec<&str> = ENTRIES.iter().map(|entry| entry.name).collect();
        panic!("TECRAX_FUZZ_ENTRY is one of {}", names.join(", "))
    })
});

fuzz_target!(|bytes: &[u8]| (ENTRY.run)(bytes));
